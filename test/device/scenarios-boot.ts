import { describe, expect, it } from 'vitest';
import { firmwareBuildId } from '../../device/build.generated.ts';
import { encodeMessage } from '../../device/protocol.ts';
import { protocol } from '../../device/protocol.generated.ts';
import { MS } from './firmware-rig.ts';
import type { Bench, Rig } from './firmware-rig.ts';

const { readyMsMax, watchdogMs } = protocol.limits;

/** What is promised here, of the firmware on whatever board the bench has. */
export function bootScenarios(bench: Bench): void {
  describe('booting', () => {
    it('keeps the relay at its safe level from the first instruction on, whatever is in RAM', () => {
      for (const fill of [0x00, 0xff, 0xa5]) {
        const rig = bench.rig({ sram: new Uint8Array(2048).fill(fill) });
        rig.board.runFor(200);
        expect(rig.relay).toEqual([]);
        expect(rig.board.pin('lockRelay')).toBe(false);
      }
    });

    it('is done within 100 ms, with a hello that names cause, protocol and build', () => {
      const rig = bench.rig();
      const hello = rig.greeting();
      expect(rig.board.ms).toBeLessThan(readyMsMax);
      expect(hello).toMatchObject({
        resetCause: 'power-on',
        protocolVersion: protocol.version,
        buildId: firmwareBuildId,
      });
      expect(rig.messages[0]?.sequence).toBe(0);
    });

    it('lets the exit button work within 100 ms of the first instruction', () => {
      const rig = bench.rig();
      rig.board.setInput('exit-button', true);
      rig.board.runFor(100);
      expect(rig.board.pin('lockRelay')).toBe(true);
    });

    it.each([
      ['power-on', 'power-on'],
      ['external', 'external'],
      ['brown-out', 'brown-out'],
      ['watchdog', 'watchdog'],
      ['bootloader', 'external'],
    ] as const)('after a %s reset reports %s and a nonce of its own', (reason, cause) => {
      const rig = bench.booted();
      const before = rig.bootNonce;
      rig.board.reset(reason);
      expect(rig.greeting().resetCause).toBe(cause);
      expect(rig.bootNonce).not.toBe(before);
    });

    it('draws a new nonce every time, over two hundred resets of every kind', () => {
      const rig = bench.booted();
      const nonces = new Set([rig.bootNonce]);
      const reasons = ['external', 'power-on', 'watchdog', 'brown-out', 'bootloader'] as const;
      for (let i = 0; i < 200; i += 1) {
        // Some of them while the counter in EEPROM is being written.
        rig.board.reset(reasons[i % reasons.length] ?? 'power-on');
        if (i % 7 === 3) rig.board.runFor(i % 20);
        else nonces.add(rig.greeting().bootNonce);
      }
      expect(nonces.size).toBe(rig.all('hello').length);
      expect(nonces.size).toBeGreaterThan(150);
    });

    it('drops a running lease, and refuses it afterwards as stale', () => {
      const rig = bench.booted();
      rig.lease(1, 10_000);
      const lease = encodeMessage('lease', 500, {
        bootNonce: rig.bootNonce,
        fence: 0,
        leaseId: 2,
        durationMs: 10_000,
      });
      rig.board.reset('external');
      expect(rig.board.pin('lockRelay')).toBe(false);
      rig.greeting();
      rig.board.serialWrite(lease);
      expect(rig.next('ack')).toEqual({ sequence: 500, result: 'stale-boot' });
      rig.board.runFor(1000);
      expect(rig.relay).toHaveLength(2);
    });
  });

  describe('the watchdog', () => {
    it.each(['loop', 'everything'] as const)(
      'ends a hang of %s, drops the relay, and the next hello says so',
      (what) => {
        const rig = bench.booted();
        const before = rig.bootNonce;
        rig.lease(1, 10_000);
        const hungAt = rig.board.cycles;
        rig.board.hang(what);
        const hello = rig.next('hello', 1000);
        expect(hello.resetCause).toBe('watchdog');
        expect(hello.bootNonce).not.toBe(before);
        expect(rig.board.pin('lockRelay')).toBe(false);
        // One period of the watchdog's own oscillator: 32,768 of its 128 kHz.
        expect((rig.relay[1]?.cycles ?? Infinity) - hungAt).toBeLessThanOrEqual((watchdogMs + 10) * MS);
      },
    );

    it('ends a hang in a hang, and the next boot runs', () => {
      const rig = bench.booted();
      rig.board.hang('loop');
      rig.board.runFor(50);
      rig.board.hang('everything');
      rig.board.runFor(50);
      rig.board.hang('everything');
      rig.next('hello', 400);
      rig.board.runFor(1000);
      expect(rig.board.resets).toBe(1);
    });

    it('is told from an external reset although Optiboot has cleared the flags', () => {
      const rig = bench.booted();
      rig.board.hang('loop');
      rig.board.runFor(230);
      rig.board.reset('bootloader');
      expect(rig.greeting().resetCause).toBe('watchdog');
    });

    it('shows when it is asked to that it resets the board, and the next hello says that this was a test', () => {
      const rig = bench.booted();
      const before = rig.bootNonce;
      expect(rig.ask('watchdog-test', { bootNonce: (before ^ 1) >>> 0 })).toBe('stale-boot');
      expect(rig.ask('watchdog-test', { bootNonce: before })).toBe('accepted');
      const askedMs = rig.board.ms;
      const hello = rig.next('hello', 1000);
      expect(rig.board.ms - askedMs).toBeLessThan(watchdogMs + readyMsMax);
      expect(hello.resetCause).toBe('watchdog-test');
      expect(hello.bootNonce).not.toBe(before);
      expect(rig.relay).toEqual([]);
      // The next one is none.
      rig.board.hang('loop');
      expect(rig.next('hello', 1000).resetCause).toBe('watchdog');
    });

    it('is not tested while the lock is released, and a test ends where somebody wants out', () => {
      const rig = bench.booted();
      rig.lease(1, 1000);
      expect(rig.ask('watchdog-test', { bootNonce: rig.bootNonce })).toBe('busy');
      rig.board.runFor(1500);
      expect(rig.board.resets).toBe(0);
      expect(rig.ask('watchdog-test', { bootNonce: rig.bootNonce })).toBe('accepted');
      rig.board.runFor(100);
      rig.board.setInput('exit-button', true);
      rig.board.runFor(3000);
      expect(rig.board.pin('lockRelay')).toBe(true);
      rig.board.setInput('exit-button', false);
      rig.board.runFor(6000);
      expect(rig.board.resets).toBe(0);
    });

    it('leaves a working board alone for ten seconds', () => {
      const rig = bench.booted();
      rig.board.runFor(10_000);
      expect(rig.board.resets).toBe(0);
    });
  });

  describe('Firmata', () => {
    it('is announced at boot: version 2.5, then the name', () => {
      const rig = bench.booted();
      const name = [...Buffer.from('Genkan')].flatMap((byte) => [byte, 0]);
      expect(rig.bytes.slice(0, 20)).toEqual([0xf9, 2, 5, 0xf0, 0x79, 0, 4, ...name, 0xf7]);
    });

    /** What the board sends within 50 ms of these bytes. */
    function answer(rig: Rig, ...bytes: number[]): number[] {
      const from = rig.bytes.length;
      rig.board.serialWrite(Uint8Array.from(bytes));
      rig.board.runFor(50);
      return rig.bytes.slice(from);
    }

    it('answers a version request with the version and then hello', () => {
      const rig = bench.booted();
      const bytes = answer(rig, 0xf9);
      expect(bytes.slice(0, 5)).toEqual([0xf9, 2, 5, 0xf0, protocol.sysexCommand]);
      expect(rig.all('hello')).toHaveLength(2);
    });

    it('offers one pin of twenty, the status LED', () => {
      const rig = bench.booted();
      const none = (pins: number): number[] => new Array<number>(pins).fill(0x7f);
      expect(answer(rig, 0xf0, 0x6b, 0xf7)).toEqual([
        ...[0xf0, 0x6c, ...none(13)],
        ...[0, 1, 1, 1, 0x7f],
        ...[...none(6), 0xf7],
      ]);
      expect(answer(rig, 0xf0, 0x69, 0xf7)).toEqual([0xf0, 0x6a, ...none(20), 0xf7]);
    });

    it('moves no pin but the status LED, by any command to any pin or port', () => {
      const rig = bench.booted();
      const moved = new Set<string>();
      for (const name of ['lockRelay', 'greenLed', 'redLed', 'buzzer', 'statusLed'] as const) {
        rig.board.onPin(name, () => moved.add(name));
      }
      for (let pin = 0; pin < 20; pin += 1) {
        for (const mode of [0, 1, 3, 4, 11])
          answer(rig, 0xf4, pin, mode, 0xf5, pin, 1, 0xe0 | (pin & 15), 127, 1);
        answer(rig, 0xf4, pin, 1, 0xf5, pin, 1);
      }
      for (let port = 0; port < 16; port += 1) answer(rig, 0x90 | port, 0x7f, 0x01, 0xd0 | port, 1);
      answer(rig, 0xff);
      expect([...moved]).toEqual(['statusLed']);
    });
  });
}
