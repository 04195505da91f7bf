import { createHash } from 'node:crypto';
import { canonicalJson } from '../../shared/canonical.ts';
import { chainGenesis, chainNext, type Sha256 } from '../../shared/chain.ts';
import type { ChargeRecord } from '../../shared/contract/charge.ts';
import type { EventData, LedgerEvent } from '../../shared/contract/events.ts';
import type { Member } from '../../shared/contract/member.ts';
import { STAY_RECORDS_MAX, type StayRecord, type StayRecords } from '../../shared/contract/stays.ts';
import { auditCharge, type Booking, type VenueTerms } from './billing-audit.ts';

/** One visit and what it costs. */
export interface BilledStay extends Member {
  readonly stay: string;
  /** Of a reservation its id, of a ticket's visit `null`. */
  readonly reservation: string | null;
  readonly checkIn: string | null;
  readonly checkOut: string | null;
  /** The use of a ticket that the visit was; `null` for a reservation. */
  readonly use: { readonly ticket: string; readonly used: number; readonly remaining: number | null } | null;
  /** The charge in force: the one that was told last. `null` while nothing is billed. */
  readonly charge: ChargeRecord | null;
  /** Charges that another took the place of, oldest first. */
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

/** Two epochs of one venue that went on side by side. */
export interface SideBySide {
  readonly earlier: string;
  readonly later: string;
  /** The event of the earlier one that showed it. */
  readonly id: string;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Account = Writable<BilledStay> & {
  visit: EventData<'stay.checked-in'>['visit'] | null;
  /** The newest epoch that told anything of it. */
  epoch: string;
  /** By epoch: the number of the last event that told of it. */
  readonly told: Map<string, number>;
};

/** A place in the venue's ledgers, the epochs in the order of their ULIDs. */
type Place = Pick<LedgerEvent, 'epoch' | 'seq'>;

/** A stay as all events have left it, and where the last event is that a question asks for. */
export interface LastWord extends Place {
  readonly record: StayRecord;
}

/**
 * The stays of one venue over all of its epochs, their charges computed once more by the rules that gateway and cloud
 * share. A stay is one visit whichever journals it passed through: of two epochs' words on it the later one's holds.
 */
export class VenueAccount {
  readonly #terms: VenueTerms | undefined;
  readonly #bookings: (id: string) => Booking | undefined;
  readonly #stays = new Map<string, Account>();
  readonly #mismatches: Mismatch[] = [];
  /** By epoch: the time of its first start. */
  readonly #startedMs = new Map<string, number>();
  readonly #sideBySide = new Map<string, SideBySide>();

  constructor(terms: VenueTerms | undefined, bookings: (id: string) => Booking | undefined) {
    this.#terms = terms;
    this.#bookings = bookings;
  }

  get stays(): readonly BilledStay[] {
    return [...this.#stays.values()];
  }

  get mismatches(): readonly Mismatch[] {
    return this.#mismatches;
  }

  /** Every stay that an event above a place and below an epoch tells of, in the order of the last of these. */
  lastWords(above: Place, before: string): readonly LastWord[] {
    return [...this.#stays.values()]
      .flatMap((account) => {
        const [last] = [...account.told]
          .map(([epoch, seq]) => ({ epoch, seq }))
          .filter((place) => place.epoch < before && inOrder(above, place) < 0)
          .sort((a, b) => inOrder(b, a));
        return last === undefined ? [] : [{ ...last, record: recordOf(account) }];
      })
      .sort(inOrder);
  }

  /** Epochs that went on side by side: two gateways were at work for the venue, or one journal in two places. */
  get sideBySide(): readonly SideBySide[] {
    return [...this.#sideBySide.values()];
  }

  /** Takes an event; those of one epoch in their order. */
  take(event: LedgerEvent): void {
    this.#compareEpochs(event);
    switch (event.name) {
      case 'stay.checked-in': {
        const { visit, checkIn } = event.data;
        const { account, isLate } = this.#account(event, event.data);
        account.checkIn = isLate ? (account.checkIn ?? checkIn) : checkIn;
        account.visit = visit;
        if (visit.kind === 'reservation') account.reservation = visit.reservation;
        else account.use = { ticket: visit.ticket, used: visit.used, remaining: visit.remaining };
        return;
      }
      case 'stay.checked-out': {
        const { checkOut } = event.data;
        const { account, isLate } = this.#account(event, event.data);
        account.checkOut = isLate ? (account.checkOut ?? checkOut) : checkOut;
        return;
      }
      case 'stay.voided':
        neverGotIn(this.#account(event, event.data).account);
        return;
      case 'stay.corrected': {
        const { stay, checkIn, checkOut } = event.data;
        const account = this.#stays.get(stay);
        if (account === undefined || event.epoch < account.epoch) return;
        account.epoch = event.epoch;
        account.told.set(event.epoch, event.seq);
        account.checkIn = checkIn ?? account.checkIn;
        account.checkOut = checkOut ?? account.checkOut;
        return;
      }
      case 'charge.computed':
        this.#bill(event, event.data);
        return;
      case 'charge.superseded':
        this.#supersede(event, event.data);
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
      case 'door.codes-taken':
      case 'door.tamper':
      case 'gateway.clock-changed':
      case 'gateway.gap':
      case 'gateway.receipt-returned':
      case 'gateway.started':
      case 'gateway.storage-degraded':
      case 'gateway.trust-stale':
      case 'reservation.past-closing':
      case 'reservation.shortened':
      case 'reservation.unsettled':
      case 'scanner.offline':
      case 'scanner.online':
      case 'stay.forgotten':
      case 'stay.no-show':
      case 'stay.reentered':
      case 'unknown':
        // Moves no money, and changes nothing that a charge is computed from.
        return;
    }
  }

  /** An epoch that gave way to a later one has nothing to tell of the time after the later one's first start. */
  #compareEpochs({ name, id, epoch, time, clock }: LedgerEvent): void {
    if (clock === 'untrusted') return;
    const atMs = Date.parse(time);
    if (name === 'gateway.started' && !this.#startedMs.has(epoch)) this.#startedMs.set(epoch, atMs);
    for (const [later, startedMs] of this.#startedMs)
      if (later > epoch && atMs > startedMs && !this.#sideBySide.has(`${epoch} ${later}`))
        this.#sideBySide.set(`${epoch} ${later}`, { earlier: epoch, later, id });
  }

  /** `isLate`: a later epoch has had its word on the stay already. */
  #account({ epoch, seq }: LedgerEvent, { stay, iss, sub }: Member & Pick<BilledStay, 'stay'>) {
    const known = this.#stays.get(stay);
    if (known !== undefined) {
      const isLate = epoch < known.epoch;
      if (!isLate) known.epoch = epoch;
      known.told.set(epoch, seq);
      return { account: known, isLate };
    }
    const account: Account = {
      stay,
      iss,
      sub,
      reservation: null,
      checkIn: null,
      checkOut: null,
      use: null,
      charge: null,
      superseded: [],
      isVoided: false,
      visit: null,
      epoch,
      told: new Map([[epoch, seq]]),
    };
    this.#stays.set(stay, account);
    return { account, isLate: false };
  }

  /** A second charge of a stay takes the place of the first, so that it is billed once, and somebody has to look at it. */
  #bill(event: LedgerEvent, data: EventData<'charge.computed'>): void {
    const { stay, reservation, charge } = data;
    const { account, isLate } = this.#account(event, data);
    if (account.charge !== null)
      this.#mismatches.push({ id: event.id, stay, what: 'the stay is charged already' });
    account.reservation = reservation;
    this.#charge(event, account, charge, isLate);
  }

  #supersede(event: LedgerEvent, data: EventData<'charge.superseded'>): void {
    const { stay, reservation, before, after } = data;
    const { account, isLate } = this.#account(event, data);
    if (account.charge === null || canonicalJson(account.charge) !== canonicalJson(before))
      this.#mismatches.push({ id: event.id, stay, what: 'before: is not the charge in force' });
    account.reservation = reservation;
    this.#charge(event, account, after, isLate);
  }

  #charge({ id }: LedgerEvent, account: Account, charge: ChargeRecord, isLate: boolean): void {
    const before = account.charge;
    if (isLate && before !== null) {
      account.superseded = [charge, ...account.superseded];
      return;
    }
    account.superseded = [...account.superseded, ...(before === null ? [] : [before])];
    account.charge = charge;
    const booking = account.reservation === null ? undefined : this.#bookings(account.reservation);
    const differing = auditCharge(account, charge, this.#terms, booking);
    if (differing.length > 0) this.#mismatches.push({ id, stay: account.stay, what: differing.join(', ') });
  }
}

/** The answer to a gateway that asks for last words: as many as one message takes. */
export function stayRecordsOf(
  about: Omit<StayRecords, 'next' | 'stays'>,
  words: readonly LastWord[],
): StayRecords {
  const said = words.slice(0, STAY_RECORDS_MAX);
  const last = said.length < words.length ? said.at(-1) : undefined;
  const next = last === undefined ? null : { epoch: last.epoch, seq: last.seq };
  return { ...about, next, stays: said.map(({ record }) => record) };
}

function inOrder(a: Place, b: Place): number {
  if (a.epoch === b.epoch) return a.seq - b.seq;
  return a.epoch < b.epoch ? -1 : 1;
}

function recordOf(account: Account): StayRecord {
  const { stay, iss, sub, reservation, checkIn, checkOut, charge } = account;
  return { stay, iss, sub, reservation, state: stateOf(account), checkIn, checkOut, charge };
}

/** Whoever was charged already is a no-show, as if nobody had come. */
function neverGotIn(account: Account): void {
  Object.assign(
    account,
    { use: null },
    account.charge === null ? { isVoided: true } : { checkIn: null, checkOut: null },
  );
}

function stateOf({ isVoided, checkIn, checkOut, charge }: Account): StayRecord['state'] {
  if (isVoided) return 'voided';
  if (checkOut !== null) return 'checked-out';
  if (checkIn === null) return 'no-show';
  return charge === null ? 'open' : 'forgotten';
}

const sha256: Sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** One epoch of one venue, read in order and without gaps: its chain, and the account that its events are entered in. */
export class LedgerAccount {
  readonly #account: VenueAccount;
  #seq = 0;
  #head: Uint8Array;

  constructor(epoch: string, account: VenueAccount) {
    this.#account = account;
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

  /** Takes the next event. The caller keeps the order. */
  take(event: LedgerEvent, body: string): void {
    if (event.seq !== this.#seq + 1) throw new Error(`event ${event.seq} after ${this.#seq}`);
    this.#seq = event.seq;
    this.#head = chainNext(sha256, this.#head, body);
    this.#account.take(event);
  }
}
