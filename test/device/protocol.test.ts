import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc16, decodeMessage, encodeMessage, pack7, unpack7 } from '../../device/protocol.ts';
import { protocol } from '../../device/protocol.generated.ts';
import type { MessageFields, MessageName } from '../../device/protocol.generated.ts';

/** What stands between `F0 <command>` and `F7` of a frame. */
const payloadOf = (frame: Uint8Array): Uint8Array => frame.subarray(2, -1);

/** A frame around bytes that no encoder of ours would write. */
function payloadFrom(body: readonly number[]): Uint8Array {
  const crc = crc16(Uint8Array.from(body));
  return pack7(Uint8Array.from([...body, crc & 0xff, crc >> 8]));
}

const samples: { [Name in MessageName]: MessageFields[Name] } = {
  'status-request': {},
  lease: { bootNonce: 0xdeadbeef, fence: 0xfffffffe, leaseId: 0xffffffff, durationMs: 10_000 },
  'hold-open': { bootNonce: 1, fence: 0x80000000 },
  secure: { bootNonce: 0, fence: 1 },
  signal: { signal: 'denied' },
  'hello-request': {},
  'settings-request': {},
  'watchdog-test': { bootNonce: 0xffffffff },
  'settings-write': {
    bootNonce: 9,
    exitButtonMs: 30_000,
    doorOpenS: 60,
    egressSensing: 'handle-switch',
    buzzer: false,
    monitored: ['contact'],
    lockToleranceMs: 10_000,
  },
  settings: {
    exitButtonMs: 1000,
    doorOpenS: 3600,
    egressSensing: 'none',
    buzzer: true,
    monitored: ['contact', 'bolt', 'relay-readback'],
    lockToleranceMs: 100,
    stored: true,
  },
  door: { atMs: 1, doorState: 'forced-open', faults: [] },
  hello: {
    bootNonce: 7,
    resetCause: 'brown-out',
    protocolVersion: 3,
    firmwareMajor: 0,
    firmwareMinor: 3,
    buildId: 0x80000001,
  },
  status: {
    bootNonce: 7,
    uptimeMs: 0xfffffffe,
    released: true,
    causes: ['lease', 'fire'],
    inputs: ['contact', 'relay-readback'],
    leaseId: 3,
    supplyMv: 12_070,
    badFrames: 65_535,
    doorState: 'held-open',
    faults: ['relay'],
    leasesObeyed: 2,
    lastLeaseId: 0xffffffff,
    fence: 0xffffffff,
  },
  ack: { sequence: 65_535, result: 'stale-boot' },
  lock: { atMs: 12, released: false, causes: [], leaseId: 0 },
  input: { atMs: 99, input: 'exit-button', active: true },
};

describe('the frame', () => {
  it('carries the CRC-16/CCITT-FALSE check value of its specification', () => {
    expect(crc16(Buffer.from('123456789'))).toBe(0x29b1);
  });

  it('of a status request numbered 0x0102 is nine bytes, none but the first and last above 7F', () => {
    const frame = encodeMessage('status-request', 0x0102, {});
    const crc = crc16(Uint8Array.of(1, 2, 1));
    expect([...frame.subarray(0, 2)]).toEqual([0xf0, 0x0d]);
    expect([...payloadOf(frame)]).toEqual([...pack7(Uint8Array.of(1, 2, 1, crc & 0xff, crc >> 8))]);
    expect(frame.at(-1)).toBe(0xf7);
    expect(frame).toHaveLength(9);
  });

  it('packs FF 01 as 7F 03 00: lowest bits first, the last group filled with zeros', () => {
    expect([...pack7(Uint8Array.of(0xff, 0x01))]).toEqual([0x7f, 0x03, 0x00]);
  });

  it.each(Object.keys(samples) as MessageName[])('brings a %s back as it was sent', (type) => {
    const frame = encodeMessage(type, 65_536 + 5, samples[type]);
    expect(decodeMessage(payloadOf(frame))).toEqual({ type, sequence: 5, fields: samples[type] });
    expect(payloadOf(frame).every((byte) => byte < 0x80)).toBe(true);
    expect(payloadOf(frame).length).toBeLessThanOrEqual(protocol.limits.frameBytesMax);
  });

  it('unpacks whatever was packed, for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(unpack7(pack7(bytes))).toEqual(Uint8Array.from(bytes));
      }),
    );
  });

  it('is never understood with any single bit turned', () => {
    const payload = payloadOf(encodeMessage('lease', 9, samples.lease));
    for (let bit = 0; bit < payload.length * 7; bit += 1) {
      const turned = payload.slice();
      const at = Math.floor(bit / 7);
      turned[at] = (turned[at] ?? 0) ^ (1 << (bit % 7));
      expect(decodeMessage(turned)).toHaveProperty('error');
    }
  });

  it('of noise is a failure or a message, never an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const decoded = decodeMessage(bytes);
        expect('error' in decoded || decoded.type in samples).toBe(true);
      }),
    );
  });

  it.each([
    ['bad-length', 'nothing at all', new Uint8Array()],
    ['bad-length', 'a lease without its last field', payloadFrom([2, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0])],
    ['bad-length', 'nine packed bytes, which no message packs to', new Uint8Array(9)],
    ['bad-length', 'more than the frame limit', new Uint8Array(protocol.limits.frameBytesMax + 1)],
    ['bad-crc', 'a CRC of zero', pack7(Uint8Array.of(1, 0, 0, 0, 0))],
    ['unknown-type', 'type 200', payloadFrom([200, 0, 0])],
    ['bad-value', 'signal 9', payloadFrom([5, 0, 0, 9])],
    ['bad-value', 'an unknown cause flag', payloadFrom([68, 0, 0, 1, 0, 0, 0, 1, 0x80, 0, 0, 0, 0])],
  ] as const)('is %s for %s', (error, _, payload) => {
    expect(decodeMessage(payload)).toEqual({ error });
  });

  it('refuses to be built from a duration that does not fit its field', () => {
    const fields = { bootNonce: 1, fence: 0, leaseId: 1, durationMs: 65_536 };
    expect(() => encodeMessage('lease', 0, fields)).toThrow(RangeError);
  });
});

describe('the generated files', () => {
  it('are those that protocol.json and pins.json generate', () => {
    const run = (): string =>
      execFileSync(process.execPath, ['--import', 'tsx', 'device/firmware/generate.ts', '--check'], {
        encoding: 'utf8',
      });
    expect(run).not.toThrow();
  });

  it('give every message an id of its own', () => {
    const ids = Object.values(protocol.messages).map((message) => message.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
