import type { Logger } from 'pino';
import type { DoorController } from '../../device/ports.ts';
import type { DoorConfig, VenueConfig } from '../../shared/contract/config.ts';
import type { Member } from '../../shared/contract/member.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import { DAY_MS } from '../../shared/time.ts';
import type { Credential } from '../access/credential.ts';
import { blockingProblems, decideAccess } from '../access/decide.ts';
import type { AccessRequest, AccessState, Decision } from '../access/facts.ts';
import { RETRY_WINDOW_MS } from '../access/grant.ts';
import { releasesDoor } from '../access/leaving.ts';
import { answerOfDenial, recordDecision } from '../access/record.ts';
import type { SyncedReservation } from '../access/synced.ts';
import type { Clock } from '../clock/clock.ts';
import type { StoredDecision } from '../journal/decisions.ts';
import type { Journal } from '../journal/journal.ts';
import {
  accessState,
  closingsAtBooking,
  reservationsOf,
  withSynced,
  type DoorFacts,
} from '../journal/venue-state.ts';
import { memberOf, type DenialFloods } from './denial-floods.ts';

/** A door with the board that holds its lock. */
export interface DoorHardware {
  readonly config: DoorConfig;
  readonly controller: DoorController;
}

export interface DecisionsOptions {
  readonly venue: VenueConfig;
  readonly journal: Journal;
  readonly clock: Clock;
  /** The line to the cloud. */
  readonly line: { readonly isOnline: boolean };
  /** Whether an operator has locked a door down. Default: none is. */
  readonly isLockedDown?: (door: string) => boolean;
  /** Keeps floods of denials out of the journal. */
  readonly denials: DenialFloods;
  /** What keeps everybody out for now, beside the door's own state. Default: nothing. */
  readonly conditions?: () => Pick<DoorFacts, 'trustStale' | 'clockRefused' | 'isDiskShort'>;
  readonly log: Logger;
}

/** A genuine credential at a side of a door. */
export interface Presented extends DoorHardware {
  readonly side: Side;
  readonly credential: Credential;
  /** It was decided on before, or elsewhere. */
  readonly seenBefore: boolean;
  /** Epoch milliseconds, by the gateway's clock. */
  readonly atMs: number;
  /** The stay that its holder wants to check out of. */
  readonly stay?: string;
}

/** Decides on a credential and puts on disk what follows from it, as one transaction. */
export class Decisions {
  readonly #options: DecisionsOptions;

  constructor(options: DecisionsOptions) {
    this.#options = options;
  }

  /**
   * @returns the decision as it is kept; `id` is 0 for a denial that was one of too many to be recorded
   * @throws StorageFault when it could not be committed; nothing of it is there then
   */
  commit(presented: Presented): StoredDecision {
    const { venue, journal, denials, log } = this.#options;
    const { config, controller, side, credential, seenBefore, atMs } = presented;
    // Once for the whole decision: nothing is told in the middle of one.
    const told = journal.synced.ofMember(credential);
    const request = {
      credential: withSynced(venue, credential, told),
      door: config,
      side,
      ...(presented.stay !== undefined && { stay: presented.stay }),
    };
    const facts = {
      seenBefore,
      controllerOnline: controller.online,
      lockdown: this.#options.isLockedDown?.(config.id) ?? false,
      ...this.#options.conditions?.(),
    };
    const state = accessState(journal, venue, request.credential, facts, atMs);
    const decision = decideAccess(request, venue, state, atMs);
    const isDenied = decision.outcome === 'denied';
    const unrecorded = isDenied ? denials.take(memberOf(credential), config.id) : 0;
    if (isDenied && unrecorded === null) {
      return { ...rowOf(presented), id: 0, answer: answerOfDenial(decision), stay: null, state: null };
    }
    const stored = this.#write({ ...presented, told }, request, state, decision, unrecorded ?? 0);
    const { answer, stay } = stored;
    log.info(
      {
        door: config.id,
        side,
        stay,
        ...(answer.granted ? { kind: answer.kind } : { reason: answer.reason }),
      },
      answer.granted ? 'granted' : 'denied',
    );
    return stored;
  }

  /**
   * The grant of ten seconds ago at most to this member, at this side of this door, that a further valid credential asks
   * for again; `null`: what is shown is a wish of its own. A denial is none: what was missing may be there now.
   */
  grantOfSameWish(member: Member, door: string, side: Side, atMs: number): StoredDecision | null {
    const first = this.#options.journal.decisions.recent(member, door, side, atMs - RETRY_WINDOW_MS);
    if (first === null || !first.answer.granted) return null;
    return Math.abs(atMs - first.atMs) <= RETRY_WINDOW_MS ? first : null;
  }

  #write(
    presented: Presented & { readonly told: readonly SyncedReservation[] },
    request: AccessRequest,
    state: AccessState,
    decision: Decision,
    unrecorded: number,
  ): StoredDecision {
    const { venue, journal, clock, line, denials } = this.#options;
    const { config, side, credential, seenBefore, atMs, told } = presented;
    const trust = clock.trust();
    return journal.write((writer) => {
      const grant = writer.decisions.nextId();
      const { answer, stay, stays, events } = recordDecision(decision, {
        venue,
        request,
        nowMs: atMs,
        grant,
        epoch: journal.epoch,
        leaseMs: config.pulseMs,
        online: line.isOnline,
        // Looked up where a stay begins or ends, and not for every grant.
        get reservations() {
          return reservationsOf(journal, venue, credential, atMs, told);
        },
        get closings() {
          return closingsAtBooking(told);
        },
        isUnopened: (ended) => journal.decisions.isUnopened(ended),
        clock: trust,
        unrecorded,
      });
      const grantState = answer.granted && releasesDoor(request) ? 'pending' : null;
      const row = { ...rowOf(presented), id: grant, answer, stay, state: grantState } as const;
      // A full store takes no more from the entry, where all are refused by now; the way out goes on, for a member whose
      // share of it is spent too.
      if ((side === 'exit' || state.storageWritable) && denials.takePlace(credential))
        writer.presentations.insert({
          identity: credential.identity,
          door: config.id,
          side,
          atMs,
          expiresMs: credential.identityExpiresMs,
        });
      // A copied or stale code must not speak for the member who comes with a good one a moment later.
      if (!seenBefore && blockingProblems(request).length === 0) writer.decisions.insert(row);
      // Who has no stay to check out of may have been here without a check-in: what was settled as missed is looked at again.
      if (isRefusedExit(decision, side)) writer.synced.unsettleEnded(credential, atMs - DAY_MS, atMs);
      stays.forEach((changed) => writer.stays.put(changed));
      events.forEach((event) => writer.append(event, atMs, trust));
      return row;
    });
  }
}

function isRefusedExit(decision: Decision, side: Side): boolean {
  return side === 'exit' && decision.outcome === 'denied' && decision.reason === 'no-open-stay';
}

function rowOf({ config, side, credential, atMs }: Presented) {
  return { atMs, door: config.id, side, iss: credential.iss, sub: credential.sub, leases: 1 } as const;
}
