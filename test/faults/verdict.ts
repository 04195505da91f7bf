import type { Books } from './books.ts';
import { until } from '../venue/until.ts';
import { digestOf, type Site } from './site.ts';

/** What became of the events of a trial. Everything but `events` and `visits` should be 0. */
export interface Verdict {
  /** Events of the ledger. */
  readonly events: number;
  /** Visits that were billed. */
  readonly visits: number;
  /** Events that were on disk once and are not in the common store now, byte for byte. */
  readonly lost: number;
  /** Numbers that a second event claimed, and visits that are there or are charged more than once. */
  readonly doubled: number;
  /** Events that stand in the common store elsewhere than in the ledger. */
  readonly outOfOrder: number;
  /** Events of the common store that the ledger does not know. */
  readonly invented: number;
  /** Charges that the service does not come to by itself. */
  readonly mismatches: number;
  /** Pulses of the lock without a grant on disk. */
  readonly pulsesWithoutGrant: number;
}

/** How long the line may take to heal: the broker comes back, and what it lost is sent again. */
const HEALED_WITHIN_MS = 120_000;

/**
 * Resolves when the service has confirmed the site's whole ledger, or when for so long none of it has come. A backlog of
 * half an hour takes its time. Asks for the last receipt: to count the store again and again would slow down whoever
 * fills it.
 */
export async function healed(books: Books, site: Site): Promise<void> {
  const { epoch, venue } = site;
  const held = () => books.custody(venue, epoch);
  const isWhole = () => held() >= site.lastSeq;
  for (let before = -1; !isWhole() && before < held();) {
    before = held();
    await until(
      `the service has the ledger of ${venue}`,
      () => isWhole() || held() > before + PROGRESS,
      HEALED_WITHIN_MS,
    )
      // What is missing then is what the verdict is about.
      .catch(() => undefined);
  }
}

/** So many events are progress. */
const PROGRESS = 1_000;

/** Compares what was seen at the site, its ledger, and the common store. The gateway may still be running. */
export function judge(books: Books, site: Site): Verdict {
  const { venue, epoch } = site;
  const ledger = site.ledger();
  const stored = books.stored(venue, epoch);
  const places = new Map(ledger.map(({ seq, body }) => [digestOf(body), seq]));
  const held = new Map(stored.map(({ seq, body }) => [seq, digestOf(body)]));
  // Sworn to by the witness, or in the ledger at the end.
  const owed = new Map(site.witnessed.map(({ seq, digest }) => [seq, digest]));
  for (const { seq, body } of ledger) if (!owed.has(seq)) owed.set(seq, digestOf(body));
  const bill = books.billing.bill().filter(({ stay, isVoided }) => stay.startsWith(`${epoch}-`) && !isVoided);
  const stays = new Map<string, number>();
  for (const { sub } of bill) stays.set(sub, (stays.get(sub) ?? 0) + 1);
  const report = books.billing.report();
  const mismatches = report.mismatches.filter(({ stay }) => stay.startsWith(`${epoch}-`));
  const twice = mismatches.filter(({ what }) => what.includes('charged already')).length;
  const conflicts = report.rejected.filter(({ reason }) => reason.startsWith(`${venue}:`)).length;
  return {
    events: ledger.length,
    visits: bill.length,
    lost: [...owed].filter(([seq, digest]) => held.get(seq) !== digest).length,
    doubled: conflicts + twice + [...stays.values()].reduce((sum, count) => sum + count - 1, 0),
    outOfOrder: stored.filter(({ seq, body }) => (places.get(digestOf(body)) ?? seq) !== seq).length,
    invented: stored.filter(({ body }) => !places.has(digestOf(body))).length,
    mismatches: mismatches.length - twice,
    pulsesWithoutGrant: site.risesWithoutGrant,
  };
}

/** The sum of two verdicts. */
export function added(a: Verdict, b: Verdict): Verdict {
  return {
    events: a.events + b.events,
    visits: a.visits + b.visits,
    lost: a.lost + b.lost,
    doubled: a.doubled + b.doubled,
    outOfOrder: a.outOfOrder + b.outOfOrder,
    invented: a.invented + b.invented,
    mismatches: a.mismatches + b.mismatches,
    pulsesWithoutGrant: a.pulsesWithoutGrant + b.pulsesWithoutGrant,
  };
}

export const NOTHING_YET: Verdict = {
  events: 0,
  visits: 0,
  lost: 0,
  doubled: 0,
  outOfOrder: 0,
  invented: 0,
  mismatches: 0,
  pulsesWithoutGrant: 0,
};
