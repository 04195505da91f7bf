import type { LedgerEvent } from '../../shared/contract/events.ts';
import type { Reservation } from '../../shared/contract/pass.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import { parseInstant } from '../../shared/time.ts';
import { nameOf } from './people.ts';
import { RETRY_WITHIN_MS, type Presentation } from './oracle.ts';
import type { Day } from './scenario.ts';

type Named<N extends LedgerEvent['name']> = Extract<LedgerEvent, { name: N }>;

/** One visit, or a reservation that nobody came for, as the ledger tells it. */
export interface Told {
  readonly stay: string;
  readonly sub: string;
  reservation: string | null;
  ticket: string | null;
  role: 'user' | 'guest';
  /** `<epoch> <grant>`. */
  grants: string[];
  checkInMs: number | null;
  checkOutMs: number | null;
  isVoided: boolean;
  isOpen: boolean;
  yen: number | null;
  /** Of which epoch the charge in force is. */
  billedIn: string | null;
  /** How often it was billed; superseding is no further time. */
  bills: number;
}

/** Everything that a ledger tells, read in order, with what cannot be true of it. */
export interface Reading {
  readonly stays: ReadonlyMap<string, Told>;
  readonly granted: ReadonlyMap<string, Named<'access.granted'>>;
  readonly voids: readonly Named<'stay.voided'>[];
  /** Reservations that nobody settles after a restore, by id: that is told, and left to people. */
  readonly left: ReadonlySet<string>;
  readonly faults: readonly string[];
}

/**
 * Reads the consumer's ledger beside what members know that they did. It knows the contract, and nothing of how the
 * gateway comes to its decisions.
 */
export function readLedger(
  events: readonly LedgerEvent[],
  presentations: readonly Presentation[],
  { tickets, sold }: Day,
): Reading {
  const cancelled = new Map(
    sold.flatMap(({ reservation: { id }, cancelledAtMs }) =>
      cancelledAtMs === null ? [] : [[id, cancelledAtMs]],
    ),
  );
  const reader = new Reader(presentations, tickets, cancelled);
  for (const event of events) reader.take(named(event));
  return reader;
}

/** The event with its member under the one word that the simulation has for them. */
function named(event: LedgerEvent): LedgerEvent {
  if (event.name === 'unknown') return event;
  const { data } = event;
  if (!('iss' in data) || data.iss === null || data.sub === null) return event;
  return { ...event, data: { ...data, sub: nameOf({ iss: data.iss, sub: data.sub }) } } as LedgerEvent;
}

/** Uses of a basic ticket in a period. */
const TICKET_USES_MAX = 31;

class Reader implements Reading {
  readonly stays = new Map<string, Told>();
  readonly granted = new Map<string, Named<'access.granted'>>();
  readonly voids: Named<'stay.voided'>[] = [];
  readonly left = new Set<string>();
  readonly faults: string[] = [];
  readonly #byIdentity = new Map<string, Presentation[]>();
  readonly #uses: Map<string, number>;
  /** Uses that may have been counted twice: by the issuer, and by a gateway that had no receipt for them yet. */
  readonly #usesTwice = new Map<string, number>();
  /** What was granted to whom at which side, and how far the gateway's clock was ahead then. */
  readonly #wishes = new Map<
    string,
    { readonly atMs: number; readonly stay: string | null; readonly aheadMs: number | null }[]
  >();
  readonly #commands = new Set<string>();
  /** Whose grant was told last: what follows from it is told right after it. */
  #newest: string | null = null;
  /** When reservations were cancelled, epoch milliseconds. */
  readonly #cancelled: ReadonlyMap<string, number>;

  constructor(
    presentations: readonly Presentation[],
    ticketUsed: ReadonlyMap<string, number>,
    cancelled: ReadonlyMap<string, number>,
  ) {
    this.#cancelled = cancelled;
    for (const one of presentations) {
      const shown = this.#byIdentity.get(one.identity);
      if (shown === undefined) this.#byIdentity.set(one.identity, [one]);
      else shown.push(one);
    }
    this.#uses = new Map(ticketUsed);
  }

  take(event: LedgerEvent): void {
    // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- an oracle looks at what it judges
    switch (event.name) {
      case 'access.granted':
        this.#grant(event);
        return;
      case 'access.denied':
        this.#deny(event);
        return;
      case 'stay.checked-in':
        this.#checkIn(event);
        return;
      case 'stay.reentered':
        this.stays.get(event.data.stay)?.grants.push(`${event.epoch} ${event.data.grant}`);
        return;
      case 'stay.checked-out':
        this.#checkOut(event);
        return;
      case 'stay.forgotten':
        this.#end(event.data.stay, 'forgotten');
        return;
      case 'stay.no-show': {
        const { stay, sub, reservation } = event.data;
        if (this.stays.has(stay)) this.#fault(`${stay} is a no-show after it was a stay`);
        this.stays.set(stay, { ...blank(stay, sub), reservation, isOpen: false });
        return;
      }
      case 'reservation.unsettled':
        this.left.add(event.data.reservation);
        return;
      case 'stay.voided':
        this.#void(event);
        return;
      case 'stay.corrected': {
        const told = this.stays.get(event.data.stay);
        const { checkIn, checkOut } = event.data;
        if (told === undefined) return;
        if (checkIn !== null) told.checkInMs = parseInstant(checkIn);
        if (checkOut !== null) told.checkOutMs = parseInstant(checkOut);
        return;
      }
      case 'charge.computed': {
        const told = this.stays.get(event.data.stay);
        if (told === undefined) {
          this.#fault(`a charge for ${event.data.stay}, which is no stay`);
          return;
        }
        told.reservation ??= event.data.reservation;
        // Of two epochs' words on one visit the later holds.
        const isReplaced = told.billedIn !== null && told.billedIn !== event.epoch;
        if (!isReplaced) told.bills += 1;
        told.yen = (isReplaced ? 0 : (told.yen ?? 0)) + event.data.charge.yen;
        told.billedIn = event.epoch;
        return;
      }
      case 'charge.superseded': {
        const told = this.stays.get(event.data.stay);
        if (told === undefined || told.yen !== event.data.before.yen)
          this.#fault(`${event.data.stay}: a charge supersedes what was not in force`);
        if (told !== undefined) told.yen = event.data.after.yen;
        return;
      }
      case 'command.executed':
        if (this.#commands.has(event.data.command))
          this.#fault(`${event.data.command} was carried out twice`);
        this.#commands.add(event.data.command);
        return;
      default:
        // Moves no money and opens no stay.
        return;
    }
  }

  #grant(event: Named<'access.granted'>): void {
    const { presentation, sub, side, door, stay, grant } = event.data;
    const atMs = parseInstant(event.time);
    const asked = this.#shownAt(presentation, side, atMs);
    if (asked === undefined) this.#fault(`grant ${grant}, which nobody asked for at ${event.time}`);
    else {
      if (asked.sub !== sub || asked.side !== side)
        this.#fault(`grant ${grant} is not what ${sub} asked for`);
      if (this.granted.has(presentation) && !isBearer(asked))
        this.#fault(`one credential of ${sub} was granted twice`);
    }
    const wish = wishOf(sub, door, side);
    const before = this.#wishes.get(wish) ?? [];
    // A check-out closes one stay; the next is for another one.
    const isOtherStay = (earlier: { readonly stay: string | null }) =>
      event.data.kind === 'check-out' && earlier.stay !== stay;
    if (before.some((earlier) => Math.abs(atMs - earlier.atMs) < RETRY_WITHIN_MS && !isOtherStay(earlier)))
      this.#fault(`${sub} was granted twice at ${door} ${side} within ten seconds: a retry is no new visit`);
    this.#wishes.set(wish, [...before, { atMs, stay, aheadMs: asked === undefined ? null : aheadOf(asked) }]);
    this.granted.set(presentation, event);
    this.#newest = sub;
    if (stay !== null) this.stays.get(stay)?.grants.push(`${event.epoch} ${grant}`);
  }

  #deny({ data, seq, time }: Named<'access.denied'>): void {
    const { presentation, reason, sub, door, side } = data;
    const asked = presentation === null ? undefined : this.#shownAt(presentation, side, parseInstant(time));
    if (asked === undefined) {
      this.#fault(`a denial of ${sub ?? 'somebody'} for ${reason}, who asked for nothing at ${time}`);
      return;
    }
    if (reason === 'limit-31') {
      const used = Math.max(
        ...asked.ents.map(({ id }) => (this.#uses.get(id) ?? 0) + (this.#usesTwice.get(id) ?? 0)),
      );
      if (used < TICKET_USES_MAX)
        this.#fault(`${sub ?? ''} was denied use ${used + 1} of a ticket (event ${seq})`);
      return;
    }
    const isInside = [...this.stays.values()].some((stay) => stay.isOpen && stay.sub === sub);
    if (!isPlausible(reason, this.#withoutCancelled(asked), isInside, this.#hasLeft(asked)))
      this.#fault(`${sub ?? ''} was denied for ${reason} without cause (event ${seq})`);
    if ((reason === 'passback' || reason === 'no-open-stay') && this.#isRetry(asked, door))
      this.#fault(`${sub ?? ''} was granted, and the retry was denied for ${reason} (event ${seq})`);
  }

  /** Whether the same was granted less than ten seconds before, by a clock that nobody moved in between. */
  #isRetry(asked: Presentation, door: string): boolean {
    const granted = this.#wishes.get(wishOf(asked.sub, door, asked.side)) ?? [];
    return granted.some(({ atMs, aheadMs }) => {
      const ageMs = asked.wallMs - atMs;
      return aheadMs === aheadOf(asked) && ageMs >= 0 && ageMs < RETRY_WITHIN_MS;
    });
  }

  /** The showing of a credential at an instant of the gateway's clock. Two sides may be shown the same one in that instant. */
  #shownAt(identity: string, side: Side, atMs: number): Presentation | undefined {
    const shown = this.#byIdentity.get(identity)?.filter(({ wallMs }) => Math.floor(wallMs) === atMs);
    return shown?.find((one) => one.side === side) ?? shown?.[0];
  }

  /** What its holder may rely on: a cancelled reservation is none. A guest's mailed pass says what it said. */
  #withoutCancelled(asked: Presentation): Presentation {
    if (isBearer(asked)) return asked;
    return {
      ...asked,
      ents: asked.ents.filter(({ id }) => (this.#cancelled.get(id) ?? Infinity) > asked.atMs),
    };
  }

  #hasLeft({ sub }: Presentation): boolean {
    return [...this.stays.values()].some((stay) => stay.sub === sub && stay.checkOutMs !== null);
  }

  #checkIn({ data, epoch }: Named<'stay.checked-in'>): void {
    const known = this.stays.get(data.stay);
    if (known?.isOpen === true) this.#fault(`${data.stay} was checked in twice`);
    const told = known ?? blank(data.stay, data.sub);
    this.stays.set(data.stay, told);
    told.checkInMs = parseInstant(data.checkIn);
    told.isOpen = true;
    told.isVoided = false;
    told.grants.push(`${epoch} ${data.grant}`);
    const { visit } = data;
    if (visit.kind === 'reservation') {
      told.reservation = visit.reservation;
      told.role = visit.role;
      return;
    }
    told.ticket = visit.ticket;
    const used = (this.#uses.get(visit.ticket) ?? 0) + 1;
    this.#uses.set(visit.ticket, used);
    if (visit.plan === 'basic' && used > TICKET_USES_MAX)
      this.#fault(`${visit.ticket}: use ${used} was admitted`);
    const twice = this.#usesTwice.get(visit.ticket) ?? 0;
    this.#usesTwice.set(visit.ticket, twice + 1);
    if (visit.used < used || visit.used > used + twice)
      this.#fault(`${visit.ticket}: use ${visit.used} should be use ${used}`);
  }

  #checkOut({ data }: Named<'stay.checked-out'>): void {
    // Who came in behind somebody else is billed by the check-out alone; the charge tells the reservation.
    if (!this.stays.has(data.stay) && data.by === 'member')
      this.stays.set(data.stay, { ...blank(data.stay, data.sub), isOpen: false });
    const told = this.#end(data.stay, 'checked out');
    const isByCode = data.by === 'member' ? data.grant !== null : data.by === 'next-reservation';
    if (isByCode && this.#newest !== data.sub)
      this.#fault(`${data.stay} of ${data.sub} was ended by ${this.#newest ?? 'nobody'}`);
    if (told !== undefined) told.checkOutMs = parseInstant(data.checkOut);
  }

  #void(event: Named<'stay.voided'>): void {
    this.voids.push(event);
    const told = this.stays.get(event.data.stay);
    if (told === undefined) return;
    told.isVoided = true;
    told.isOpen = false;
    if (told.ticket !== null) this.#uses.set(told.ticket, (this.#uses.get(told.ticket) ?? 1) - 1);
    // Whoever did not get in and was charged is a no-show, again or for the first time.
    if (told.bills > 0) Object.assign(told, { checkInMs: null, checkOutMs: null, isVoided: false });
  }

  #end(stay: string, how: string): Told | undefined {
    const told = this.stays.get(stay);
    if (told === undefined) this.#fault(`${stay} was ${how} and never begun`);
    else told.isOpen = false;
    return told;
  }

  #fault(what: string): void {
    this.faults.push(what);
  }
}

const blank = (stay: string, sub: string): Told => ({
  stay,
  sub,
  reservation: null,
  ticket: null,
  role: 'user',
  grants: [],
  checkInMs: null,
  checkOutMs: null,
  isVoided: false,
  isOpen: false,
  yen: null,
  billedIn: null,
  bills: 0,
});

const wishOf = (sub: string, door: string, side: string): string => `${sub} ${door} ${side}`;

/** How far the gateway's clock was ahead of true time, in milliseconds. */
const aheadOf = ({ wallMs, atMs }: Presentation): number => wallMs - atMs;

/** A guest's mailed QR may be shown more than once. */
const isBearer = ({ ents }: Presentation): boolean =>
  ents.every((ent) => ent.kind === 'reservation' && ent.role === 'guest');

/** Whether the reason can be the reason, by what the member and the door knew then. */
function isPlausible(reason: string, asked: Presentation, isInside: boolean, hasLeft: boolean): boolean {
  const { wallMs, ents, side } = asked;
  const reservations = ents.filter((ent): ent is Reservation => ent.kind === 'reservation');
  const ageS = wallMs / 1000 - asked.signedS;
  switch (reason) {
    case 'door-offline':
      return !asked.controllerOnline;
    case 'storage-degraded':
      return !asked.storageWritable;
    case 'replay':
      return asked.isCopy || isBearer(asked);
    case 'proof-stale':
      return asked.isCopy || (asked.via === 'scanner' ? ageS > 15 || ageS < -5 : Math.abs(ageS) > 300);
    case 'too-early':
      return reservations.some(({ start }) => wallMs < parseInstant(start));
    case 'reservation-ended':
      // A guest's time ends where the host has shortened it.
      return hasLeft || isBearer(asked) || reservations.every(({ end }) => wallMs >= parseInstant(end));
    case 'no-open-stay':
      return side === 'exit' && !isInside;
    case 'passback':
      return isInside;
    case 'venue-closed':
      return true;
    case 'host-not-checked-in':
      return isBearer(asked);
    default:
      // Cancelled reservations, worn passes: not judged here.
      return reason === 'no-reservation' || reason.startsWith('pass-');
  }
}
