#pragma once
#include <stdint.h>

#include "protocol.generated.h"

// Messages and the packed bytes that carry them between F0 <command> and F7. The format is in PROTOCOL.md.

/** Unpacked bytes of the longest frame that is read. */
constexpr uint8_t messageBytesMax = protocol::frameBytesMax * 7 / 8;
/** Type and sequence in front of the fields, and the CRC behind them. */
constexpr uint8_t messageHeaderBytes = 3, messageCrcBytes = 2;

/** Packs 8-into-7, lowest bits first; returns the packed length, (8 * length + 6) / 7. */
uint8_t pack7(const uint8_t *bytes, uint8_t length, uint8_t *packed);

/** Undoes pack7; returns the unpacked length, or 0 if no message packs to this. */
uint8_t unpack7(const uint8_t *packed, uint8_t length, uint8_t *bytes);

/** What a frame from the host turned out to be. */
struct Received {
  /** `accepted` if it may be acted on: CRC right, type known, length right. */
  uint8_t result;
  uint8_t type;
  /** 0 where the frame was too short to hold one. Not to be trusted after `bad-crc`. */
  uint16_t sequence;
  uint8_t bytes[messageBytesMax];
  const uint8_t *fields() const { return bytes + messageHeaderBytes; }
};

/** Checks everything that can be checked without knowing the controller's state. Reads at most `length` bytes. */
void receiveFrame(const uint8_t *packed, uint8_t length, Received &received);

/** Packed bytes of the longest message that is sent. */
constexpr uint8_t packedBytesMax =
    ((messageHeaderBytes + protocol::message::Status::length + messageCrcBytes) * 8 + 6) / 7;

/** Puts header and CRC around fields already at `message + messageHeaderBytes`, and packs; returns the length. */
uint8_t sealFrame(uint8_t type, uint16_t sequence, uint8_t *message, uint8_t fieldBytes, uint8_t *packed);
