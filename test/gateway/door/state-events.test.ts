import { join } from 'node:path';
import pino from 'pino';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { DoorInput, ReleaseCause } from '../../../device/ports.ts';
import { Doors, type DoorReport } from '../../../gateway/door/doors.ts';
import { Grants } from '../../../gateway/door/leases.ts';
import { doorSchema } from '../../../shared/contract/config.ts';
import { parseEvent } from '../../../shared/contract/events.ts';
import { doorStateSchema } from '../../../shared/contract/state.ts';
import { venueOf } from '../access/told.ts';
import { FakeController } from '../fake-controller.ts';
import { ManualClock } from '../manual-clock.ts';
import { openJournal, temporaryFolder } from '../../temporary.ts';

const log = pino({ level: 'silent' });
const INACTIVE: Readonly<Record<DoorInput, boolean>> = {
  contact: false,
  bolt: true,
  'exit-button': false,
  fire: false,
  tamper: false,
  'relay-readback': false,
};

/** A door of which only the controller is faked: what it tells goes to a real journal, on a virtual clock. */
class DoorRig {
  readonly clock = new ManualClock('2026-11-24T10:00:00+09:00');
  readonly controller = new FakeController('front');
  readonly reports: DoorReport[] = [];
  readonly doors: Doors;
  readonly #journal = openJournal(join(temporaryFolder(), 'journal.db'));

  constructor(settings: Readonly<Record<string, unknown>> = {}) {
    const { clock, controller } = this;
    controller.online = false;
    const config = doorSchema.parse({ id: 'front', controller: { path: '/dev/null' }, ...settings });
    const venue = venueOf({});
    const byId = new Map([[config.id, { config, controller }]]);
    const journal = this.#journal;
    const grants = new Grants({ journal, clock, log, doors: byId });
    const doors = [{ config, controller, scanners: [] }];
    const { timeZone } = venue;
    this.doors = new Doors({ doors, grants, journal, clock, timeZone, log });
    this.doors.onReport((report) => this.reports.push(report));
    this.doors.start();
    onTestFinished(async () => {
      grants.close();
      await this.doors.close();
      journal.close();
    });
  }

  /** The controller is there, with this report. */
  online(inputs: Partial<Record<DoorInput, boolean>> = {}, causes: readonly ReleaseCause[] = []): void {
    this.controller.online = true;
    this.controller.report = {
      released: causes.length > 0,
      causes,
      inputs: { ...INACTIVE, 'relay-readback': causes.length > 0, bolt: causes.length === 0, ...inputs },
      supplyMv: 12_000,
      lastLeaseId: null,
      doorState: 'secured',
      faults: [],
    };
    this.controller.emit({ kind: 'online', bootNonce: 1, firmware: '0.1+00000000', resetCause: 'power-on' });
  }

  offline(): void {
    this.controller.online = false;
    this.controller.emit({ kind: 'offline', reason: 'unplugged' });
  }

  input(input: DoorInput, active: boolean, atMs = 0): void {
    this.controller.emit({ kind: 'input', input, active, atMs });
  }

  /** The output moves, and the lock's sensors with it. */
  lock(causes: readonly ReleaseCause[], atMs = 0): void {
    const released = causes.length > 0;
    this.controller.emit({ kind: 'lock', released, causes, leaseId: null, atMs });
    this.input('relay-readback', released, atMs);
    this.input('bolt', !released, atMs);
  }

  /** Door and controller events so far, their door left out. */
  told(): readonly Readonly<Record<string, unknown>>[] {
    return this.#journal.eventsAfter(0, 1000).map(({ body }) => {
      const { name, data } = parseEvent(JSON.parse(body));
      const { door, ...rest } = data as { door: string };
      expect(door).toBe('front');
      return { name, ...rest };
    });
  }

  /** Names since the controller came online, without the four of the line. */
  names(): readonly string[] {
    return this.told()
      .map(({ name }) => String(name))
      .filter((name) => !name.startsWith('controller.'));
  }

  get state() {
    const { mode, lock, leaf, alarms } = this.doors.report({
      config: doorSchema.parse({ id: 'front', controller: { path: '/dev/null' } }),
      controller: this.controller,
      scanners: [],
    });
    return { mode, lock, leaf, alarms };
  }
}

const UNKNOWN = { mode: 'normal', lock: null, leaf: null, alarms: null };
const GOOD = { mode: 'normal', lock: 'secured', leaf: 'closed', alarms: [] };

let rig: DoorRig;
beforeEach(() => {
  rig = new DoorRig();
});

describe('a door', () => {
  it('is unknown in everything but its mode before the first report, and after the last', () => {
    expect(rig.state).toEqual(UNKNOWN);
    rig.online();
    expect(rig.state).toEqual(GOOD);
    rig.offline();
    expect(rig.state).toEqual(UNKNOWN);
    expect(rig.told()).toEqual([
      { name: 'controller.online', firmware: '0.1+00000000', resetCause: 'power-on' },
      { name: 'controller.offline', detail: 'unplugged' },
    ]);
  });

  it('publishes every change as a state that the contract takes', () => {
    rig.online();
    rig.lock(['lease']);
    rig.input('contact', true);
    rig.offline();
    const leaves = rig.reports.map(({ leaf }) => leaf);
    expect(leaves).toEqual([null, 'closed', 'closed', 'closed', 'closed', 'open', null]);
    for (const report of rig.reports) doorStateSchema.parse({ session: 's-1', ...report });
  });

  it('publishes its mode at once, also while nothing else is known', () => {
    rig.doors.setMode('front', { mode: 'lockdown', source: 'operator' });
    expect(rig.reports.at(-1)).toMatchObject({ mode: 'lockdown', lock: null });
  });

  it('that is opened by a lease and shut tells its cause and how long it stood open, by the controller’s clock', () => {
    rig.online();
    rig.lock(['lease'], 1_000);
    rig.input('contact', true, 1_500);
    rig.lock([], 4_000);
    expect(rig.state).toMatchObject({ lock: 'secured', leaf: 'open', alarms: [] });
    rig.input('contact', false, 5_700);
    expect(rig.told().slice(1)).toEqual([
      { name: 'door.opened', grant: null, cause: 'lease' },
      { name: 'door.closed', openMs: 4_200 },
      { name: 'door.secured' },
    ]);
  });

  it('that is released and not opened is secured again', () => {
    rig.online();
    rig.lock(['lease'], 1_000);
    rig.lock([], 4_000);
    expect(rig.names()).toEqual(['door.secured']);
  });

  it('that is opened 1,000 ms after the end of a release belongs to it, 1,001 ms after it is forced', async () => {
    for (const [afterMs, forced] of [
      [1_000, false],
      [1_001, true],
    ] as const) {
      rig = new DoorRig();
      rig.online();
      rig.lock(['exit-button'], 1_000);
      rig.lock([], 6_000);
      rig.input('contact', true, 6_000 + afterMs);
      await rig.clock.advance(400);
      expect(rig.names()).toEqual(['door.secured', 'door.opened', ...(forced ? ['door.forced-open'] : [])]);
      expect(rig.told().find(({ name }) => name === 'door.opened')).toMatchObject({
        cause: forced ? null : 'exit-button',
      });
    }
  });
});

describe('a forced door', () => {
  it.each([
    ['button', 110],
    ['handle-switch', 350],
  ] as const)(
    'with egress sensed by %s is told after %i ms, and the alarm ends when it is shut',
    async (egressSensing, ms) => {
      rig = new DoorRig({ egressSensing });
      rig.online();
      rig.input('contact', true, 10_000);
      await rig.clock.advance(ms - 1);
      expect(rig.names()).toEqual(['door.opened']);
      await rig.clock.advance(1);
      expect(rig.names()).toEqual(['door.opened', 'door.forced-open']);
      expect(rig.state).toMatchObject({ lock: 'secured', leaf: 'open', alarms: ['forced-open'] });
      expect(rig.reports.at(-1)).toMatchObject({ alarms: ['forced-open'] });
      rig.input('contact', false, 12_000);
      expect(rig.state).toEqual(GOOD);
    },
  );

  it('is not told of a handle whose switch is heard 100 ms after the leaf', async () => {
    rig = new DoorRig({ egressSensing: 'handle-switch' });
    rig.online();
    rig.input('contact', true, 10_000);
    await rig.clock.advance(100);
    rig.input('exit-button', true, 10_100);
    rig.lock(['exit-button'], 10_100);
    await rig.clock.advance(5_000);
    expect(rig.names()).toEqual(['door.opened', 'door.egress']);
    expect(rig.state.alarms).toEqual([]);
  });

  it('does not exist where leaving is not sensed: the cause is unknown and nothing is wrong', async () => {
    rig = new DoorRig({ egressSensing: 'none' });
    rig.online();
    rig.input('contact', true, 10_000);
    await rig.clock.advance(5_000);
    expect(rig.told().slice(1)).toEqual([{ name: 'door.opened', grant: null, cause: null }]);
    expect(rig.state).toEqual({ ...GOOD, leaf: 'open' });
  });

  it('is no alarm any more when the fire input wants it open', async () => {
    rig.online();
    rig.input('contact', true);
    await rig.clock.advance(300);
    rig.input('fire', true);
    rig.lock(['fire']);
    expect(rig.state).toMatchObject({ alarms: ['fire'] });
  });
});

describe('a door that stands open', () => {
  it('is held open after exactly heldOpenMs, told once, until it is shut', async () => {
    rig = new DoorRig({ heldOpenMs: 20_000 });
    rig.online();
    rig.lock(['lease'], 0);
    rig.input('contact', true, 500);
    await rig.clock.advance(19_999);
    expect(rig.state.alarms).toEqual([]);
    await rig.clock.advance(1);
    expect(rig.told().at(-1)).toEqual({ name: 'door.held-open', openMs: 20_000 });
    await rig.clock.advance(100_000);
    rig.lock([], 3_000);
    expect(rig.names().filter((name) => name === 'door.held-open')).toHaveLength(1);
    expect(rig.state.alarms).toEqual(['held-open']);
    rig.input('contact', false, 120_500);
    expect(rig.state.alarms).toEqual([]);
    expect(rig.told().slice(-2)).toEqual([
      { name: 'door.closed', openMs: 120_000 },
      { name: 'door.secured' },
    ]);
  });

  it('is held open after 30 s by default', async () => {
    rig.online({ contact: true });
    await rig.clock.advance(29_999);
    expect(rig.names()).toEqual([]);
    await rig.clock.advance(1);
    expect(rig.names()).toEqual(['door.held-open']);
  });

  it('is not held open by a clock that is turned', async () => {
    rig.online({ contact: true });
    rig.clock.jumpTo('2026-11-25T10:00:00+09:00');
    await rig.clock.advance(29_999);
    expect(rig.names()).toEqual([]);
  });

  it.each(['hold-open', 'fire'] as const)(
    'while %s keeps it released may do so, and its time runs from the end of that',
    async (cause) => {
      rig.online();
      rig.lock([cause]);
      rig.input('contact', true);
      await rig.clock.advance(600_000);
      expect(rig.names()).toEqual(['door.opened']);
      rig.lock([]);
      await rig.clock.advance(29_999);
      expect(rig.names()).toEqual(['door.opened']);
      await rig.clock.advance(1);
      expect(rig.told().at(-1)).toEqual({ name: 'door.held-open', openMs: 630_000 });
    },
  );
});

describe('a lock', () => {
  it.each([
    ['whose read-back wire is cut', ['lease'] as const, 'relay-readback', false, 'the relay did not pull in'],
    ['whose relay is welded', [] as const, 'relay-readback', true, 'the relay stays pulled in'],
    ['that is jammed open', [] as const, 'bolt', false, 'not locked'],
    ['that is jammed shut', ['lease'] as const, 'bolt', true, 'the bolt stays thrown'],
  ] as const)(
    '%s is a fault after 1,000 ms and neither secured nor released, until it agrees again',
    async (_name, causes, input, active, detail) => {
      rig.online({}, causes);
      const before = rig.state.lock;
      rig.input(input, active);
      await rig.clock.advance(999);
      expect(rig.names()).toEqual([]);
      expect(rig.state.lock).toBe(before);
      await rig.clock.advance(1);
      expect(rig.names()).toEqual(['door.lock-fault']);
      expect(rig.told().at(-1)?.['detail']).toContain(detail);
      expect(rig.state).toMatchObject({ lock: null, alarms: ['lock-fault'] });
      rig.input(input, !active);
      expect(rig.state).toMatchObject({ lock: before, alarms: [] });
    },
  );

  it('that takes 999 ms to move is none', async () => {
    rig.online();
    rig.controller.emit({ kind: 'lock', released: true, causes: ['lease'], leaseId: 1, atMs: 0 });
    rig.input('relay-readback', true);
    await rig.clock.advance(999);
    rig.input('bolt', false);
    await rig.clock.advance(5_000);
    expect(rig.names()).toEqual([]);
  });

  it('without a monitor is not judged by it', async () => {
    rig = new DoorRig({ boltSense: 'none' });
    rig.online({ bolt: false });
    await rig.clock.advance(5_000);
    expect(rig.state).toEqual(GOOD);
  });

  it('at fault is unknown, not at fault, while its controller is lost', async () => {
    rig.online({ bolt: false });
    await rig.clock.advance(1_000);
    rig.offline();
    expect(rig.state).toEqual(UNKNOWN);
    rig.online({ bolt: false });
    await rig.clock.advance(1_000);
    expect(rig.names()).toEqual(['door.lock-fault', 'door.lock-fault']);
  });
});

describe('the alarm inputs', () => {
  it.each([
    ['fire', 'door.fire-release'],
    ['tamper', 'door.tamper'],
  ] as const)('%s is told when it begins and when it ends', (input, name) => {
    rig.online();
    rig.input(input, true);
    expect(rig.state.alarms).toEqual([input]);
    rig.input(input, false);
    expect(rig.state.alarms).toEqual([]);
    expect(rig.told().slice(1)).toEqual([
      { name, active: true },
      { name, active: false },
    ]);
  });

  it('that changed while nobody heard are told when the controller is back, each once', () => {
    rig.online();
    rig.offline();
    rig.online({ tamper: true });
    rig.offline();
    rig.online({ tamper: true });
    rig.offline();
    rig.online();
    expect(rig.told().filter(({ name }) => name === 'door.tamper')).toEqual([
      { name: 'door.tamper', active: true },
      { name: 'door.tamper', active: false },
    ]);
  });

  it('tell the exit button when it is pressed, and not when it is let go', () => {
    rig.online();
    rig.input('exit-button', true);
    rig.input('exit-button', false);
    expect(rig.names()).toEqual(['door.egress']);
  });
});

describe('a controller that was lost', () => {
  it('and finds the door open that was shut tells it late, as an opening of unknown cause', async () => {
    rig.online();
    rig.offline();
    rig.online({ contact: true });
    await rig.clock.advance(1_000);
    expect(
      rig
        .told()
        .filter(({ name }) => name !== 'controller.offline')
        .slice(2),
    ).toEqual([{ name: 'door.opened', grant: null, cause: null }]);
  });

  it('and finds the door shut that was open tells it without a time', () => {
    rig.online();
    rig.lock(['lease']);
    rig.input('contact', true);
    rig.offline();
    rig.online();
    expect(rig.told().slice(-2)).toEqual([{ name: 'door.closed', openMs: null }, { name: 'door.secured' }]);
  });

  it('by its own reset measures nothing across it: its clock began anew', () => {
    rig.online();
    rig.lock(['lease'], 500_000);
    rig.input('contact', true, 500_100);
    rig.controller.emit({ kind: 'reset', resetCause: 'watchdog' });
    expect(rig.state).toEqual(UNKNOWN);
    rig.online({ contact: true });
    rig.input('contact', false, 200);
    expect(
      rig
        .told()
        .slice(-5)
        .map(({ name }) => name),
    ).toEqual(['door.opened', 'controller.reset', 'controller.online', 'door.closed', 'door.secured']);
    expect(rig.told().at(-2)).toEqual({ name: 'door.closed', openMs: null });
  });
});
