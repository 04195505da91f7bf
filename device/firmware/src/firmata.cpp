#include "firmata.h"

#include "link.h"
#include "pins.h"
#include "tick.h"
#include "uart.h"
#include "version.h"

namespace {

constexpr uint8_t protocolMajor = 2, protocolMinor = 5;
constexpr uint8_t pinCount = 20;
constexpr uint8_t freePin = PIN_statusLed_NUMBER, freePort = freePin / 8, freeBit = 1 << freePin % 8;

enum : uint8_t { input = 0, output = 1 };
enum : uint8_t {
  digitalWrite = 0x90,
  reportDigital = 0xD0,
  pinMode = 0xF4,
  pinWrite = 0xF5,
  reportVersion = 0xF9,
  systemReset = 0xFF,
};
enum : uint8_t {
  analogMappingQuery = 0x69,
  analogMappingResponse = 0x6A,
  capabilityQuery = 0x6B,
  capabilityResponse = 0x6C,
  pinStateQuery = 0x6D,
  pinStateResponse = 0x6E,
  reportFirmware = 0x79,
  samplingInterval = 0x7A,
};
constexpr uint8_t startSysex = 0xF0, endSysex = 0xF7, endOfPin = 0x7F, noChannel = 0x7F;

bool reporting;
uint8_t lastReported = 0xFF;
uint16_t intervalMs = 19;
uint32_t reportedAtMs;

void sendVersion() {
  const uint8_t bytes[] = {reportVersion, protocolMajor, protocolMinor};
  uart::send(bytes, sizeof bytes);
}

void sendFirmware() {
  const uint8_t bytes[] = {startSysex, reportFirmware, firmwareMajor, firmwareMinor, 'G', 0, 'e', 0, 'n', 0,
                           'k',        0,              'a',           0,             'n', 0, endSysex};
  uart::send(bytes, sizeof bytes);
}

void sendCapabilities() {
  uint8_t bytes[3 + pinCount + 4], at = 0;
  bytes[at++] = startSysex;
  bytes[at++] = capabilityResponse;
  for (uint8_t pin = 0; pin < pinCount; ++pin) {
    if (pin == freePin) {
      bytes[at++] = input;
      bytes[at++] = 1;
      bytes[at++] = output;
      bytes[at++] = 1;
    }
    bytes[at++] = endOfPin;
  }
  bytes[at++] = endSysex;
  uart::send(bytes, at);
}

void sendAnalogMapping() {
  uint8_t bytes[3 + pinCount], at = 0;
  bytes[at++] = startSysex;
  bytes[at++] = analogMappingResponse;
  while (at < 2 + pinCount) bytes[at++] = noChannel;
  bytes[at++] = endSysex;
  uart::send(bytes, at);
}

bool isOutput() { return (PIN_statusLed_DDR & _BV(PIN_statusLed_BIT)) != 0; }

void sendPinState(uint8_t pin) {
  const bool free = pin == freePin;
  const uint8_t bytes[] = {startSysex,
                           pinStateResponse,
                           pin,
                           static_cast<uint8_t>(free && isOutput() ? output : input),
                           static_cast<uint8_t>(free && isOutput() && PIN_LEVEL(statusLed) ? 1 : 0),
                           endSysex};
  uart::send(bytes, sizeof bytes);
}

void setMode(uint8_t mode) {
  PIN_CLEAR(statusLed);
  if (mode == output) {
    PIN_AS_OUTPUT(statusLed);
  } else {
    PIN_AS_INPUT(statusLed);
  }
}

void write(bool on) {
  if (isOutput()) PIN_WRITE(statusLed, on);
}

}  // namespace

namespace firmata {

void announce() {
  sendVersion();
  sendFirmware();
}

void command(uint8_t status, const uint8_t *data) {
  switch (status) {
    case reportVersion:
      sendVersion();
      link::sendHello();
      return;
    case systemReset:
      // Firmata's, of its own pins: the lock and its causes are none of them.
      reporting = false;
      return setMode(output);
    case pinMode:
      if (data[0] == freePin) setMode(data[1]);
      return;
    case pinWrite:
      if (data[0] == freePin) write(data[1] != 0);
      return;
    case digitalWrite | freePort: {
      const uint8_t levels = static_cast<uint8_t>(data[0] | data[1] << 7);
      return write((levels & freeBit) != 0);
    }
    case reportDigital | freePort:
      reporting = data[0] != 0;
      lastReported = 0xFF;
      return;
    default:
      return;
  }
}

void sysex(uint8_t command, const uint8_t *data, uint8_t length) {
  switch (command) {
    case reportFirmware:
      return sendFirmware();
    case capabilityQuery:
      return sendCapabilities();
    case analogMappingQuery:
      return sendAnalogMapping();
    case pinStateQuery:
      if (length == 1 && data[0] < pinCount) sendPinState(data[0]);
      return;
    case samplingInterval:
      if (length == 2) intervalMs = static_cast<uint16_t>(data[0] | data[1] << 7);
      return;
    default:
      return;
  }
}

void report() {
  if (!reporting || isOutput()) return;
  const uint32_t now = tick::nowMs();
  const uint8_t levels = PIN_LEVEL(statusLed) ? freeBit : 0;
  if (levels == lastReported || now - reportedAtMs < intervalMs) return;
  const uint8_t bytes[] = {digitalWrite | freePort, static_cast<uint8_t>(levels & 0x7F),
                           static_cast<uint8_t>(levels >> 7)};
  if (!uart::send(bytes, sizeof bytes)) return;
  lastReported = levels;
  reportedAtMs = now;
}

}  // namespace firmata
