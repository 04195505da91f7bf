#include "frame.h"

#include "crc16.h"

uint8_t pack7(const uint8_t *bytes, uint8_t length, uint8_t *packed) {
  uint16_t held = 0;
  uint8_t heldBits = 0, at = 0;
  for (uint8_t i = 0; i < length; ++i) {
    held |= static_cast<uint16_t>(bytes[i]) << heldBits;
    heldBits += 8;
    while (heldBits >= 7) {
      packed[at++] = held & 0x7F;
      held >>= 7;
      heldBits -= 7;
    }
  }
  if (heldBits > 0) packed[at++] = static_cast<uint8_t>(held);
  return at;
}

uint8_t unpack7(const uint8_t *packed, uint8_t length, uint8_t *bytes) {
  const uint8_t whole = static_cast<uint8_t>(length * 7U / 8);
  if ((whole * 8U + 6) / 7 != length) return 0;
  uint16_t held = 0;
  uint8_t heldBits = 0, at = 0;
  for (uint8_t i = 0; i < length; ++i) {
    if (packed[i] > 0x7F) return 0;
    held |= static_cast<uint16_t>(packed[i]) << heldBits;
    heldBits += 7;
    if (heldBits >= 8) {
      bytes[at++] = static_cast<uint8_t>(held);
      held >>= 8;
      heldBits -= 8;
    }
  }
  return held == 0 ? at : 0;
}

namespace {

constexpr uint8_t unknown = 0xFF;

uint8_t fieldBytesOf(uint8_t type) {
  using namespace protocol::message;
  switch (type) {
    case StatusRequest::id: return StatusRequest::length;
    case Lease::id: return Lease::length;
    case HoldOpen::id: return HoldOpen::length;
    case Secure::id: return Secure::length;
    case Signal::id: return Signal::length;
    case HelloRequest::id: return HelloRequest::length;
    case SettingsRequest::id: return SettingsRequest::length;
    case SettingsWrite::id: return SettingsWrite::length;
    case WatchdogTest::id: return WatchdogTest::length;
    default: return unknown;
  }
}

}  // namespace

void receiveFrame(const uint8_t *packed, uint8_t length, Received &received) {
  received.type = 0;
  received.sequence = 0;
  received.result = protocol::result::badLength;
  if (length > protocol::frameBytesMax) return;
  const uint8_t bytes = unpack7(packed, length, received.bytes);
  if (bytes < messageHeaderBytes + messageCrcBytes) return;

  received.type = received.bytes[0];
  received.sequence =
      static_cast<uint16_t>(received.bytes[1] | static_cast<uint16_t>(received.bytes[2]) << 8);
  const uint8_t end = bytes - messageCrcBytes;
  const uint16_t crc =
      static_cast<uint16_t>(received.bytes[end] | static_cast<uint16_t>(received.bytes[end + 1]) << 8);
  const uint8_t expected = fieldBytesOf(received.type);
  if (crc != crc16(received.bytes, end)) {
    received.result = protocol::result::badCrc;
  } else if (expected == unknown) {
    received.result = protocol::result::unknownType;
  } else if (end - messageHeaderBytes == expected) {
    received.result = protocol::result::accepted;
  }
}

uint8_t sealFrame(uint8_t type, uint16_t sequence, uint8_t *message, uint8_t fieldBytes, uint8_t *packed) {
  message[0] = type;
  message[1] = static_cast<uint8_t>(sequence);
  message[2] = static_cast<uint8_t>(sequence >> 8);
  const uint8_t end = messageHeaderBytes + fieldBytes;
  const uint16_t crc = crc16(message, end);
  message[end] = static_cast<uint8_t>(crc);
  message[end + 1] = static_cast<uint8_t>(crc >> 8);
  return pack7(message, end + messageCrcBytes, packed);
}
