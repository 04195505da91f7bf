import pino from 'pino';
import { ulid } from 'ulid';
import { onTestFinished } from 'vitest';
import type { SyncedReservation } from '../../../gateway/access/synced.ts';
import { Sqlite } from '../../../gateway/journal/sqlite.ts';
import { beginEpoch } from '../../../gateway/journal/successor.ts';
import { Settlement } from '../../../gateway/visits/settlement.ts';
import type { DomainEvent, EventData, EventName } from '../../../shared/contract/events.ts';
import type { Reservation } from '../../../shared/contract/pass.ts';
import { at, MEMBER, venueOf } from '../access/told.ts';
import { Walk } from '../door/walk.ts';
import { code } from '../signing.ts';

/** A venue that settles: the walk of `walk.ts`, and the scheduler on the same journal and clock. */
export class Evening {
  readonly walk: Walk;
  /** Whether whoever is let in opens the door, walks through and lets it shut. */
  walksIn = true;
  readonly #venue: Readonly<Record<string, unknown>>;
  #settlement: Settlement | null = null;

  private constructor(walk: Walk, venue: Readonly<Record<string, unknown>>) {
    this.walk = walk;
    this.#venue = venue;
  }

  /** Open from 7:00 to 18:00, unless told otherwise; it is 20 October, 9:00. The scheduler runs. */
  static async begin(over: Readonly<Record<string, unknown>> = {}): Promise<Evening> {
    const venue = { hours: { open: '07:00', close: '18:00' }, kind: 'standard', ...over };
    const walk = await Walk.start(venue);
    walk.clock.jumpTo('2025-10-20T09:00:00+09:00');
    walk.front.answersAfterMs = 8;
    const evening = new Evening(walk, venue);
    evening.settle();
    onTestFinished(() => evening.#settlement?.close());
    return evening;
  }

  /** Starts the scheduler, as a gateway does when it starts. */
  settle(): void {
    const { walk } = this;
    this.#settlement = new Settlement({
      venue: venueOf(this.#venue),
      journal: walk.journal,
      clock: walk.clock,
      line: { isOnline: false, isFitted: true },
      log: pino({ level: 'silent' }),
    });
    this.#settlement.start();
  }

  /** Time goes on to an instant, and what falls due is done. */
  async until(told: string): Promise<void> {
    await this.walk.clock.advance(at(told) - this.walk.clock.wallMs());
  }

  /** The power is cut now and comes back at an instant. The journal is what it was; the board is greeted a moment later. */
  async powerCutUntil(told: string): Promise<void> {
    this.#settlement?.close();
    this.walk.clock.jumpTo(new Date(at(told)).toISOString());
    await this.walk.restart({ greeted: false });
    this.settle();
  }

  /** A copy of the journal as it is now. */
  async copy(): Promise<string> {
    const to = `${this.walk.path}.copy-${this.walk.clock.wallMs()}`;
    const db = new Sqlite(this.walk.path, { readonly: true });
    await db.backup(to);
    db.close();
    return to;
  }

  /** The gateway goes on in a new epoch: from a copy, or from its own file as after damage. @returns the epoch */
  async beginAnew(copy: string | null = null): Promise<string> {
    const { walk } = this;
    const nowMs = walk.clock.wallMs();
    const epoch = ulid(nowMs);
    this.#settlement?.close();
    walk.crash();
    beginEpoch({
      path: walk.path,
      from: copy ?? walk.path,
      aside: `${walk.path}.aside-${epoch}`,
      birth: { epoch, leaseBase: 7_000 },
      isCopy: copy !== null,
    });
    await walk.restart();
    this.settle();
    return epoch;
  }

  /** A member shows a fresh code, and walks in. */
  async scan(sub: string, ent: readonly unknown[], side: 'entry' | 'exit' = 'entry'): Promise<string> {
    const { walk } = this;
    const outcome = await walk.show(walk.code(walk.pass(ent, { sub })), side);
    if (outcome.kind !== 'answer') return outcome.kind;
    if (outcome.answer.granted && side === 'entry' && this.walksIn) this.#walkIn();
    return outcome.answer.granted ? outcome.answer.kind : outcome.answer.reason;
  }

  #walkIn(): void {
    const { clock, front, journal } = this.walk;
    const leaf = (active: boolean) => () => {
      if (front.outcome === 'accepted' && journal === this.walk.journal)
        front.emit({ kind: 'input', input: 'contact', active, atMs: 0 });
    };
    clock.after(1_000, leaf(true));
    clock.after(3_000, leaf(false));
  }

  /** A member of the second issuer shows a fresh code. */
  async scanSecond(sub: string, ent: readonly unknown[], side: 'entry' | 'exit' = 'entry'): Promise<string> {
    const { walk } = this;
    const phone = walk.secondPhone;
    const pass = phone.pass(walk.nowS(), { ent, sub });
    const outcome = await walk.show(code(pass, phone.doorProof(pass, walk.nowS())), side);
    if (outcome.kind !== 'answer') return outcome.kind;
    return outcome.answer.granted ? outcome.answer.kind : outcome.answer.reason;
  }

  /** The cloud has told of a reservation. */
  tell(sub: string, reservation: Reservation, over: Partial<SyncedReservation> = {}): void {
    const { journal } = this.walk;
    journal.write((writer) => {
      writer.synced.putReservation({
        iss: MEMBER.iss,
        sub,
        version: 1,
        issuedMs: 0,
        reservation,
        cancelledAtMs: null,
        ...over,
      });
    });
  }

  /** The data of every event of that name, oldest first. */
  all<N extends EventName>(name: N): readonly EventData<N>[] {
    return this.walk
      .events()
      .filter((event): event is Extract<DomainEvent, { name: N }> & typeof event => event.name === name)
      .map(({ data }) => data as EventData<N>);
  }

  /** What each stay is charged, by `sub`: the charge in force, as whoever sums the events sees it. */
  bill(): Readonly<Record<string, number>> {
    const yen: Record<string, number> = {};
    for (const { sub, charge } of this.all('charge.computed')) yen[sub] = (yen[sub] ?? 0) + charge.yen;
    for (const { sub, before, after } of this.all('charge.superseded'))
      yen[sub] = (yen[sub] ?? 0) + after.yen - before.yen;
    return yen;
  }
}
