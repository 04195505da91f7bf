// Feeds the parser with what no host sends: `fuzz <inputs> [seed]`. The real stream, frame and link on the machine that
// builds them; clock, lock and line are stubs, and a second parser, which shares nothing with the first, says of every
// frame whether it may be obeyed. Ends with 1 at the first that is obeyed and may not be, or the other way round.
#include <avr/io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "boot.h"
#include "frame.h"
#include "link.h"
#include "store.h"
#include "stream.h"
#include "supply.h"
#include "tick.h"
#include "uart.h"

uint8_t PORTB, DDRB, PINB, PORTC, DDRC, PINC, PORTD, DDRD, PIND;

namespace {

constexpr uint32_t nonce = 0x600DB007;

uint64_t randomState;
uint32_t randomNumber() {
  // xorshift64*
  randomState ^= randomState >> 12;
  randomState ^= randomState << 25;
  randomState ^= randomState >> 27;
  return static_cast<uint32_t>((randomState * 0x2545F4914F6CDD1DULL) >> 32);
}
uint32_t below(uint32_t limit) { return randomNumber() % limit; }

/** Every byte since the last one that began something, as a tap on the line would keep them. */
uint8_t tapped[256];
unsigned tappedCount;
bool tappedTooMany;

uint64_t inputCount, bytes, goodFrames, obeyed, badAnswers;

[[noreturn]] void fail(const char *why) {
  printf("%s, at input %llu after", why, static_cast<unsigned long long>(inputCount));
  for (unsigned i = 0; i < tappedCount; ++i) printf(" %02X", tapped[i]);
  printf("\n");
  exit(1);
}

/** What the second parser makes of the tapped bytes. */
struct Reading {
  bool good;
  uint8_t type;
  unsigned length;
  uint8_t message[64];
};

/** By whole bits and a shift register, where the firmware goes by bytes. */
Reading readTapped() {
  Reading reading = {};
  if (tappedTooMany || tappedCount < 3 || tapped[0] != 0xF0 || tapped[1] != protocol::sysexCommand) return reading;
  if (tapped[tappedCount - 1] != 0xF7) return reading;
  const unsigned packed = tappedCount - 3;
  if (packed > protocol::frameBytesMax) return reading;
  reading.length = packed * 7 / 8;
  const auto bitAt = [&](unsigned bit) { return tapped[2 + bit / 7] >> bit % 7 & 1; };
  if ((reading.length * 8 + 6) / 7 != packed || reading.length < 5) return reading;
  for (unsigned bit = reading.length * 8; bit < packed * 7; ++bit) {
    if (bitAt(bit) != 0) return reading;
  }
  uint32_t remainder = protocol::crcInitial;
  for (unsigned byte = 0; byte < reading.length; ++byte) {
    for (unsigned bit = 0; bit < 8; ++bit) reading.message[byte] |= static_cast<uint8_t>(bitAt(byte * 8 + bit) << bit);
  }
  for (unsigned bit = 0; bit < (reading.length - 2) * 8; ++bit) {
    const uint32_t next = reading.message[bit / 8] >> (7 - bit % 8) & 1U;
    remainder = ((remainder >> 15 & 1U) ^ next) != 0 ? (remainder << 1 ^ protocol::crcPolynomial) & 0xFFFF
                                                     : remainder << 1 & 0xFFFF;
  }
  const uint32_t given = reading.message[reading.length - 2] | reading.message[reading.length - 1] << 8;
  reading.type = reading.message[0];
  reading.good = given == remainder;
  return reading;
}

uint32_t u32At(const uint8_t *at) {
  return at[0] | static_cast<uint32_t>(at[1]) << 8 | static_cast<uint32_t>(at[2]) << 16 |
         static_cast<uint32_t>(at[3]) << 24;
}

/** Called where the firmware acts: the frame that has just ended must say exactly this. */
void mayObey(uint8_t type) {
  ++obeyed;
  const Reading reading = readTapped();
  if (!reading.good) fail("a bad frame was obeyed");
  if (reading.type != type) fail("a frame was obeyed as another one");
  if (u32At(reading.message + messageHeaderBytes) != nonce) fail("a frame of another boot was obeyed");
}

/** What the secures so far amount to. */
uint32_t fence;

/** Called where the firmware lets an order act on the lock. */
uint32_t mayMoveLock(uint8_t type) {
  mayObey(type);
  const uint32_t ordered = u32At(readTapped().message + messageHeaderBytes + 4);
  if (type != protocol::message::Secure::id && ordered - fence > 0x7FFFFFFF) fail("a superseded order was obeyed");
  return ordered;
}

uint16_t answers, lastResult;

Settings written = defaultSettings;

}  // namespace

namespace store {
const Settings &settings() { return written; }
bool isStored() { return true; }
bool hasStored() { return false; }
void replace(const Settings &settings) {
  mayObey(protocol::message::SettingsWrite::id);
  if (!withinRange(settings)) fail("settings are out of range");
  written = settings;
}
}  // namespace store

namespace boot {
uint8_t resetCause() { return 0; }
uint32_t nonce() { return ::nonce; }
void stopFeeding() { mayObey(protocol::message::WatchdogTest::id); }
}  // namespace boot

namespace supply {
uint16_t millivolts() { return 12000; }
}  // namespace supply

namespace uart {
uint8_t room() { return 255; }
bool send(const uint8_t *frame, uint8_t length) {
  uint8_t message[messageBytesMax];
  if (length > 3 + protocol::frameBytesMax) fail("an answer is too long");
  const uint8_t unpacked = unpack7(frame + 2, static_cast<uint8_t>(length - 3), message);
  if (unpacked == 0) fail("an answer does not unpack");
  ++answers;
  lastResult = message[0] == protocol::message::Ack::id ? message[messageHeaderBytes + 2] : protocol::result::accepted;
  return true;
}
}  // namespace uart

namespace tick {
uint32_t nowMs() { return static_cast<uint32_t>(inputCount); }
LockState lockState() { return {0, 0}; }
uint8_t inputs() { return 0; }
bool nextChange(Change &) { return false; }
uint8_t lostChanges() { return 0; }

void grant(uint32_t leaseId, uint16_t durationMs) {
  mayMoveLock(protocol::message::Lease::id);
  const Reading reading = readTapped();
  const uint8_t *fields = reading.message + messageHeaderBytes;
  if (u32At(fields + 8) != leaseId || (fields[12] | fields[13] << 8) != durationMs) fail("a lease was misread");
  if (durationMs < protocol::leaseMsMin || durationMs > protocol::leaseMsMax) fail("a lease is out of range");
}

void apply(LockEvent event) {
  if (event == LockEvent::holdOpen) {
    mayMoveLock(protocol::message::HoldOpen::id);
  } else {
    const uint32_t raised = mayMoveLock(protocol::message::Secure::id);
    if (raised - fence <= 0x7FFFFFFF) fence = raised;
  }
}
}  // namespace tick

namespace {

Stream stream;

/** One byte through the firmware, as main.cpp's listen does it, and through the tap. */
void push(uint8_t byte) {
  ++bytes;
  if (byte >= 0x80 && byte != 0xF7) tappedCount = 0, tappedTooMany = false;
  if (tappedCount < sizeof tapped) {
    tapped[tappedCount++] = byte;
  } else {
    tappedTooMany = true;
  }
  answers = 0;
  const Stream::Found found = stream.push(byte);
  if (stream.broken()) link::receiveBroken();
  if (found == Stream::Found::sysex && stream.status() == protocol::sysexCommand) {
    link::receive(stream.data(), stream.length());
  }
  if (answers > 0 && lastResult >= protocol::result::badCrc) ++badAnswers;
  if (byte != 0xF7) return;
  const Reading reading = readTapped();
  if (reading.good) {
    ++goodFrames;
    if (answers != 1) fail("a good frame was not answered");
    if (lastResult == protocol::result::badCrc) fail("a good frame was taken for a bad one");
  } else if (answers > 0 && lastResult < protocol::result::badCrc) {
    fail("a bad frame was taken for a good one");
  }
  tappedCount = 0;
  tappedTooMany = false;
}

uint8_t input[512];
unsigned length;

void append(uint8_t byte) {
  if (length < sizeof input) input[length++] = byte;
}

/** A frame of any type, with fields that are mostly sensible, and now and then of a length that is not. */
void appendFrame() {
  static const uint8_t types[] = {1, 2, 2, 2, 3, 4, 5, 6, 7, 8, 8, 9, 65, 66, 67, 200};
  static const uint8_t lengths[] = {0, 14, 14, 14, 8, 8, 1, 0, 0, 13, 13, 4, 12, 31, 3, 1};
  const uint32_t which = below(sizeof types);
  uint8_t fields = lengths[which];
  if (below(8) == 0) fields = static_cast<uint8_t>(below(37));
  uint8_t message[64];
  for (unsigned i = 0; i < sizeof message; ++i) message[i] = static_cast<uint8_t>(randomNumber());
  uint8_t *const at = message + messageHeaderBytes;
  if (below(4) != 0) {
    for (unsigned i = 0; i < 4; ++i) at[i] = static_cast<uint8_t>(nonce >> 8 * i);
    at[13] = static_cast<uint8_t>(below(42));
    if (types[which] >= protocol::message::Lease::id && types[which] <= protocol::message::Secure::id) {
      const uint32_t near = fence + below(4) - 1;
      for (unsigned i = 0; i < 4; ++i) at[4 + i] = static_cast<uint8_t>(near >> 8 * i);
    }
    if (types[which] == protocol::message::SettingsWrite::id) {
      at[7] = static_cast<uint8_t>(below(16));
      at[8] = static_cast<uint8_t>(below(4));
      at[9] &= 1;
      at[10] &= 0x23;
      at[12] = static_cast<uint8_t>(below(48));
    }
  }
  uint8_t packed[64];
  const uint8_t packedLength = sealFrame(types[which], static_cast<uint16_t>(randomNumber()), message, fields, packed);
  append(0xF0);
  append(protocol::sysexCommand);
  for (unsigned i = 0; i < packedLength; ++i) append(packed[i]);
  append(0xF7);
}

void appendNoise(unsigned count) {
  static const uint8_t telling[] = {0xF0, protocol::sysexCommand, 0xF7, 0x90, 0xF9, 0xFF, 0x00, 0x7F};
  const bool wild = below(2) == 0;
  while (count-- > 0) append(wild || below(2) == 0 ? static_cast<uint8_t>(randomNumber()) : telling[below(8)]);
}

void turnBits() {
  for (uint32_t turns = 1 + below(4); turns > 0; --turns) input[below(length)] ^= static_cast<uint8_t>(1 << below(8));
}

void cutOut() {
  const uint32_t from = below(length), count = 1 + below(length - from);
  memmove(input + from, input + from + count, length - from - count);
  length -= count;
}

void insertBytes() {
  const uint32_t count = 1 + below(8), at = below(length + 1);
  if (length + count > sizeof input) return;
  memmove(input + at + count, input + at, length - at);
  for (uint32_t i = 0; i < count; ++i) input[at + i] = static_cast<uint8_t>(randomNumber());
  length += count;
}

void swapBytes() {
  const uint32_t a = below(length), b = below(length);
  const uint8_t kept = input[a];
  input[a] = input[b];
  input[b] = kept;
}

void makeInput() {
  length = 0;
  if (below(4) == 0) return appendNoise(1 + below(48));
  appendFrame();
  if (below(8) == 0) appendFrame();
  static void (*const mutations[])() = {turnBits, turnBits, cutOut, insertBytes, swapBytes};
  if (below(8) != 0) mutations[below(5)]();
  if (below(16) == 0 && length > 0) mutations[below(5)]();
}

}  // namespace

int main(int argc, char **argv) {
  const uint64_t wanted = argc > 1 ? strtoull(argv[1], nullptr, 10) : 10000000;
  randomState = (argc > 2 ? strtoull(argv[2], nullptr, 10) : 1) * 0x9E3779B97F4A7C15ULL | 1;
  const clock_t started = clock();
  for (inputCount = 0; inputCount < wanted; ++inputCount) {
    makeInput();
    for (unsigned i = 0; i < length; ++i) push(input[i]);
  }
  const double seconds = static_cast<double>(clock() - started) / CLOCKS_PER_SEC;
  printf("fuzz: %llu inputs, %llu bytes, %llu good frames, %llu obeyed, %llu refused, 0 bad obeyed, %.1f s\n",
         static_cast<unsigned long long>(inputCount), static_cast<unsigned long long>(bytes),
         static_cast<unsigned long long>(goodFrames), static_cast<unsigned long long>(obeyed),
         static_cast<unsigned long long>(badAnswers), seconds);
  // A parser that refuses everything would pass all of the above.
  if (obeyed < wanted / 1000) {
    printf("hardly anything was obeyed: this has tested nothing\n");
    return 1;
  }
  return 0;
}
