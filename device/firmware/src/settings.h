#pragma once
#include <stdint.h>

#include "protocol.generated.h"

/** What the installer may choose. Nothing of it can keep anybody in: the exit button has a least time, not a switch. */
struct Settings {
  /** How long one press of the exit button releases; protocol::exitButtonMsMin to Max. */
  uint16_t exitButtonMs;
  /** After how many seconds an open door is held open; protocol::doorOpenSMin to Max. */
  uint16_t doorOpenS;
  /** One of protocol::egressSensing: how a way out without a lease or a press is told from force. */
  uint8_t egressSensing;
  bool buzzer;
  /** Sum of those of contact, bolt and relay read-back that are wired: what is not wired is not believed. */
  uint8_t monitored;
  /** How long those may disagree with the output before it is a fault: a bolt takes its time. protocol::lockToleranceMsMin to Max. */
  uint16_t lockToleranceMs;
};

/**
 * Without anything else in EEPROM. All senses count, so that a missing wire is noticed, and no opening is called
 * forced, because it is not known whether leaving is sensed.
 */
constexpr Settings defaultSettings = {
    protocol::exitButtonMs, protocol::doorOpenS, protocol::egressSensing::none, true,
    protocol::input::contact | protocol::input::bolt | protocol::input::relayReadback, protocol::lockToleranceMs,
};

/** Every value within its range. */
bool withinRange(const Settings &settings);

bool same(const Settings &a, const Settings &b);

/** One of the two records in EEPROM: serial, settings, CRC-16. The newer one that is whole counts. */
constexpr uint8_t recordBytes = 12;

void sealRecord(const Settings &settings, uint8_t serial, uint8_t *record);

/** False if its CRC is wrong, as after a write that lost its power, or if a value is out of range. */
bool openRecord(const uint8_t *record, Settings &settings, uint8_t &serial);

/** Which of two whole records is the newer one: serials wrap, and are one apart. */
inline bool isNewer(uint8_t serial, uint8_t than) { return static_cast<int8_t>(serial - than) > 0; }
