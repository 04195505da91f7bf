#include "signals.h"

#include "protocol.generated.h"

namespace {

constexpr uint16_t toneMs = 120, blinkMs = 500, warningMs = 1000, alarmMs = 250;

struct Pattern {
  uint8_t lamps;
  uint8_t tones;
  uint16_t shownMs;
};

/** By protocol::signal: idle, granted, denied, wait. */
constexpr Pattern patterns[] = {
    {0, 0, 0},
    {lamp::green, 1, 3000},
    {lamp::red, 3, 3000},
    {lamp::amber, 0, 10000},
};

}  // namespace

uint8_t lampsOf(uint8_t signal, uint32_t elapsedMs, bool hostLost, Warning warning, uint32_t nowMs) {
  uint8_t lamps = 0;
  const Pattern &pattern = patterns[signal <= protocol::signal::wait ? signal : protocol::signal::idle];
  if (elapsedMs < pattern.shownMs) {
    lamps = pattern.lamps;
    const uint16_t half = static_cast<uint16_t>(elapsedMs) / toneMs;
    if (half < 2U * pattern.tones && half % 2 == 0) lamps |= lamp::buzzer;
  }
  switch (warning) {
    case Warning::none: break;
    case Warning::soon:
      if (nowMs % warningMs < toneMs) lamps |= lamp::buzzer;
      break;
    case Warning::now:
      if (nowMs / alarmMs % 2 == 0) lamps |= lamp::buzzer;
      break;
  }
  if (hostLost) {
    lamps &= static_cast<uint8_t>(~lamp::amber);
    if (nowMs / blinkMs % 2 == 0) lamps |= lamp::amber;
  }
  return lamps;
}
