import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { EmulatedBoard } from '../../device/emulator/board.ts';
import { needs } from '../needs.ts';
import { trials } from '../trials.ts';
import { Rig } from './firmware-rig.ts';

const make = (...targets: string[]): string =>
  execFileSync('make', ['--directory', 'device/firmware', ...targets], { encoding: 'utf8' });

const FUZZ_INPUTS = trials(12_000_000);
const FOR_AVR = needs('avr-g++', 'avr-libc', 'make');
const FOR_HOST = needs('g++', 'make');

describe('the firmware', () => {
  it('that is committed is what its sources build, byte for byte', { ...FOR_AVR, timeout: 120_000 }, () => {
    expect(() => make('clean', 'check')).not.toThrow();
  });

  it('never needs more stack than it is said to', { ...FOR_AVR, timeout: 120_000 }, () => {
    const [, most = '0'] = /Stack: +(\d+) bytes at most/.exec(make()) ?? [];
    const paint = 0xc5;
    const board = new EmulatedBoard({ sram: new Uint8Array(2048).fill(paint) });
    const rig = Rig.booted({}, board);
    rig.lease(1, 500);
    rig.ask('settings-write', {
      ...{ bootNonce: rig.bootNonce, exitButtonMs: 1000, doorOpenS: 5, egressSensing: 'none' },
      ...{ buzzer: true, monitored: [], lockToleranceMs: 1000 },
    });
    board.setInput('exit-button', true);
    // Everything that is answered with a long frame, again and again.
    const requests = [0xf9, 0xf0, 0x6b, 0xf7, 0xf0, 0x69, 0xf7, 0xf0, 0x79, 0xf7, 0xf0, 0x0d, 0x01, 0xf7];
    rig.flood(300, (i) => requests[i % requests.length] ?? 0);
    board.runFor(500);
    rig.status();
    // From the top down, until nothing has been written for longer than any gap in a frame.
    const ram = board.ram();
    const untouched = Buffer.from(ram).lastIndexOf(Buffer.alloc(64, paint)) + 64;
    expect(ram.length - untouched).toBeGreaterThan(100);
    expect(ram.length - untouched).toBeLessThanOrEqual(Number(most));
  });

  it('passes its own tests of the pure parts, under sanitizers', { ...FOR_HOST, timeout: 120_000 }, () => {
    expect(make('host-test')).toContain('host tests passed');
  });

  it(
    `obeys no bad frame of ${FUZZ_INPUTS} random and mutated inputs, and none makes it crash`,
    { ...FOR_HOST, timeout: 300_000 },
    () => {
      expect(make('fuzz', `FUZZ_INPUTS=${FUZZ_INPUTS}`)).toContain('0 bad obeyed');
    },
  );
});
