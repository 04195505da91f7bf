import { describe, expect, it } from 'vitest';
import { protocol } from '../../device/protocol.generated.ts';
import { MS } from './firmware-rig.ts';
import type { Bench, Rig } from './firmware-rig.ts';

const { leaseOverrunMsMax, exitButtonMs, holdOpenLapseMs, watchdogMs } = protocol.limits;

/** What is promised here, of the firmware on whatever board the bench has. */
export function doorScenarios(bench: Bench): void {
  describe('leaving', () => {
    const press = (rig: Rig): number => {
      rig.board.setInput('exit-button', true);
      return rig.board.cycles;
    };

    it('by the exit button releases within 100 ms of the press, for 5 s', () => {
      const rig = bench.booted();
      const pressed = press(rig);
      rig.board.runFor(80);
      rig.board.setInput('exit-button', false);
      rig.board.runFor(exitButtonMs + 500);
      expect((rig.relay[0]?.cycles ?? Infinity) - pressed).toBeLessThanOrEqual(100 * MS);
      expect(rig.pulseMs()).toBeGreaterThan(exitButtonMs - 5);
      expect(rig.pulseMs()).toBeLessThan(exitButtonMs + leaseOverrunMsMax);
    });

    it('by a press of 50 ms is not missed', () => {
      const rig = bench.booted();
      press(rig);
      rig.board.runFor(50);
      rig.board.setInput('exit-button', false);
      rig.board.runFor(10);
      expect(rig.board.pin('lockRelay')).toBe(true);
    });

    it('works for as long as the button is held', () => {
      const rig = bench.booted();
      press(rig);
      rig.board.runFor(10_000);
      expect(rig.board.pin('lockRelay')).toBe(true);
      rig.board.setInput('exit-button', false);
      rig.board.runFor(100);
      expect(rig.board.pin('lockRelay')).toBe(false);
    });

    it.each([
      ['zeros', () => 0],
      ['beginnings of frames', () => 0xf0],
      ['requests for the whole capability table', (i: number) => [0xf0, 0x6b, 0xf7][i % 3] ?? 0],
      ['half frames of ours', (i: number) => (i % 2 === 0 ? 0xf0 : protocol.sysexCommand)],
    ] as const)(
      'by the exit button releases within 100 ms while the line is flooded with %s',
      (_, byteAt) => {
        const rig = bench.booted();
        rig.flood(1500, byteAt);
        rig.board.runFor(1000);
        const pressed = press(rig);
        rig.board.runFor(200);
        expect((rig.relay[0]?.cycles ?? Infinity) - pressed).toBeLessThanOrEqual(100 * MS);
        expect(rig.board.resets).toBe(0);
      },
    );

    it('by the exit button works while the main loop hangs, until the watchdog bites, and after', () => {
      const rig = bench.booted();
      rig.board.hang('loop');
      const pressed = press(rig);
      rig.board.runFor(100);
      expect((rig.relay[0]?.cycles ?? Infinity) - pressed).toBeLessThanOrEqual(100 * MS);
      rig.board.runFor(watchdogMs + 100);
      expect(rig.board.resets).toBe(1);
      expect(rig.board.pin('lockRelay')).toBe(true);
    });

    it('is not ended by secure', () => {
      const rig = bench.booted();
      press(rig);
      rig.board.runFor(100);
      // Let go: what is left are the five seconds.
      rig.board.setInput('exit-button', false);
      rig.board.runFor(100);
      rig.secure();
      expect(rig.board.pin('lockRelay')).toBe(true);
    });

    it('in a fire is possible from 100 ms after the alarm until it is cleared, whatever the host says', () => {
      const rig = bench.booted();
      rig.board.setInput('fire', true);
      rig.board.runFor(100);
      expect(rig.board.pin('lockRelay')).toBe(true);
      rig.secure();
      rig.board.runFor(20_000);
      expect(rig.board.pin('lockRelay')).toBe(true);
      expect(rig.status().causes).toEqual(['fire']);
      rig.board.setInput('fire', false);
      rig.board.runFor(100);
      expect(rig.board.pin('lockRelay')).toBe(false);
      expect(rig.relay).toHaveLength(2);
    });
  });

  describe('hold-open', () => {
    it('lapses 3 s after its last renewal', () => {
      const rig = bench.booted();
      for (let second = 0; second < 5; second += 1) {
        expect(rig.holdOpen()).toBe('accepted');
        rig.board.runFor(1000);
      }
      expect(rig.relay).toHaveLength(1);
      rig.board.runFor(holdOpenLapseMs - 1000 - 50);
      expect(rig.board.pin('lockRelay')).toBe(true);
      rig.board.runFor(100);
      expect(rig.board.pin('lockRelay')).toBe(false);
    });

    it('with the nonce of another boot is refused', () => {
      const rig = bench.booted();
      expect(rig.ask('hold-open', { bootNonce: (rig.bootNonce ^ 1) >>> 0, fence: 0 })).toBe('stale-boot');
      expect(rig.relay).toEqual([]);
    });
  });

  describe('inputs', () => {
    it.each(['contact', 'bolt', 'tamper', 'relay-readback', 'exit-button', 'fire'] as const)(
      'report a change of 50 ms at %s, once each way',
      (input) => {
        const rig = bench.booted();
        rig.board.setInput(input, true);
        rig.board.runFor(50);
        rig.board.setInput(input, false);
        rig.board.runFor(100);
        const reports = rig.all('input');
        expect(reports.map((report) => [report.input, report.active])).toEqual([
          [input, true],
          [input, false],
        ]);
        expect((reports[1]?.atMs ?? 0) - (reports[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(49);
      },
    );

    it('do not report a glitch of 15 ms', () => {
      const rig = bench.booted();
      rig.board.setInput('contact', true);
      rig.board.runFor(15);
      rig.board.setInput('contact', false);
      rig.board.runFor(100);
      expect(rig.all('input')).toEqual([]);
    });

    it('that are active at boot are reported by the status that follows hello', () => {
      const rig = bench.booted();
      rig.board.setInput('contact', true);
      rig.board.setInput('tamper', true);
      // The quickest boot there is: no EEPROM to write.
      rig.board.reset('external');
      rig.greeting();
      expect(rig.status().inputs).toEqual(['contact', 'tamper']);
    });

    it.each([0, 9000, 12_000, 24_000])(
      'measure a supply of %i mV to one percent and a step',
      (millivolts) => {
        const rig = bench.booted();
        rig.board.setSupplyMv(millivolts);
        rig.board.runFor(200);
        expect(Math.abs(rig.status().supplyMv - millivolts)).toBeLessThanOrEqual(millivolts * 0.01 + 54);
      },
    );
  });

  describe('signals', () => {
    const lamps = (rig: Rig): string =>
      (['greenLed', 'redLed', 'amberLed', 'buzzer'] as const).filter((name) => rig.board.pin(name)).join(' ');

    it('show granted in green with one tone, denied in red with three, and wait in amber', () => {
      const rig = bench.booted();
      const tones: number[] = [];
      rig.board.onPin('buzzer', (level) => level && tones.push(rig.board.cycles));
      const shown = (['granted', 'denied', 'wait'] as const).map((signal) => {
        tones.length = 0;
        expect(rig.ask('signal', { signal })).toBe('accepted');
        rig.board.runFor(1000);
        return `${lamps(rig)} ${tones.length}`;
      });
      expect(shown).toEqual(['greenLed 1', 'redLed 3', 'amberLed 0']);
      rig.ask('signal', { signal: 'idle' });
      rig.board.runFor(10);
      expect(lamps(rig)).toBe('');
    });

    it('blink amber from 3 s after the last valid frame, until the next', () => {
      const rig = bench.booted();
      let blinks = 0;
      rig.board.onPin('amberLed', () => (blinks += 1));
      rig.status();
      rig.board.runFor(2900);
      expect(blinks).toBe(0);
      rig.board.serialWrite(Uint8Array.of(0xf0, protocol.sysexCommand, 1, 0xf7));
      rig.board.runFor(4000);
      expect(blinks).toBeGreaterThanOrEqual(6);
      rig.status();
      rig.board.runFor(10);
      expect(lamps(rig)).toBe('');
    });
  });
}
