#include "store.h"

#include <avr/eeprom.h>

#include "tick.h"

namespace {

uint8_t records[2][recordBytes] EEMEM;

Settings current = defaultSettings;
uint8_t currentSerial;
/** Where the next record goes: never over the one that counts. */
uint8_t target;
uint8_t record[recordBytes];
/** The next byte to write; `recordBytes` while there is none. */
uint8_t at = recordBytes;
bool stored, announced = true;

bool holds(uint8_t slot, const uint8_t *wanted) {
  uint8_t found[recordBytes];
  eeprom_read_block(found, records[slot], recordBytes);
  for (uint8_t i = 0; i < recordBytes; ++i) {
    if (found[i] != wanted[i]) return false;
  }
  return true;
}

}  // namespace

namespace store {

void begin() {
  for (uint8_t slot = 0; slot < 2; ++slot) {
    uint8_t found[recordBytes], serial;
    Settings settings;
    eeprom_read_block(found, records[slot], recordBytes);
    if (!openRecord(found, settings, serial) || (stored && !isNewer(serial, currentSerial))) continue;
    current = settings;
    currentSerial = serial;
    target = 1 - slot;
    stored = true;
  }
  tick::setExitMs(current.exitButtonMs);
}

const Settings &settings() { return current; }

bool isStored() { return stored; }

void replace(const Settings &settings) {
  // What EEPROM holds already is not written again: it wears out.
  if (stored && same(settings, current)) {
    announced = false;
    return;
  }
  current = settings;
  stored = false;
  tick::setExitMs(settings.exitButtonMs);
  sealRecord(settings, static_cast<uint8_t>(currentSerial + 1), record);
  at = 0;
}

void write() {
  if (at > recordBytes - 1 || !eeprom_is_ready()) return;
  eeprom_update_byte(&records[target][at], record[at]);
  if (++at < recordBytes) return;
  // Read back: a worn-out cell is found here and not after the next loss of power.
  eeprom_busy_wait();
  if (!holds(target, record)) return;
  currentSerial = record[0];
  target = 1 - target;
  stored = true;
  announced = false;
}

bool hasStored() {
  const bool has = !announced;
  announced = true;
  return has;
}

}  // namespace store
