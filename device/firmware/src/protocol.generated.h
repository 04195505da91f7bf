// Generated from device/firmware/protocol.json by generate.ts; edit that.
#pragma once
#include <stdint.h>

namespace protocol {

constexpr uint8_t version = 4;
constexpr uint32_t baudRate = 57600;
constexpr uint8_t sysexCommand = 13;
constexpr uint16_t crcPolynomial = 4129;
constexpr uint16_t crcInitial = 65535;
constexpr uint16_t leaseMsMin = 200;
constexpr uint16_t leaseMsMax = 10000;
constexpr uint16_t leaseOverrunMsMax = 50;
constexpr uint16_t leaseIdsRemembered = 64;
constexpr uint16_t exitButtonMs = 5000;
constexpr uint16_t exitButtonMsMin = 1000;
constexpr uint16_t exitButtonMsMax = 30000;
constexpr uint16_t doorOpenS = 30;
constexpr uint16_t doorOpenSMin = 5;
constexpr uint16_t doorOpenSMax = 3600;
constexpr uint16_t doorGraceMs = 1000;
constexpr uint16_t buttonLagMs = 60;
constexpr uint16_t handleLagMs = 300;
constexpr uint16_t lockToleranceMs = 1000;
constexpr uint16_t lockToleranceMsMin = 100;
constexpr uint16_t lockToleranceMsMax = 10000;
constexpr uint16_t holdOpenLapseMs = 3000;
constexpr uint16_t hostLostMs = 3000;
constexpr uint16_t debounceMs = 20;
constexpr uint16_t watchdogMs = 250;
constexpr uint16_t readyMsMax = 100;
constexpr uint16_t frameBytesMax = 48;

namespace cause {
constexpr uint8_t lease = 1;
constexpr uint8_t exitButton = 2;
constexpr uint8_t fire = 4;
constexpr uint8_t holdOpen = 8;
}

namespace input {
constexpr uint8_t contact = 1;
constexpr uint8_t bolt = 2;
constexpr uint8_t exitButton = 4;
constexpr uint8_t fire = 8;
constexpr uint8_t tamper = 16;
constexpr uint8_t relayReadback = 32;
}

namespace resetCause {
constexpr uint8_t unknown = 0;
constexpr uint8_t powerOn = 1;
constexpr uint8_t external = 2;
constexpr uint8_t brownOut = 3;
constexpr uint8_t watchdog = 4;
constexpr uint8_t watchdogTest = 5;
}

namespace signal {
constexpr uint8_t idle = 0;
constexpr uint8_t granted = 1;
constexpr uint8_t denied = 2;
constexpr uint8_t wait = 3;
}

namespace doorState {
constexpr uint8_t secured = 0;
constexpr uint8_t unlocking = 1;
constexpr uint8_t unlocked = 2;
constexpr uint8_t opened = 3;
constexpr uint8_t heldOpen = 4;
constexpr uint8_t forcedOpen = 5;
constexpr uint8_t lockFault = 6;
}

namespace fault {
constexpr uint8_t relay = 1;
constexpr uint8_t bolt = 2;
}

namespace egressSensing {
constexpr uint8_t none = 0;
constexpr uint8_t button = 1;
constexpr uint8_t handleSwitch = 2;
}

namespace result {
constexpr uint8_t accepted = 0;
constexpr uint8_t repeated = 1;
constexpr uint8_t staleBoot = 2;
constexpr uint8_t outOfRange = 3;
constexpr uint8_t badCrc = 4;
constexpr uint8_t badLength = 5;
constexpr uint8_t unknownType = 6;
constexpr uint8_t busy = 7;
constexpr uint8_t superseded = 8;
}

namespace message {

/** From the host. Heartbeat, every 500 ms. Answered with status. */
struct StatusRequest {
  static constexpr uint8_t id = 1, length = 0;
};

/** From the host. Releases the lock for a while, once per lease id and boot. Answered with ack, superseded if its fence is older than that of the last secure. */
struct Lease {
  static constexpr uint8_t id = 2, length = 14;
  uint32_t bootNonce;
  uint32_t fence;
  uint32_t leaseId;
  uint16_t durationMs;
  static Lease read(const uint8_t *bytes) {
    Lease m;
    m.bootNonce = static_cast<uint32_t>(bytes[0] | static_cast<uint32_t>(bytes[1]) << 8 | static_cast<uint32_t>(bytes[2]) << 16 | static_cast<uint32_t>(bytes[3]) << 24);
    m.fence = static_cast<uint32_t>(bytes[4] | static_cast<uint32_t>(bytes[5]) << 8 | static_cast<uint32_t>(bytes[6]) << 16 | static_cast<uint32_t>(bytes[7]) << 24);
    m.leaseId = static_cast<uint32_t>(bytes[8] | static_cast<uint32_t>(bytes[9]) << 8 | static_cast<uint32_t>(bytes[10]) << 16 | static_cast<uint32_t>(bytes[11]) << 24);
    m.durationMs = static_cast<uint16_t>(bytes[12] | static_cast<uint16_t>(bytes[13]) << 8);
    return m;
  }
};

/** From the host. Keeps the lock released; renewed every second, lapses after holdOpenLapseMs. Answered with ack, superseded as a lease is. */
struct HoldOpen {
  static constexpr uint8_t id = 3, length = 8;
  uint32_t bootNonce;
  uint32_t fence;
  static HoldOpen read(const uint8_t *bytes) {
    HoldOpen m;
    m.bootNonce = static_cast<uint32_t>(bytes[0] | static_cast<uint32_t>(bytes[1]) << 8 | static_cast<uint32_t>(bytes[2]) << 16 | static_cast<uint32_t>(bytes[3]) << 24);
    m.fence = static_cast<uint32_t>(bytes[4] | static_cast<uint32_t>(bytes[5]) << 8 | static_cast<uint32_t>(bytes[6]) << 16 | static_cast<uint32_t>(bytes[7]) << 24);
    return m;
  }
};

/** From the host. Ends lease and hold-open at once, and raises the fence: those that bear an older one are refused from here on. Exit button and fire are untouched. Answered with ack. */
struct Secure {
  static constexpr uint8_t id = 4, length = 8;
  uint32_t bootNonce;
  uint32_t fence;
  static Secure read(const uint8_t *bytes) {
    Secure m;
    m.bootNonce = static_cast<uint32_t>(bytes[0] | static_cast<uint32_t>(bytes[1]) << 8 | static_cast<uint32_t>(bytes[2]) << 16 | static_cast<uint32_t>(bytes[3]) << 24);
    m.fence = static_cast<uint32_t>(bytes[4] | static_cast<uint32_t>(bytes[5]) << 8 | static_cast<uint32_t>(bytes[6]) << 16 | static_cast<uint32_t>(bytes[7]) << 24);
    return m;
  }
};

/** From the host. Shows a signal to the member. Answered with ack. */
struct Signal {
  static constexpr uint8_t id = 5, length = 1;
  uint8_t signal;
  static Signal read(const uint8_t *bytes) {
    Signal m;
    m.signal = bytes[0];
    return m;
  }
};

/** From the host. Asks for hello again, after opening the port of a running board. Answered with hello. */
struct HelloRequest {
  static constexpr uint8_t id = 6, length = 0;
};

/** From the host. Asks for the settings. Answered with settings. */
struct SettingsRequest {
  static constexpr uint8_t id = 7, length = 0;
};

/** From the host. Replaces all settings, which act at once. Answered with ack, and with settings once EEPROM holds them. */
struct SettingsWrite {
  static constexpr uint8_t id = 8, length = 13;
  uint32_t bootNonce;
  uint16_t exitButtonMs;
  uint16_t doorOpenS;
  uint8_t egressSensing;
  bool buzzer;
  uint8_t monitored;
  uint16_t lockToleranceMs;
  static SettingsWrite read(const uint8_t *bytes) {
    SettingsWrite m;
    m.bootNonce = static_cast<uint32_t>(bytes[0] | static_cast<uint32_t>(bytes[1]) << 8 | static_cast<uint32_t>(bytes[2]) << 16 | static_cast<uint32_t>(bytes[3]) << 24);
    m.exitButtonMs = static_cast<uint16_t>(bytes[4] | static_cast<uint16_t>(bytes[5]) << 8);
    m.doorOpenS = static_cast<uint16_t>(bytes[6] | static_cast<uint16_t>(bytes[7]) << 8);
    m.egressSensing = bytes[8];
    m.buzzer = bytes[9] != 0;
    m.monitored = bytes[10];
    m.lockToleranceMs = static_cast<uint16_t>(bytes[11] | static_cast<uint16_t>(bytes[12]) << 8);
    return m;
  }
};

/** From the host. Stops feeding the watchdog, which has to reset the board then. Busy while the lock is released. Answered with ack. */
struct WatchdogTest {
  static constexpr uint8_t id = 9, length = 4;
  uint32_t bootNonce;
  static WatchdogTest read(const uint8_t *bytes) {
    WatchdogTest m;
    m.bootNonce = static_cast<uint32_t>(bytes[0] | static_cast<uint32_t>(bytes[1]) << 8 | static_cast<uint32_t>(bytes[2]) << 16 | static_cast<uint32_t>(bytes[3]) << 24);
    return m;
  }
};

/** From the controller. Who is speaking. Sent once per boot, after every Firmata version report, and on request. */
struct Hello {
  static constexpr uint8_t id = 65, length = 12;
  uint32_t bootNonce;
  uint8_t resetCause;
  uint8_t protocolVersion;
  uint8_t firmwareMajor;
  uint8_t firmwareMinor;
  uint32_t buildId;
  void write(uint8_t *bytes) const {
    bytes[0] = static_cast<uint8_t>(bootNonce);
    bytes[1] = static_cast<uint8_t>(bootNonce >> 8);
    bytes[2] = static_cast<uint8_t>(bootNonce >> 16);
    bytes[3] = static_cast<uint8_t>(bootNonce >> 24);
    bytes[4] = static_cast<uint8_t>(resetCause);
    bytes[5] = static_cast<uint8_t>(protocolVersion);
    bytes[6] = static_cast<uint8_t>(firmwareMajor);
    bytes[7] = static_cast<uint8_t>(firmwareMinor);
    bytes[8] = static_cast<uint8_t>(buildId);
    bytes[9] = static_cast<uint8_t>(buildId >> 8);
    bytes[10] = static_cast<uint8_t>(buildId >> 16);
    bytes[11] = static_cast<uint8_t>(buildId >> 24);
  }
};

/** From the controller. The whole state, in answer to status-request. leaseId is 0 unless lease is among the causes; lastLeaseId means nothing while leasesObeyed, which stops at 65,535, is 0. fence: of the newest secure of this boot, 0 before the first. */
struct Status {
  static constexpr uint8_t id = 66, length = 31;
  uint32_t bootNonce;
  uint32_t uptimeMs;
  bool released;
  uint8_t causes;
  uint8_t inputs;
  uint32_t leaseId;
  uint16_t supplyMv;
  uint16_t badFrames;
  uint8_t doorState;
  uint8_t faults;
  uint16_t leasesObeyed;
  uint32_t lastLeaseId;
  uint32_t fence;
  void write(uint8_t *bytes) const {
    bytes[0] = static_cast<uint8_t>(bootNonce);
    bytes[1] = static_cast<uint8_t>(bootNonce >> 8);
    bytes[2] = static_cast<uint8_t>(bootNonce >> 16);
    bytes[3] = static_cast<uint8_t>(bootNonce >> 24);
    bytes[4] = static_cast<uint8_t>(uptimeMs);
    bytes[5] = static_cast<uint8_t>(uptimeMs >> 8);
    bytes[6] = static_cast<uint8_t>(uptimeMs >> 16);
    bytes[7] = static_cast<uint8_t>(uptimeMs >> 24);
    bytes[8] = static_cast<uint8_t>(released);
    bytes[9] = static_cast<uint8_t>(causes);
    bytes[10] = static_cast<uint8_t>(inputs);
    bytes[11] = static_cast<uint8_t>(leaseId);
    bytes[12] = static_cast<uint8_t>(leaseId >> 8);
    bytes[13] = static_cast<uint8_t>(leaseId >> 16);
    bytes[14] = static_cast<uint8_t>(leaseId >> 24);
    bytes[15] = static_cast<uint8_t>(supplyMv);
    bytes[16] = static_cast<uint8_t>(supplyMv >> 8);
    bytes[17] = static_cast<uint8_t>(badFrames);
    bytes[18] = static_cast<uint8_t>(badFrames >> 8);
    bytes[19] = static_cast<uint8_t>(doorState);
    bytes[20] = static_cast<uint8_t>(faults);
    bytes[21] = static_cast<uint8_t>(leasesObeyed);
    bytes[22] = static_cast<uint8_t>(leasesObeyed >> 8);
    bytes[23] = static_cast<uint8_t>(lastLeaseId);
    bytes[24] = static_cast<uint8_t>(lastLeaseId >> 8);
    bytes[25] = static_cast<uint8_t>(lastLeaseId >> 16);
    bytes[26] = static_cast<uint8_t>(lastLeaseId >> 24);
    bytes[27] = static_cast<uint8_t>(fence);
    bytes[28] = static_cast<uint8_t>(fence >> 8);
    bytes[29] = static_cast<uint8_t>(fence >> 16);
    bytes[30] = static_cast<uint8_t>(fence >> 24);
  }
};

/** From the controller. The answer to one host message. Its field sequence is that message's, 0 where it could not be read. */
struct Ack {
  static constexpr uint8_t id = 67, length = 3;
  uint16_t sequence;
  uint8_t result;
  void write(uint8_t *bytes) const {
    bytes[0] = static_cast<uint8_t>(sequence);
    bytes[1] = static_cast<uint8_t>(sequence >> 8);
    bytes[2] = static_cast<uint8_t>(result);
  }
};

/** From the controller. The lock output or its causes changed. leaseId is 0 unless lease is among the causes. */
struct Lock {
  static constexpr uint8_t id = 68, length = 10;
  uint32_t atMs;
  bool released;
  uint8_t causes;
  uint32_t leaseId;
  void write(uint8_t *bytes) const {
    bytes[0] = static_cast<uint8_t>(atMs);
    bytes[1] = static_cast<uint8_t>(atMs >> 8);
    bytes[2] = static_cast<uint8_t>(atMs >> 16);
    bytes[3] = static_cast<uint8_t>(atMs >> 24);
    bytes[4] = static_cast<uint8_t>(released);
    bytes[5] = static_cast<uint8_t>(causes);
    bytes[6] = static_cast<uint8_t>(leaseId);
    bytes[7] = static_cast<uint8_t>(leaseId >> 8);
    bytes[8] = static_cast<uint8_t>(leaseId >> 16);
    bytes[9] = static_cast<uint8_t>(leaseId >> 24);
  }
};

/** From the controller. A debounced input changed. */
struct Input {
  static constexpr uint8_t id = 69, length = 6;
  uint32_t atMs;
  uint8_t input;
  bool active;
  void write(uint8_t *bytes) const {
    bytes[0] = static_cast<uint8_t>(atMs);
    bytes[1] = static_cast<uint8_t>(atMs >> 8);
    bytes[2] = static_cast<uint8_t>(atMs >> 16);
    bytes[3] = static_cast<uint8_t>(atMs >> 24);
    bytes[4] = static_cast<uint8_t>(input);
    bytes[5] = static_cast<uint8_t>(active);
  }
};

/** From the controller. The settings that act now. stored: EEPROM holds the same, so that they outlive a loss of power. */
struct Settings {
  static constexpr uint8_t id = 70, length = 10;
  uint16_t exitButtonMs;
  uint16_t doorOpenS;
  uint8_t egressSensing;
  bool buzzer;
  uint8_t monitored;
  uint16_t lockToleranceMs;
  bool stored;
  void write(uint8_t *bytes) const {
    bytes[0] = static_cast<uint8_t>(exitButtonMs);
    bytes[1] = static_cast<uint8_t>(exitButtonMs >> 8);
    bytes[2] = static_cast<uint8_t>(doorOpenS);
    bytes[3] = static_cast<uint8_t>(doorOpenS >> 8);
    bytes[4] = static_cast<uint8_t>(egressSensing);
    bytes[5] = static_cast<uint8_t>(buzzer);
    bytes[6] = static_cast<uint8_t>(monitored);
    bytes[7] = static_cast<uint8_t>(lockToleranceMs);
    bytes[8] = static_cast<uint8_t>(lockToleranceMs >> 8);
    bytes[9] = static_cast<uint8_t>(stored);
  }
};

/** From the controller. The state of the door or its faults changed. */
struct Door {
  static constexpr uint8_t id = 71, length = 6;
  uint32_t atMs;
  uint8_t doorState;
  uint8_t faults;
  void write(uint8_t *bytes) const {
    bytes[0] = static_cast<uint8_t>(atMs);
    bytes[1] = static_cast<uint8_t>(atMs >> 8);
    bytes[2] = static_cast<uint8_t>(atMs >> 16);
    bytes[3] = static_cast<uint8_t>(atMs >> 24);
    bytes[4] = static_cast<uint8_t>(doorState);
    bytes[5] = static_cast<uint8_t>(faults);
  }
};

}  // namespace message
}  // namespace protocol
