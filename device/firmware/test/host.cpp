// The pure parts of the firmware, on the machine that builds it: `make host-test`, sanitizers on.
#include <stdio.h>
#include <string.h>

#include <initializer_list>

#include "crc16.h"
#include "debounce.h"
#include "door.h"
#include "frame.h"
#include "leaseids.h"
#include "lock.h"
#include "settings.h"
#include "signals.h"
#include "stream.h"

namespace {

int failures;

#define CHECK(condition)                                              \
  do {                                                                \
    if (!(condition)) {                                               \
      printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);  \
      ++failures;                                                     \
    }                                                                 \
  } while (false)

uint32_t randomState = 1;
uint8_t randomByte() {
  randomState = randomState * 1664525U + 1013904223U;
  return static_cast<uint8_t>(randomState >> 24);
}

void crcHasTheCheckValueOfItsSpecification() {
  CHECK(crc16(reinterpret_cast<const uint8_t *>("123456789"), 9) == 0x29B1);
}

void whatWasPackedUnpacks() {
  for (uint8_t length = 1; length <= messageBytesMax; ++length) {
    uint8_t bytes[messageBytesMax], packed[protocol::frameBytesMax], back[messageBytesMax];
    for (uint8_t i = 0; i < length; ++i) bytes[i] = randomByte();
    const uint8_t packedLength = pack7(bytes, length, packed);
    CHECK(packedLength == (length * 8 + 6) / 7);
    CHECK(unpack7(packed, packedLength, back) == length);
    CHECK(memcmp(bytes, back, length) == 0);
    // A bit in the padding is no message's.
    const uint8_t padding = static_cast<uint8_t>(packedLength * 7 - length * 8);
    if (padding > 0) {
      packed[packedLength - 1] |= 0x40;
      CHECK(unpack7(packed, packedLength, back) == 0);
    }
  }
}

uint8_t seal(uint8_t type, uint8_t fieldBytes, uint8_t *packed) {
  uint8_t message[messageBytesMax] = {};
  return sealFrame(type, 0x1234, message, fieldBytes, packed);
}

void aFrameIsJudgedByCrcThenTypeThenLength() {
  using namespace protocol;
  uint8_t packed[frameBytesMax];
  Received received;
  receiveFrame(packed, seal(message::Lease::id, message::Lease::length, packed), received);
  CHECK(received.result == result::accepted && received.sequence == 0x1234);
  receiveFrame(packed, seal(message::Lease::id, message::Lease::length - 1, packed), received);
  CHECK(received.result == result::badLength);
  receiveFrame(packed, seal(200, 0, packed), received);
  CHECK(received.result == result::unknownType);
  const uint8_t length = seal(message::Lease::id, message::Lease::length, packed);
  for (unsigned bit = 0; bit < length * 7U; ++bit) {
    packed[bit / 7] ^= static_cast<uint8_t>(1 << bit % 7);
    receiveFrame(packed, length, received);
    CHECK(received.result != result::accepted);
    packed[bit / 7] ^= static_cast<uint8_t>(1 << bit % 7);
  }
}

void noiseIsNeverAFrameNorReadBeyondItsEnd() {
  Stream stream;
  Received received;
  for (unsigned i = 0; i < 2000000; ++i) {
    // Half the time a byte that means something, so that the parser is not only ever out of a frame.
    static const uint8_t telling[] = {0xF0, protocol::sysexCommand, 0xF7, 0x90, 0xF9, 0x01, 0x02, 0xFF};
    const uint8_t byte = randomByte() < 128 ? telling[randomByte() % sizeof telling] : randomByte();
    if (stream.push(byte) != Stream::Found::sysex) continue;
    CHECK(stream.length() <= protocol::frameBytesMax);
    receiveFrame(stream.data(), stream.length(), received);
    CHECK(received.result != protocol::result::accepted);
  }
}

void aBrokenFrameIsNoticedAndTheNextOneRead() {
  Stream stream;
  const uint8_t half[] = {0xF0, protocol::sysexCommand, 0x01};
  for (const uint8_t byte : half) CHECK(stream.push(byte) == Stream::Found::nothing);
  CHECK(stream.push(0xF0) == Stream::Found::nothing);
  CHECK(stream.broken());
  stream.push(protocol::sysexCommand);
  CHECK(!stream.broken());
  for (unsigned i = 0; i <= protocol::frameBytesMax; ++i) stream.push(1);
  CHECK(stream.push(0xF7) == Stream::Found::nothing);
  CHECK(stream.broken());
  CHECK(stream.push(0xF9) == Stream::Found::command);
  CHECK(!stream.broken());
}

void theLockIsReleasedExactlyWhileACauseLives() {
  // Against a model that shares nothing with the table: the time at which each cause ends.
  Lock lock;
  long now = 0, lease = 0, press = 0, holdOpen = 0;
  bool held = false, fire = false;
  for (unsigned i = 0; i < 2000000; ++i) {
    // Each event every four seconds or so: timers have to run out in between, and to overlap.
    switch ((randomByte() << 8 | randomByte()) % 4096) {
      case 0: {
        const uint16_t ms = static_cast<uint16_t>(randomByte() * 39 + 200);
        lock.grant(i + 1, ms);
        if (ms <= protocol::leaseMsMax && now + ms > lease) lease = now + ms;
        break;
      }
      case 1: lock.step(LockEvent::holdOpen); holdOpen = now + protocol::holdOpenLapseMs; break;
      case 2: lock.step(LockEvent::secure); lease = holdOpen = now; break;
      case 3:
        held = !held;
        if (!held) break;
        lock.step(LockEvent::exitPressed);
        press = now + protocol::exitButtonMs;
        break;
      case 4: fire = !fire; break;
      default: break;
    }
    // As the tick does.
    ++now;
    lock.step(LockEvent::tick);
    if (held) lock.step(LockEvent::exitHeld);
    if (fire) lock.step(LockEvent::fireActive);
    uint8_t live = 0;
    if (lease > now) live |= protocol::cause::lease;
    if (holdOpen > now) live |= protocol::cause::holdOpen;
    if (press > now || held) live |= protocol::cause::exitButton;
    if (fire) live |= protocol::cause::fire;
    CHECK(lock.causes() == live);
    CHECK(lock.released() == (live != 0));
    CHECK((lock.leaseId() != 0) == (lease > now));
    if (failures > 10) return;
  }
}

void aLeaseBeyondTheLimitIsNotGranted() {
  Lock lock;
  lock.grant(1, protocol::leaseMsMax + 1);
  CHECK(!lock.released());
}

void leaseIdsAreRememberedUntilPushedOut() {
  LeaseIds ids;
  CHECK(!ids.contains(0));
  for (uint32_t id = 0; id < protocol::leaseIdsRemembered; ++id) ids.add(id);
  CHECK(ids.contains(0));
  ids.add(1000);
  CHECK(!ids.contains(0) && ids.contains(1) && ids.contains(1000));
}

void aGlitchDelaysTheExitButtonByNoMoreThanItself() {
  Debounce debounce;
  int ms = 0;
  // Pressed, with a glitch of one millisecond in every five: the count gains three in five.
  while (debounce.active() == 0 && ms < 200) debounce.sample(ms++ % 5 == 4 ? 0 : protocol::input::exitButton);
  CHECK(ms <= 50);
}

void aLampPatternIsOverWhenItsTimeIs() {
  using namespace protocol::signal;
  CHECK(lampsOf(granted, 0, false, Warning::none, 0) == (lamp::green | lamp::buzzer));
  CHECK(lampsOf(granted, 2999, false, Warning::none, 0) == lamp::green);
  CHECK(lampsOf(granted, 3000, false, Warning::none, 0) == 0);
  CHECK(lampsOf(wait, 9999, false, Warning::none, 0) == lamp::amber);
  CHECK(lampsOf(wait, 0, true, Warning::none, 500) == 0);
  CHECK(lampsOf(idle, 0, true, Warning::none, 0) == lamp::amber);
  CHECK(lampsOf(200, 0, false, Warning::none, 0) == 0);
  CHECK(lampsOf(granted, 0xFFFFFFFF, false, Warning::none, 0) == 0);
}

void aWarningSoundsOverAnySignal() {
  CHECK(lampsOf(protocol::signal::idle, 0, false, Warning::soon, 0) == lamp::buzzer);
  CHECK(lampsOf(protocol::signal::idle, 0, false, Warning::soon, 500) == 0);
  CHECK(lampsOf(protocol::signal::granted, 2000, false, Warning::now, 0) == (lamp::green | lamp::buzzer));
  CHECK(lampsOf(protocol::signal::idle, 0, false, Warning::now, 250) == 0);
}

void theExitButtonsTimeStaysWithinItsLimits() {
  Lock lock;
  lock.setExitMs(protocol::exitButtonMsMax);
  lock.setExitMs(protocol::exitButtonMsMax + 1);
  lock.setExitMs(protocol::exitButtonMsMin - 1);
  lock.step(LockEvent::exitPressed);
  for (uint16_t ms = 0; ms < protocol::exitButtonMsMax; ++ms) {
    CHECK(lock.released());
    lock.step(LockEvent::tick);
  }
  CHECK(!lock.released());
}

void aRecordIsReadBackOrNotAtAll() {
  const Settings settings = {30000, 3600, protocol::egressSensing::handleSwitch, false, protocol::input::bolt, 10000};
  uint8_t record[recordBytes];
  sealRecord(settings, 0xFF, record);
  Settings found = defaultSettings;
  uint8_t serial = 0;
  CHECK(openRecord(record, found, serial) && same(found, settings) && serial == 0xFF);
  for (unsigned bit = 0; bit < recordBytes * 8; ++bit) {
    record[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    CHECK(!openRecord(record, found, serial));
    record[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
  }
  uint8_t erased[recordBytes];
  memset(erased, 0xFF, sizeof erased);
  CHECK(!openRecord(erased, found, serial));
  sealRecord({30001, 3600, 0, true, 0, 1000}, 0, record);
  CHECK(!openRecord(record, found, serial));
  sealRecord({30000, 3600, 0, true, 0, 99}, 0, record);
  CHECK(!openRecord(record, found, serial));
  CHECK(withinRange(defaultSettings) && isNewer(0, 0xFF) && !isNewer(0xFF, 0));
}

/** A door that is looked at every millisecond, with senses that follow the output unless a test says otherwise. */
struct Bench {
  Door door;
  Settings settings = defaultSettings;
  uint32_t nowMs = 1000;
  uint8_t causes = 0;
  bool open = false, relayStuck = false, boltStuck = false;

  explicit Bench(uint8_t sensing) {
    settings.egressSensing = sensing;
    settings.doorOpenS = 30;
    live(1);
  }

  void live(uint32_t ms) {
    for (; ms > 0; --ms) {
      const bool released = causes != 0;
      uint8_t inputs = open ? protocol::input::contact : 0;
      if (released != relayStuck) inputs |= protocol::input::relayReadback;
      if ((!released && !open) != boltStuck) inputs |= protocol::input::bolt;
      door.look({++nowMs, causes, inputs}, settings);
    }
  }

  bool is(uint8_t state) const { return door.state() == state; }
};

void somebodyIsLetInAndTheDoorFallsShut() {
  using namespace protocol;
  Bench bench(egressSensing::button);
  CHECK(bench.is(doorState::secured));
  bench.causes = cause::lease;
  bench.relayStuck = true;
  bench.live(1);
  CHECK(bench.is(doorState::unlocking));
  bench.relayStuck = false;
  bench.live(1);
  CHECK(bench.is(doorState::unlocked));
  bench.open = true;
  bench.live(1);
  CHECK(bench.is(doorState::opened));
  bench.causes = 0;
  bench.live(29000);
  CHECK(bench.is(doorState::opened) && bench.door.isWarning());
  bench.live(1001);
  CHECK(bench.is(doorState::heldOpen) && !bench.door.isWarning());
  bench.open = false;
  bench.live(1);
  CHECK(bench.is(doorState::secured) && bench.door.faults() == 0);
}

void openedWithoutACauseIsForcedWhereLeavingIsSensed() {
  using namespace protocol;
  for (const uint8_t sensing : {egressSensing::button, egressSensing::handleSwitch}) {
    Bench bench(sensing);
    bench.open = true;
    bench.live(500);
    CHECK(bench.is(doorState::forcedOpen));
    // A cause that comes too late makes nothing good.
    bench.causes = cause::lease;
    bench.live(60000);
    CHECK(bench.is(doorState::forcedOpen));
    bench.open = false;
    bench.live(1);
    CHECK(bench.is(doorState::unlocked));
  }
  Bench unsensed(egressSensing::none);
  unsensed.open = true;
  unsensed.live(500);
  CHECK(unsensed.is(doorState::opened));
}

void aHandleOpensBeforeItsSwitchIsRead() {
  using namespace protocol;
  Bench handle(egressSensing::handleSwitch), button(egressSensing::button);
  for (Bench *bench : {&handle, &button}) {
    bench->open = true;
    bench->live(200);
    bench->causes = cause::exitButton;
    bench->live(500);
  }
  CHECK(handle.is(doorState::opened));
  CHECK(button.is(doorState::forcedOpen));
}

void pulledWhileTheLockFallsInIsLetIn() {
  using namespace protocol;
  Bench bench(egressSensing::button);
  bench.causes = cause::lease;
  bench.live(1000);
  bench.causes = 0;
  bench.live(doorGraceMs - 10);
  bench.open = true;
  bench.live(1000);
  CHECK(bench.is(doorState::opened));
}

void whatIsOpenAtBootWasNotForcedNow() {
  Door door;
  const Settings settings = {5000, 30, protocol::egressSensing::button, true, protocol::input::contact,
                             1000};
  for (uint32_t ms = 0; ms < 1000; ++ms) door.look({ms, 0, protocol::input::contact}, settings);
  CHECK(door.state() == protocol::doorState::opened);
}

void nobodyHoldsADoorThatIsMeantToStandOpen() {
  using namespace protocol;
  Bench bench(egressSensing::button);
  bench.causes = cause::holdOpen;
  bench.live(100);
  bench.open = true;
  bench.live(60000);
  CHECK(bench.is(doorState::opened) && !bench.door.isWarning());
  bench.causes = 0;
  bench.live(29999);
  CHECK(bench.is(doorState::opened));
  bench.live(2);
  CHECK(bench.is(doorState::heldOpen));
  bench.causes = cause::fire;
  bench.live(1);
  CHECK(bench.is(doorState::opened));
}

void aSenseThatDisagreesForTooLongIsAFault() {
  using namespace protocol;
  Bench bench(egressSensing::none);
  bench.settings.lockToleranceMs = 2500;
  bench.relayStuck = true;
  bench.live(2499);
  CHECK(bench.is(doorState::secured));
  bench.live(2);
  CHECK(bench.is(doorState::lockFault) && bench.door.faults() == fault::relay);
  bench.relayStuck = false;
  bench.boltStuck = true;
  bench.live(2502);
  CHECK(bench.is(doorState::lockFault) && bench.door.faults() == fault::bolt);
  bench.boltStuck = false;
  bench.live(1);
  CHECK(bench.is(doorState::secured));
  // What is not wired is not believed.
  bench.settings.monitored = input::contact;
  bench.relayStuck = bench.boltStuck = true;
  bench.live(5000);
  CHECK(bench.is(doorState::secured) && bench.door.faults() == 0);
}

}  // namespace

int main() {
  crcHasTheCheckValueOfItsSpecification();
  whatWasPackedUnpacks();
  aFrameIsJudgedByCrcThenTypeThenLength();
  noiseIsNeverAFrameNorReadBeyondItsEnd();
  aBrokenFrameIsNoticedAndTheNextOneRead();
  theLockIsReleasedExactlyWhileACauseLives();
  aLeaseBeyondTheLimitIsNotGranted();
  leaseIdsAreRememberedUntilPushedOut();
  aGlitchDelaysTheExitButtonByNoMoreThanItself();
  aLampPatternIsOverWhenItsTimeIs();
  aWarningSoundsOverAnySignal();
  theExitButtonsTimeStaysWithinItsLimits();
  aRecordIsReadBackOrNotAtAll();
  somebodyIsLetInAndTheDoorFallsShut();
  openedWithoutACauseIsForcedWhereLeavingIsSensed();
  aHandleOpensBeforeItsSwitchIsRead();
  pulledWhileTheLockFallsInIsLetIn();
  whatIsOpenAtBootWasNotForcedNow();
  nobodyHoldsADoorThatIsMeantToStandOpen();
  aSenseThatDisagreesForTooLongIsAFault();
  printf(failures == 0 ? "host tests passed\n" : "%d host tests failed\n", failures);
  return failures == 0 ? 0 : 1;
}
