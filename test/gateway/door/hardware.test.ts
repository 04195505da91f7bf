import { afterEach, describe, expect, it } from 'vitest';
import { boardSettings } from '../../../device/door/settings.ts';
import { EmulatedBoard } from '../../../device/emulator/board.ts';
import { EmulatedDoor } from '../../../device/emulator/door.ts';
import type { DoorController } from '../../../device/ports.ts';
import type { Clock } from '../../../gateway/clock/clock.ts';
import { DoorWatch } from '../../../gateway/door/watch.ts';
import { doorSchema } from '../../../shared/contract/config.ts';
import type { DomainEvent } from '../../../shared/contract/events.ts';
import { DoorBench } from '../../device/door-bench.ts';

/** What a person does at the door, in the real firmware, over the real driver, to the event that the cloud is told. */
class Site {
  readonly bench = new DoorBench();
  readonly board = new EmulatedBoard();
  readonly leaf = new EmulatedDoor(this.board);
  readonly told: { readonly event: DomainEvent; readonly atMs: number }[] = [];
  readonly controller: DoorController;
  readonly watch: DoorWatch;

  constructor(fields: Readonly<Record<string, unknown>> = {}) {
    const config = doorSchema.parse({ id: 'front', controller: { path: '-' }, ...fields });
    const { bench } = this;
    this.controller = bench.door(this.board, 'front', { settings: boardSettings(config) }).controller;
    // The bench moves the timers of the process; this is the gateway's clock over them.
    const clock: Pick<Clock, 'monotonicMs' | 'after'> = {
      monotonicMs: () => bench.nowMs,
      after: (delayMs, task) => {
        const timer = setTimeout(task, delayMs);
        return () => clearTimeout(timer);
      },
    };
    const tell = (events: readonly DomainEvent[]): void => {
      for (const event of events) this.told.push({ event, atMs: bench.nowMs });
    };
    this.watch = new DoorWatch({
      config,
      clock,
      report: () => this.controller.report,
      awaitedGrant: () => null,
      onTime: tell,
    });
    this.controller.onEvent((event) => tell(this.watch.take(event)));
  }

  /** The board is online and has taken its settings. */
  async ready(): Promise<void> {
    await this.bench.until(() => this.controller.online);
    await this.bench.live(300);
    this.told.length = 0;
  }

  /** Waits for an event; returns it and how long it took from now, in milliseconds. */
  async next(
    name: DomainEvent['name'],
    maxMs: number,
  ): Promise<{ readonly event: DomainEvent; readonly tookMs: number }> {
    const from = this.told.length;
    const fromMs = this.bench.nowMs;
    const found = () => this.told.slice(from).find(({ event }) => event.name === name);
    await this.bench.until(() => found() !== undefined, maxMs);
    const { event, atMs } = found() ?? { event: undefined, atMs: 0 };
    if (event === undefined) throw new Error('unreachable');
    return { event, tookMs: atMs - fromMs };
  }

  names(): readonly string[] {
    return this.told.map(({ event }) => event.name);
  }
}

let site: Site;
const at = async (fields: Readonly<Record<string, unknown>> = {}): Promise<Site> => {
  site = new Site(fields);
  await site.ready();
  return site;
};
afterEach(async () => {
  site.watch.close();
  await site.bench.close();
});

describe('somebody who leaves', () => {
  it('by the button, where that is what senses it, is an egress and an opening by it', async () => {
    const { leaf, bench, watch, told } = await at({ egressSensing: 'button', exitButtonMs: 1_000 });
    leaf.pressExit(200);
    await bench.live(400);
    leaf.pull();
    await bench.live(800);
    leaf.push();
    await bench.live(500);
    expect(site.names()).toEqual(['door.egress', 'door.opened', 'door.closed', 'door.secured']);
    expect(told[1]?.event.data).toMatchObject({ cause: 'exit-button' });
    expect(watch.view()).toMatchObject({ lock: 'secured', leaf: 'closed', alarms: [] });
  });

  it('by the handle, whose switch is read 200 ms after the leaf has moved, is no forced door', async () => {
    const { leaf, bench, controller, watch } = await at({ egressSensing: 'handle-switch' });
    leaf.force();
    await bench.live(200);
    leaf.pressExit(300);
    await bench.live(1_000);
    expect(site.names()).toEqual(['door.opened', 'door.egress']);
    // The board, which would sound its buzzer, and the gateway, which would tell the operator, are of one mind.
    expect(controller.report.doorState).toBe('opened');
    expect(watch.view().alarms).toEqual([]);
  });

  it('by the handle, where nothing senses it, is an opening of unknown cause and no alarm', async () => {
    const { leaf, bench, controller, told } = await at({ egressSensing: 'none' });
    leaf.force();
    await bench.live(1_000);
    expect(site.names()).toEqual(['door.opened']);
    expect(told[0]?.event.data).toMatchObject({ grant: null, cause: null });
    expect(controller.report.doorState).toBe('opened');
  });
});

describe('a door that is forced', () => {
  it.each(['button', 'handle-switch'] as const)(
    'with egress sensed by %s is told within 500 ms of the leaf’s movement, by board and gateway',
    async (egressSensing) => {
      const { leaf, controller, bench } = await at({ egressSensing });
      leaf.force();
      const { tookMs } = await site.next('door.forced-open', 1_000);
      expect(tookMs).toBeLessThanOrEqual(500);
      expect(controller.report.doorState).toBe('forced-open');
      leaf.push();
      await bench.live(100);
      expect(site.watch.view()).toMatchObject({ leaf: 'closed', alarms: [] });
    },
  );

  it('is none where it is pulled open 900 ms after the lock fell in, and is one after 1,100 ms', async () => {
    for (const [lateMs, forced] of [
      [900, false],
      [1_100, true],
    ] as const) {
      const { leaf, bench, controller } = await at();
      void controller.pulse({ id: 1, durationMs: 300 });
      await bench.until(() => controller.report.released === true, 500);
      await bench.until(() => controller.report.released === false, 500);
      await bench.live(lateMs);
      leaf.force();
      await bench.live(600);
      expect(site.names().includes('door.forced-open')).toBe(forced);
      expect(controller.report.doorState).toBe(forced ? 'forced-open' : 'opened');
      if (!forced) await bench.close();
    }
  });
});

describe('a door with something wrong', () => {
  it('stands open for longer than it may: held open, by board and gateway within half a second', async () => {
    const { leaf, bench, controller } = await at({ heldOpenMs: 5_000 });
    leaf.pressExit(100);
    await bench.live(200);
    leaf.pull();
    const { tookMs } = await site.next('door.held-open', 6_000);
    expect(tookMs).toBeGreaterThan(4_900);
    expect(tookMs).toBeLessThan(5_500);
    await bench.live(500);
    expect(controller.report.doorState).toBe('held-open');
  });

  it('has its lid lifted: tamper, and over', async () => {
    const { board } = await at();
    board.setInput('tamper', true);
    expect((await site.next('door.tamper', 500)).event.data).toMatchObject({ active: true });
    board.setInput('tamper', false);
    expect((await site.next('door.tamper', 500)).event.data).toMatchObject({ active: false });
  });

  it('is released by the fire panel, told, and held until it is cleared', async () => {
    const { board, bench, watch } = await at({ exitButtonMs: 1_000 });
    board.setInput('fire', true);
    expect((await site.next('door.fire-release', 500)).event.data).toMatchObject({ active: true });
    await bench.live(2_000);
    expect(board.pin('lockRelay')).toBe(true);
    expect(watch.view()).toMatchObject({ lock: 'released', alarms: ['fire'] });
    board.setInput('fire', false);
    await site.next('door.fire-release', 500);
    await bench.live(500);
    expect(watch.view()).toMatchObject({ lock: 'secured', alarms: [] });
  });

  it.each([
    ['relay-readback', 'the relay did not pull in'],
    ['bolt', 'not locked'],
  ] as const)('has its %s wire cut: a lock fault, by board and gateway', async (sense, detail) => {
    const { leaf, controller, bench, watch } = await at();
    leaf.wire(sense, false);
    if (sense === 'relay-readback') void controller.pulse({ id: 1, durationMs: 3_000 });
    const { event } = await site.next('door.lock-fault', 2_000);
    expect(event.data).toMatchObject({ detail: expect.stringContaining(detail) as string });
    await bench.live(600);
    expect(controller.report.doorState).toBe('lock-fault');
    expect(watch.view()).toMatchObject({ lock: null, alarms: ['lock-fault'] });
  });
});
