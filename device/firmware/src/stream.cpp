#include "stream.h"

namespace {

constexpr uint8_t startSysex = 0xF0, endSysex = 0xF7;
constexpr uint8_t noCommand = 0xFF;

/** Data bytes that follow a command byte; `noCommand` for a byte that starts none. */
uint8_t dataBytesOf(uint8_t status) {
  switch (status < 0xF0 ? status & 0xF0 : status) {
    case 0x90:  // digital port write
    case 0xE0:  // analog write
    case 0xF4:  // pin mode
    case 0xF5:  // digital pin write
      return 2;
    case 0xC0:  // report analog
    case 0xD0:  // report digital
      return 1;
    case 0xF9:  // report version
    case 0xFF:  // system reset
      return 0;
    default:
      return noCommand;
  }
}

}  // namespace

Stream::Found Stream::begin(uint8_t byte) {
  length_ = 0;
  overlong_ = false;
  status_ = byte;
  if (byte == startSysex) {
    in_ = In::sysexStart;
    return Found::nothing;
  }
  wanted_ = dataBytesOf(byte);
  in_ = wanted_ == noCommand || wanted_ == 0 ? In::nothing : In::command;
  return wanted_ == 0 ? Found::command : Found::nothing;
}

Stream::Found Stream::push(uint8_t byte) {
  broken_ = false;
  if (byte == endSysex && in_ == In::sysex) {
    broken_ = overlong_ && ours();
    in_ = In::nothing;
    return overlong_ ? Found::nothing : Found::sysex;
  }
  if (byte >= 0x80) {
    broken_ = ours();
    return begin(byte);
  }
  switch (in_) {
    case In::nothing:
      return Found::nothing;
    case In::sysexStart:
      status_ = byte;
      in_ = In::sysex;
      return Found::nothing;
    case In::sysex:
      if (length_ < sizeof data_) {
        data_[length_++] = byte;
      } else {
        overlong_ = true;
      }
      return Found::nothing;
    case In::command:
      data_[length_++] = byte;
      if (length_ < wanted_) return Found::nothing;
      in_ = In::nothing;
      return Found::command;
  }
  return Found::nothing;
}
