#pragma once
#include <stdint.h>

#include "protocol.generated.h"

/** Cuts the bytes of the serial line into Firmata commands and sysex messages. Holds at most one. */
class Stream {
 public:
  enum class Found : uint8_t {
    nothing,
    /** A command: `status()`, and its data in `data()[0..length())`. */
    command,
    /** A whole sysex: `status()` is its command byte, `data()` what follows. */
    sysex,
  };

  /** Takes the next byte. What it found stays readable until the next call. */
  Found push(uint8_t byte);

  /** Whether the last byte ended a sysex of ours that was not whole: cut off by a command, or too long. */
  bool broken() const { return broken_; }

  uint8_t status() const { return status_; }
  const uint8_t *data() const { return data_; }
  uint8_t length() const { return length_; }

 private:
  enum class In : uint8_t { nothing, command, sysexStart, sysex };

  Found begin(uint8_t byte);
  bool ours() const { return in_ == In::sysex && status_ == protocol::sysexCommand; }

  In in_ = In::nothing;
  uint8_t status_ = 0;
  uint8_t wanted_ = 0;
  uint8_t length_ = 0;
  bool overlong_ = false;
  bool broken_ = false;
  uint8_t data_[protocol::frameBytesMax] = {};
};
