import type { Logger } from 'pino';
import type { DoorConfig } from '../../shared/contract/config.ts';
import type { DomainEvent } from '../../shared/contract/events.ts';
import { GRANT_TRANSITIONS, type GrantEvent } from '../access/grant.ts';
import { voidStay, type Stay } from '../access/stay.ts';
import type { Clock } from '../clock/clock.ts';
import type { StoredDecision } from '../journal/decisions.ts';
import { faultTold, tryWrite } from '../journal/fault.ts';
import type { Journal, JournalWriter } from '../journal/journal.ts';

export interface GrantOutcomesOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Logger;
  readonly doors: ReadonlyMap<string, { readonly config: DoorConfig }>;
}

/** A grant whose door has been released and has not opened yet. */
interface Awaited {
  readonly door: string;
  readonly pulseEndsMs: number;
  readonly cancel: () => void;
}

/**
 * What becomes of a grant: acknowledged by the firmware it waits for the door to open, and is taken by it or not. What came
 * of it is journalled; a grant that never moved the lock voids the stay that it opened.
 */
export class GrantOutcomes {
  readonly #options: GrantOutcomesOptions;
  readonly #awaited = new Map<number, Awaited>();
  /** Monotonic time at which each door was last seen to open. */
  readonly #openedAtMs = new Map<string, number>();

  constructor(options: GrantOutcomesOptions) {
    this.#options = options;
  }

  /** The door is released and has not opened yet. */
  await(grant: StoredDecision): void {
    this.#forget(grant.id);
    const { clock, doors } = this.#options;
    const config = doors.get(grant.door)?.config;
    const pulseMs = config?.pulseMs ?? 0;
    this.#awaited.set(grant.id, {
      door: grant.door,
      pulseEndsMs: clock.monotonicMs() + pulseMs,
      cancel: clock.after(pulseMs + (config?.takenWithinMs ?? 0), () => this.#conclude(grant, 'window-over')),
    });
  }

  /** @param sinceMs monotonic: from when on an opening was by this grant, where the word of it may have come late */
  acknowledged(grant: StoredDecision, sinceMs: number): void {
    this.#conclude(grant, 'acknowledged');
    // An acknowledgement was lost on the wire, and the member was quicker than the next.
    if ((this.#openedAtMs.get(grant.door) ?? -Infinity) >= sinceMs) this.#conclude(grant, 'door-opened');
  }

  /** No controller has answered in time: the lock was not moved. */
  tooOld(grant: StoredDecision): void {
    this.#conclude(grant, 'too-old');
  }

  /** Whether the door was released for this grant, and whoever was to come in has missed it. */
  isMissed({ id, state }: StoredDecision): boolean {
    const awaited = this.#awaited.get(id);
    if (state === 'not-opened') return true;
    return (
      state === 'released' &&
      awaited !== undefined &&
      this.#options.clock.monotonicMs() >= awaited.pulseEndsMs
    );
  }

  /** The newest grant that waits for this door to open; `null` where none does. */
  newestAt(door: string): number | null {
    return this.#at(door).at(-1) ?? null;
  }

  /**
   * The leaf opened: every released grant of this door is taken, and none waits any more.
   *
   * @returns writes it down, in the transaction of the opening. Where the disk fails what the door did is lost, not the
   *   grants: they are on disk, and are taken up again by the next start
   */
  doorOpened(door: string): (writer: JournalWriter) => void {
    this.#openedAtMs.set(door, this.#options.clock.monotonicMs());
    const taken = this.#at(door);
    taken.forEach((id) => this.#forget(id));
    return (writer) => {
      for (const id of taken) {
        const grant = this.#options.journal.decisions.get(id);
        if (grant !== null) this.#record(writer, grant, 'door-opened');
      }
    };
  }

  close(): void {
    for (const { cancel } of this.#awaited.values()) cancel();
    this.#awaited.clear();
  }

  #at(door: string): readonly number[] {
    return [...this.#awaited].filter(([, awaited]) => awaited.door === door).map(([id]) => id);
  }

  #forget(id: number): void {
    this.#awaited.get(id)?.cancel();
    this.#awaited.delete(id);
  }

  #conclude(grant: StoredDecision, event: GrantEvent): void {
    const { journal, log } = this.#options;
    const { door, id } = grant;
    tryWrite(
      () => {
        if (!journal.write((writer) => this.#record(writer, grant, event))) return;
        if (event === 'acknowledged') this.await(grant);
        else this.#forget(id);
      },
      (fault) => {
        faultTold(log, 'what the door did is not kept', { door, grant: id })(fault);
        // What the door did is lost, not the grant: it is on disk, and is taken up again by the next start.
        this.#forget(id);
      },
    );
  }

  /** @returns whether anything has come of it: a grant is concluded once */
  #record(writer: JournalWriter, grant: StoredDecision, event: GrantEvent): boolean {
    const { journal, clock, log } = this.#options;
    const current = journal.decisions.get(grant.id);
    if (current?.state === undefined || current.state === null) return false;
    const state = GRANT_TRANSITIONS[current.state][event];
    if (state === null) return false;
    writer.decisions.setGrant(grant.id, state, current.leases);
    const stay = event === 'too-old' ? endedBy(grant, journal) : null;
    for (const consequence of consequencesOf(grant, event, stay))
      writer.append(consequence, clock.wallMs(), clock.trust());
    if (stay !== null) {
      writer.stays.put(voidStay(stay));
      // It may have ended meanwhile, as one that somebody had come for.
      if (stay.entitlement.kind === 'reservation') writer.synced.unsettle(stay.entitlement.id, stay);
    }
    log.info({ door: grant.door, grant: grant.id, state }, 'grant');
    return true;
  }
}

/** @param ended the stay that has ended with the grant */
function consequencesOf(grant: StoredDecision, event: GrantEvent, ended: Stay | null): DomainEvent[] {
  const { door, id, stay } = grant;
  const about = { door, grant: id, stay };
  switch (event) {
    case 'acknowledged':
      return [];
    case 'door-opened':
      return [{ name: 'access.taken', subject: door, data: about }];
    case 'window-over':
      return [{ name: 'access.not-taken', subject: door, data: { ...about, reason: 'not-opened' } }];
    case 'too-old': {
      const data = { ...about, reason: 'pulse-failed' } as const;
      const notTaken: DomainEvent = { name: 'access.not-taken', subject: door, data };
      if (ended === null) return [notTaken];
      const { id: stay, iss, sub } = ended;
      const voided: DomainEvent = {
        name: 'stay.voided',
        subject: stay,
        data: { stay, iss, sub, reason: 'pulse-failed' },
      };
      return [notTaken, voided];
    }
  }
}

/**
 * The stay that a failed grant was the last hope of: the grant that opened it never moved the lock, and no other has
 * released a door for it, or still may. The last to fail voids it, be it a re-entry: a member who tries a second door
 * while the first does not answer is one visit. It is open, or the member's next visit has ended it meanwhile. To be
 * asked when the failure is written down.
 */
function endedBy(grant: StoredDecision, journal: Journal): Stay | null {
  const stay = grant.stay === null ? null : journal.stays.get(grant.stay);
  if (stay === null || stay.grant === null) return null;
  if (stay.state !== 'open' && !wasTakenOver(stay, journal)) return null;
  const isNeverOpened = journal.decisions.get(stay.grant)?.state === 'pulse-failed';
  return isNeverOpened && !journal.decisions.hasOtherGrant(stay.id, grant.id) ? stay : null;
}

/** Whether a visit was ended by another one, and not by its member on the way out. */
function wasTakenOver({ id, state }: Stay, { decisions }: Journal): boolean {
  return (state === 'checked-out' || state === 'forgotten') && !decisions.hasScannedOut(id);
}
