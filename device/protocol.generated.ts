// Generated from device/firmware/protocol.json by generate.ts; edit that.

/** Genkan controller protocol, version 4: the description that both codecs are driven by. */
export const protocol = {
  "title": "Genkan controller protocol",
  "version": 4,
  "baudRate": 57600,
  "sysexCommand": 13,
  "crc": {
    "name": "CRC-16/CCITT-FALSE",
    "polynomial": 4129,
    "initial": 65535
  },
  "limits": {
    "leaseMsMin": 200,
    "leaseMsMax": 10000,
    "leaseOverrunMsMax": 50,
    "leaseIdsRemembered": 64,
    "exitButtonMs": 5000,
    "exitButtonMsMin": 1000,
    "exitButtonMsMax": 30000,
    "doorOpenS": 30,
    "doorOpenSMin": 5,
    "doorOpenSMax": 3600,
    "doorGraceMs": 1000,
    "buttonLagMs": 60,
    "handleLagMs": 300,
    "lockToleranceMs": 1000,
    "lockToleranceMsMin": 100,
    "lockToleranceMsMax": 10000,
    "holdOpenLapseMs": 3000,
    "hostLostMs": 3000,
    "debounceMs": 20,
    "watchdogMs": 250,
    "readyMsMax": 100,
    "frameBytesMax": 48
  },
  "enums": {
    "cause": {
      "lease": 1,
      "exit-button": 2,
      "fire": 4,
      "hold-open": 8
    },
    "input": {
      "contact": 1,
      "bolt": 2,
      "exit-button": 4,
      "fire": 8,
      "tamper": 16,
      "relay-readback": 32
    },
    "resetCause": {
      "unknown": 0,
      "power-on": 1,
      "external": 2,
      "brown-out": 3,
      "watchdog": 4,
      "watchdog-test": 5
    },
    "signal": {
      "idle": 0,
      "granted": 1,
      "denied": 2,
      "wait": 3
    },
    "doorState": {
      "secured": 0,
      "unlocking": 1,
      "unlocked": 2,
      "opened": 3,
      "held-open": 4,
      "forced-open": 5,
      "lock-fault": 6
    },
    "fault": {
      "relay": 1,
      "bolt": 2
    },
    "egressSensing": {
      "none": 0,
      "button": 1,
      "handle-switch": 2
    },
    "result": {
      "accepted": 0,
      "repeated": 1,
      "stale-boot": 2,
      "out-of-range": 3,
      "bad-crc": 4,
      "bad-length": 5,
      "unknown-type": 6,
      "busy": 7,
      "superseded": 8
    }
  },
  "messages": {
    "status-request": {
      "id": 1,
      "from": "host",
      "doc": "Heartbeat, every 500 ms. Answered with status.",
      "fields": []
    },
    "lease": {
      "id": 2,
      "from": "host",
      "doc": "Releases the lock for a while, once per lease id and boot. Answered with ack, superseded if its fence is older than that of the last secure.",
      "fields": [
        {
          "name": "bootNonce",
          "type": "u32"
        },
        {
          "name": "fence",
          "type": "u32"
        },
        {
          "name": "leaseId",
          "type": "u32"
        },
        {
          "name": "durationMs",
          "type": "u16"
        }
      ]
    },
    "hold-open": {
      "id": 3,
      "from": "host",
      "doc": "Keeps the lock released; renewed every second, lapses after holdOpenLapseMs. Answered with ack, superseded as a lease is.",
      "fields": [
        {
          "name": "bootNonce",
          "type": "u32"
        },
        {
          "name": "fence",
          "type": "u32"
        }
      ]
    },
    "secure": {
      "id": 4,
      "from": "host",
      "doc": "Ends lease and hold-open at once, and raises the fence: those that bear an older one are refused from here on. Exit button and fire are untouched. Answered with ack.",
      "fields": [
        {
          "name": "bootNonce",
          "type": "u32"
        },
        {
          "name": "fence",
          "type": "u32"
        }
      ]
    },
    "signal": {
      "id": 5,
      "from": "host",
      "doc": "Shows a signal to the member. Answered with ack.",
      "fields": [
        {
          "name": "signal",
          "type": "u8",
          "enum": "signal"
        }
      ]
    },
    "hello-request": {
      "id": 6,
      "from": "host",
      "doc": "Asks for hello again, after opening the port of a running board. Answered with hello.",
      "fields": []
    },
    "settings-request": {
      "id": 7,
      "from": "host",
      "doc": "Asks for the settings. Answered with settings.",
      "fields": []
    },
    "settings-write": {
      "id": 8,
      "from": "host",
      "doc": "Replaces all settings, which act at once. Answered with ack, and with settings once EEPROM holds them.",
      "fields": [
        {
          "name": "bootNonce",
          "type": "u32"
        },
        {
          "name": "exitButtonMs",
          "type": "u16"
        },
        {
          "name": "doorOpenS",
          "type": "u16"
        },
        {
          "name": "egressSensing",
          "type": "u8",
          "enum": "egressSensing"
        },
        {
          "name": "buzzer",
          "type": "bool"
        },
        {
          "name": "monitored",
          "type": "u8",
          "flags": "input"
        },
        {
          "name": "lockToleranceMs",
          "type": "u16"
        }
      ]
    },
    "watchdog-test": {
      "id": 9,
      "from": "host",
      "doc": "Stops feeding the watchdog, which has to reset the board then. Busy while the lock is released. Answered with ack.",
      "fields": [
        {
          "name": "bootNonce",
          "type": "u32"
        }
      ]
    },
    "hello": {
      "id": 65,
      "from": "controller",
      "doc": "Who is speaking. Sent once per boot, after every Firmata version report, and on request.",
      "fields": [
        {
          "name": "bootNonce",
          "type": "u32"
        },
        {
          "name": "resetCause",
          "type": "u8",
          "enum": "resetCause"
        },
        {
          "name": "protocolVersion",
          "type": "u8"
        },
        {
          "name": "firmwareMajor",
          "type": "u8"
        },
        {
          "name": "firmwareMinor",
          "type": "u8"
        },
        {
          "name": "buildId",
          "type": "u32"
        }
      ]
    },
    "status": {
      "id": 66,
      "from": "controller",
      "doc": "The whole state, in answer to status-request. leaseId is 0 unless lease is among the causes; lastLeaseId means nothing while leasesObeyed, which stops at 65,535, is 0. fence: of the newest secure of this boot, 0 before the first.",
      "fields": [
        {
          "name": "bootNonce",
          "type": "u32"
        },
        {
          "name": "uptimeMs",
          "type": "u32"
        },
        {
          "name": "released",
          "type": "bool"
        },
        {
          "name": "causes",
          "type": "u8",
          "flags": "cause"
        },
        {
          "name": "inputs",
          "type": "u8",
          "flags": "input"
        },
        {
          "name": "leaseId",
          "type": "u32"
        },
        {
          "name": "supplyMv",
          "type": "u16"
        },
        {
          "name": "badFrames",
          "type": "u16"
        },
        {
          "name": "doorState",
          "type": "u8",
          "enum": "doorState"
        },
        {
          "name": "faults",
          "type": "u8",
          "flags": "fault"
        },
        {
          "name": "leasesObeyed",
          "type": "u16"
        },
        {
          "name": "lastLeaseId",
          "type": "u32"
        },
        {
          "name": "fence",
          "type": "u32"
        }
      ]
    },
    "ack": {
      "id": 67,
      "from": "controller",
      "doc": "The answer to one host message. Its field sequence is that message's, 0 where it could not be read.",
      "fields": [
        {
          "name": "sequence",
          "type": "u16"
        },
        {
          "name": "result",
          "type": "u8",
          "enum": "result"
        }
      ]
    },
    "lock": {
      "id": 68,
      "from": "controller",
      "doc": "The lock output or its causes changed. leaseId is 0 unless lease is among the causes.",
      "fields": [
        {
          "name": "atMs",
          "type": "u32"
        },
        {
          "name": "released",
          "type": "bool"
        },
        {
          "name": "causes",
          "type": "u8",
          "flags": "cause"
        },
        {
          "name": "leaseId",
          "type": "u32"
        }
      ]
    },
    "input": {
      "id": 69,
      "from": "controller",
      "doc": "A debounced input changed.",
      "fields": [
        {
          "name": "atMs",
          "type": "u32"
        },
        {
          "name": "input",
          "type": "u8",
          "enum": "input"
        },
        {
          "name": "active",
          "type": "bool"
        }
      ]
    },
    "settings": {
      "id": 70,
      "from": "controller",
      "doc": "The settings that act now. stored: EEPROM holds the same, so that they outlive a loss of power.",
      "fields": [
        {
          "name": "exitButtonMs",
          "type": "u16"
        },
        {
          "name": "doorOpenS",
          "type": "u16"
        },
        {
          "name": "egressSensing",
          "type": "u8",
          "enum": "egressSensing"
        },
        {
          "name": "buzzer",
          "type": "bool"
        },
        {
          "name": "monitored",
          "type": "u8",
          "flags": "input"
        },
        {
          "name": "lockToleranceMs",
          "type": "u16"
        },
        {
          "name": "stored",
          "type": "bool"
        }
      ]
    },
    "door": {
      "id": 71,
      "from": "controller",
      "doc": "The state of the door or its faults changed.",
      "fields": [
        {
          "name": "atMs",
          "type": "u32"
        },
        {
          "name": "doorState",
          "type": "u8",
          "enum": "doorState"
        },
        {
          "name": "faults",
          "type": "u8",
          "flags": "fault"
        }
      ]
    }
  }
} as const;

export type Cause = 'lease' | 'exit-button' | 'fire' | 'hold-open';
export type Input = 'contact' | 'bolt' | 'exit-button' | 'fire' | 'tamper' | 'relay-readback';
export type ResetCause = 'unknown' | 'power-on' | 'external' | 'brown-out' | 'watchdog' | 'watchdog-test';
export type Signal = 'idle' | 'granted' | 'denied' | 'wait';
export type DoorState = 'secured' | 'unlocking' | 'unlocked' | 'opened' | 'held-open' | 'forced-open' | 'lock-fault';
export type Fault = 'relay' | 'bolt';
export type EgressSensing = 'none' | 'button' | 'handle-switch';
export type Result = 'accepted' | 'repeated' | 'stale-boot' | 'out-of-range' | 'bad-crc' | 'bad-length' | 'unknown-type' | 'busy' | 'superseded';

/** The fields of every message, by its name. */
export interface MessageFields {
  /** From the host. Heartbeat, every 500 ms. Answered with status. */
  'status-request': Readonly<Record<never, never>>;
  /** From the host. Releases the lock for a while, once per lease id and boot. Answered with ack, superseded if its fence is older than that of the last secure. */
  'lease': {
    readonly bootNonce: number;
    readonly fence: number;
    readonly leaseId: number;
    readonly durationMs: number;
  };
  /** From the host. Keeps the lock released; renewed every second, lapses after holdOpenLapseMs. Answered with ack, superseded as a lease is. */
  'hold-open': {
    readonly bootNonce: number;
    readonly fence: number;
  };
  /** From the host. Ends lease and hold-open at once, and raises the fence: those that bear an older one are refused from here on. Exit button and fire are untouched. Answered with ack. */
  'secure': {
    readonly bootNonce: number;
    readonly fence: number;
  };
  /** From the host. Shows a signal to the member. Answered with ack. */
  'signal': {
    readonly signal: Signal;
  };
  /** From the host. Asks for hello again, after opening the port of a running board. Answered with hello. */
  'hello-request': Readonly<Record<never, never>>;
  /** From the host. Asks for the settings. Answered with settings. */
  'settings-request': Readonly<Record<never, never>>;
  /** From the host. Replaces all settings, which act at once. Answered with ack, and with settings once EEPROM holds them. */
  'settings-write': {
    readonly bootNonce: number;
    readonly exitButtonMs: number;
    readonly doorOpenS: number;
    readonly egressSensing: EgressSensing;
    readonly buzzer: boolean;
    readonly monitored: readonly Input[];
    readonly lockToleranceMs: number;
  };
  /** From the host. Stops feeding the watchdog, which has to reset the board then. Busy while the lock is released. Answered with ack. */
  'watchdog-test': {
    readonly bootNonce: number;
  };
  /** From the controller. Who is speaking. Sent once per boot, after every Firmata version report, and on request. */
  'hello': {
    readonly bootNonce: number;
    readonly resetCause: ResetCause;
    readonly protocolVersion: number;
    readonly firmwareMajor: number;
    readonly firmwareMinor: number;
    readonly buildId: number;
  };
  /** From the controller. The whole state, in answer to status-request. leaseId is 0 unless lease is among the causes; lastLeaseId means nothing while leasesObeyed, which stops at 65,535, is 0. fence: of the newest secure of this boot, 0 before the first. */
  'status': {
    readonly bootNonce: number;
    readonly uptimeMs: number;
    readonly released: boolean;
    readonly causes: readonly Cause[];
    readonly inputs: readonly Input[];
    readonly leaseId: number;
    readonly supplyMv: number;
    readonly badFrames: number;
    readonly doorState: DoorState;
    readonly faults: readonly Fault[];
    readonly leasesObeyed: number;
    readonly lastLeaseId: number;
    readonly fence: number;
  };
  /** From the controller. The answer to one host message. Its field sequence is that message's, 0 where it could not be read. */
  'ack': {
    readonly sequence: number;
    readonly result: Result;
  };
  /** From the controller. The lock output or its causes changed. leaseId is 0 unless lease is among the causes. */
  'lock': {
    readonly atMs: number;
    readonly released: boolean;
    readonly causes: readonly Cause[];
    readonly leaseId: number;
  };
  /** From the controller. A debounced input changed. */
  'input': {
    readonly atMs: number;
    readonly input: Input;
    readonly active: boolean;
  };
  /** From the controller. The settings that act now. stored: EEPROM holds the same, so that they outlive a loss of power. */
  'settings': {
    readonly exitButtonMs: number;
    readonly doorOpenS: number;
    readonly egressSensing: EgressSensing;
    readonly buzzer: boolean;
    readonly monitored: readonly Input[];
    readonly lockToleranceMs: number;
    readonly stored: boolean;
  };
  /** From the controller. The state of the door or its faults changed. */
  'door': {
    readonly atMs: number;
    readonly doorState: DoorState;
    readonly faults: readonly Fault[];
  };
}

export type MessageName = keyof MessageFields;
export type HostMessageName = 'status-request' | 'lease' | 'hold-open' | 'secure' | 'signal' | 'hello-request' | 'settings-request' | 'settings-write' | 'watchdog-test';
export type ControllerMessageName = 'hello' | 'status' | 'ack' | 'lock' | 'input' | 'settings' | 'door';
