import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { chargeCommand } from '../../../gateway/cli/charge.ts';
import { DenialFloods } from '../../../gateway/door/denial-floods.ts';
import { Decisions } from '../../../gateway/door/decisions.ts';
import type { Journal } from '../../../gateway/journal/journal.ts';
import { beginEpoch } from '../../../gateway/journal/successor.ts';
import { loadCloudKeys } from '../../../gateway/tokens/key-ring.ts';
import { Settlement } from '../../../gateway/visits/settlement.ts';
import { Sync } from '../../../gateway/visits/sync.ts';
import { chargeSchema, type Charge, type ChargeRecord } from '../../../shared/contract/charge.ts';
import { doorSchema } from '../../../shared/contract/config.ts';
import { parseEvent, type LedgerEvent } from '../../../shared/contract/events.ts';
import type { Side } from '../../../shared/contract/primitives.ts';
import { formatInstant } from '../../../shared/time.ts';
import { VenueAccount } from '../../venue/billing-account.ts';
import { Seeded } from '../../seeded.ts';
import { EPOCH, openJournal } from '../../temporary.ts';
import { trials } from '../../trials.ts';
import { MEMBER, requestOf, venueOf } from '../access/told.ts';
import { change } from '../cloud.ts';
import { FakeController } from '../fake-controller.ts';
import { configured, newSigner, token } from '../signing.ts';
import { randomVenue, randomVisits, type RandomVenue, type RandomVisit } from './random-day.ts';
import { StepClock } from './step-clock.ts';

const VISITS = trials(100_000);
const VISITS_A_DAY = 250;
const DAYS = Math.ceil(VISITS / VISITS_A_DAY);
const MINUTE_MS = 60_000;
const log = pino({ level: 'silent' });
const signer = newSigner('EdDSA');
const door = doorSchema.parse({ id: 'front', controller: { path: '/dev/null' } });

/** Restarts and successions of a day, about. */
const RESTARTS_A_DAY = 2;

/** What a start makes. */
interface Gateway {
  readonly decisions: Decisions;
  readonly settlement: Settlement;
  readonly sync: Sync;
}

/** What the door answered to whoever came for a reservation. */
interface Seen {
  readonly visit: RandomVisit;
  checkInMs: number | null;
  checkOutMs: number | null;
  stay: string | null;
}

/** A day at the gateway's decisions, its settlement and its synchronisation, on the real journal. */
class RandomDay {
  readonly venue: RandomVenue;
  readonly seen: readonly Seen[];
  readonly #path: string;
  readonly #cloudKeys: Awaited<ReturnType<typeof loadCloudKeys>>;
  readonly #clock: StepClock;
  readonly #random: Seeded;
  /** Rows of epochs that another has taken over from. */
  readonly #earlier: string[] = [];
  #journal: Journal;
  #gateway: Gateway;
  #epochs = 0;
  #shown = 0;
  #version = 0;

  private constructor(seed: number, path: string, cloudKeys: Awaited<ReturnType<typeof loadCloudKeys>>) {
    const random = new Seeded(seed);
    this.#random = random;
    this.#path = path;
    this.#cloudKeys = cloudKeys;
    this.venue = randomVenue(random);
    const visits: RandomVisit[] = [];
    for (let member = 1; visits.length < VISITS_A_DAY; member += 1)
      visits.push(...randomVisits(`u-${member}`, this.venue, random));
    this.seen = visits.map((visit) => ({ visit, checkInMs: null, checkOutMs: null, stay: null }));
    this.#clock = new StepClock(this.venue.opensMs - 12 * 60 * MINUTE_MS);
    this.#journal = openJournal(path);
    this.#gateway = this.#start();
  }

  get journal(): Journal {
    return this.#journal;
  }

  /** What a start puts together on the journal as it is. */
  #start(): Gateway {
    const common = {
      venue: venueOf({ ...this.venue.over, capacity: 10_000 }),
      journal: this.#journal,
      clock: this.#clock,
      line: { isOnline: true, isFitted: false },
      log,
    };
    const denials = new DenialFloods(common);
    const settlement = new Settlement(common);
    settlement.start();
    return {
      decisions: new Decisions({ ...common, denials }),
      settlement,
      sync: new Sync({
        ...common,
        cloudKeys: this.#cloudKeys,
        issuerKeys: { issuers: [MEMBER.iss] },
        ask: () => undefined,
      }),
    };
  }

  /** The gateway is started anew, every second time on a journal that takes over from the one before. */
  #restart(): void {
    this.#gateway.settlement.close();
    const rows = this.#journal.eventsAfter(0, this.#journal.lastSeq).map(({ body }) => body);
    this.#journal.close();
    if (this.#random.chance(0.5)) {
      this.#earlier.push(...rows);
      this.#epochs += 1;
      const epoch = EPOCH.slice(0, -2) + String(this.#epochs).padStart(2, '0');
      const [path, aside] = [this.#path, `${this.#path}.aside-${epoch}`];
      beginEpoch({ path, from: path, aside, birth: { epoch, leaseBase: 1_000 + this.#epochs } });
    }
    this.#journal = openJournal(this.#path);
    this.#gateway = this.#start();
  }

  static async live(seed: number, path: string): Promise<RandomDay> {
    const cloudKeys = await loadCloudKeys({ issuers: [], cloud: [configured(signer, 'cloud-1')] });
    const day = new RandomDay(seed, path, cloudKeys);
    await day.#live();
    return day;
  }

  async #live(): Promise<void> {
    await this.#tell(this.seen.map(({ visit }) => visit));
    const happenings = this.seen.flatMap(({ visit }) => {
      const { cancelledAtMs, comesMs, leavesMs } = visit;
      return (
        [
          [cancelledAtMs, 'cancels'],
          [comesMs, 'entry'],
          [leavesMs, 'exit'],
        ] as const
      ).flatMap(([atMs, what]) => (atMs === null ? [] : [{ atMs, what, visit }]));
    });
    for (const { atMs, what, visit } of happenings.sort((a, b) => a.atMs - b.atMs)) {
      this.#clock.moveTo(atMs);
      if (this.#random.chance(RESTARTS_A_DAY / (2 * VISITS_A_DAY))) this.#restart();
      if (what === 'cancels') await this.#tell([visit], true);
      else this.#show(visit, what);
    }
    this.#clock.moveTo(this.venue.opensMs + 72 * 60 * MINUTE_MS);
    for (let left = this.seen.length; left > 0; left -= 1)
      this.#clock.moveTo(this.#clock.wallMs() + MINUTE_MS);
    this.#gateway.settlement.close();
  }

  /** The cloud tells of bookings, or that they are cancelled. */
  async #tell(visits: readonly RandomVisit[], isCancelled = false): Promise<void> {
    const from = this.#version;
    const changes = visits.map(({ sub, reservation, cancelledAtMs }) =>
      change((this.#version += 1), reservation, {
        sub,
        cancelledAt: isCancelled && cancelledAtMs !== null ? formatInstant(cancelledAtMs) : null,
      }),
    );
    const claims = { venue: 'shibuya-1', from, to: this.#version, iat: 1_600_000_000, changes };
    const header = { alg: signer.alg, typ: 'reservation-delta+jwt', kid: 'cloud-1' };
    expect(await this.#gateway.sync.take('reservations', token(header, claims, signer))).toBe('applied');
  }

  /** A code at the door, and what whoever stands there learns from its answer. */
  #show(visit: RandomVisit, side: Side): void {
    const { sub } = visit;
    const atMs = this.#clock.wallMs();
    const shows = this.seen.find((one) => one.visit === visit);
    // Whoever was not let in stands outside.
    if (shows === undefined || (side === 'exit' && visit.comesMs !== null && shows.checkInMs === null))
      return;
    this.#shown += 1;
    const identity = this.#shown.toString(16).padStart(64, '0');
    const { credential } = requestOf({ now: '', credential: { sub, identity } });
    const controller = new FakeController('front');
    const { id, answer, stay } = this.#gateway.decisions.commit({
      config: door,
      controller,
      side,
      credential,
      seenBefore: false,
      atMs,
    });
    if (!answer.granted) {
      if (answer.reason === 'no-open-stay' && visit.comesMs === null) shows.checkOutMs = atMs;
      return;
    }
    this.#journal.write((writer) => writer.decisions.setGrant(id, 'taken', 1));
    const own = this.seen.filter(({ visit }) => visit.sub === sub);
    const about = own.find(({ visit }) => visit.reservation.space.id === answer.space);
    if (about === undefined) return;
    if (answer.kind === 'check-in') {
      // Whoever takes the next one of a kind has left the one before.
      const { kind } = about.visit.reservation.space;
      for (const other of own)
        if (other !== about && other.visit.reservation.space.kind === kind && this.#isInside(other, atMs))
          other.checkOutMs = atMs;
      Object.assign(about, { checkInMs: atMs, stay });
    }
    if (answer.kind === 'check-out') Object.assign(about, { checkOutMs: atMs, stay });
  }

  #isInside({ visit, checkInMs, checkOutMs }: Seen, atMs: number): boolean {
    return checkInMs !== null && checkOutMs === null && atMs < this.lastMs(visit);
  }

  /** From when on a visit counts as forgotten: the end of the closing's minute, or of the reservation's where that is later. */
  lastMs({ reservation }: RandomVisit): number {
    const { closingMs, policy } = this.venue;
    const endMs = Date.parse(reservation.end);
    const dayMs = Date.parse(reservation.start) + 24 * 60 * MINUTE_MS;
    const last = closingMs ?? (policy.forgottenCutoff === '24-hours' ? dayMs : endMs);
    return Math.max(last, endMs) + (policy.stamp === 'minute' ? MINUTE_MS : 1_000);
  }

  events(): readonly LedgerEvent[] {
    const rows = this.#journal.eventsAfter(0, this.#journal.lastSeq).map(({ body }) => body);
    return [...this.#earlier, ...rows].map((body) => parseEvent(JSON.parse(body)));
  }
}

/** What `genkan charge` says, called in this process: one answer a line. */
async function genkanCharge(requests: readonly object[]): Promise<readonly Charge[]> {
  let out = '';
  let err = '';
  const io = {
    stdin: (async function* () {
      yield await Promise.resolve(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
    })(),
    stdout: (text: string) => (out += text),
    stderr: (text: string) => (err += text),
  };
  expect([await chargeCommand.run(io, []), err]).toEqual([0, '']);
  return out
    .trimEnd()
    .split('\n')
    .map((line) => chargeSchema.parse(JSON.parse(line)));
}

/** The line that somebody would type who knows the reservation and what happened at the door. */
function requestFor(
  { kind, policy, closingMs }: RandomVenue,
  { visit, checkInMs, checkOutMs }: Seen,
): object {
  const { reservation, cancelledAtMs } = visit;
  const text = (ms: number | null) => (ms === null ? null : formatInstant(ms));
  return {
    venue: kind,
    space: reservation.space.kind,
    yenPer30Min: reservation.yenPer30Min,
    cap: reservation.cap ?? null,
    reservation: { start: reservation.start, end: reservation.end, cancelledAt: text(cancelledAtMs) },
    checkIn: text(checkInMs),
    checkOut: text(checkOutMs),
    closing: text(closingMs),
    policy,
  };
}

/** What two who come to the same charge have in common, whoever could see what. */
const amountOf = ({
  rule,
  chargedFrom,
  chargedTo,
  unitsBeforeCap,
  units,
  yen,
  capApplied,
  tariff,
  stamps,
}: Charge) => ({
  rule,
  chargedFrom,
  chargedTo,
  unitsBeforeCap,
  units,
  yen,
  capApplied,
  tariff,
  stamps,
});

async function disagreements(day: RandomDay): Promise<readonly unknown[]> {
  const { venue, seen, journal } = day;
  const { kind, policy, over } = venue;
  const { timeZone, hours } = venueOf(over);
  const sold = new Map(
    seen.map(({ visit: { reservation, cancelledAtMs } }) => [
      reservation.id,
      { ...reservation, cancelledAt: cancelledAtMs === null ? null : formatInstant(cancelledAtMs) },
    ]),
  );
  const account = new VenueAccount({ kind, timeZone, hours, policy }, (id) => sold.get(id));
  for (const event of day.events()) account.take(event);
  const found: unknown[] = account.mismatches.map((mismatch) => ({ mismatch }));
  const charges = await genkanCharge(seen.map((one) => requestFor(venue, one)));
  const gateways: (ChargeRecord | null)[] = [];
  for (const [index, one] of seen.entries()) {
    const own = charges[index];
    const billed = account.stays.filter(({ reservation }) => reservation === one.visit.reservation.id);
    const consumer = billed.find(({ charge }) => charge !== null)?.charge ?? null;
    const stay = billed[0]?.stay ?? one.stay ?? '';
    const gateway: ChargeRecord | null = journal.stays.get(stay)?.charge ?? null;
    gateways.push(gateway);
    // Nothing is told where nothing is to be paid.
    const isUntold = consumer === null && gateway === null && own?.rule === 'cancelled';
    const said = [own, consumer, gateway].map((charge) =>
      charge === null || charge === undefined ? null : JSON.stringify(amountOf(charge)),
    );
    if (!isUntold && (billed.length !== 1 || new Set(said).size !== 1))
      found.push({ one, said, billed: billed.length });
  }
  return [...found, ...excesses(day, gateways)];
}

/**
 * What is charged beyond the day: half hours that begin when it is over, and members who pay for more hours than it has.
 * Hours that two charges cover are counted once: the charge says what it comes to then.
 */
function excesses({ venue, seen }: RandomDay, charges: readonly (ChargeRecord | null)[]): readonly unknown[] {
  const found: unknown[] = [];
  const members = new Map<string, { yen: number; fromMs: number; toMs: number; yenPer30Min: number }>();
  for (const [index, { visit }] of seen.entries()) {
    const { reservation, sub } = visit;
    const { yenPer30Min, space } = reservation;
    const charge = charges[index];
    if (charge?.chargedTo === undefined || charge.chargedTo === null) continue;
    const startMs = Date.parse(reservation.start);
    const dayEndMs =
      venue.closingMs ?? (venue.policy.forgottenCutoff === '24-hours' ? startMs + 24 * 60 * MINUTE_MS : 0);
    const lastMs = Math.max(dayEndMs, Date.parse(reservation.end));
    const isLateWhereNothingCloses = charge.tariff.closing === null && charge.rule === 'late-seat';
    if (Date.parse(charge.chargedTo) - 30 * MINUTE_MS >= lastMs && !isLateWhereNothingCloses)
      found.push({ past: lastMs, visit, charge });
    const key = `${sub} ${space.kind}`;
    const known = members.get(key) ?? { yen: 0, fromMs: startMs, toMs: 0, yenPer30Min };
    const toMs = Math.max(known.toMs, lastMs, Date.parse(charge.chargedTo));
    const once = charge.alternatives.find(({ reading }) => reading === 'no-double-charge');
    const yen = once?.yen ?? charge.yen;
    members.set(key, { ...known, yen: known.yen + yen, toMs });
  }
  for (const [who, { yen, fromMs, toMs, yenPer30Min }] of members)
    if (yen > Math.ceil((toMs - fromMs) / (30 * MINUTE_MS)) * yenPer30Min) found.push({ who, yen });
  return found;
}

describe('the gateway, the reference consumer and genkan charge', () => {
  it(
    `agree on ${DAYS * VISITS_A_DAY} random visits that went through the journal, restarts and successions, and none is billed twice`,
    { timeout: 1_800_000 },
    async () => {
      const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'genkan-days-'));
      try {
        for (let seed = 1; seed <= DAYS; seed += 1) {
          const day = await RandomDay.live(seed, join(folder, `${seed}.db`));
          expect((await disagreements(day)).slice(0, 3), `day ${seed}`).toEqual([]);
          day.journal.close();
          for (const file of readdirSync(folder)) rmSync(join(folder, file));
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});
