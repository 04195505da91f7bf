#pragma once
#include <stdint.h>

/** Lamps and buzzer, a bit each. */
namespace lamp {
constexpr uint8_t green = 1, red = 2, amber = 4, buzzer = 8;
}

/** What the door asks of the buzzer by itself. */
enum class Warning : uint8_t {
  none,
  /** Stands open, and will be held open soon: one short tone a second. */
  soon,
  /** Held or forced open: as much tone as silence. */
  now,
};

/**
 * What lamps and buzzer show: the signal that was asked for `elapsedMs` ago, and while the host is lost a blinking
 * amber lamp instead of the steady one. `nowMs` only times the blinking and the
 * warning, which sounds beside the tones of a signal.
 */
uint8_t lampsOf(uint8_t signal, uint32_t elapsedMs, bool hostLost, Warning warning, uint32_t nowMs);
