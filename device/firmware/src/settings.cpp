#include "settings.h"

#include "crc16.h"

namespace {

constexpr uint8_t crcAt = recordBytes - 2;

}  // namespace

bool withinRange(const Settings &settings) {
  using namespace protocol;
  constexpr uint8_t senses = input::contact | input::bolt | input::relayReadback;
  return settings.exitButtonMs >= exitButtonMsMin && settings.exitButtonMs <= exitButtonMsMax &&
         settings.doorOpenS >= doorOpenSMin && settings.doorOpenS <= doorOpenSMax &&
         settings.egressSensing <= egressSensing::handleSwitch && (settings.monitored & ~senses) == 0 &&
         settings.lockToleranceMs >= lockToleranceMsMin && settings.lockToleranceMs <= lockToleranceMsMax;
}

bool same(const Settings &a, const Settings &b) {
  return a.exitButtonMs == b.exitButtonMs && a.doorOpenS == b.doorOpenS && a.egressSensing == b.egressSensing &&
         a.buzzer == b.buzzer && a.monitored == b.monitored && a.lockToleranceMs == b.lockToleranceMs;
}

void sealRecord(const Settings &settings, uint8_t serial, uint8_t *record) {
  record[0] = serial;
  record[1] = static_cast<uint8_t>(settings.exitButtonMs);
  record[2] = static_cast<uint8_t>(settings.exitButtonMs >> 8);
  record[3] = static_cast<uint8_t>(settings.doorOpenS);
  record[4] = static_cast<uint8_t>(settings.doorOpenS >> 8);
  record[5] = settings.egressSensing;
  record[6] = settings.buzzer ? 1 : 0;
  record[7] = settings.monitored;
  record[8] = static_cast<uint8_t>(settings.lockToleranceMs);
  record[9] = static_cast<uint8_t>(settings.lockToleranceMs >> 8);
  const uint16_t crc = crc16(record, crcAt);
  record[crcAt] = static_cast<uint8_t>(crc);
  record[crcAt + 1] = static_cast<uint8_t>(crc >> 8);
}

bool openRecord(const uint8_t *record, Settings &settings, uint8_t &serial) {
  const uint16_t crc = static_cast<uint16_t>(record[crcAt] | static_cast<uint16_t>(record[crcAt + 1]) << 8);
  if (crc != crc16(record, crcAt)) return false;
  serial = record[0];
  settings.exitButtonMs = static_cast<uint16_t>(record[1] | static_cast<uint16_t>(record[2]) << 8);
  settings.doorOpenS = static_cast<uint16_t>(record[3] | static_cast<uint16_t>(record[4]) << 8);
  settings.egressSensing = record[5];
  settings.buzzer = record[6] != 0;
  settings.monitored = record[7];
  settings.lockToleranceMs = static_cast<uint16_t>(record[8] | static_cast<uint16_t>(record[9]) << 8);
  return withinRange(settings);
}
