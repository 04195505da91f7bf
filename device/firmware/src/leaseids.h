#pragma once
#include <stdint.h>

#include "protocol.generated.h"

/** The lease ids accepted in this boot, the last `leaseIdsRemembered` of them: each is obeyed once. */
class LeaseIds {
 public:
  bool contains(uint32_t id) const {
    for (uint8_t i = 0; i < count_; ++i) {
      if (ids_[i] == id) return true;
    }
    return false;
  }

  void add(uint32_t id) {
    ids_[next_] = id;
    next_ = static_cast<uint8_t>((next_ + 1) % protocol::leaseIdsRemembered);
    if (count_ < protocol::leaseIdsRemembered) ++count_;
  }

 private:
  uint32_t ids_[protocol::leaseIdsRemembered] = {};
  uint8_t next_ = 0;
  uint8_t count_ = 0;
};
