#include "lock.h"

namespace {

using namespace protocol;

static_assert(leaseMsMax < 0x8000 && exitButtonMsMax < 0x8000 && holdOpenLapseMs < 0x8000, "a timer would not fit");

/** The timers, in the order of the table's columns. */
constexpr uint8_t causeOf[Lock::causeCount] = {cause::lease, cause::exitButton, cause::fire, cause::holdOpen};

/** What an event does to one cause's remaining time. */
enum Effect : uint8_t {
  keep,
  end,
  /** At least the event's argument from now. */
  lease_,
  press,
  hold,
  /** Until the next tick, which has to find the input active again: a cause that lasts as long as its input. */
  live,
  /** One millisecond less. */
  count,
};

constexpr Effect table[][Lock::causeCount] = {
    //                 lease   exit-button  fire   hold-open
    /* lease       */ {lease_, keep,        keep,  keep},
    /* holdOpen    */ {keep,   keep,        keep,  hold},
    /* secure      */ {end,    keep,        keep,  end},
    /* exitPressed */ {keep,   press,       keep,  keep},
    /* exitHeld    */ {keep,   live,        keep,  keep},
    /* fireActive  */ {keep,   keep,        live,  keep},
    /* tick        */ {count,  count,       count, count},
};

uint16_t atLeast(uint16_t leftMs, uint16_t wantedMs) { return leftMs > wantedMs ? leftMs : wantedMs; }

}  // namespace

void Lock::step(LockEvent event, uint16_t argumentMs) {
  for (uint8_t i = 0; i < causeCount; ++i) {
    uint16_t &left = leftMs_[i];
    switch (table[static_cast<uint8_t>(event)][i]) {
      case keep: break;
      case end: left = 0; break;
      case lease_: left = atLeast(left, argumentMs); break;
      case press: left = atLeast(left, exitMs_); break;
      case hold: left = holdOpenLapseMs; break;
      case live: left = atLeast(left, 1); break;
      case count: left -= left > 0 ? 1 : 0; break;
    }
  }
}

void Lock::grant(uint32_t id, uint16_t durationMs) {
  if (durationMs > leaseMsMax) return;
  if (durationMs >= leftMs_[0]) leaseId_ = id;
  step(LockEvent::lease, durationMs);
}

void Lock::setExitMs(uint16_t ms) {
  if (ms >= exitButtonMsMin && ms <= exitButtonMsMax) exitMs_ = ms;
}

uint8_t Lock::causes() const {
  uint8_t causes = 0;
  for (uint8_t i = 0; i < causeCount; ++i) {
    if (leftMs_[i] > 0) causes |= causeOf[i];
  }
  return causes;
}
