#pragma once
#include <stdint.h>

#include "lock.h"

// The part that must work whatever the main loop does: once per millisecond, in a timer interrupt, inputs are read
// and debounced, the lock's timers run, and the relay follows the lock. Everything else only reports.
namespace tick {

/** Starts the timer; from here on exit button and fire input work, given that interrupts are on. */
void begin();

/** Milliseconds since `begin`; wraps after 49 days. */
uint32_t nowMs();

/** True once after each tick: the main loop's proof that interrupts are alive. */
bool hasRun();

/** What the lock is doing and why. Values of protocol.json. */
struct LockState {
  uint8_t causes;
  uint32_t leaseId;
};
LockState lockState();

/** Debounced inputs, sum of protocol::input. */
uint8_t inputs();

/** A lease from the host, already judged; the relay moves before this returns. */
void grant(uint32_t leaseId, uint16_t durationMs);

/** How long the exit button releases from now on. */
void setExitMs(uint16_t ms);

/** `holdOpen` or `secure` from the host. */
void apply(LockEvent event);

/** Something to report: a change of the lock (`input` 0) or of one input. */
struct Change {
  uint32_t atMs;
  uint8_t input;
  bool active;
  LockState lock;
};

/** The oldest change not yet reported; false if there is none. */
bool nextChange(Change &change);

/** Changes lost since the last call because nobody fetched them. */
uint8_t lostChanges();

}  // namespace tick
