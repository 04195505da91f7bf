#include <avr/interrupt.h>
#include <avr/sleep.h>

#include "boot.h"
#include "firmata.h"
#include "link.h"
#include "pins.h"
#include "protocol.generated.h"
#include "store.h"
#include "stream.h"
#include "supply.h"
#include "tick.h"
#include "uart.h"

namespace {

/** Received bytes handled in one pass: a flooded line must not keep the other tasks from their turn. */
constexpr uint8_t bytesPerPass = 32;

/** By then every input has been read for longer than it takes to debounce it. */
constexpr uint8_t settledMs = protocol::debounceMs + 5;

Stream stream;

void listen() {
  uint8_t byte;
  for (uint8_t i = 0; i < bytesPerPass && uart::receive(byte); ++i) {
    const Stream::Found found = stream.push(byte);
    if (stream.broken()) link::receiveBroken();
    switch (found) {
      case Stream::Found::nothing:
        break;
      case Stream::Found::command:
        firmata::command(stream.status(), stream.data());
        break;
      case Stream::Found::sysex:
        if (stream.status() == protocol::sysexCommand) {
          link::receive(stream.data(), stream.length());
        } else {
          firmata::sysex(stream.status(), stream.data(), stream.length());
        }
        break;
    }
  }
}

/** Says hello once the inputs are known, and from then on what changes, the door's state as well. */
void report() {
  static bool greeted = false;
  if (!greeted) {
    if (tick::nowMs() < settledMs) return;
    greeted = true;
    firmata::announce();
    link::sendHello();
  }
  link::report();
  link::watchDoor();
  firmata::report();
}

using Task = void (*)();
constexpr Task tasks[] = {listen, report, link::showSignal, supply::sample, store::write};

void beginPins() {
  PIN_AS_OUTPUT(greenLed);
  PIN_AS_OUTPUT(redLed);
  PIN_AS_OUTPUT(amberLed);
  PIN_AS_OUTPUT(buzzer);
  PIN_AS_OUTPUT(statusLed);
}

/** Sleeps until an interrupt, unless one has left something to do. The tick wakes it within a millisecond. */
void sleepUntilNeeded() {
  cli();
  if (uart::receivedAny()) {
    sei();
    return;
  }
  sleep_enable();
  sei();
  sleep_cpu();
  sleep_disable();
}

}  // namespace

int main() {
  beginPins();
  tick::begin();
  sei();
  // Exit button and fire input work from here on; the host has to wait for the nonce.
  store::begin();
  boot::begin();
  supply::begin();
  uart::begin();
  set_sleep_mode(SLEEP_MODE_IDLE);
  bool ticked = false;
  for (;;) {
    for (const Task task : tasks) task();
    // Only here, after every task: a task that hangs, or a tick that is not running, ends in a reset.
    ticked |= tick::hasRun();
    if (ticked) {
      boot::feed(tick::lockState().causes != 0);
      ticked = false;
    }
    sleepUntilNeeded();
  }
}
