import type { Logger } from 'pino';
import type { VenueConfig } from '../../shared/contract/config.ts';
import { fieldName } from '../../shared/contract/problem.ts';
import type { CloudRequest } from '../../shared/contract/receipt.ts';
import {
  DELTA_BYTES_MAX,
  reservationDeltaClaimsSchema,
  reservationDeltaHeaderSchema,
  usageDeltaClaimsSchema,
  usageDeltaHeaderSchema,
  type ReservationChange,
  type ReservationDelta,
  type UsageDelta,
} from '../../shared/contract/sync.ts';
import { memberKey, type Member, type MemberKey } from '../../shared/contract/member.ts';
import { closingOfDay } from '../../shared/hours.ts';
import { parseInstant, SECOND_MS } from '../../shared/time.ts';
import { changeStay } from '../access/settle.ts';
import { refusalsOf, type SyncedReservation } from '../access/synced.ts';
import type { Clock } from '../clock/clock.ts';
import type { IssuerKeys, KeyRing } from '../tokens/key-ring.ts';
import { readSigned } from '../tokens/signed.ts';
import { faultTold, tryWriteAsync } from '../journal/fault.ts';
import type { Journal, JournalWriter } from '../journal/journal.ts';
import type { SyncedKind } from '../journal/synced.ts';
import { reservationsOf } from '../journal/venue-state.ts';
import { tellPastClosing } from './past-closing.ts';
import { adoptToldAhead } from './told-stays.ts';

/** Shortest pause between two questions for the same thing, in milliseconds: an answer may have a gap as well. */
const ASK_AGAIN_MS = 5_000;

export interface SyncOptions {
  readonly venue: VenueConfig;
  readonly journal: Journal;
  readonly cloudKeys: KeyRing;
  readonly issuerKeys: Pick<IssuerKeys, 'issuers'>;
  readonly clock: Clock;
  /** The line to the cloud. */
  readonly line: { readonly isOnline: boolean };
  readonly ask: (request: CloudRequest) => void;
  readonly log: Logger;
}

/** As many faults of a delta are logged. */
const PROBLEMS_MAX = 5;

/** What became of a delta. */
export type Applied = 'applied' | 'old' | 'gap' | 'refused';

/**
 * Keeps what the cloud knows of reservations and of ticket uses elsewhere, so that the door decides by it while the line
 * is down. A delta may come twice, late, or out of order: it is applied when it continues what is there, ignored when it
 * is old, and asked for again when something before it is missing.
 */
export class Sync {
  readonly #options: SyncOptions;
  readonly #asked = new Map<SyncedKind, { again: boolean; readonly cancel: () => void }>();

  constructor(options: SyncOptions) {
    this.#options = options;
  }

  /** The question for what is missing since the newest version that is here. */
  question(need: SyncedKind): CloudRequest {
    return { need, have: this.#options.journal.synced.version(need) };
  }

  /** Takes a delta as it came; the next one of its kind when this one is done. */
  take(kind: SyncedKind, text: string): Promise<Applied> {
    return tryWriteAsync(
      () => (kind === 'reservations' ? this.#takeReservations(text) : this.#takeUses(text)),
      (fault) => {
        // The version is what it was, so it is asked for again at the next birth.
        faultTold(this.#options.log, 'a delta is not kept', { kind })(fault);
        return 'refused';
      },
    );
  }

  async #takeReservations(text: string): Promise<Applied> {
    const delta = await readSigned(
      text,
      reservationDeltaHeaderSchema,
      reservationDeltaClaimsSchema,
      this.#options.cloudKeys,
      DELTA_BYTES_MAX,
    );
    return this.#apply('reservations', delta, (writer, told) => this.#changeReservations(writer, told));
  }

  async #takeUses(text: string): Promise<Applied> {
    const delta = await readSigned(
      text,
      usageDeltaHeaderSchema,
      usageDeltaClaimsSchema,
      this.#options.cloudKeys,
      DELTA_BYTES_MAX,
    );
    return this.#apply('usage', delta, (writer, told) => this.#changeUses(writer, told));
  }

  /** Nothing more is asked for: the journal may be closed. */
  close(): void {
    for (const { cancel } of this.#asked.values()) cancel();
  }

  /** The version and the changes are one transaction. */
  #apply<D extends ReservationDelta | UsageDelta>(
    kind: SyncedKind,
    delta: D | null,
    change: (writer: JournalWriter, delta: D) => void,
  ): Applied {
    const { journal, venue, clock, log } = this.#options;
    if (delta?.venue !== venue.id) {
      log.warn({ kind }, 'a delta that is not signed by the cloud, or not for this venue, was ignored');
      return 'refused';
    }
    clock.witness(delta.iat * SECOND_MS);
    const have = journal.synced.version(kind);
    const { from, to } = delta;
    if (to <= have) return 'old';
    if (from > have) {
      log.info({ kind, have, from }, 'a delta is missing');
      this.#askFor(kind);
      return 'gap';
    }
    const problems = this.#problemsOf(delta);
    if (problems.length > 0) {
      log.error(
        { kind, from, to, problems: problems.slice(0, PROBLEMS_MAX) },
        'a delta that the cloud has signed is refused as a whole',
      );
      return 'refused';
    }
    journal.write((writer) => {
      change(writer, delta);
      writer.synced.setVersion(kind, to);
    });
    log.info({ kind, from: have, to, changes: delta.changes.length }, 'synchronised');
    return 'applied';
  }

  /** What makes no sense at this venue, each line beginning with the field's name. */
  #problemsOf({ changes }: ReservationDelta | UsageDelta): readonly string[] {
    const { venue, issuerKeys } = this.#options;
    const { length } = issuerKeys.issuers;
    return changes.flatMap((change, index) => {
      const problems: string[] = [];
      if (length !== 1 && change.iss === undefined)
        problems.push(
          `${fieldName(['changes', index, 'iss'])}: missing, and ${length} issuers serve this venue`,
        );
      if ('reservation' in change && change.reservation.venue !== venue.id)
        problems.push(
          `${fieldName(['changes', index, 'reservation', 'venue'])}: ${change.reservation.venue} is not this venue`,
        );
      return problems;
    });
  }

  /** Whose member or ticket a change is about, where its delta makes sense. */
  #issuerOf({ iss }: { readonly iss?: string }): string {
    return iss ?? this.#options.issuerKeys.issuers[0] ?? '';
  }

  #changeReservations(writer: JournalWriter, { changes, iat }: ReservationDelta): void {
    const members = new Map<MemberKey, Member>();
    for (const change of [...changes].sort((a, b) => a.version - b.version)) {
      const member = { iss: this.#issuerOf(change), sub: change.sub };
      if (this.#changeReservation(writer, member, change, iat * SECOND_MS))
        members.set(memberKey(member), member);
    }
    for (const member of members.values()) this.#tellRefused(member);
  }

  #changeReservation(
    writer: JournalWriter,
    member: Member,
    change: ReservationChange,
    issuedMs: number,
  ): boolean {
    const { journal, venue, clock, line } = this.#options;
    const { version, reservation, cancelledAt } = change;
    const before = journal.synced.reservation(reservation.id, member);
    if (before !== null && before.version >= version) return false;
    const isSameStart = before?.reservation.start === reservation.start;
    const known: SyncedReservation = {
      ...member,
      version,
      issuedMs,
      reservation,
      cancelledAtMs: cancelledAt === null ? null : parseInstant(cancelledAt),
      closingMs:
        isSameStart && before.closingMs !== undefined
          ? before.closingMs
          : closingOfDay(venue.hours, venue.timeZone, parseInstant(reservation.start)),
      ...(isSameStart && before.pastClosing !== undefined && { pastClosing: before.pastClosing }),
    };
    writer.synced.putReservation(known);
    adoptToldAhead(writer, reservation.id, member, this.#options);
    tellPastClosing(writer, known, this.#options);
    const stay = journal.stays.ofReservation(reservation.id, member);
    if (stay === null) return true;
    const nowMs = clock.wallMs();
    const reservations = reservationsOf(journal, venue, member, nowMs);
    const context = { venue, nowMs, online: line.isOnline, clock: clock.trust(), reservations };
    const changed = changeStay(stay, known, context);
    writer.stays.put(changed.stay);
    for (const event of changed.events) writer.append(event, context.nowMs, context.clock);
    return true;
  }

  #changeUses(writer: JournalWriter, { changes }: UsageDelta): void {
    const { synced } = this.#options.journal;
    for (const { at, ...use } of changes) {
      if ((synced.use(use.stay)?.version ?? 0) < use.version)
        writer.synced.putUse({ ...use, iss: this.#issuerOf(use), atMs: parseInstant(at) });
    }
  }

  /** What may not be booked is kept and not used; the cloud should not have sold it. */
  #tellRefused(member: Member): void {
    const { journal, venue, log } = this.#options;
    for (const [{ reservation, version }, refusal] of refusalsOf(journal.synced.ofMember(member), venue)) {
      log.warn({ reservation: reservation.id, version, refusal }, 'a reservation of the cloud is not taken');
    }
  }

  #askFor(kind: SyncedKind): void {
    const waiting = this.#asked.get(kind);
    if (waiting !== undefined) {
      waiting.again = true;
      return;
    }
    this.#options.ask(this.question(kind));
    const cancel = this.#options.clock.after(ASK_AGAIN_MS, () => {
      const again = this.#asked.get(kind)?.again ?? false;
      this.#asked.delete(kind);
      if (again) this.#askFor(kind);
    });
    this.#asked.set(kind, { again: false, cancel });
  }
}
