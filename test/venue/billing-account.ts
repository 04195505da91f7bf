import { createHash } from 'node:crypto';
import { computeCharge } from '../../shared/billing/charge.ts';
import { chargeToWire } from '../../shared/billing/wire.ts';
import { canonicalJson, type JsonValue } from '../../shared/canonical.ts';
import { chainGenesis, chainNext, type Sha256 } from '../../shared/chain.ts';
import type { Charge, ChargeCap, ChargeRecord, SpaceKind } from '../../shared/contract/charge.ts';
import type { VenueConfig } from '../../shared/contract/config.ts';
import type { EventData, LedgerEvent } from '../../shared/contract/events.ts';
import { parseInstant } from '../../shared/time.ts';

/** What the billing service knows of a venue by itself. */
export type VenueTerms = Pick<VenueConfig, 'kind' | 'timeZone' | 'hours' | 'policy'>;

/** What the billing service knows of a reservation by itself: it was sold here. */
export interface Booking {
  readonly space: { readonly kind: SpaceKind };
  readonly start: string;
  readonly end: string;
  readonly yenPer30Min: number;
  readonly cap?: ChargeCap | null;
}

/** One visit and what it costs. */
export interface BilledStay {
  readonly stay: string;
  readonly sub: string;
  /** Of a reservation its id, of a ticket's visit `null`. */
  readonly reservation: string | null;
  readonly checkIn: string | null;
  readonly checkOut: string | null;
  /** The use of a ticket that the visit was; `null` for a reservation. */
  readonly use: { readonly ticket: string; readonly used: number; readonly remaining: number | null } | null;
  /** The charge in force: the one that superseded last. `null` while nothing is billed. */
  readonly charge: ChargeRecord | null;
  /** Charges that were superseded, oldest first. */
  readonly superseded: readonly ChargeRecord[];
  readonly isVoided: boolean;
}

/** A charge of the gateway that the service does not come to by itself. */
export interface Mismatch {
  readonly id: string;
  readonly stay: string;
  /** The members that differ, or why the charge cannot be checked. */
  readonly what: string;
}

const sha256: Sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Account = Writable<BilledStay> & { visit: EventData<'stay.checked-in'>['visit'] | null };

/**
 * One epoch of one venue, read in order and without gaps: its chain, its stays, their charges computed once more by
 * the rules that gateway and cloud share.
 */
export class LedgerAccount {
  readonly #terms: VenueTerms | undefined;
  readonly #bookings: (id: string) => Booking | undefined;
  readonly #stays = new Map<string, Account>();
  readonly #mismatches: Mismatch[] = [];
  #seq = 0;
  #head: Uint8Array;

  constructor(epoch: string, terms: VenueTerms | undefined, bookings: (id: string) => Booking | undefined) {
    this.#terms = terms;
    this.#bookings = bookings;
    this.#head = chainGenesis(sha256, epoch);
  }

  /** Highest number up to which nothing is missing. */
  get seq(): number {
    return this.#seq;
  }

  /** Chain head there, hexadecimal. */
  get head(): string {
    return Buffer.from(this.#head).toString('hex');
  }

  get stays(): readonly BilledStay[] {
    return [...this.#stays.values()];
  }

  get mismatches(): readonly Mismatch[] {
    return this.#mismatches;
  }

  /** Takes the next event. The caller keeps the order. */
  take(event: LedgerEvent, body: string): void {
    if (event.seq !== this.#seq + 1) throw new Error(`event ${event.seq} after ${this.#seq}`);
    this.#seq = event.seq;
    this.#head = chainNext(sha256, this.#head, body);
    switch (event.name) {
      case 'stay.checked-in': {
        const { visit, checkIn, stay, sub } = event.data;
        const account = this.#account(stay, sub);
        account.checkIn = checkIn;
        account.visit = visit;
        if (visit.kind === 'reservation') account.reservation = visit.reservation;
        else account.use = { ticket: visit.ticket, used: visit.used, remaining: visit.remaining };
        return;
      }
      case 'stay.checked-out':
        this.#account(event.data.stay, event.data.sub).checkOut = event.data.checkOut;
        return;
      case 'stay.voided':
        Object.assign(this.#account(event.data.stay, event.data.sub), { isVoided: true, use: null });
        return;
      case 'stay.corrected': {
        const { stay, checkIn, checkOut } = event.data;
        const account = this.#stays.get(stay);
        if (account === undefined) return;
        account.checkIn = checkIn ?? account.checkIn;
        account.checkOut = checkOut ?? account.checkOut;
        return;
      }
      case 'charge.computed':
        this.#bill(event.id, event.data);
        return;
      case 'charge.superseded':
        this.#supersede(event.id, event.data);
        return;
      case 'access.denied':
      case 'access.granted':
      case 'access.not-taken':
      case 'access.taken':
      case 'command.executed':
      case 'command.refused':
      case 'controller.offline':
      case 'controller.online':
      case 'controller.reset':
      case 'door.closed':
      case 'door.egress':
      case 'door.fire-release':
      case 'door.forced-open':
      case 'door.held-open':
      case 'door.lock-fault':
      case 'door.opened':
      case 'door.secured':
      case 'door.tamper':
      case 'gateway.clock-changed':
      case 'gateway.gap':
      case 'gateway.started':
      case 'gateway.storage-degraded':
      case 'gateway.trust-stale':
      case 'reservation.past-closing':
      case 'reservation.shortened':
      case 'scanner.offline':
      case 'scanner.online':
      case 'stay.forgotten':
      case 'stay.no-show':
      case 'stay.reentered':
        // Moves no money, and changes nothing that a charge is computed from.
        return;
    }
  }

  #account(stay: string, sub: string): Account {
    const known = this.#stays.get(stay);
    if (known !== undefined) return known;
    const account: Account = {
      stay,
      sub,
      reservation: null,
      checkIn: null,
      checkOut: null,
      use: null,
      charge: null,
      superseded: [],
      isVoided: false,
      visit: null,
    };
    this.#stays.set(stay, account);
    return account;
  }

  #bill(id: string, { stay, sub, reservation, charge }: EventData<'charge.computed'>): void {
    const account = this.#account(stay, sub);
    if (account.charge !== null) {
      this.#mismatches.push({ id, stay, what: 'the stay is charged already' });
      return;
    }
    account.reservation = reservation;
    account.charge = charge;
    this.#audit(id, account, charge);
  }

  #supersede(id: string, { stay, sub, before, after }: EventData<'charge.superseded'>): void {
    const account = this.#account(stay, sub);
    if (account.charge === null || canonicalJson(account.charge) !== canonicalJson(before)) {
      this.#mismatches.push({ id, stay, what: 'before: is not the charge in force' });
    }
    account.superseded = [...account.superseded, ...(account.charge === null ? [] : [account.charge])];
    account.charge = after;
    this.#audit(id, account, after);
  }

  /** Computes the charge from what the service knows and what the ledger says of the stay. */
  #audit(id: string, account: Account, charge: ChargeRecord): void {
    const complain = (what: string) => this.#mismatches.push({ id, stay: account.stay, what });
    const booking = account.reservation === null ? undefined : this.#bookings(account.reservation);
    const booked = booking ?? bookingFromLedger(account, charge);
    if (this.#terms === undefined) complain('the venue is unknown here');
    else if (booked === null) complain('the reservation is unknown here');
    else {
      const differing = differingMembers(charge, recompute(account, booked, charge, this.#terms));
      if (differing.length > 0) complain(differing.join(', '));
    }
  }
}

/** Where the service sold no such reservation, the gateway's word on its price and times has to do. */
function bookingFromLedger({ visit }: Account, { tariff }: ChargeRecord): Booking | null {
  if (visit?.kind !== 'reservation') return null;
  const { space, start, end } = visit;
  return { space, start, end, yenPer30Min: tariff.yenPer30Min, cap: tariff.cap };
}

function recompute(account: Account, booked: Booking, charge: ChargeRecord, terms: VenueTerms): Charge {
  const endMs = parseInstant(booked.end);
  const computed = computeCharge({
    venue: terms.kind,
    space: booked.space.kind,
    yenPer30Min: booked.yenPer30Min,
    cap: booked.cap ?? null,
    startMs: parseInstant(booked.start),
    endMs,
    cancelledAtMs: null,
    checkInMs: account.checkIn === null ? null : parseInstant(account.checkIn),
    checkOutMs: account.checkOut === null ? null : parseInstant(account.checkOut),
    closingMs: closingOnDayOf(booked.start, terms),
    policy: terms.policy,
    // What only the door can have seen is taken over; what follows from the stamps must be there.
    flags: charge.flags,
  });
  return chargeToWire(computed, terms.timeZone);
}

/**
 * The closing that counts for a booking, worked out from the venue's calendar alone and not with the gateway's own code:
 * a row for each day about it, of which the one that the booking's start stands in is taken. A night that ends on the
 * next day belongs to the day on which it began.
 */
function closingOnDayOf(start: string, { hours, timeZone }: VenueTerms): number | null {
  if (hours === null) return null;
  const startMs = Date.parse(start);
  const days = [-1, 0].map((offset) => {
    const day = dateIn(timeZone, startMs + offset * 86_400_000);
    const { open, close } = hours.exceptions.find(({ date }) => date === day) ?? hours;
    if (open === undefined || close === undefined) return null;
    const endsNextDay = close <= open;
    return Date.parse(
      zoned(endsNextDay ? dateIn(timeZone, Date.parse(`${day}T12:00:00Z`) + 86_400_000) : day, close, start),
    );
  });
  return days.find((closingMs) => closingMs !== null && startMs < closingMs) ?? null;
}

function dateIn(timeZone: string, atMs: number): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone }).format(atMs);
}

/** A time of day on a date, at the offset that an instant of that day is written with; 24:00 is the next midnight. */
function zoned(date: string, time: string, like: string): string {
  const offset = like.endsWith('Z') ? 'Z' : like.slice(-6);
  if (time !== '24:00') return `${date}T${time}:00${offset}`;
  const next = new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  return `${next}T00:00:00${offset}`;
}

function differingMembers(charge: ChargeRecord, own: Charge): readonly string[] {
  const text = (value: JsonValue) => canonicalJson(value);
  return (Object.keys(own) as (keyof Charge)[])
    .filter((member) => text(charge[member]) !== text(own[member]))
    .map((member) => `${member}: ${text(charge[member])} should be ${text(own[member])}`);
}
