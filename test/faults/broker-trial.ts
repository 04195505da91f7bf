/** The same venue through brokers of several kinds, each of which dies while members come and go. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Seeded } from '../seeded.ts';
import type { VenueTerms } from '../venue/billing-audit.ts';
import { until } from '../venue/until.ts';
import { Books } from './books.ts';
import { Crowd } from './crowd.ts';
import { Site } from './site.ts';
import { healed, judge, type Verdict } from './verdict.ts';
import type { BrokerKind } from './broker-kinds.ts';

/** So many events are on their way or received before the first failure, and between two. */
const EVENTS_BETWEEN = 25;

/** A cluster without a leader takes no connection: as long as an election may take, and more. */
const CONSUMERS_WITHIN_MS = 60_000;

/** A node of NATS that died was seen to hold up its cluster's answers for more than six minutes. */
const RECOVERS_WITHIN_MS = 15 * 60_000;

export interface BrokerReport extends Verdict {
  readonly broker: string;
  /** For each failure: from its beginning to the receipt for an event that came after it, in milliseconds. */
  readonly recoveryMs: readonly number[];
}

export interface BrokerTrialOptions {
  /** The gateway's built command. */
  readonly program: string;
  readonly seed: number;
  /** Failures, each after the recovery from the one before; one where what fails is gone for good. */
  readonly kills: number;
}

export async function playBroker(
  kind: BrokerKind,
  { program, seed, kills: wanted }: BrokerTrialOptions,
): Promise<BrokerReport> {
  const folder = mkdtempSync(join(tmpdir(), `genkan-${kind.name}-`));
  const deferred: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    const kills = kind.isGoneForGood === true ? 1 : wanted;
    const broker = await kind.open(join(folder, 'broker'));
    deferred.push(() => broker.close());
    const terms = new Map<string, VenueTerms>();
    const books = await openBooks({
      brokerUrl: broker.consumersUrl,
      protocolVersion: kind.protocol === 5 ? 5 : 4,
      terms,
      store: join(folder, 'store.sqlite'),
    });
    deferred.push(() => books.close());
    const site = await Site.open({
      ...{ venue: 'shibuya-1', folder: join(folder, 'venue'), program, cloudKey: books.key },
      brokerUrl: broker.urls,
      config: { uplink: { protocol: kind.protocol } },
    });
    deferred.push(() => site.close());
    terms.set(site.venue, site.terms);
    await site.start();
    const crowd = new Crowd(site, new Seeded(seed));
    crowd.start();
    const custody = () => books.custody(site.venue, site.epoch);
    const recoveryMs: number[] = [];
    for (let kill = 1; kill <= kills; kill += 1) {
      const before = custody();
      await until('events are received', () => custody() >= before + EVENTS_BETWEEN, RECOVERS_WITHIN_MS);
      const failedMs = performance.now();
      await broker.fail();
      const { lastSeq } = site;
      await until('events are received again', () => custody() > lastSeq, RECOVERS_WITHIN_MS);
      recoveryMs.push(Math.round(performance.now() - failedMs));
    }
    await crowd.stop();
    await crowd.allLeave();
    await healed(books, site);
    return { broker: kind.name, recoveryMs, ...judge(books, site) };
  } finally {
    for (const undo of deferred.reverse()) await undo();
  }
}

/** Tries until the broker lets the consumers subscribe. */
async function openBooks(options: Parameters<typeof Books.open>[0]): Promise<Books> {
  const endMs = performance.now() + CONSUMERS_WITHIN_MS;
  for (;;) {
    try {
      return await Books.open(options);
    } catch (error) {
      if (performance.now() >= endMs) throw error;
      await pause(200);
    }
  }
}
