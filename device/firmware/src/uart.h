#pragma once
#include <stdint.h>

// The serial line, 57,600 baud, 8N1, with a ring of bytes in each direction. Nothing here ever waits.
namespace uart {

void begin();

/** Takes the next received byte; false if there is none. Bytes that found the ring full are lost. */
bool receive(uint8_t &byte);

bool receivedAny();

/** Queues all of these bytes or none: half a frame is worse than a missing one. False if they do not fit. */
bool send(const uint8_t *bytes, uint8_t length);

/** Bytes that `send` would take now. */
uint8_t room();

}  // namespace uart
