#include "link.h"

#include "boot.h"
#include "door.h"
#include "frame.h"
#include "leaseids.h"
#include "pins.h"
#include "signals.h"
#include "store.h"
#include "supply.h"
#include "tick.h"
#include "uart.h"
#include "version.h"

#ifndef BUILD_ID
#error "BUILD_ID, a hash of the sources, is given by the Makefile"
#endif

namespace {

namespace message = protocol::message;

constexpr uint8_t frameOverhead = 3;

LeaseIds leaseIds;
uint32_t lastLeaseId;
uint16_t leasesObeyed;
/** Of the newest secure: no order from before it may release the lock any more. */
uint32_t fence;
Door door;
/** What the host has been told of the door. */
uint8_t toldState, toldFaults;
uint16_t sequence;
uint16_t badFrames;
uint32_t heardAtMs;
uint8_t signal;
uint32_t signalAtMs;

/** The sequence number is spent even if the line is too full to take the message: the host sees the gap. */
template <typename Message>
void send(const Message &fields) {
  uint8_t message[messageHeaderBytes + Message::length + messageCrcBytes];
  uint8_t frame[frameOverhead + packedBytesMax];
  static_assert(Message::length <= message::Status::length, "the frame would overflow");
  fields.write(message + messageHeaderBytes);
  frame[0] = 0xF0;
  frame[1] = protocol::sysexCommand;
  const uint8_t packed = sealFrame(Message::id, sequence++, message, Message::length, frame + 2);
  frame[2 + packed] = 0xF7;
  uart::send(frame, static_cast<uint8_t>(packed + frameOverhead));
}

void acknowledge(uint16_t of, uint8_t result) {
  const message::Ack ack = {of, result};
  send(ack);
}

void countBad(uint16_t of, uint8_t result) {
  if (badFrames < 0xFFFF) ++badFrames;
  acknowledge(of, result);
}

void sendStatus() {
  const tick::LockState lock = tick::lockState();
  message::Status status;
  status.bootNonce = boot::nonce();
  status.uptimeMs = tick::nowMs();
  status.released = lock.causes != 0;
  status.causes = lock.causes;
  status.inputs = tick::inputs();
  status.leaseId = lock.leaseId;
  status.supplyMv = supply::millivolts();
  status.badFrames = badFrames;
  status.doorState = door.state();
  status.faults = door.faults();
  status.leasesObeyed = leasesObeyed;
  status.lastLeaseId = lastLeaseId;
  status.fence = fence;
  send(status);
}

void sendSettings() {
  const Settings &now = store::settings();
  const message::Settings settings = {now.exitButtonMs, now.doorOpenS, now.egressSensing,
                                      now.buzzer,       now.monitored, now.lockToleranceMs, store::isStored()};
  send(settings);
}

/** In serial arithmetic, which goes on where the number wraps. */
bool isNewer(uint32_t a, uint32_t b) { return static_cast<int32_t>(a - b) > 0; }

uint8_t lease(const message::Lease &lease) {
  using namespace protocol;
  if (lease.bootNonce != boot::nonce()) return result::staleBoot;
  if (lease.durationMs < leaseMsMin || lease.durationMs > leaseMsMax) return result::outOfRange;
  if (leaseIds.contains(lease.leaseId)) return result::repeated;
  if (isNewer(fence, lease.fence)) return result::superseded;
  leaseIds.add(lease.leaseId);
  lastLeaseId = lease.leaseId;
  if (leasesObeyed < 0xFFFF) ++leasesObeyed;
  tick::grant(lease.leaseId, lease.durationMs);
  return result::accepted;
}

uint8_t holdOpen(const message::HoldOpen &hold) {
  if (hold.bootNonce != boot::nonce()) return protocol::result::staleBoot;
  if (isNewer(fence, hold.fence)) return protocol::result::superseded;
  tick::apply(LockEvent::holdOpen);
  return protocol::result::accepted;
}

/** One that is older than the fence secures, but keeps out nothing that its host ordered before: that is no promise. */
uint8_t secure(const message::Secure &secure) {
  if (secure.bootNonce != boot::nonce()) return protocol::result::staleBoot;
  tick::apply(LockEvent::secure);
  if (isNewer(fence, secure.fence)) return protocol::result::superseded;
  fence = secure.fence;
  return protocol::result::accepted;
}

uint8_t show(const message::Signal &wanted) {
  if (wanted.signal > protocol::signal::wait) return protocol::result::outOfRange;
  signal = wanted.signal;
  signalAtMs = tick::nowMs();
  return protocol::result::accepted;
}

uint8_t replace(const message::SettingsWrite &wanted) {
  if (wanted.bootNonce != boot::nonce()) return protocol::result::staleBoot;
  const Settings settings = {wanted.exitButtonMs, wanted.doorOpenS, wanted.egressSensing, wanted.buzzer,
                             wanted.monitored,    wanted.lockToleranceMs};
  if (!withinRange(settings)) return protocol::result::outOfRange;
  store::replace(settings);
  return protocol::result::accepted;
}

/** Nothing may hang on a board that is about to reset: whoever is let out just now is let out first. */
uint8_t testWatchdog(uint32_t bootNonce) {
  if (bootNonce != boot::nonce()) return protocol::result::staleBoot;
  if (tick::lockState().causes != 0) return protocol::result::busy;
  boot::stopFeeding();
  return protocol::result::accepted;
}

Warning warning() {
  using namespace protocol::doorState;
  if (door.state() == heldOpen || door.state() == forcedOpen) return Warning::now;
  return door.isWarning() ? Warning::soon : Warning::none;
}

bool hasRoom() { return uart::room() >= frameOverhead + packedBytesMax; }

}  // namespace

namespace link {

void receive(const uint8_t *packed, uint8_t length) {
  using namespace message;
  Received received;
  receiveFrame(packed, length, received);
  if (received.result != protocol::result::accepted) return countBad(received.sequence, received.result);
  heardAtMs = tick::nowMs();
  const uint8_t *fields = received.fields();
  switch (received.type) {
    case StatusRequest::id: return sendStatus();
    case HelloRequest::id: return sendHello();
    case Lease::id: return acknowledge(received.sequence, lease(Lease::read(fields)));
    case HoldOpen::id: return acknowledge(received.sequence, holdOpen(HoldOpen::read(fields)));
    case Secure::id: return acknowledge(received.sequence, secure(Secure::read(fields)));
    case SettingsRequest::id: return sendSettings();
    case SettingsWrite::id: return acknowledge(received.sequence, replace(SettingsWrite::read(fields)));
    case Signal::id: return acknowledge(received.sequence, show(Signal::read(fields)));
    case WatchdogTest::id:
      return acknowledge(received.sequence, testWatchdog(WatchdogTest::read(fields).bootNonce));
    default: return;
  }
}

void receiveBroken() { countBad(0, protocol::result::badLength); }

void sendHello() {
  const message::Hello hello = {boot::nonce(), boot::resetCause(), protocol::version,
                                 firmwareMajor, firmwareMinor,      BUILD_ID};
  send(hello);
}

void report() {
  sequence = static_cast<uint16_t>(sequence + tick::lostChanges());
  tick::Change change;
  while (hasRoom() && tick::nextChange(change)) {
    if (change.input != 0) {
      const message::Input input = {change.atMs, change.input, change.active};
      send(input);
    } else {
      const message::Lock lock = {change.atMs, change.lock.causes != 0, change.lock.causes, change.lock.leaseId};
      send(lock);
    }
  }
  if (hasRoom() && store::hasStored()) sendSettings();
}

void watchDoor() {
  const uint32_t now = tick::nowMs();
  const tick::LockState lock = tick::lockState();
  door.look({now, lock.causes, tick::inputs()}, store::settings());
  // Where the line is full the change is told later, with the time of the telling.
  if ((door.state() == toldState && door.faults() == toldFaults) || !hasRoom()) return;
  toldState = door.state();
  toldFaults = door.faults();
  const message::Door told = {now, toldState, toldFaults};
  send(told);
}

void showSignal() {
  const uint32_t now = tick::nowMs();
  const bool hostLost = now - heardAtMs >= protocol::hostLostMs;
  // After half a range of the clock an old signal would look new again.
  if (now - signalAtMs > 0x7FFFFFFF) signal = protocol::signal::idle;
  const uint8_t lamps = lampsOf(signal, now - signalAtMs, hostLost, warning(), now);
  PIN_WRITE(greenLed, (lamps & lamp::green) != 0);
  PIN_WRITE(redLed, (lamps & lamp::red) != 0);
  PIN_WRITE(amberLed, (lamps & lamp::amber) != 0);
  PIN_WRITE(buzzer, (lamps & lamp::buzzer) != 0 && store::settings().buzzer);
}

}  // namespace link
