#pragma once
#include <stdint.h>

// As much of Firmata 2.5 as johnny-five needs to start and to blink the one pin that is free: statusLed. Every other
// pin has no capability, and whatever is asked of it is ignored. The lock's relay is not reachable from here.
namespace firmata {

/** Version and firmware name, as Firmata sends them at boot. */
void announce();

/** A command byte with its data. */
void command(uint8_t status, const uint8_t *data);

/** A sysex that is not ours. */
void sysex(uint8_t command, const uint8_t *data, uint8_t length);

/** Reports the pin where it is an input, asked for, and has changed. */
void report();

}  // namespace firmata
