#pragma once
#include <stdint.h>

/** CRC-16/CCITT-FALSE over `length` bytes: polynomial and initial value of protocol.json, not reflected. */
uint16_t crc16(const uint8_t *bytes, uint8_t length);
