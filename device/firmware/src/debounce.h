#pragma once
#include <stdint.h>

#include "protocol.generated.h"

/**
 * Debounces all inputs at once, a bit each. An input counts up while it reads active and down while not, and
 * changes at the ends of 0..debounceMs: a glitch costs its own length and does not start the wait anew, so that a
 * noisy line delays the exit button but cannot silence it. Call once per millisecond.
 */
class Debounce {
 public:
  /** Takes one reading (sum of protocol::input); returns the inputs that changed. */
  uint8_t sample(uint8_t raw) {
    uint8_t changed = 0;
    for (uint8_t i = 0, bit = 1; i < inputCount; ++i, bit = static_cast<uint8_t>(bit << 1)) {
      uint8_t &level = level_[i];
      if ((raw & bit) != 0) {
        if (level < protocol::debounceMs && ++level == protocol::debounceMs && (active_ & bit) == 0) changed |= bit;
      } else {
        if (level > 0 && --level == 0 && (active_ & bit) != 0) changed |= bit;
      }
    }
    active_ ^= changed;
    return changed;
  }

  /** Sum of protocol::input. All inactive until they were read active for debounceMs. */
  uint8_t active() const { return active_; }

  static constexpr uint8_t inputCount = 6;

 private:
  uint8_t level_[inputCount] = {};
  uint8_t active_ = 0;
};
