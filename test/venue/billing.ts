import { Socket } from 'node:net';
import { CloudEvent, MQTT, MQTTMessageFactory } from 'cloudevents';
import mqtt, { type IPublishPacket, type MqttClient } from 'mqtt';
import { EVENT_CONTENT_TYPE, parseEvent, type LedgerEvent } from '../../shared/contract/events.ts';
import { ulidSchema } from '../../shared/contract/primitives.ts';
import { RECEIPT_TYPE, requestSchema, type ReceiptClaims } from '../../shared/contract/receipt.ts';
import { STAY_RECORDS_TYPE, type StayRecords } from '../../shared/contract/stays.ts';
import { ALL_EVENTS, ALL_REQUESTS, venueOf, venueTopics } from '../../shared/contract/topics.ts';
import {
  LedgerAccount,
  stayRecordsOf,
  VenueAccount,
  type BilledStay,
  type Mismatch,
  type SideBySide,
} from './billing-account.ts';
import type { Booking, VenueTerms } from './billing-audit.ts';
import { EventStore, type Gap, type Rejected } from './billing-store.ts';
import type { Signer } from './signer.ts';
import { until } from './until.ts';

/** Receipts of one venue are at least so far apart: a backlog is answered by a few, not by one for each event. */
const RECEIPT_EVERY_MS = 50;

export interface BillingOptions {
  readonly brokerUrl: string;
  /** Signs the receipts. */
  readonly cloudKey: Signer;
  /** The venues served, by id. */
  readonly terms: ReadonlyMap<string, VenueTerms>;
  /** The reservations sold, by id. Default: none are known, the ledger's word has to do. */
  readonly bookings?: (id: string) => Booking | undefined;
  /** File of the common store. Default: in memory. */
  readonly store?: string;
  /** Epoch milliseconds, for a receipt's `iat`. */
  readonly nowMs: () => number;
  /** MQTT version of the broker. Default 4 (3.1.1), which every broker speaks. */
  readonly protocolVersion?: 4 | 5;
}

/** What is not as it should be, and what the line did. */
export interface BillingReport {
  readonly stored: number;
  readonly gaps: readonly Gap[];
  readonly mismatches: readonly Mismatch[];
  /** Two gateways that were at work for one venue. */
  readonly sideBySide: readonly SideBySide[];
  /** Ids received more than once, one entry for each further time. */
  readonly duplicates: readonly string[];
  /** Ids that came after a higher number. */
  readonly outOfOrder: readonly string[];
  readonly rejected: readonly Rejected[];
}

/** A receipt as it was sent. */
export type SentReceipt = Pick<ReceiptClaims, 'venue' | 'epoch' | 'seq' | 'head'>;

/** The reference billing service. */
export interface Billing {
  /** Every stay in the order in which the ledgers name it, up to the first gap. */
  bill(): readonly BilledStay[];
  /** Yen of all charges in force. */
  totalYen(): number;
  /** The events of a venue in the order of the ledger, gaps included. */
  events(venue: string): readonly LedgerEvent[];
  /** Receipts sent so far, oldest first. */
  receipts(): readonly SentReceipt[];
  report(): BillingReport;
  /** Called after every change of the store. Returns what stops it. */
  onChange(listener: () => void): () => void;
  /** Resolves when the predicate holds; rejects after `withinMs` (default 10 s). */
  waitFor(what: string, holds: () => boolean, withinMs?: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a consumer as an operator would write one with the field's tools: MQTT.js, the CloudEvents SDK, the schemas
 * of the contract and the shared rules. It imports nothing of the gateway. Whatever arrives, it goes on: a message
 * that is no event of ours is recorded as rejected.
 */
export async function startBilling(options: BillingOptions): Promise<Billing> {
  const client = await mqtt.connectAsync(options.brokerUrl, {
    protocolVersion: options.protocolVersion ?? 4,
    reconnectPeriod: 250,
  });
  const service = new BillingService(client, options);
  try {
    await client.subscribeAsync([ALL_EVENTS, ALL_REQUESTS], { qos: 1 });
  } catch (error) {
    await service.close();
    throw error;
  }
  return service;
}

/** One ledger of one venue. */
interface Ledger {
  readonly venue: string;
  readonly epoch: string;
}

const keyOf = ({ venue, epoch }: Ledger): string => `${venue} ${epoch}`;

class BillingService implements Billing {
  readonly #client: MqttClient;
  readonly #options: BillingOptions;
  readonly #store: EventStore;
  readonly #venues = new Map<string, VenueAccount>();
  readonly #ledgers = new Map<string, LedgerAccount>();
  readonly #highest = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  readonly #duplicates: string[] = [];
  readonly #outOfOrder: string[] = [];
  readonly #sent: SentReceipt[] = [];
  readonly #due = new Map<string, NodeJS.Timeout>();
  #inbox: { readonly topic: string; readonly body: Buffer; readonly contentType: string }[] = [];
  #stored = 0;
  #closed = false;

  constructor(client: MqttClient, options: BillingOptions) {
    this.#client = client;
    this.#options = options;
    this.#store = new EventStore(options.store ?? ':memory:');
    for (const ledger of this.#store.ledgers()) {
      const rows = this.#store.after(ledger.venue, ledger.epoch, 0);
      this.#stored += rows.length;
      this.#highest.set(keyOf(ledger), rows.at(-1)?.seq ?? 0);
      this.#readOn(ledger);
    }
    const noDelay = (): void => {
      if (client.stream instanceof Socket) client.stream.setNoDelay(true);
    };
    noDelay();
    client.on('connect', noDelay);
    // MQTT.js connects again by itself; without a listener the error would end the process.
    client.on('error', () => undefined);
    client.on('message', (topic, body, packet) => {
      if (topic.endsWith('/requests')) this.#answer(topic, body);
      else this.#receive(topic, body, contentTypeOf(packet));
    });
  }

  bill(): readonly BilledStay[] {
    return [...this.#venues.values()].flatMap(({ stays }) => stays);
  }

  totalYen(): number {
    return this.bill().reduce((sum, { charge }) => sum + (charge?.yen ?? 0), 0);
  }

  events(venue: string): readonly LedgerEvent[] {
    return this.#store
      .ledgers()
      .filter((ledger) => ledger.venue === venue)
      .flatMap(({ epoch }) => this.#store.after(venue, epoch, 0))
      .map(({ body }) => parseEvent(JSON.parse(body.toString('utf8'))));
  }

  receipts(): readonly SentReceipt[] {
    return [...this.#sent];
  }

  report(): BillingReport {
    return {
      stored: this.#stored,
      gaps: this.#store.gaps(),
      mismatches: [...this.#venues.values()].flatMap(({ mismatches }) => mismatches),
      sideBySide: [...this.#venues.values()].flatMap(({ sideBySide }) => sideBySide),
      duplicates: [...this.#duplicates],
      outOfOrder: [...this.#outOfOrder],
      rejected: this.#store.rejected(),
    };
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  waitFor(what: string, holds: () => boolean, withinMs?: number): Promise<void> {
    return until(what, holds, withinMs);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#due.values()) clearTimeout(timer);
    await this.#client.endAsync(true);
    this.#store.close();
  }

  /** Everything that comes in one turn of the loop is one transaction. */
  #receive(topic: string, body: Buffer, contentType: string): void {
    this.#inbox.push({ topic, body, contentType });
    if (this.#inbox.length === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    const batch = this.#inbox.splice(0);
    if (this.#closed) return;
    const touched = new Map<string, Ledger>();
    this.#store.transaction(() => {
      for (const { topic, body, contentType } of batch) {
        const ledger = this.#take(topic, body, contentType);
        if (ledger !== null) touched.set(keyOf(ledger), ledger);
      }
    });
    for (const ledger of touched.values()) {
      this.#readOn(ledger);
      // Also for a duplicate: who sends it again has not seen the receipt.
      this.#owe(ledger);
    }
    for (const listener of this.#listeners) listener();
  }

  /** Stores one message. Returns the ledger it belongs to, or `null` where it was rejected. */
  #take(topic: string, body: Buffer, contentType: string): Ledger | null {
    let event: LedgerEvent;
    try {
      event = readEvent(topic, body, contentType);
    } catch (error) {
      this.#store.reject(topic, error instanceof Error ? error.message : String(error), body);
      return null;
    }
    const { seq, id } = event;
    switch (this.#store.put({ venue: event.venue, epoch: event.epoch, seq, id, body })) {
      case 'conflict':
        this.#store.reject(topic, `${id}: other bytes are stored under this number`, body);
        return null;
      case 'duplicate':
        this.#duplicates.push(id);
        return event;
      case 'stored': {
        this.#stored += 1;
        const highest = this.#highest.get(keyOf(event)) ?? 0;
        if (seq < highest) this.#outOfOrder.push(id);
        this.#highest.set(keyOf(event), Math.max(highest, seq));
        return event;
      }
    }
  }

  #venue(id: string): VenueAccount {
    const { terms, bookings = () => undefined } = this.#options;
    const account = this.#venues.get(id) ?? new VenueAccount(terms.get(id), bookings);
    this.#venues.set(id, account);
    return account;
  }

  #ledger({ venue, epoch }: Ledger): LedgerAccount {
    const key = keyOf({ venue, epoch });
    const ledger = this.#ledgers.get(key) ?? new LedgerAccount(epoch, this.#venue(venue));
    this.#ledgers.set(key, ledger);
    return ledger;
  }

  /** Reads on in one ledger as far as it has no gap. */
  #readOn(ledger: Ledger): void {
    const account = this.#ledger(ledger);
    for (const { seq, body } of this.#store.after(ledger.venue, ledger.epoch, account.seq)) {
      if (seq !== account.seq + 1) return;
      const text = body.toString('utf8');
      account.take(parseEvent(JSON.parse(text)), text);
    }
  }

  /** A gateway asks where its receipts stand. */
  #answer(topic: string, body: Buffer): void {
    const venue = venueOf(topic);
    const request = requestOf(body);
    if (venue === null || request === null) return;
    if (request.need === 'receipt') this.#owe({ venue, epoch: request.have.epoch });
    if (request.need !== 'stays') return;
    const { epoch, seq, before } = request.have;
    void this.#sendStays({ venue, epoch, from: seq, before });
  }

  async #sendStays(asked: Pick<StayRecords, 'venue' | 'epoch' | 'from' | 'before'>): Promise<void> {
    const { cloudKey, nowMs } = this.#options;
    const { venue, epoch, from, before } = asked;
    const words = this.#venue(venue).lastWords({ epoch, seq: from }, before);
    const claims = stayRecordsOf({ ...asked, iat: Math.floor(nowMs() / 1000) }, words);
    const token = await cloudKey.sign(STAY_RECORDS_TYPE, claims);
    if (this.#closed) return;
    await this.#client.publishAsync(venueTopics(venue).stays, token, { qos: 1 }).catch(() => undefined);
  }

  #owe({ venue, epoch }: Ledger): void {
    const ledger = { venue, epoch };
    if (this.#due.has(keyOf(ledger))) return;
    const send = (): void => {
      this.#due.delete(keyOf(ledger));
      void this.#sendReceipt(ledger);
    };
    this.#due.set(keyOf(ledger), setTimeout(send, RECEIPT_EVERY_MS));
  }

  async #sendReceipt({ venue, epoch }: Ledger): Promise<void> {
    const { cloudKey, nowMs } = this.#options;
    const { seq, head } = this.#ledger({ venue, epoch });
    const claims: ReceiptClaims = { venue, epoch, seq, head, iat: Math.floor(nowMs() / 1000) };
    const token = await cloudKey.sign(RECEIPT_TYPE, claims);
    if (this.#closed) return;
    this.#sent.push({ venue, epoch, seq, head });
    // A receipt that is lost with the connection is asked for again at the next birth.
    await this.#client
      .publishAsync(venueTopics(venue).receipts, token, { qos: 1, retain: true })
      .catch(() => undefined);
  }
}

/** @throws Error for bytes that are no CloudEvent, no event of the contract, or of another venue than the topic's */
function readEvent(topic: string, body: Buffer, contentType: string): LedgerEvent {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  const message = MQTTMessageFactory(contentType, {}, text);
  if (!MQTT.isEvent(message)) throw new Error(`content type: ${contentType}`);
  const cloudEvent = MQTT.toEvent(message);
  if (!(cloudEvent instanceof CloudEvent)) throw new Error('not one CloudEvent');
  cloudEvent.validate();
  const event = parseEvent(JSON.parse(text));
  ulidSchema.parse(event.epoch);
  if (cloudEvent.id !== event.id) throw new Error('id: the SDK reads another one');
  if (venueOf(topic) !== event.venue) throw new Error(`venue: ${event.venue} on the topic of another venue`);
  return event;
}

/** MQTT 3.1.1 has no content type; then it is what the contract says. */
function contentTypeOf({ properties }: IPublishPacket): string {
  return properties?.contentType ?? EVENT_CONTENT_TYPE;
}

function requestOf(body: Buffer) {
  try {
    return requestSchema.parse(JSON.parse(body.toString('utf8')));
  } catch {
    // Whatever else stands there is nobody's question.
    return null;
  }
}
