import { COMMAND_TYPE } from '../../shared/contract/command.ts';
import { parseEvent, type LedgerEvent } from '../../shared/contract/events.ts';
import type { Member } from '../../shared/contract/member.ts';
import type { Reservation } from '../../shared/contract/pass.ts';
import { RECEIPT_TYPE, requestSchema, type ReceiptClaims } from '../../shared/contract/receipt.ts';
import { RESERVATION_DELTA_TYPE, type ReservationChange } from '../../shared/contract/sync.ts';
import { STAY_RECORDS_TYPE } from '../../shared/contract/stays.ts';
import { venueTopics } from '../../shared/contract/topics.ts';
import type { JsonValue } from '../../shared/canonical.ts';
import { formatInstant } from '../../shared/time.ts';
import type { Seeded } from '../seeded.ts';
import { LedgerAccount, stayRecordsOf, VenueAccount } from '../venue/billing-account.ts';
import type { Booking, VenueTerms } from '../venue/billing-audit.ts';
import { EventStore } from '../venue/billing-store.ts';
import type { SimBroker } from './broker.ts';
import { signingKey } from './signatures.ts';
import type { World } from './world.ts';

/** Receipts of one venue are at least so far apart. */
const RECEIPT_EVERY_MS = 50;

export const CLOUD_KEY = signingKey('cloud-1');

export interface CloudOptions {
  readonly world: World;
  readonly broker: SimBroker;
  readonly venue: string;
  readonly terms: VenueTerms;
}

/** The cloud: the consumers' common store with its account, the books, and the operator. */
export class Cloud {
  /** What was sold, by id; for a guest's entry see `changes`. */
  readonly bookings = new Map<string, Booking>();
  readonly changes: ReservationChange[] = [];
  readonly store = new EventStore(':memory:');
  readonly conflicts: string[] = [];
  /** Visits by a ticket, as far as the common store knows of them: what an issuer counts by. */
  readonly uses = new Map<string, Set<string>>();
  /** While it is `true`, events wait in the broker. */
  isDown = false;
  readonly #options: CloudOptions;
  readonly #topics;
  readonly #random: Seeded;
  readonly #venue: VenueAccount;
  readonly #accounts = new Map<string, LedgerAccount>();
  readonly #due = new Set<string>();
  /** Events by their text: the same one is read more than once. */
  readonly #parsed = new Map<string, LedgerEvent>();
  #waiting: string[] = [];

  constructor(options: CloudOptions) {
    this.#options = options;
    this.#topics = venueTopics(options.venue);
    this.#venue = new VenueAccount(options.terms, (id) => this.bookings.get(id));
    this.#random = options.world.stream('cloud');
    const { broker } = options;
    broker.subscribe({ topic: this.#topics.events, deliver: (body) => this.#take(body) });
    broker.subscribe({ topic: this.#topics.requests, deliver: (body) => this.#answer(body) });
  }

  /** Everything stored, in the order of the ledgers. */
  events(): readonly LedgerEvent[] {
    return this.store
      .ledgers()
      .flatMap(({ venue, epoch }) => this.store.after(venue, epoch, 0))
      .flatMap(({ body }) => this.#parsed.get(body.toString('utf8')) ?? []);
  }

  account(epoch: string): LedgerAccount {
    const known = this.#accounts.get(epoch);
    const account = known ?? new LedgerAccount(epoch, this.#venue);
    this.#accounts.set(epoch, account);
    return account;
  }

  /** Sells or changes a reservation, and tells the venue. */
  book(member: Member, reservation: Reservation, cancelledAtMs: number | null = null): void {
    const version = this.changes.length + 1;
    const cancelledAt = cancelledAtMs === null ? null : formatInstant(cancelledAtMs);
    this.changes.push({ version, ...member, reservation, cancelledAt });
    if (reservation.role === 'user') this.bookings.set(reservation.id, { ...reservation, cancelledAt });
    // A message of its own is lost now and then; the next birth asks for it.
    if (!this.#random.chance(0.05)) this.#tell(version - 1);
  }

  command(claims: { readonly jti: string } & Readonly<Record<string, JsonValue>>): void {
    const { broker, venue, world } = this.#options;
    const iat = Math.floor(world.nowMs / 1000);
    const token = CLOUD_KEY.sign(
      { typ: COMMAND_TYPE, kid: 'cloud-1' },
      { ...claims, aud: venue, iat, exp: iat + 600 },
    );
    world.trace(`command ${claims.jti}`);
    broker.publish(this.#topics.commands, token);
    // Whoever listens on the bus may play it again.
    if (this.#random.chance(0.5))
      world.after(this.#random.between(1_000, 300_000), () => broker.publish(this.#topics.commands, token));
  }

  /** A consumer that was set up from the wrong backup signs a receipt for what the common store does not hold. */
  sendDivergedReceipt(): void {
    const [ledger] = this.store.ledgers().slice(-1);
    if (ledger === undefined) return;
    const { seq } = this.account(ledger.epoch);
    const head = this.#random.between(0, 0xffffffff).toString(16).padStart(64, '0');
    this.#sendReceipt(ledger.epoch, seq + this.#random.between(1, 6), head);
  }

  /** Comes back from an outage and takes what waited. */
  comeBack(): void {
    this.isDown = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const body of waiting) this.#take(body);
  }

  #take(body: string): void {
    if (this.isDown) {
      this.#waiting.push(body);
      return;
    }
    const event = this.#parsed.get(body) ?? parseEvent(JSON.parse(body));
    const { id, epoch } = event;
    const put = this.store.put({ venue: event.venue, epoch, seq: event.seq, id, body: Buffer.from(body) });
    if (put === 'conflict') this.conflicts.push(id);
    if (put === 'stored') {
      this.#parsed.set(body, event);
      this.#count(event);
    }
    const account = this.account(epoch);
    for (const row of this.store.after(event.venue, epoch, account.seq)) {
      const text = row.body.toString('utf8');
      const next = this.#parsed.get(text);
      if (next?.seq !== account.seq + 1) break;
      account.take(next, text);
    }
    this.#owe(epoch);
  }

  #count(event: LedgerEvent): void {
    if (event.name === 'stay.checked-in' && event.data.visit.kind === 'ticket') {
      const { ticket } = event.data.visit;
      this.uses.set(ticket, (this.uses.get(ticket) ?? new Set()).add(event.data.stay));
    }
    if (event.name === 'stay.voided') for (const stays of this.uses.values()) stays.delete(event.data.stay);
  }

  #owe(epoch: string): void {
    if (this.#due.has(epoch)) return;
    this.#due.add(epoch);
    this.#options.world.after(RECEIPT_EVERY_MS, () => {
      this.#due.delete(epoch);
      const { seq, head } = this.account(epoch);
      // A consumer that ends between its commit and its word.
      if (!this.#random.chance(0.02)) this.#sendReceipt(epoch, seq, head);
    });
  }

  #sendReceipt(epoch: string, seq: number, head: string): void {
    const { broker, venue, world } = this.#options;
    const claims: ReceiptClaims = { venue, epoch, seq, head, iat: Math.floor(world.nowMs / 1000) };
    broker.publish(
      this.#topics.receipts,
      CLOUD_KEY.sign({ typ: RECEIPT_TYPE, kid: 'cloud-1' }, claims),
      true,
    );
  }

  #answer(body: string): void {
    if (this.isDown) return;
    const { need, have } = requestSchema.parse(JSON.parse(body));
    if (need === 'receipt') this.#owe(have.epoch);
    if (need === 'stays') this.#tellStays(have);
    if (need === 'reservations') this.#tell(have);
  }

  #tellStays(asked: { readonly epoch: string; readonly seq: number; readonly before: string }): void {
    const { broker, venue, world } = this.#options;
    const { epoch, seq, before } = asked;
    const about = { venue, epoch, from: seq, before, iat: Math.floor(world.nowMs / 1000) };
    const claims = stayRecordsOf(about, this.#venue.lastWords({ epoch, seq }, before));
    broker.publish(this.#topics.stays, CLOUD_KEY.sign({ typ: STAY_RECORDS_TYPE, kid: 'cloud-1' }, claims));
  }

  /** Every change after a version, as one delta. */
  #tell(from: number): void {
    const { broker, venue, world } = this.#options;
    const changes = this.changes.slice(from);
    if (changes.length === 0) return;
    const claims = {
      venue,
      from,
      to: this.changes.length,
      iat: Math.floor(world.nowMs / 1000),
      changes,
    };
    const token = CLOUD_KEY.sign({ typ: RESERVATION_DELTA_TYPE, kid: 'cloud-1' }, claims);
    broker.publish(this.#topics.reservations, token);
  }
}
