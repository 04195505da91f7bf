#include "door.h"

namespace {

using namespace protocol;

/** What may be so at an instant, in the order in which it is looked at. */
enum Condition : uint8_t { shutSecured, shutReleased, senseAgrees, senseFaulty, openExcused, openForced, openTooLong, conditions };

constexpr uint8_t stay = 0xFF;

/** Where a condition leads from a state. Several may be so at once: they are gone through from left to right. */
constexpr uint8_t table[][conditions] = {
    //              shut, secured       shut, released        senses agree         a sense faulty        open, excused      open, forced           open too long
    /* secured   */ {stay,               doorState::unlocking, stay,                doorState::lockFault, doorState::opened, doorState::forcedOpen, stay},
    /* unlocking */ {doorState::secured, stay,                 doorState::unlocked, doorState::lockFault, doorState::opened, doorState::forcedOpen, stay},
    /* unlocked  */ {doorState::secured, stay,                 stay,                doorState::lockFault, doorState::opened, doorState::forcedOpen, stay},
    /* opened    */ {doorState::secured, doorState::unlocking, stay,                stay,                 stay,              stay,                  doorState::heldOpen},
    /* heldOpen  */ {doorState::secured, doorState::unlocking, stay,                stay,                 doorState::opened, stay,                  stay},
    /* forced    */ {doorState::secured, doorState::unlocking, stay,                stay,                 stay,              stay,                  stay},
    /* lockFault */ {doorState::secured, doorState::unlocking, doorState::unlocked, stay,                 doorState::opened, doorState::forcedOpen, stay},
};
static_assert(sizeof table / sizeof table[0] == doorState::lockFault + 1, "a row for each state");

/** By egressSensing, how long an opening may wait for its cause: a handle opens the leaf before its switch is read. */
constexpr uint16_t waitForCauseMs[] = {0, buttonLagMs, handleLagMs};

constexpr uint8_t faultOf[] = {fault::relay, fault::bolt};

}  // namespace

/** The output against what says whether it had an effect. A leaf that is open says nothing of its bolt. */
void Door::judgeLock(const DoorSeen &seen, const Settings &settings, bool open) {
  const bool released = seen.causes != 0;
  const bool energised = (seen.inputs & input::relayReadback) != 0, thrown = (seen.inputs & input::bolt) != 0;
  const bool agree[] = {
      (settings.monitored & input::relayReadback) == 0 || energised == released,
      (settings.monitored & input::bolt) == 0 || open || thrown != released,
  };
  agrees_ = agree[0] && agree[1];
  for (uint8_t i = 0; i < 2; ++i) {
    if (agree[i] || !looked_) {
      agreedAtMs_[i] = seen.nowMs;
      faults_ &= static_cast<uint8_t>(~faultOf[i]);
    } else if (seen.nowMs - agreedAtMs_[i] >= settings.lockToleranceMs) {
      faults_ |= faultOf[i];
    }
  }
}

void Door::judgeLeaf(const DoorSeen &seen, const Settings &settings, bool open) {
  const bool released = seen.causes != 0;
  if (open && !open_) {
    openedAtMs_ = countedFromMs_ = seen.nowMs;
    // Somebody who pulls while the lock is just falling in has been let in.
    const bool justReleased = everReleased_ && seen.nowMs - releasedAtMs_ <= doorGraceMs;
    excused_ = !looked_ || released || justReleased || settings.egressSensing == egressSensing::none;
    forced_ = false;
  }
  open_ = open;
  if (released) {
    releasedAtMs_ = seen.nowMs;
    everReleased_ = true;
  }
  if (!excused_ && !forced_) {
    excused_ = released;
    forced_ = !released && seen.nowMs - openedAtMs_ >= waitForCauseMs[settings.egressSensing];
  }
  // While it is meant to stand open nobody holds it; its time begins after that.
  if ((seen.causes & (cause::fire | cause::holdOpen)) != 0) countedFromMs_ = seen.nowMs;
  const uint32_t openMs = seen.nowMs - countedFromMs_, limitMs = settings.doorOpenS * 1000UL;
  tooLong_ = open && openMs >= limitMs;
  warning_ = open && !tooLong_ && openMs >= limitMs - limitMs / 3;
}

void Door::look(const DoorSeen &seen, const Settings &settings) {
  const bool open = (seen.inputs & settings.monitored & input::contact) != 0;
  const bool released = seen.causes != 0;
  judgeLock(seen, settings, open);
  judgeLeaf(seen, settings, open);
  looked_ = true;
  const bool isSo[conditions] = {
      !open && !released, !open && released,       !open && released && agrees_, !open && faults_ != 0,
      open && excused_,   open && forced_,         open && tooLong_,
  };
  for (uint8_t condition = 0; condition < conditions; ++condition) {
    if (!isSo[condition]) continue;
    const uint8_t next = table[state_][condition];
    if (next != stay) state_ = next;
  }
}
