import type { Logger } from 'pino';
import type { VenueConfig } from '../../shared/contract/config.ts';
import type { Member } from '../../shared/contract/member.ts';
import { parseInstant } from '../../shared/time.ts';
import { flagStay, SUPERSEDED_BY, type BilledStay } from '../access/close.ts';
import { endOf, isUnattended, overstaysFrom, settleNoShow, settleStay } from '../access/settle.ts';
import { withFlags, type Stay } from '../access/stay.ts';
import { isCancelledInTime, refusalsOf, unsettledEvent, type SyncedReservation } from '../access/synced.ts';
import type { Clock } from '../clock/clock.ts';
import { faultTold, tryWrite } from '../journal/fault.ts';
import { awaitedWords, isOfEarlierEpoch } from '../journal/inheritance.ts';
import type { Journal, JournalWriter } from '../journal/journal.ts';
import { wasShared } from '../journal/other-gateway.ts';
import { STAYS_SINCE } from '../journal/retention.ts';
import { reservationsOf } from '../journal/venue-state.ts';
import type { CloudLine } from '../uplink/cloud-line.ts';
import { knowledgeOf, knowledgeOfReservation, type Knowledge } from './inherited.ts';
import { earliestOf, exitWithoutStay } from './unseen.ts';

/** Longest pause between two looks, in milliseconds: a wall clock may jump, and a timer knows nothing of it. */
const LOOK_EVERY_MS = 60_000;

/** Shortest pause between two looks, in milliseconds. */
const SHORTEST_MS = 1_000;

/** Settlements in one go. Between two goes the doors are served. */
const BATCH = 20;

/** Reservations that are looked at in one go while some of them wait for the cloud's word. */
const WAITING_MAX = 1_000;

/** How long told reservations and uses are kept: two of a ticket's longest periods. */
const KEPT_MS = 62 * 24 * 3600_000;

export interface SettlementOptions {
  readonly venue: VenueConfig;
  readonly journal: Journal;
  readonly clock: Clock;
  /** The line to the cloud. */
  readonly line: Pick<CloudLine, 'isOnline' | 'isFitted'>;
  readonly log: Logger;
}

/**
 * Settles forgotten check-outs and no-shows when they are due, exactly once: each in a transaction of its own that
 * looks at the state again. It works from the journal alone, so that it makes no difference whether the gateway ran at
 * the due instant. Nothing is settled by a clock that nobody vouches for. What an earlier epoch began waits for the cloud's
 * last word on it where that epoch's journal was not taken over whole.
 */
export class Settlement {
  readonly #options: SettlementOptions;
  /** When the next thing falls due, by wall clock, as visits stood after so many writes. */
  #next = { writes: -1, dueMs: Infinity };
  #cancel: (() => void) | null = null;
  #stopListening: () => void = () => undefined;
  #closed = false;

  constructor(options: SettlementOptions) {
    this.#options = options;
  }

  /** Settles what fell due while the gateway was off, then waits for what is next. */
  start(): void {
    this.#tidy();
    this.#look();
    this.#stopListening = this.#options.clock.onChange(() => {
      this.#cancel?.();
      this.#look();
    });
  }

  close(): void {
    this.#closed = true;
    this.#stopListening();
    this.#cancel?.();
  }

  #look(): void {
    if (this.#closed) return;
    const { clock } = this.#options;
    let waitMs = this.#untilNextMs();
    if (waitMs <= SHORTEST_MS) waitMs = this.#settleDue() >= BATCH ? 0 : this.#untilNextMs();
    this.#cancel = clock.after(waitMs, () => this.#look());
  }

  /** @returns how many were settled, at most a batch */
  #settleDue(): number {
    const { journal, clock, log } = this.#options;
    if (journal.fault !== null || clock.trust() === 'untrusted') return 0;
    return tryWrite(
      () => this.#settleBatch(clock.wallMs()),
      (fault) => {
        // What is not there is due still when the disk can be written again.
        faultTold(log, 'nothing is settled')(fault);
        return 0;
      },
    );
  }

  #settleBatch(nowMs: number): number {
    const { venue, journal } = this.#options;
    let settled = 0;
    const due = journal.stays.open().filter((stay) => endOf(stay, venue).dueMs <= nowMs);
    for (const { id } of due) {
      if (settled >= BATCH) return settled;
      if (this.#settleStay(id, nowMs)) settled += 1;
    }
    for (const { id } of journal.stays.reentered().filter((stay) => overstaysFrom(stay, venue) <= nowMs)) {
      if (settled >= BATCH) return settled;
      this.#flagOverstay(id, nowMs);
      settled += 1;
    }
    const isWaiting = awaitedWords(journal).length > 0;
    for (const known of journal.synced.unsettled(nowMs, isWaiting ? WAITING_MAX : BATCH - settled)) {
      if (settled >= BATCH) return settled;
      if (this.#settleReservation(known, nowMs)) settled += 1;
    }
    return settled;
  }

  /** The guard: what is settled is looked at again inside the transaction. A grant that hangs may still void its stay. */
  #settleStay(id: string, nowMs: number): boolean {
    const { journal, log } = this.#options;
    return journal.write((writer) => {
      const stay = journal.stays.get(id);
      if (stay?.state !== 'open' || journal.decisions.isUndecided(id)) return false;
      const knowledge = this.#knowledgeOf(stay, nowMs);
      if (knowledge === 'awaited') return false;
      const isShared = wasShared(journal, stay.checkInMs ?? nowMs, nowMs);
      const flags = knowledge === 'whole' && !isShared ? stay.flags : withFlags(stay.flags, 'review');
      const settled = settleStay({ ...stay, flags }, this.#context(stay, nowMs));
      if (settled === null) return false;
      this.#keep(writer, settled, nowMs);
      log.info({ stay: id, state: settled.stay.state }, 'settled');
      return true;
    });
  }

  /** Whoever was seen to leave has shown a code; for all that anybody knows, whoever has not is inside still. */
  #flagOverstay(id: string, nowMs: number): void {
    const { journal, log } = this.#options;
    journal.write((writer) => {
      const stay = journal.stays.get(id);
      if (stay?.state !== 'checked-out') return;
      // Whose door never moved did not come in again.
      if (!journal.decisions.hasEntered(id, stay.checkOutMs ?? 0)) {
        writer.stays.put({ ...stay, reenteredMs: null });
        return;
      }
      this.#keep(writer, flagStay(stay, 'overstay', SUPERSEDED_BY.overstay), nowMs);
      log.info({ stay: id }, 'came in again and was not seen to leave');
    });
  }

  /** @returns whether it was; one that waits for the cloud's word was not */
  #settleReservation(known: SyncedReservation, nowMs: number): boolean {
    const { journal, log, line, venue } = this.#options;
    const { reservation } = known;
    const earliestMs = earliestOf(known, venue);
    const endMs = parseInstant(reservation.end);
    const knowledge = knowledgeOfReservation(journal, line, { earliestMs, endMs }, nowMs);
    if (knowledge === 'awaited') return false;
    journal.write((writer) => {
      writer.synced.settle(reservation.id, known);
      const stay = journal.stays.ofReservation(reservation.id, known);
      if (!isUnattended(stay) || knowledge === null || !this.#isOursToFind(known, earliestMs)) return;
      const before = stay?.state === 'voided' ? null : stay;
      const isShared = wasShared(journal, earliestMs, endMs);
      if (before === null && (isShared || knowledge === 'partial')) {
        this.#leaveUnsettled(writer, known, nowMs, isShared ? 'second-gateway' : 'journal-not-whole');
        return;
      }
      const settled = settleNoShow(known, before, {
        ...this.#context(known, nowMs),
        id: `${journal.epoch}-e${journal.lastSeq + 1}`,
        wasTurnedAway: journal.decisions.wasTurnedAway(known, earliestMs, endMs),
        // Whose door never moved stood outside, whatever they showed at the exit.
        refusedExit: stay?.state === 'voided' ? null : exitWithoutStay(journal, venue, known),
      });
      if (settled === null) return;
      this.#keep(writer, settled, nowMs);
      log.info({ stay: settled.stay.id, state: settled.stay.state }, 'settled');
    });
    return true;
  }

  /** Whether its user came is not known here: billed as a no-show the visit might be billed twice. */
  #leaveUnsettled(
    writer: JournalWriter,
    known: SyncedReservation,
    nowMs: number,
    reason: Parameters<typeof unsettledEvent>[1],
  ): void {
    const { venue, clock, log } = this.#options;
    const { reservation } = known;
    if (reservation.role === 'guest' || isCancelledInTime(known, venue)) return;
    writer.append(unsettledEvent(known, reason), nowMs, clock.trust());
    log.warn(
      { reservation: reservation.id, reason },
      'a reservation is not settled: nobody here knows of its visit',
    );
  }

  #knowledgeOf(stay: Stay, nowMs: number): Knowledge {
    const { journal, line, venue } = this.#options;
    const begun = { isEarlier: isOfEarlierEpoch(journal, stay.id), dueMs: endOf(stay, venue).dueMs };
    return knowledgeOf(journal, line, begun, nowMs);
  }

  /** Nothing is known of visits whose stays have left the journal, and a reservation is billed to one user. */
  #isOursToFind(known: SyncedReservation, earliestMs: number): boolean {
    const { journal } = this.#options;
    const sinceMs = Number(journal.facts.get(STAYS_SINCE) ?? 0);
    const isAnothers =
      journal.stays.isAnothers(known.reservation.id, known) || journal.synced.isSomebodyElses(known);
    return earliestMs >= sinceMs && !isAnothers && !this.#isRefused(known);
  }

  #isRefused(known: SyncedReservation): boolean {
    const { journal, venue } = this.#options;
    const refused = [...refusalsOf(journal.synced.ofMember(known), venue).keys()];
    return refused.some(({ reservation }) => reservation.id === known.reservation.id);
  }

  #keep(writer: JournalWriter, { stay, events }: BilledStay, nowMs: number): void {
    const trust = this.#options.clock.trust();
    writer.stays.put(stay);
    for (const event of events) writer.append(event, nowMs, trust);
  }

  #context(member: Member, nowMs: number) {
    const { venue, journal, line, clock } = this.#options;
    const reservations = reservationsOf(journal, venue, member, nowMs);
    const isUnopened = (stay: string) => journal.decisions.isUnopened(stay);
    return { venue, nowMs, online: line.isOnline, clock: clock.trust(), reservations, isUnopened };
  }

  #untilNextMs(): number {
    const { journal, clock } = this.#options;
    const { visitWrites: writes } = journal;
    return tryWrite(
      () => {
        if (this.#next.writes !== writes) this.#next = { writes, dueMs: this.#nextDueMs() };
        return Math.min(LOOK_EVERY_MS, Math.max(SHORTEST_MS, this.#next.dueMs - clock.wallMs()));
      },
      () => LOOK_EVERY_MS,
    );
  }

  #nextDueMs(): number {
    const { journal, venue } = this.#options;
    const dues = journal.stays.open().map((stay) => endOf(stay, venue).dueMs);
    dues.push(...journal.stays.reentered().map((stay) => overstaysFrom(stay, venue)));
    return Math.min(journal.synced.nextEndMs() ?? Infinity, ...dues);
  }

  #tidy(): void {
    const { journal, clock } = this.#options;
    if (journal.fault !== null || clock.trust() === 'untrusted') return;
    journal.write((writer) => writer.synced.forget(clock.wallMs() - KEPT_MS));
  }
}
