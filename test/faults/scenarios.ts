/** One fault at a time, at the real gateway: what the door says meanwhile, and that nothing acknowledged is lost. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { needs, type Need } from '../needs.ts';
import type { trials } from '../trials.ts';
import type { VenueTerms } from '../venue/billing-audit.ts';
import { until } from '../venue/until.ts';
import { Cloud } from './cloud.ts';
import { mountMissing } from './file-systems.ts';
import { Seeded } from '../seeded.ts';
import { Site, type SiteOptions, type Visitor } from './site.ts';
import { healed, judge, type Verdict } from './verdict.ts';

/** How long a door may take to admit again by itself, in milliseconds. */
const RECOVERS_WITHIN_MS = 45_000;

/** Members who were refused leave the door some time before the next one comes. */
const RETRY_AFTER_MS = 500;

/** How long a reader's code may stay without an answer. */
const ANSWER_WITHIN_MS = 20_000;

/** What a scenario came to. */
export interface ScenarioReport extends Verdict {
  readonly scenario: string;
  /** Promises that did not hold, in words. */
  readonly broken: readonly string[];
  /** Figures and facts that were seen. */
  readonly seen: Readonly<Record<string, string | number>>;
}

/** What a scenario plays on. */
export interface Stage {
  readonly folder: string;
  readonly cloud: Cloud;
  readonly random: Seeded;
  /** How often something is done in this run. */
  readonly trials: typeof trials;
  /** Opens the venue, once. */
  open(options?: Pick<SiteOptions, 'journalFolder' | 'config'>): Promise<Site>;
  /** Notes a promise that did not hold. */
  expect(promise: string, holds: boolean): void;
  note(name: string, value: string | number): void;
  /** To be undone when the scenario is over, the last first; whatever happens. */
  defer(undo: () => unknown): void;
}

export interface Scenario {
  readonly name: string;
  /** What it needs beside what every scenario does. */
  readonly needs?: readonly Need[];
  /** Whether it mounts file systems, which not every machine allows. Default: no. */
  readonly mounts?: boolean;
  /** Plays it and returns the venue, healed as far as it heals: its gateway runs. */
  readonly play: (stage: Stage) => Promise<Site>;
}

/** What every scenario needs: ports and a broker. */
const ALWAYS: readonly Need[] = ['socat', 'mosquitto'];

/** Options of a test that plays it: skipped where it cannot be played. */
export function toPlay({ needs: more = [], mounts = false }: Scenario): ReturnType<typeof needs> {
  const wanted = needs(...ALWAYS, ...more);
  return { ...wanted, skip: wanted.skip || (mounts && mountMissing() !== null) };
}

/** Why it cannot be played on this machine, or `null`. */
export function missingFor(scenario: Scenario): string | null {
  const { lacking } = toPlay(scenario).meta;
  if (lacking !== undefined) return `${lacking.join(', ')} not installed`;
  return scenario.mounts === true ? mountMissing() : null;
}

/** Plays a scenario with a cloud and a venue of its own. */
export async function playScenario(
  { name, play }: Scenario,
  { program, seed, trials }: { readonly program: string; readonly seed: number } & Pick<Stage, 'trials'>,
): Promise<ScenarioReport> {
  const folder = mkdtempSync(join(tmpdir(), `genkan-${name}-`));
  const terms = new Map<string, VenueTerms>();
  const cloud = await Cloud.open(join(folder, 'cloud'), terms);
  const broken: string[] = [];
  const seen: Record<string, string | number> = {};
  const deferred: (() => unknown)[] = [
    () => rmSync(folder, { recursive: true, force: true }),
    () => cloud.close(),
  ];
  const stage: Stage = {
    folder,
    cloud,
    random: new Seeded(seed),
    trials,
    open: async (options = {}) => {
      const at = join(folder, 'venue');
      mkdirSync(at);
      const common = {
        venue: 'shibuya-1',
        folder: at,
        brokerUrl: cloud.line.url,
        cloudKey: cloud.books.key,
        program,
      };
      const site = await Site.open({ ...common, ...options });
      terms.set(site.venue, site.terms);
      deferred.push(() => site.close());
      return site;
    },
    expect: (promise, holds) => {
      if (!holds) broken.push(promise);
    },
    note: (what, value) => {
      seen[what] = value;
    },
    defer: (undo) => deferred.push(undo),
  };
  try {
    const site = await play(stage);
    await cloud.settle();
    await healed(cloud.books, site);
    return { scenario: name, ...judge(cloud.books, site), broken, seen };
  } finally {
    for (const undo of deferred.reverse()) await undo();
  }
}

/** Holds a code under a reader and waits for what the door does: it opens, or it says no. */
export async function answerAt(
  site: Site,
  side: 'entry' | 'exit',
  visitor: Visitor,
): Promise<'opened' | 'refused'> {
  await until('the lock is at rest', () => !site.door.released);
  const { rises } = site;
  let refused = false;
  const heard = site.gateway
    .heard(
      'no answer at the door',
      (line) => {
        const isFault = Number(line['level']) >= 50 && !('grant' in line);
        refused ||= line['door'] === 'front' && (line['msg'] === 'denied' || isFault);
        return refused;
      },
      ANSWER_WITHIN_MS,
    )
    .catch(() => undefined);
  await site.show(side, visitor);
  await until('an answer at the door', () => refused || site.rises > rises, ANSWER_WITHIN_MS).catch(() => {
    throw new Error(`no answer at the door to ${visitor.sub}, ${side}:\n${site.gateway.said}`);
  });
  void heard;
  return site.rises > rises ? 'opened' : 'refused';
}

/** A member whom nobody has seen, who gets in. Rejects when the door stays shut. */
export async function comesIn(site: Site): Promise<Visitor> {
  const visitor = await site.member();
  const answer = await answerAt(site, 'entry', visitor);
  if (answer === 'refused') throw new Error(`${visitor.sub} is not admitted:\n${site.gateway.said}`);
  return visitor;
}

/** The member leaves by the reader at the exit. */
export async function goesOut(site: Site, visitor: Visitor): Promise<void> {
  const answer = await answerAt(site, 'exit', visitor);
  if (answer === 'refused') throw new Error(`${visitor.sub} is not let out:\n${site.gateway.said}`);
}

/** Egress by the button must work in whatever state the gateway and its disk are. */
export async function exitButtonWorks(stage: Stage, site: Site): Promise<void> {
  const works = await site.pressExit().then(
    () => true,
    () => false,
  );
  stage.expect('the exit button releases the lock', works);
}

/** Waits until members are admitted again, if it must be by a restart, and notes which it was. */
export async function recovers(stage: Stage, site: Site): Promise<Visitor> {
  const endMs = performance.now() + RECOVERS_WITHIN_MS;
  while (performance.now() < endMs && site.gateway.isRunning) {
    const visitor = await site.member();
    if ((await answerAt(site, 'entry', visitor)) === 'opened') {
      stage.note('recovery', 'by itself');
      return visitor;
    }
    await pause(RETRY_AFTER_MS);
  }
  stage.note('recovery', 'by a restart');
  await site.kill();
  await site.start();
  return comesIn(site);
}
