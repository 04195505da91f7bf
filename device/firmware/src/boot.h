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

/** Feeds the watchdog. `released`: whether the lock is; a test of the watchdog that would cut this short is called off. */
void feed(bool released);

/** The watchdog is to show that it works: it gets no food from here on, and the next boot says that it was a test. */
void stopFeeding();

}  // namespace boot
