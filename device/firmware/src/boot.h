#pragma once
#include <stdint.h>

// What happened before this boot. The relay is made safe in boot.cpp too, before any other code runs.
namespace boot {

/** Finds reset cause and nonce. Takes up to 20 ms after a power-on (EEPROM); interrupts may already be on. */
void begin();

/** One of protocol::resetCause. */
uint8_t resetCause();

/** Differs between any two of 65,536 power-ons times 65,535 resets. */
uint32_t nonce();

/** Called by the tick: tells a watchdog reset from an external one where a bootloader has cleared MCUSR. */
void countSinceFed();

/** Feeds the watchdog. */
void feed();

}  // namespace boot
