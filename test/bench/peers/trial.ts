import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ulid } from 'ulid';
import { countPubacks } from '../../faults/pubacks.ts';
import { layLine, type Line } from '../../venue/line.ts';
import { wordOf, type CloudRig } from '../cloud-rig.ts';
import { round2 } from '../measure.ts';
import type { HeldNow, RecordQuestion } from './arrivals.ts';
import { judge, type Arrival, type Judgement } from './judge.ts';
import { Producer } from './producer.ts';
import type { Place, VenueSide } from './venue-side.ts';

/** One outage. Events are made while the line is down; then it comes back, and the backlog drains. */
export interface Scenario {
  readonly name: string;
  /** The venue's side is killed with SIGKILL when half of the events are taken, and started again. */
  readonly killsVenue: boolean;
  /** So often the cloud's broker is killed while the backlog drains, each time in the turn of a PUBACK, and started again. */
  readonly brokerKills: number;
}

export interface Outcome extends Judgement {
  readonly events: number;
  /** Events for which there was no room while the line was down; the producer kept them and offered them later. */
  readonly refused: number;
  /** From the line's return to the last new event at the consumer, without `offlineSeconds`. */
  readonly drainSeconds: number;
  /** Of the time since the line's return: until the venue's side had connected, again after each kill of the broker. */
  readonly offlineSeconds: number;
  /** The most resident memory of the venue's side. */
  readonly peakMiB: number;
}

/** With the line up, nothing new for so long is the end. Everybody tries to connect again sooner. */
const QUIET_MS = 1_500;

/** When everything is there, copies may still come for so long. */
const COPIES_MS = 300;

const LOOK_EVERY_MS = 25;

/** Everything must be over by then. */
const TRIAL_MS_MAX = 900_000;

let trials = 0;

/** Runs one venue's side through one scenario, and judges what the consumer got. */
export async function runTrial(
  cloud: CloudRig,
  open: (place: Place) => VenueSide,
  { killsVenue, brokerKills }: Scenario,
  events: number,
): Promise<Outcome> {
  const venue = `peer-${(trials += 1)}`;
  const folder = mkdtempSync(join(tmpdir(), 'genkan-peers-'));
  const trouble = new BrokerTrouble(cloud, Math.floor(events / (brokerKills + 1)), brokerKills);
  const line = await layLine(cloud.broker.port, () => trouble.watch());
  line.cut();
  trouble.line = line;
  const side = open({ venue, epoch: ulid(), folder, url: line.url, keys: cloud.keys });
  const producer = new Producer(side, events);
  try {
    producer.resume(await side.start());
    if (killsVenue) {
      await producer.takenOrStalled(events / 2);
      await side.kill();
      producer.resume(await side.start());
    }
    await producer.takenOrStalled();
    const refused = events - producer.taken.size;
    const mendedMs = trouble.begin();
    const { lastMs } = await drained(cloud, venue, { events, producer, trouble });
    const { peakMiB } = side;
    return {
      events,
      refused,
      ...judge(producer.taken, await ask<readonly Arrival[]>(cloud, { ask: 'arrivals', venue })),
      drainSeconds: round2(Math.max(0, lastMs - mendedMs - trouble.offlineMs) / 1000),
      offlineSeconds: round2(trouble.offlineMs / 1000),
      peakMiB: Math.round(peakMiB),
    };
  } finally {
    await side.kill();
    await line.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Resolves when the consumer has everything, or when nothing new comes any more. */
async function drained(
  cloud: CloudRig,
  venue: string,
  { events, producer, trouble }: { events: number; producer: Producer; trouble: BrokerTrouble },
): Promise<HeldNow> {
  const endMs = performance.now() + TRIAL_MS_MAX;
  let newsMs = performance.now();
  let before = 0;
  for (;;) {
    const held = await ask<HeldNow>(cloud, { ask: 'held', venue });
    const known = held.ids + producer.taken.size;
    if (known !== before || !trouble.isConnected) newsMs = performance.now();
    before = known;
    await trouble.mend(held.subscriptions);
    const quietMs = held.ids >= events ? COPIES_MS : QUIET_MS;
    if (performance.now() - newsMs > quietMs) return held;
    if (performance.now() > endMs) throw new Error(`${venue} did not come to an end`);
    await pause(LOOK_EVERY_MS);
  }
}

async function ask<T>({ receiver }: CloudRig, question: RecordQuestion): Promise<T> {
  receiver.send(question);
  return wordOf<T>(receiver);
}

/** Kills the broker in the turn of the PUBACK that it is due at, and brings it back. */
class BrokerTrouble {
  line: Line | null = null;
  /** How long the venue's side had no connection since the drain began. */
  offlineMs = 0;
  /** Epoch milliseconds; `null` while the venue's side is connected. */
  #offlineSinceMs: number | null = null;
  readonly #cloud: CloudRig;
  /** PUBACKs from one kill to the next. */
  readonly #every: number;
  #left: number;
  #pubacks = 0;
  #killed: Promise<void> | null = null;
  #subscriptions = 0;

  constructor(cloud: CloudRig, every: number, kills: number) {
    this.#cloud = cloud;
    this.#every = every;
    this.#left = kills;
  }

  get isConnected(): boolean {
    return this.#offlineSinceMs === null;
  }

  /** Mends the line for the first time. @returns when, in epoch milliseconds */
  begin(): number {
    this.#offlineSinceMs = Date.now();
    this.line?.mend();
    return this.#offlineSinceMs;
  }

  /** Looks at the bytes of the broker on one connection of the line. */
  watch(): (bytes: Uint8Array) => void {
    this.offlineMs += Date.now() - (this.#offlineSinceMs ?? Date.now());
    this.#offlineSinceMs = null;
    return countPubacks(() => this.#count());
  }

  /**
   * Starts what was killed, and mends the line when the consumer is back: nothing is to be lost for want of one.
   *
   * @param subscriptions of the consumer so far
   */
  async mend(subscriptions: number): Promise<void> {
    if (this.#killed === null) {
      this.#subscriptions = subscriptions;
      return;
    }
    await this.#killed;
    if (this.#cloud.broker.pid === undefined) await this.#cloud.broker.restart();
    if (subscriptions === this.#subscriptions) return;
    this.#killed = null;
    this.line?.mend();
  }

  #count(): void {
    this.#pubacks += 1;
    if (this.#left === 0 || this.#killed !== null || this.#pubacks < this.#every) return;
    this.#left -= 1;
    this.#pubacks = 0;
    this.#killed = this.#cloud.broker.kill();
    this.#offlineSinceMs = Date.now();
    this.line?.cut();
  }
}
