import { join } from 'node:path';
import pino from 'pino';
import { onTestFinished } from 'vitest';
import type { Answer } from '../../../gateway/access/record.ts';
import { Attendant, type Outcome } from '../../../gateway/door/attendant.ts';
import { createGate } from '../../../gateway/credential/gate.ts';
import { loadIssuerKeys, NOTHING_REVOKED } from '../../../gateway/tokens/key-ring.ts';
import { createNonceSource, type NonceSource } from '../../../gateway/credential/nonce.ts';
import { DoorControl } from '../../../gateway/door/control.ts';
import { Doors } from '../../../gateway/door/doors.ts';
import { Grants } from '../../../gateway/door/leases.ts';
import { StandingOrders } from '../../../gateway/door/standing-orders.ts';
import { ClockRecord } from '../../../gateway/visits/clock-corrections.ts';
import type { Journal } from '../../../gateway/journal/journal.ts';
import { DenialFloods } from '../../../gateway/door/denial-floods.ts';
import { doorSchema, type DoorConfig } from '../../../shared/contract/config.ts';
import { parseEvent, type LedgerEvent } from '../../../shared/contract/events.ts';
import { venueOf } from '../access/told.ts';
import { FakeController } from '../fake-controller.ts';
import { ManualClock, settled } from '../manual-clock.ts';
import { code, DOOR_URL, newIssuer, TestPhone, trusted } from '../signing.ts';
import { openJournal, temporaryFolder } from '../../temporary.ts';

/** A venue with two entrances on a virtual clock: the real gate, decision, journal and grants; only the doors are fake. */
export class Walk {
  readonly clock = new ManualClock('2025-10-20T10:00:00+09:00');
  readonly path = join(temporaryFolder(), 'journal.db');
  /** What was logged, of every level. */
  readonly logged: string[] = [];
  readonly front = new FakeController('front', this.clock);
  readonly back = new FakeController('back', this.clock);
  readonly phone: TestPhone;
  readonly #venue: Readonly<Record<string, unknown>>;
  readonly issuer = newIssuer('ES256');
  /** Who else issues passes for this venue. */
  readonly secondIssuer = newIssuer('ES256', 'https://second.example', 'issuer-2');
  readonly secondPhone: TestPhone;
  readonly #doors: ReadonlyMap<
    string,
    { readonly config: DoorConfig; readonly controller: FakeController; readonly scanners: [] }
  >;
  #open: (path: string) => Journal;
  #parts!: {
    journal: Journal;
    grants: Grants;
    attendant: Attendant;
    doors: Doors;
    control: DoorControl;
    nonces: NonceSource;
    denials: DenialFloods;
  };

  private constructor(venue: Readonly<Record<string, unknown>>, open: (path: string) => Journal) {
    this.#venue = venue;
    this.#open = open;
    this.phone = new TestPhone(this.issuer);
    this.secondPhone = new TestPhone(this.secondIssuer);
    this.#doors = new Map(
      [this.front, this.back].map((controller) => {
        const config = doorSchema.parse({ id: controller.door, controller: { path: '/dev/null' } });
        return [controller.door, { config, controller, scanners: [] }];
      }),
    );
  }

  /** @param open how the journal is opened the first time; after a restart it is opened as ever */
  static async start(venue: Readonly<Record<string, unknown>> = {}, open = openJournal): Promise<Walk> {
    const walk = new Walk(venue, open);
    await walk.#start();
    onTestFinished(() => walk.crash());
    return walk;
  }

  get journal(): Journal {
    return this.#parts.journal;
  }

  get attendant(): Attendant {
    return this.#parts.attendant;
  }

  get control(): DoorControl {
    return this.#parts.control;
  }

  get grants(): Grants {
    return this.#parts.grants;
  }

  get nonces(): NonceSource {
    return this.#parts.nonces;
  }

  get denials(): DenialFloods {
    return this.#parts.denials;
  }

  /** A pass of the member with these entitlements. */
  pass(ent: readonly unknown[], over: Readonly<Record<string, unknown>> = {}): string {
    return this.phone.pass(this.nowS(), { ent, ...over });
  }

  nowS(): number {
    return Math.floor(this.clock.wallMs() / 1000);
  }

  /** A fresh code of a pass. */
  code(pass: string, jti?: string): Uint8Array {
    return code(pass, this.phone.doorProof(pass, this.nowS(), jti === undefined ? {} : { jti }));
  }

  /** Shows bytes to a scanner, and lets what comes of it at once come. */
  async show(bytes: Uint8Array, side: 'entry' | 'exit' = 'entry', door = 'front'): Promise<Outcome> {
    const outcome = await this.#parts.attendant.scan(door, side, bytes);
    await settled();
    return outcome;
  }

  /** Taps on the phone's page with a proof. */
  async tap(pass: string, proof: string): Promise<Outcome> {
    const outcome = await this.#parts.attendant.request('front', 'entry', {
      pass,
      proof,
      method: 'POST',
      url: DOOR_URL,
    });
    await settled();
    return outcome;
  }

  /** The leaf of a door opens, as its sensor tells it. */
  open(controller = this.front): void {
    controller.emit({ kind: 'input', input: 'contact', active: true, atMs: 0 });
  }

  /** The events since the start, without those of the door itself. */
  events(): readonly LedgerEvent[] {
    const events = this.journal.eventsAfter(0, 10_000).map(({ body }) => parseEvent(JSON.parse(body)));
    return events.filter(({ name }) => !name.startsWith('door.'));
  }

  names(): readonly string[] {
    return this.events().map(({ name }) => name);
  }

  /** The process dies here: nothing is said to anybody. */
  crash(): void {
    this.#parts.control.close();
    this.#parts.grants.close();
    void this.#parts.doors.close();
    this.journal.close();
  }

  /** The disk can be written again, and what waited for it is done. */
  recover(): void {
    this.journal.recover();
    this.#parts.attendant.exits.record();
    this.#parts.grants.resume();
  }

  /** Dies and starts again on the same file. The boards are greeted by then, unless it is told otherwise. */
  async restart({ greeted = true } = {}): Promise<void> {
    this.crash();
    this.#open = openJournal;
    if (!greeted) for (const controller of [this.front, this.back]) controller.greet();
    await this.#start();
    await settled();
  }

  async #start(): Promise<void> {
    const { clock } = this;
    const log = pino({ level: 'trace' }, { write: (line: string) => void this.logged.push(line) });
    const venue = venueOf(this.#venue);
    const journal = this.#open(this.path);
    const issuerKeys = await loadIssuerKeys({
      issuers: [trusted(this.issuer), trusted(this.secondIssuer)],
      cloud: [],
    });
    const nonces = createNonceSource(Buffer.alloc(32, 3), clock);
    const gate = createGate({
      venue: venue.id,
      issuerKeys,
      revocations: NOTHING_REVOKED,
      nonces,
      clock,
    });
    const orders = new StandingOrders(journal);
    const isLockedDown = (door: string) => orders.isLockedDown(door);
    const grants = new Grants({ journal, clock, log, doors: this.#doors, isLockedDown });
    const denials = new DenialFloods({ journal, clock, log });
    const attendant = new Attendant({
      venue,
      doors: this.#doors,
      gate,
      journal,
      grants,
      clock,
      line: { isOnline: true },
      isLockedDown,
      denials,
      log,
    });
    const doors = new Doors({
      doors: [...this.#doors.values()],
      grants,
      journal,
      clock,
      timeZone: venue.timeZone,
      log,
    });
    const control = new DoorControl({
      doors: this.#doors,
      journal,
      grants,
      orders,
      clock,
      timeZone: venue.timeZone,
      watch: doors,
      log,
    });
    this.#parts = { journal, grants, attendant, doors, control, nonces, denials };
    doors.start();
    control.start();
    grants.resume();
  }
}

/** Starts to journal what a walk's clock does, as a gateway does. */
export function recordClock({ journal, clock }: Walk): ClockRecord {
  const record = new ClockRecord({
    venue: venueOf({}),
    gateway: 'gw-1',
    journal,
    clock,
    line: { isOnline: false },
    log: pino({ level: 'silent' }),
  });
  record.start();
  return record;
}

/** The answer of an outcome; fails the test for any other outcome. */
export function answerOf(outcome: Outcome): Answer {
  if (outcome.kind !== 'answer') throw new Error(`the attendant said ${outcome.kind}`);
  return outcome.answer;
}

/** `check-in`, `check-out`, … or the reason of a denial. */
export function said(outcome: Outcome): string {
  if (outcome.kind !== 'answer') return outcome.kind;
  return outcome.answer.granted ? outcome.answer.kind : outcome.answer.reason;
}
