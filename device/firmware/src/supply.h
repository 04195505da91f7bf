#pragma once
#include <stdint.h>

// The lock's supply voltage, measured through the divider of hardware/pins.json.
namespace supply {

void begin();

/** Collects a finished conversion, if there is one, and starts the next. Never waits. */
void sample();

/** Millivolts, the mean of the last sixteen conversions; 0 until those are complete. */
uint16_t millivolts();

}  // namespace supply
