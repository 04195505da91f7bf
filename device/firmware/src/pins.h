#pragma once
#include <avr/io.h>

#include "pins.generated.h"

// Single-bit accesses to these ports compile to SBI, CBI and SBIC: they need no protection from interrupts.
#define PIN_AS_OUTPUT(name) (PIN_##name##_DDR |= _BV(PIN_##name##_BIT))
#define PIN_AS_INPUT(name) (PIN_##name##_DDR &= static_cast<uint8_t>(~_BV(PIN_##name##_BIT)))
#define PIN_SET(name) (PIN_##name##_PORT |= _BV(PIN_##name##_BIT))
#define PIN_CLEAR(name) (PIN_##name##_PORT &= static_cast<uint8_t>(~_BV(PIN_##name##_BIT)))
#define PIN_WRITE(name, on) ((on) ? static_cast<void>(PIN_SET(name)) : static_cast<void>(PIN_CLEAR(name)))
#define PIN_LEVEL(name) ((PIN_##name##_PIN & _BV(PIN_##name##_BIT)) != 0)
#define PIN_ACTIVE(name) (PIN_LEVEL(name) != (PIN_##name##_ACTIVE_LOW != 0))
