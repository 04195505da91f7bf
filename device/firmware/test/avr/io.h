// As much of avr/io.h as the pins need, for the ordinary compiler: registers are variables.
#pragma once
#include <stdint.h>

#define _BV(bit) (1 << (bit))

extern uint8_t PORTB, DDRB, PINB, PORTC, DDRC, PINC, PORTD, DDRD, PIND;
