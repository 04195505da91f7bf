#pragma once
#include "settings.h"

// The settings in EEPROM. Writing takes 3.4 ms a byte, so it goes on beside everything else, a byte a pass.
namespace store {

/** Reads the newer whole record; without one the defaults act. Quick: nothing is written. */
void begin();

/** What acts now. */
const Settings &settings();

/** EEPROM holds the same. */
bool isStored();

/** Lets these act at once and begins to write them. They must be within range. */
void replace(const Settings &settings);

/** One byte more, if EEPROM is ready for it. */
void write();

/** True once after a record has been written and read back. */
bool hasStored();

}  // namespace store
