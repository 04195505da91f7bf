#pragma once
#include <stdint.h>

#include "protocol.generated.h"
#include "settings.h"

/** What the door is like at one instant. */
struct DoorSeen {
  uint32_t nowMs;
  /** Sum of protocol::cause: why the lock's output is released; 0 while it is not. */
  uint8_t causes;
  /** Sum of protocol::input, debounced. */
  uint8_t inputs;
};

/**
 * The door as a state machine: rows of the table in door.cpp. It only reports; nothing of it moves the lock. Looked at
 * as often as the main loop comes round.
 */
class Door {
 public:
  /** Where this instant leads. The first one finds the door as it is: what is open then was not forced now. */
  void look(const DoorSeen &seen, const Settings &settings);

  /** One of protocol::doorState. */
  uint8_t state() const { return state_; }

  /** Sum of protocol::fault: which sense has disagreed with the output for the settings' lockToleranceMs. */
  uint8_t faults() const { return faults_; }

  /** The last third of the time that it may stand open. */
  bool isWarning() const { return warning_; }

 private:
  void judgeLock(const DoorSeen &seen, const Settings &settings, bool open);
  void judgeLeaf(const DoorSeen &seen, const Settings &settings, bool open);

  uint8_t state_ = protocol::doorState::secured;
  uint8_t faults_ = 0;
  bool looked_ = false;
  bool open_ = false;
  /** It is known why it stands open, or not asked. */
  bool excused_ = false;
  bool forced_ = false;
  bool tooLong_ = false;
  bool warning_ = false;
  /** Both senses say what the output says, at this instant. */
  bool agrees_ = false;
  uint32_t openedAtMs_ = 0;
  /** Since when it counts as held. */
  uint32_t countedFromMs_ = 0;
  uint32_t releasedAtMs_ = 0;
  bool everReleased_ = false;
  /** Since when relay and bolt agree. */
  uint32_t agreedAtMs_[2] = {};
};
