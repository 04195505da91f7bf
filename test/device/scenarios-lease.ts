import { describe, expect, it } from 'vitest';
import { encodeMessage } from '../../device/protocol.ts';
import { protocol } from '../../device/protocol.generated.ts';
import { MS } from './firmware-rig.ts';
import type { Bench } from './firmware-rig.ts';

const { leaseMsMax, leaseMsMin, leaseOverrunMsMax, leaseIdsRemembered } = protocol.limits;

/** What is promised here, of the firmware on whatever board the bench has. */
export function leaseScenarios(bench: Bench): void {
  describe('a lease', () => {
    it.each([leaseMsMin, 3000, leaseMsMax])(
      'of %i ms releases the lock for so long and at most 50 ms more',
      (ms) => {
        const rig = bench.booted();
        expect(rig.lease(1, ms)).toBe('accepted');
        expect(rig.board.pin('lockRelay')).toBe(true);
        rig.board.runFor(ms + leaseOverrunMsMax);
        // The first tick may come at once after the grant.
        expect(rig.pulseMs()).toBeGreaterThan(ms - 1);
        expect(rig.pulseMs()).toBeLessThanOrEqual(ms + leaseOverrunMsMax);
        expect(rig.relay).toHaveLength(2);
      },
    );

    it('moves the relay within 10 ms of its last byte on the line', () => {
      const rig = bench.booted();
      const frame = encodeMessage('lease', 1, {
        bootNonce: rig.bootNonce,
        fence: 0,
        leaseId: 1,
        durationMs: 1000,
      });
      rig.board.serialWrite(frame);
      const sent = rig.board.cycles + (frame.length * 16e6) / 5760;
      rig.board.runFor(50);
      expect((rig.relay[0]?.cycles ?? Infinity) - sent).toBeLessThan(10 * MS);
    });

    it('sent again while it runs, and after it has ended, is repeated and does not release again', () => {
      const rig = bench.booted();
      rig.lease(7, 1000);
      rig.board.runFor(500);
      expect(rig.lease(7, 1000)).toBe('repeated');
      rig.board.runFor(1000);
      expect(rig.lease(7, 1000)).toBe('repeated');
      rig.board.runFor(2000);
      expect(rig.relay).toHaveLength(2);
      expect(rig.pulseMs()).toBeLessThan(1000 + leaseOverrunMsMax);
    });

    it(`is remembered until ${leaseIdsRemembered} others have been accepted`, () => {
      const rig = bench.booted();
      for (let id = 1; id <= leaseIdsRemembered; id += 1) expect(rig.lease(id, leaseMsMin)).toBe('accepted');
      expect(rig.lease(1, leaseMsMin)).toBe('repeated');
      expect(rig.lease(leaseIdsRemembered + 1, leaseMsMin)).toBe('accepted');
      expect(rig.lease(1, leaseMsMin)).toBe('accepted');
    });

    it('that overlaps another keeps the lock released until the later end, under the id of that one', () => {
      const rig = bench.booted();
      rig.lease(1, 3000);
      rig.lease(2, 500);
      rig.board.runFor(1000);
      expect(rig.status()).toMatchObject({ leaseId: 1, released: true });
      rig.lease(3, 5000);
      expect(rig.status().leaseId).toBe(3);
      rig.board.runFor(6000);
      expect(rig.relay).toHaveLength(2);
      expect(rig.status()).toMatchObject({ leaseId: 0, causes: [], released: false });
    });

    it.each([
      ['stale-boot', 'with the nonce of another boot', { nonceOff: 1, durationMs: 1000 }],
      ['out-of-range', 'one millisecond too long', { nonceOff: 0, durationMs: leaseMsMax + 1 }],
      ['out-of-range', 'one millisecond too short', { nonceOff: 0, durationMs: leaseMsMin - 1 }],
      ['out-of-range', 'as long as the field can hold', { nonceOff: 0, durationMs: 65_535 }],
    ] as const)('is refused as %s %s, and its id is not used up', (result, _, { nonceOff, durationMs }) => {
      const rig = bench.booted();
      const bootNonce = (rig.bootNonce ^ nonceOff) >>> 0;
      expect(rig.ask('lease', { bootNonce, fence: 0, leaseId: 5, durationMs })).toBe(result);
      rig.board.runFor(200);
      expect(rig.relay).toEqual([]);
      expect(rig.lease(5, 1000)).toBe('accepted');
    });

    it('ends on time when the host falls silent in the middle of it', () => {
      const rig = bench.booted();
      rig.lease(1, leaseMsMax);
      rig.board.runFor(leaseMsMax + leaseOverrunMsMax);
      expect(rig.board.pin('lockRelay')).toBe(false);
    });

    it('ends on time with the main loop hung, within its own time or that of the watchdog', () => {
      const rig = bench.booted();
      rig.lease(1, leaseMsMin);
      rig.board.hang('loop');
      rig.board.runFor(leaseMsMin + leaseOverrunMsMax);
      expect(rig.pulseMs()).toBeLessThanOrEqual(leaseMsMin + leaseOverrunMsMax);
    });

    it('is reported as one release and one end, with the clock of the board', () => {
      const rig = bench.booted();
      rig.lease(9, 1000);
      rig.board.runFor(1200);
      const [on, off] = rig.all('lock');
      expect(on).toMatchObject({ released: true, causes: ['lease'], leaseId: 9 });
      expect(off).toMatchObject({ released: false, causes: [], leaseId: 0 });
      expect((off?.atMs ?? 0) - (on?.atMs ?? 0)).toBe(1000);
    });

    it('is ended by secure at once', () => {
      const rig = bench.booted();
      rig.lease(1, 5000);
      expect(rig.secure()).toBe('accepted');
      expect(rig.board.pin('lockRelay')).toBe(false);
    });
  });

  describe('an order from before a secure that arrives after it', () => {
    it('is superseded, releases nothing and does not use up its id', () => {
      const rig = bench.booted();
      const lease = { bootNonce: rig.bootNonce, fence: rig.fence, leaseId: 7, durationMs: leaseMsMax };
      const hold = { bootNonce: rig.bootNonce, fence: rig.fence };
      expect(rig.secure()).toBe('accepted');
      expect(rig.ask('lease', lease)).toBe('superseded');
      expect(rig.ask('hold-open', hold)).toBe('superseded');
      rig.board.runFor(100);
      expect(rig.relay).toEqual([]);
      expect(rig.status()).toMatchObject({ leasesObeyed: 0, badFrames: 0, fence: 1 });
      expect(rig.lease(7, 500)).toBe('accepted');
      expect(rig.holdOpen()).toBe('accepted');
    });

    it('is repeated if it had been obeyed, and releases nothing', () => {
      const rig = bench.booted();
      const lease = { bootNonce: rig.bootNonce, fence: rig.fence, leaseId: 7, durationMs: 5000 };
      expect(rig.ask('lease', lease)).toBe('accepted');
      rig.secure();
      expect(rig.ask('lease', lease)).toBe('repeated');
      expect(rig.board.pin('lockRelay')).toBe(false);
    });

    it('is a secure itself, and superseded: it secures, and lets nothing in that the newer one keeps out', () => {
      const rig = bench.booted();
      const late = { bootNonce: rig.bootNonce, fence: 1 };
      rig.fence = 4;
      rig.secure();
      rig.lease(1, 5000);
      expect(rig.ask('secure', late)).toBe('superseded');
      expect(rig.board.pin('lockRelay')).toBe(false);
      expect(rig.status().fence).toBe(5);
      expect(rig.ask('hold-open', { ...late, fence: 4 })).toBe('superseded');
    });

    it('with the nonce of another boot is stale, and as a secure raises no fence', () => {
      const rig = bench.booted();
      const bootNonce = (rig.bootNonce ^ 1) >>> 0;
      expect(rig.ask('secure', { bootNonce, fence: 9 })).toBe('stale-boot');
      expect(rig.status().fence).toBe(0);
    });

    it('is known as such where the number wraps, and forgotten with the boot', () => {
      const rig = bench.booted();
      for (const fence of [0x7fffffff, 0xfffffffe, 0xffffffff]) {
        rig.fence = fence - 1;
        rig.secure();
        expect(rig.status().fence).toBe(fence);
      }
      rig.fence = 0;
      expect(rig.ask('secure', { bootNonce: rig.bootNonce, fence: 0 })).toBe('accepted');
      expect(rig.ask('hold-open', { bootNonce: rig.bootNonce, fence: 0xffffffff })).toBe('superseded');
      expect(rig.holdOpen()).toBe('accepted');
      rig.secure();
      rig.board.reset('external');
      rig.greeting();
      expect(rig.status().fence).toBe(0);
      rig.fence = 0;
      expect(rig.lease(1, 500)).toBe('accepted');
    });
  });

  describe('a bad frame', () => {
    const turned = (frame: Uint8Array, at: number): Uint8Array =>
      frame.map((byte, i) => (i === at ? byte ^ 1 : byte));

    it('with one bit of its CRC turned is counted, answered and not obeyed', () => {
      const rig = bench.booted();
      const frame = encodeMessage('lease', 77, {
        bootNonce: rig.bootNonce,
        fence: 0,
        leaseId: 1,
        durationMs: 1000,
      });
      rig.board.serialWrite(turned(frame, frame.length - 4));
      expect(rig.next('ack')).toEqual({ sequence: 77, result: 'bad-crc' });
      expect(rig.status().badFrames).toBe(1);
      expect(rig.relay).toEqual([]);
    });

    it('with any one bit turned is never obeyed', () => {
      const rig = bench.booted();
      const frame = encodeMessage('lease', 1, {
        bootNonce: rig.bootNonce,
        fence: 0,
        leaseId: 1,
        durationMs: 1000,
      });
      for (let bit = 0; bit < (frame.length - 3) * 7; bit += 1) {
        const at = 2 + Math.floor(bit / 7);
        rig.board.serialWrite(frame.map((byte, i) => (i === at ? byte ^ (1 << (bit % 7)) : byte)));
        rig.board.runFor(12);
      }
      expect(rig.status().badFrames).toBe((frame.length - 3) * 7);
      expect(rig.relay).toEqual([]);
    });

    it('that is cut off by another command, too long, or of an unknown type is answered with its reason', () => {
      const rig = bench.booted();
      const unknown = encodeMessage('ack', 3, { sequence: 1, result: 'accepted' });
      const answers = [
        Uint8Array.of(0xf0, protocol.sysexCommand, 1, 2, 0xf9),
        Uint8Array.of(0xf0, protocol.sysexCommand, ...new Uint8Array(100), 0xf7),
        Uint8Array.of(0xf0, protocol.sysexCommand, 0xf7),
        unknown,
      ].map((bytes) => {
        rig.board.serialWrite(bytes);
        return rig.next('ack').result;
      });
      expect(answers).toEqual(['bad-length', 'bad-length', 'bad-length', 'unknown-type']);
      expect(rig.status().badFrames).toBe(4);
    });

    it('in a flood of a thousand leaves the next good one obeyed', () => {
      const rig = bench.booted();
      let random = 1;
      rig.flood(2000, () => ((random = (random * 1_103_515_245 + 12_345) & 0x7fffffff) >>> 16) & 0xff);
      rig.board.serialWrite(Uint8Array.of(0xf7));
      rig.board.runFor(2300);
      expect(rig.relay).toEqual([]);
      expect(rig.board.resets).toBe(0);
      expect(rig.lease(1, 500)).toBe('accepted');
    });
  });
}
