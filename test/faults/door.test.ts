import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeMessage } from '../../device/protocol.ts';
import { protocol } from '../../device/protocol.generated.ts';
import { needs } from '../needs.ts';
import { trials as trialsOf } from '../trials.ts';
import { doorTrials, type DoorReport, type FailedTrial } from './door.ts';
import { judge } from './door-oracle.ts';
import type { ViolationKind } from './door-oracle.ts';
import type { Trace } from './door-trace.ts';
import { plantedFirmware } from './planted-firmware.ts';
import type { Plant } from './planted-firmware.ts';

const TRIALS = Number(process.env['GENKAN_TRIALS'] ?? trialsOf(5_000));
const FAULTS = fileURLToPath(new URL('faults.ts', import.meta.url));
const { exitButtonMs, leaseOverrunMsMax } = protocol.limits;

it(
  `${TRIALS} trials of a door under fire break no promise`,
  async () => {
    // By the command, which has a process for each core.
    const args = ['--import', 'tsx', FAULTS, 'door', '--trials', String(TRIALS), '--seed', '1', '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, args).catch(
      (error: unknown) => error as { readonly stdout: string },
    );
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as FailedTrial | DoorReport);
    const report = told.at(-1) as DoorReport;
    expect(told.slice(0, -1)).toEqual([]);
    expect(report).toMatchObject({ trials: TRIALS, violations: 0 });
    expect(report.worstOverrunMs ?? Infinity).toBeLessThanOrEqual(leaseOverrunMsMax);
    expect(report.worstEgressMs).toBeLessThanOrEqual(100);
    // Not because nothing happened: there were leases that ran out, and people who wanted to leave.
    expect(report.egresses).toBeGreaterThan(TRIALS / 3);
  },
  TRIALS * 2000,
);

describe('the oracle', () => {
  const quiet: Trace = {
    bytes: [],
    places: new Map(),
    said: [],
    wires: [],
    relay: [],
    resets: [],
    hangs: [],
    endMs: 8000,
  };
  const kinds = (trace: Partial<Trace>): ViolationKind[] =>
    judge({ ...quiet, ...trace }).violations.map(({ kind }) => kind);
  const press = [
    { atMs: 100, input: 'exit-button', active: true },
    { atMs: 200, input: 'exit-button', active: false },
  ] as const;

  it('has nothing against a door at which nothing happens', () => {
    expect(kinds({})).toEqual([]);
  });

  it('wants a cause for every release', () => {
    expect(kinds({ relay: [{ atMs: 5, released: true }] })).toEqual(['released-without-cause']);
  });

  it('allows the exit button its time and 50 ms, not more', () => {
    const release = (ms: number): Trace['relay'] => [
      { atMs: 121, released: true },
      { atMs: 121 + ms, released: false },
    ];
    expect(kinds({ wires: press, relay: release(exitButtonMs + 49) })).toEqual([]);
    expect(kinds({ wires: press, relay: release(exitButtonMs + 52) })).toEqual(['released-without-cause']);
  });

  it('wants a press to act within 100 ms, and a glitch not at all', () => {
    expect(kinds({ wires: press })).toEqual(['egress-late']);
    expect(kinds({ wires: press, relay: [{ atMs: 201, released: true }], endMs: 1000 })).toEqual([
      'egress-late',
    ]);
    const held = [press[0], { ...press[0], atMs: 110 }, { ...press[1], atMs: 124 }];
    expect(kinds({ wires: held, relay: [{ atMs: 121, released: true }], endMs: 1000 })).toEqual([]);
    const glitch = [press[0], { ...press[1], atMs: 115 }];
    const bouncing = [...glitch, { ...press[0], atMs: 119 }, { ...press[1], atMs: 135 }];
    expect(kinds({ wires: bouncing, relay: [{ atMs: 129, released: true }], endMs: 1000 })).toEqual([]);
    expect(kinds({ wires: glitch, relay: [{ atMs: 116, released: true }], endMs: 1000 })).toEqual([
      'released-without-cause',
    ]);
  });

  it('wants every cause to end with the boot, and the time to leave to count from it', () => {
    const held = [press[0]];
    const relay = [
      { atMs: 121, released: true },
      { atMs: 300, released: false },
      { atMs: 450, released: true },
    ];
    const resets = [{ atMs: 300, reason: 'external' }] as const;
    expect(kinds({ wires: held, relay, resets })).toEqual(['egress-late']);
    const again = [{ atMs: 300.5, released: true }];
    expect(kinds({ wires: press, relay: [...relay.slice(0, 2), ...again], resets })).toEqual([
      'released-without-cause',
    ]);
  });

  it('wants no order from before an accepted secure to be obeyed after it, and a newer one may be', () => {
    const boot = { bootNonce: 7, fence: 0 };
    const frames = [
      [100, encodeMessage('secure', 2, boot)],
      [200, encodeMessage('hold-open', 1, boot)],
      [300, encodeMessage('hold-open', 3, boot)],
    ] as const;
    const hello = {
      bootNonce: 7,
      resetCause: 'power-on',
      protocolVersion: protocol.version,
      firmwareMajor: 0,
      firmwareMinor: 4,
      buildId: 0,
    } as const;
    const ack = (atMs: number, sequence: number) =>
      ({ atMs, message: { type: 'ack', sequence: 0, fields: { sequence, result: 'accepted' } } }) as const;
    const trace = (acks: Trace['said'], onMs: number): Partial<Trace> => ({
      bytes: frames.flatMap(([atMs, frame]) => [...frame].map((byte) => ({ atMs, byte }))),
      places: new Map([1, 2, 3].map((place) => [place, place])),
      said: [{ atMs: 30, message: { type: 'hello', sequence: 0, fields: hello } }, ...acks],
      relay: [
        { atMs: onMs, released: true },
        { atMs: onMs + 90, released: false },
      ],
    });
    expect(kinds(trace([ack(103, 2), ack(303, 3)], 301))).toEqual([]);
    expect(kinds(trace([ack(103, 2), ack(203, 1)], 201))).toEqual([
      'released-without-cause',
      'superseded-obeyed',
    ]);
    // The secure was not acknowledged: nothing was promised.
    expect(kinds(trace([ack(203, 1)], 201))).toEqual([]);
  });

  it('wants a hang to end within the period of the watchdog', () => {
    expect(kinds({ hangs: [{ atMs: 100, what: 'loop' }] })).toEqual(['hang-not-ended']);
    const resets = [{ atMs: 355, reason: 'watchdog' }] as const;
    expect(kinds({ hangs: [{ atMs: 100, what: 'loop' }], resets })).toEqual([]);
  });
});

describe('a fault planted in the firmware is found', needs('avr-g++', 'avr-libc', 'make'), () => {
  const folder = mkdtempSync(join(tmpdir(), 'genkan-planted-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const planted: readonly (readonly [string, ViolationKind, Plant])[] = [
    [
      'leases that never run out',
      'lease-overrun',
      {
        file: 'lock.cpp',
        of: 'case count: left -= left > 0 ? 1 : 0;',
        instead: 'case count: left -= left > 0 && i > 0 ? 1 : 0;',
      },
    ],
    [
      'a lease of any boot obeyed',
      'old-lease-obeyed',
      { file: 'link.cpp', of: 'lease.bootNonce != boot::nonce()', instead: 'lease.bootNonce == 1' },
    ],
    [
      'a lease obeyed every time it comes',
      'old-lease-obeyed',
      { file: 'link.cpp', of: '  leaseIds.add(lease.leaseId);\n', instead: '' },
    ],
    [
      'a lease obeyed that a secure has superseded',
      'superseded-obeyed',
      { file: 'link.cpp', of: 'isNewer(fence, lease.fence)', instead: 'false' },
    ],
    [
      'a frame obeyed whatever its check sum',
      'released-without-cause',
      { file: 'frame.cpp', of: 'crc != crc16(received.bytes, end)', instead: 'crc == 0' },
    ],
    [
      'an exit button that is believed late',
      'egress-late',
      {
        file: 'debounce.h',
        of: 'level < protocol::debounceMs && ++level == protocol::debounceMs &&',
        instead: 'level < 120 && ++level == 120 &&',
      },
    ],
    [
      'a watchdog that is too patient',
      'hang-not-ended',
      { file: 'boot.cpp', of: 'wdt_enable(WDTO_250MS)', instead: 'wdt_enable(WDTO_1S)' },
    ],
  ];

  it('with the one command that shows it again', { timeout: 120_000 }, () => {
    const [, , plant] = planted.find(([, kind]) => kind === 'lease-overrun') ?? [];
    if (plant === undefined) throw new Error('no such plant');
    const hex = plantedFirmware(folder, plant);
    const faults = (...args: string[]): { status: number | null; lines: string[] } => {
      const command = ['--import', 'tsx', 'test/faults/faults.ts', 'door', '--json', '--hex', hex, ...args];
      const { status, stdout } = spawnSync(process.execPath, command, { encoding: 'utf8' });
      return { status, lines: stdout.trim().split('\n') };
    };
    const { status, lines } = faults('--trials', '20');
    expect(status).toBe(1);
    const [failed, summary] = [lines[0], lines.at(-1)].map((line) => JSON.parse(line ?? '') as object);
    expect(summary).toMatchObject({ trials: 20, violations: expect.any(Number) as number });
    expect(failed).toMatchObject({
      replay: expect.stringMatching(/^npm run -s faults -- door --trials 1 --seed/) as string,
    });
    const [, seed = ''] = /--seed (\d+)/.exec((failed as { replay: string }).replay) ?? [];
    const again = faults('--trials', '1', '--seed', seed);
    expect(again).toMatchObject({ status: 1, lines: [lines[0], expect.any(String) as string] });
  });

  // At a desk the first.
  it.each(planted.slice(0, trialsOf(10 * planted.length)))(
    '%s: %s',
    { timeout: 120_000 },
    (_, kind, plant) => {
      const hex = plantedFirmware(folder, plant);
      const found = new Set<ViolationKind>();
      for (let seed = 1; !found.has(kind) && seed <= 200; seed += 1) {
        doorTrials({ trials: 1, seed, board: { hex } }, ({ violations }) => {
          for (const violation of violations) found.add(violation.kind);
        });
      }
      expect([...found]).toContain(kind);
    },
  );
});
