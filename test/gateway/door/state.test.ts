import { describe, expect, it } from 'vitest';
import {
  LOCK_TABLE,
  PHASES,
  lockContradiction,
  stepDoor,
  type DoorEvent,
  type DoorPhase,
  type LockAgreement,
  type LockEvent,
} from '../../../gateway/door/state.ts';

const PHASE_NAMES = Object.keys(PHASES) as DoorPhase[];

const EVENTS: readonly DoorEvent[] = [
  'shut-secured',
  'shut-unlocked',
  'shut-free',
  'open-secured',
  'open-excused',
  'open-unlocked',
  'open-free',
  'waited',
  'lost',
];

/** Every cell: the next phase, then what is told. `=` stays. In the order of `EVENTS`. */
const EXPECTED: Readonly<Record<DoorPhase, readonly string[]>> = {
  unknown: ['secured', 'unlocked', 'free', 'opened', 'opened', 'opened', 'opened-free', '=', '='],
  'lost-shut': [
    'secured',
    'unlocked',
    'free',
    'opened opened',
    'opened opened',
    'opened opened',
    'opened-free opened',
    '=',
    '=',
  ],
  'lost-open': [
    'secured closed secured',
    'unlocked closed',
    'free closed',
    'opened',
    'opened',
    'opened',
    'opened-free',
    '=',
    '=',
  ],
  secured: [
    '=',
    'unlocked',
    'free',
    'unexplained opened',
    'opened opened',
    'opened opened',
    'opened-free opened',
    '=',
    'lost-shut',
  ],
  unlocked: [
    'secured secured',
    '=',
    'free',
    'unexplained opened',
    'opened opened',
    'opened opened',
    'opened-free opened',
    '=',
    'lost-shut',
  ],
  free: [
    'secured secured',
    'unlocked',
    '=',
    'unexplained opened',
    'opened opened',
    'opened opened',
    'opened-free opened',
    '=',
    'lost-shut',
  ],
  opened: [
    'secured closed secured',
    'unlocked closed',
    'free closed',
    '=',
    '=',
    '=',
    'opened-free',
    'held-open held-open',
    'lost-open',
  ],
  'opened-free': [
    'secured closed secured',
    'unlocked closed',
    'free closed',
    'opened',
    'opened',
    'opened',
    '=',
    '=',
    'lost-open',
  ],
  unexplained: [
    'secured closed secured',
    'unlocked closed',
    'free closed',
    '=',
    'opened',
    'opened',
    'opened-free',
    'forced-open forced-open',
    'lost-open',
  ],
  'held-open': [
    'secured closed secured',
    'unlocked closed',
    'free closed',
    '=',
    '=',
    '=',
    'opened-free',
    '=',
    'lost-open',
  ],
  'forced-open': [
    'secured closed secured',
    'unlocked closed',
    'free closed',
    '=',
    '=',
    '=',
    'opened-free',
    '=',
    'lost-open',
  ],
};

const cells = PHASE_NAMES.flatMap((phase) =>
  EVENTS.map((event, column) => [phase, event, EXPECTED[phase][column] ?? ''] as const),
);

describe('the phases of a door', () => {
  it.each(cells)('%s, %s → %s', (phase, event, expected) => {
    const step = stepDoor(phase, event);
    const text = step.phase === phase ? '=' : [step.phase, ...step.effects].join(' ');
    expect(text).toBe(expected);
    // What changes no phase tells nothing: a sensor told twice is one event.
    if (step.phase === phase) expect(step.effects).toEqual([]);
  });

  it.each(cells)('%s, %s told twice is told once', (phase, event) => {
    const once = stepDoor(phase, event);
    if (event === 'waited') return;
    expect(stepDoor(once.phase, event)).toEqual({ phase: once.phase, effects: [] });
  });

  it('forced-open is reached from an opening without a cause only, and after waiting', () => {
    const ways = cells.filter(
      ([phase, event]) => phase !== 'forced-open' && stepDoor(phase, event).phase === 'forced-open',
    );
    expect(ways.map(([phase, event]) => `${phase} ${event}`)).toEqual(['unexplained waited']);
  });

  it('an alarm stands in the phase that it is named for, and in no other', () => {
    const alarmed = PHASE_NAMES.filter((phase) => PHASES[phase].alarm !== null);
    expect(alarmed.map((phase) => [phase, PHASES[phase].alarm])).toEqual([
      ['held-open', 'held-open'],
      ['forced-open', 'forced-open'],
    ]);
  });
});

const AGREEMENTS = Object.keys(LOCK_TABLE) as LockAgreement[];
const LOCK_EVENTS: readonly LockEvent[] = ['agrees', 'differs', 'waited', 'lost'];

const LOCK_EXPECTED: Readonly<Record<LockAgreement, readonly LockAgreement[]>> = {
  unknown: ['agrees', 'differs', 'unknown', 'unknown'],
  agrees: ['agrees', 'differs', 'agrees', 'unknown'],
  differs: ['agrees', 'differs', 'fault', 'unknown'],
  fault: ['agrees', 'fault', 'fault', 'unknown'],
};

describe('the agreement of a lock with its output', () => {
  const all = AGREEMENTS.flatMap((state) =>
    LOCK_EVENTS.map((event, column) => [state, event, LOCK_EXPECTED[state][column]] as const),
  );
  it.each(all)('%s, %s → %s', (state, event, expected) => {
    expect(LOCK_TABLE[state][event]).toBe(expected);
  });
});

describe('the evidence of a lock', () => {
  /** released, read-back, bolt thrown, leaf open, what the bolt's wire can know, contradiction */
  const rows = [
    [false, false, true, false, 'lock', null],
    [true, true, false, false, 'lock', null],
    [true, false, false, false, 'lock', 'the relay did not pull in'],
    [true, false, false, true, 'none', 'the relay did not pull in'],
    [false, true, true, false, 'lock', 'the relay stays pulled in'],
    [false, true, false, true, 'none', 'the relay stays pulled in'],
    [false, false, false, false, 'lock', 'shut and not locked'],
    [false, false, false, false, 'latch', 'shut and not locked'],
    [false, false, false, false, 'none', null],
    [false, false, false, true, 'lock', null],
    [true, true, true, false, 'lock', 'the bolt stays thrown'],
    [true, true, true, false, 'latch', null],
    [true, true, true, false, 'none', null],
    [true, true, true, true, 'lock', null],
  ] as const;
  it.each(rows)(
    'released %s, read-back %s, bolt %s, open %s, sensed %s: %s',
    (released, readback, boltThrown, leafOpen, boltSense, expected) => {
      const found = lockContradiction({ released, readback, boltThrown, leafOpen, boltSense });
      if (expected === null) expect(found).toBeNull();
      else expect(found).toContain(expected);
    },
  );
});
