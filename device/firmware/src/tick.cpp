#include "tick.h"

#include <avr/interrupt.h>
#include <util/atomic.h>

#include "boot.h"
#include "debounce.h"
#include "pins.h"

namespace {

constexpr uint8_t changesMax = 16;

// All of this belongs to the interrupt; the main loop touches it with interrupts off.
Lock lock;
Debounce debounce;
tick::LockState reported;
tick::Change changes[changesMax];
uint8_t firstChange, changeCount, lost;
uint32_t now;
volatile bool ran;

tick::LockState stateOf(const Lock &of) { return {of.causes(), of.leaseId()}; }

void note(uint8_t input, bool active) {
  if (changeCount == changesMax) {
    if (lost < 0xFF) ++lost;
    return;
  }
  changes[(firstChange + changeCount) % changesMax] = {now, input, active, stateOf(lock)};
  ++changeCount;
}

/** The relay follows the lock, and a change is noted. The only place that writes the relay's pin after boot. */
void settle() {
  PIN_WRITE(lockRelay, lock.released());
  const tick::LockState state = stateOf(lock);
  if (state.causes == reported.causes && state.leaseId == reported.leaseId) return;
  reported = state;
  note(0, false);
}

uint8_t readInputs() {
  using namespace protocol::input;
  uint8_t raw = 0;
  if (PIN_ACTIVE(doorContact)) raw |= contact;
  if (PIN_ACTIVE(boltSense)) raw |= bolt;
  if (PIN_ACTIVE(exitButton)) raw |= protocol::input::exitButton;
  if (PIN_ACTIVE(fireInput)) raw |= fire;
  if (PIN_ACTIVE(tamper)) raw |= protocol::input::tamper;
  if (PIN_ACTIVE(relayReadback)) raw |= protocol::input::relayReadback;
  return raw;
}

}  // namespace

ISR(TIMER1_COMPA_vect) {
  using namespace protocol::input;
  ++now;
  const uint8_t changed = debounce.sample(readInputs());
  const uint8_t active = debounce.active();
  lock.step(LockEvent::tick);
  if ((changed & active & exitButton) != 0) lock.step(LockEvent::exitPressed);
  if ((active & exitButton) != 0) lock.step(LockEvent::exitHeld);
  if ((active & fire) != 0) lock.step(LockEvent::fireActive);
  if (changed != 0) {
    for (uint8_t bit = 1; bit != 0; bit = static_cast<uint8_t>(bit << 1)) {
      if ((changed & bit) != 0) note(bit, (active & bit) != 0);
    }
  }
  settle();
  boot::countSinceFed();
  ran = true;
}

namespace tick {

void begin() {
  PIN_SET(exitButton);
  PIN_SET(fireInput);
  PIN_SET(doorContact);
  PIN_SET(boltSense);
  PIN_SET(tamper);
  PIN_SET(relayReadback);
  // Timer 1, 1 kHz: clear on compare, clock / 64.
  OCR1A = F_CPU / 64 / 1000 - 1;
  TCCR1A = 0;
  TCCR1B = _BV(WGM12) | _BV(CS11) | _BV(CS10);
  TIMSK1 = _BV(OCIE1A);
}

uint32_t nowMs() {
  uint32_t copy;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { copy = now; }
  return copy;
}

bool hasRun() {
  const bool has = ran;
  ran = false;
  return has;
}

LockState lockState() {
  LockState copy;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { copy = stateOf(lock); }
  return copy;
}

uint8_t inputs() { return debounce.active(); }

void grant(uint32_t leaseId, uint16_t durationMs) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    lock.grant(leaseId, durationMs);
    settle();
  }
}

void setExitMs(uint16_t ms) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { lock.setExitMs(ms); }
}

void apply(LockEvent event) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    lock.step(event);
    settle();
  }
}

bool nextChange(Change &change) {
  bool found = false;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    found = changeCount > 0;
    if (found) {
      change = changes[firstChange];
      firstChange = (firstChange + 1) % changesMax;
      --changeCount;
    }
  }
  return found;
}

uint8_t lostChanges() {
  uint8_t count;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    count = lost;
    lost = 0;
  }
  return count;
}

}  // namespace tick
