/** Kill -9 in a loop: gateways that die under load, against a broker that dies after it has acknowledged. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { VenueTerms } from '../venue/billing-audit.ts';
import { builtGateway } from './built-gateway.ts';
import { Cloud } from './cloud.ts';
import { Crowd } from './crowd.ts';
import { Seeded } from '../seeded.ts';
import { Site } from './site.ts';
import { added, healed, judge, NOTHING_YET, type Verdict } from './verdict.ts';

/** A gateway lives for so many lines of its log once its door works: each decision and each pulse is one. */
const LIFE_LINES_MAX = 40;

/** The kill comes so soon after the last of them, in milliseconds. */
const AFTERWARDS_MS_MAX = 30;

/** One in so many is killed while it starts, within this from the process's beginning. */
const KILLED_AT_START = 8;
const START_MS_MAX = 1_500;

export interface CyclesReport extends Verdict {
  /** Kills of a gateway. */
  readonly kills: number;
  /** Kills of the broker, each in the turn after a PUBACK. */
  readonly brokerKills: number;
  /** Rises of the lock relays. */
  readonly pulses: number;
  /** Events that came to the service a further time, and were dropped by their id. */
  readonly duplicatesReceived: number;
}

/**
 * Lets several venues with one broker and one billing service live, kills their gateways `kills` times in all, heals
 * everything and compares what was seen with what is stored.
 *
 * @param venues processes at once; they share the cores
 */
export async function killCycles({
  kills,
  seed,
  venues = 3,
}: {
  readonly kills: number;
  readonly seed: number;
  readonly venues?: number;
}): Promise<CyclesReport> {
  const folder = mkdtempSync(join(tmpdir(), 'genkan-cycles-'));
  const terms = new Map<string, VenueTerms>();
  const program = builtGateway(join(folder, 'built'));
  const cloud = await Cloud.open(folder, terms);
  const sites: Site[] = [];
  try {
    for (let number = 1; number <= Math.min(venues, kills); number += 1) {
      const venue = `venue-${number}`;
      const site = await Site.open({
        venue,
        folder: join(folder, venue),
        brokerUrl: cloud.line.url,
        cloudKey: cloud.books.key,
        program,
      });
      terms.set(venue, site.terms);
      sites.push(site);
    }
    let left = kills;
    const take = () => left-- > 0;
    const verdicts = await Promise.all(
      sites.map((site, index) => trial(cloud, site, new Seeded(seed + index), take)),
    );
    return {
      ...verdicts.reduce(added, NOTHING_YET),
      kills,
      brokerKills: cloud.brokerKills,
      pulses: sites.reduce((sum, { rises }) => sum + rises, 0),
      duplicatesReceived: cloud.books.billing.report().duplicates.length,
    };
  } finally {
    await Promise.all(sites.map((site) => site.close()));
    await cloud.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Kills one venue's gateway as long as there are kills left, then heals it. */
async function trial(cloud: Cloud, site: Site, random: Seeded, take: () => boolean): Promise<Verdict> {
  const crowd = new Crowd(site, random);
  await site.start();
  for (let life = 0; take(); life += 1) {
    if (life > 0) site.launch();
    if (life > 0 && random.chance(1 / KILLED_AT_START)) {
      await pause(random.next() * START_MS_MAX);
    } else {
      if (life > 0) await site.gateway.online();
      crowd.start();
      if (random.chance(0.5)) cloud.killBrokerAfter(random.between(1, 40));
      await site.gateway.saidMore(random.between(1, LIFE_LINES_MAX));
      await pause(random.next() * AFTERWARDS_MS_MAX);
      site.witness();
      await Promise.all([site.kill(), crowd.stop()]);
      continue;
    }
    await site.kill();
  }
  await cloud.settle();
  await site.start();
  await crowd.allLeave();
  await healed(cloud.books, site);
  return judge(cloud.books, site);
}
