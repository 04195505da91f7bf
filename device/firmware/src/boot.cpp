#include "boot.h"

#include <avr/eeprom.h>
#include <avr/wdt.h>
#include <util/atomic.h>

#include "pins.h"
#include "protocol.generated.h"

namespace {

/** Survives every reset but the loss of power. */
struct Survivor {
  uint32_t marker;
  uint16_t powerOns;
  uint16_t resets;
  uint16_t check;
  uint16_t sinceFedMs;
  /** `running` while the watchdog is tested. */
  uint32_t testing;
};

constexpr uint32_t running = 0x47656E6B;  // "Genk"
constexpr uint16_t watchdogMarginMs = 50;

Survivor survivor __attribute__((section(".noinit")));
uint8_t mcusrAtBoot __attribute__((section(".noinit")));
uint8_t cause;
uint32_t bootNonce;

/**
 * The count of power-ons, in the older of two slots by turns, each with its complement: a write that loses its
 * power spoils one slot only, and the number it was writing has never been used.
 */
struct Slot {
  uint16_t count;
  uint16_t complement;
};
Slot slots[2] EEMEM;

bool read(const Slot *slot, uint16_t &count) {
  Slot found;
  eeprom_read_block(&found, slot, sizeof found);
  count = found.count;
  return found.count == static_cast<uint16_t>(~found.complement);
}

uint16_t countPowerOn() {
  uint16_t a, b;
  const bool hasA = read(&slots[0], a), hasB = read(&slots[1], b);
  uint16_t last = 0;
  if (hasA) last = a;
  // The newer one is one ahead, also where the count wraps.
  if (hasB && (!hasA || static_cast<uint16_t>(b - a) == 1)) last = b;
  const Slot next = {static_cast<uint16_t>(last + 1), static_cast<uint16_t>(~(last + 1))};
  eeprom_update_block(&next, &slots[next.count & 1], sizeof next);
  eeprom_busy_wait();
  return next.count;
}

uint16_t checkOf(const Survivor &s) { return static_cast<uint16_t>(s.powerOns * 31U + s.resets + 0x5AA5U); }

/** A one-to-one scramble, so that neighbouring boots do not look alike: no two inputs share an output. */
uint32_t scramble(uint32_t x) {
  x = (x ^ x >> 16) * 0x45D9F3B5UL;
  x = (x ^ x >> 15) * 0x2C1B3C6DUL;
  return x ^ x >> 16;
}

uint8_t causeOf(uint8_t mcusr, bool survived, uint16_t sinceFedMs) {
  using namespace protocol::resetCause;
  if ((mcusr & _BV(PORF)) != 0) return powerOn;
  if ((mcusr & _BV(BORF)) != 0) return brownOut;
  if ((mcusr & _BV(WDRF)) != 0) return watchdog;
  if ((mcusr & _BV(EXTRF)) != 0) return external;
  // Optiboot has cleared the flags.
  if (!survived) return powerOn;
  return sinceFedMs >= protocol::watchdogMs - watchdogMarginMs ? watchdog : external;
}

/**
 * Runs before RAM is initialised: the relay pin is driven to its safe level, and the watchdog, which after its own
 * reset runs on with its shortest period, is set to the one we mean.
 */
__attribute__((naked, used, section(".init3"))) void safeFirst() {
  PIN_CLEAR(lockRelay);
  PIN_AS_OUTPUT(lockRelay);
  mcusrAtBoot = MCUSR;
  MCUSR = 0;
  wdt_enable(WDTO_250MS);
}

}  // namespace

namespace boot {

void begin() {
  const bool survived = survivor.marker == running && survivor.check == checkOf(survivor);
  cause = causeOf(mcusrAtBoot, survived, survivor.sinceFedMs);
  // RAM after a brown-out is not to be trusted even if the check happens to fit.
  const bool warm = survived && cause != protocol::resetCause::powerOn && cause != protocol::resetCause::brownOut &&
                    survivor.resets != 0xFFFF;
  if (warm) {
    ++survivor.resets;
  } else {
    survivor.marker = 0;
    survivor.powerOns = countPowerOn();
    survivor.resets = 0;
  }
  if (cause == protocol::resetCause::watchdog && warm && survivor.testing == running)
    cause = protocol::resetCause::watchdogTest;
  survivor.testing = 0;
  survivor.check = checkOf(survivor);
  survivor.marker = running;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { survivor.sinceFedMs = 0; }
  bootNonce = scramble(static_cast<uint32_t>(survivor.powerOns) << 16 | survivor.resets);
}

uint8_t resetCause() { return cause; }

uint32_t nonce() { return bootNonce; }

void countSinceFed() {
  if (survivor.sinceFedMs < 0xFFFF) ++survivor.sinceFedMs;
}

void stopFeeding() { survivor.testing = running; }

void feed(bool released) {
  if (released) survivor.testing = 0;
  if (survivor.testing == running) return;
  wdt_reset();
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { survivor.sinceFedMs = 0; }
}

}  // namespace boot
