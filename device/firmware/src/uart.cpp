#include "uart.h"

#include <avr/interrupt.h>
#include <avr/io.h>

#include "protocol.generated.h"

namespace {

// Sizes are powers of two; each index is written by one side only and is a single byte, so reads cannot tear.
constexpr uint8_t rxMask = 127;
volatile uint8_t rxRing[rxMask + 1];
volatile uint8_t rxHead, rxTail;

volatile uint8_t txRing[256];
volatile uint8_t txHead, txTail;

}  // namespace

ISR(USART_RX_vect) {
  const uint8_t byte = UDR0;
  const uint8_t next = static_cast<uint8_t>(rxHead + 1) & rxMask;
  if (next == rxTail) return;
  rxRing[rxHead] = byte;
  rxHead = next;
}

ISR(USART_UDRE_vect) {
  if (txTail == txHead) {
    UCSR0B &= static_cast<uint8_t>(~_BV(UDRIE0));
    return;
  }
  UDR0 = txRing[txTail];
  txTail = static_cast<uint8_t>(txTail + 1);
}

namespace uart {

void begin() {
  // Double speed: 57,143 baud, 0.8 % slow; at single speed it would be 2.1 % fast.
  UCSR0A = _BV(U2X0);
  UBRR0 = static_cast<uint16_t>((F_CPU / 4 / protocol::baudRate - 1) / 2);
  UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
  UCSR0B = _BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0);
}

bool receive(uint8_t &byte) {
  if (rxTail == rxHead) return false;
  byte = rxRing[rxTail];
  rxTail = static_cast<uint8_t>(rxTail + 1) & rxMask;
  return true;
}

bool receivedAny() { return rxTail != rxHead; }

uint8_t room() { return static_cast<uint8_t>(txTail - txHead - 1); }

bool send(const uint8_t *bytes, uint8_t length) {
  if (length > room()) return false;
  for (uint8_t i = 0; i < length; ++i) txRing[static_cast<uint8_t>(txHead + i)] = bytes[i];
  txHead = static_cast<uint8_t>(txHead + length);
  cli();
  UCSR0B |= _BV(UDRIE0);
  sei();
  return true;
}

}  // namespace uart
