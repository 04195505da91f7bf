#pragma once
#include <stdint.h>

#include "protocol.generated.h"

/** What can happen to the lock. Rows of the table in lock.cpp. */
enum class LockEvent : uint8_t {
  /** A valid lease; argument: its milliseconds. */
  lease,
  /** A valid renewal of hold-open. */
  holdOpen,
  /** The host ends what the host began. */
  secure,
  exitPressed,
  /** After every tick while the exit button is down. */
  exitHeld,
  /** After every tick while the fire input is active. */
  fireActive,
  /** One millisecond passed. */
  tick,
};

/**
 * Why the lock is released, and for how much longer. The output is released exactly while a cause is live; there
 * is no other way to release it. Starts secured.
 */
class Lock {
 public:
  /** Applies one row of the table. `argumentMs` counts for `lease` only. */
  void step(LockEvent event, uint16_t argumentMs = 0);

  /** A lease with its id. Two leases at once: the lock stays released until the later end, and that one's id counts. */
  void grant(uint32_t id, uint16_t durationMs);

  /** How long the next press of the exit button releases; protocol::exitButtonMsMin to Max, or it is not taken. */
  void setExitMs(uint16_t ms);

  /** Sum of protocol::cause values. */
  uint8_t causes() const;
  bool released() const { return causes() != 0; }
  /** The id of the live lease; 0 without one. */
  uint32_t leaseId() const { return leftMs_[0] > 0 ? leaseId_ : 0; }

  static constexpr uint8_t causeCount = 4;

 private:
  uint16_t leftMs_[causeCount] = {};
  uint32_t leaseId_ = 0;
  uint16_t exitMs_ = protocol::exitButtonMs;
};
