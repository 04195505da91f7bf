#include "crc16.h"

#include "protocol.generated.h"

uint16_t crc16(const uint8_t *bytes, uint8_t length) {
  uint16_t crc = protocol::crcInitial;
  for (uint8_t i = 0; i < length; ++i) {
    crc ^= static_cast<uint16_t>(bytes[i]) << 8;
    for (uint8_t bit = 0; bit < 8; ++bit) {
      const bool carry = (crc & 0x8000) != 0;
      crc = static_cast<uint16_t>(crc << 1);
      if (carry) crc ^= protocol::crcPolynomial;
    }
  }
  return crc;
}
