import type { Logger } from 'pino';
import type { DoorController } from '../../device/ports.ts';
import type { DoorConfig, VenueConfig } from '../../shared/contract/config.ts';
import type { PresentedVia } from '../../shared/contract/events.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import { formatInstant } from '../../shared/time.ts';
import type { Credential } from '../access/credential.ts';
import { blockingProblems, decideAccess } from '../access/decide.ts';
import { RETRY_WINDOW_MS } from '../access/grant.ts';
import { recordDecision, type Answer } from '../access/record.ts';
import type { Clock } from '../clock/clock.ts';
import type { DpopRequest, Gate, GateVerdict } from '../credential/gate.ts';
import type { Grants } from './grants.ts';
import { StorageFault, type Journal, type StoredDecision } from '../journal/journal.ts';
import type { PresenceTicket } from '../presence/presence.ts';
import { memberOf, readerOf, type Refusals } from './denial-floods.ts';
import {
  accessState,
  closingsAtBooking,
  reservationsOf,
  withSynced,
  type DoorFacts,
} from '../journal/venue-state.ts';

/** How long the same credential at the same reader is still the same presentation. */
const SAME_PRESENTATION_MS = 10_000;

export type Outcome =
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** The code was still under the reader. Nothing was decided, written or signalled. */
  | { readonly kind: 'ignored' }
  | { readonly kind: 'nonce-needed' }
  /** Too much was asked from there lately. Nothing was decided or written. */
  | { readonly kind: 'too-many' };

/** How a presentation came, and what shows that its holder is at the door. */
export interface Arrival {
  readonly via: PresentedVia;
  /** `not-asked`: the place speaks for itself, a reader at the door or the venue's own network. */
  readonly ticket: PresenceTicket | null | 'not-asked';
}

const AT_SCANNER: Arrival = { via: 'scanner', ticket: 'not-asked' };
const ON_LAN: Arrival = { via: 'page', ticket: 'not-asked' };

/** Check-outs that may wait for the disk. */
const UNRECORDED_MAX = 1_000;

interface UnrecordedExit {
  readonly door: DoorConfig;
  readonly credential: Credential;
  readonly controller: DoorController;
  readonly atMs: number;
}

export interface AttendantOptions {
  readonly venue: VenueConfig;
  readonly doors: ReadonlyMap<string, { readonly config: DoorConfig; readonly controller: DoorController }>;
  readonly gate: Gate;
  readonly journal: Journal;
  readonly grants: Grants;
  readonly clock: Clock;
  /** Whether the line to the cloud is up. */
  readonly isOnline: () => boolean;
  /** Whether an operator has locked a door down. Default: none is. */
  readonly isLockedDown?: (door: string) => boolean;
  /** Keeps floods of refusals out of the journal. */
  readonly refusals: Refusals;
  /** What keeps everybody out for now, beside the door's own state. Default: nothing. */
  readonly conditions?: () => Pick<DoorFacts, 'trustStale' | 'clockRefused' | 'isDiskShort'>;
  /** Called after a check-out at a door was committed. */
  readonly onCheckOut?: (stay: string, door: string) => void;
  /** Called with each decision: how long it took from the presentation to its commit, in milliseconds. */
  readonly onDecided?: (durationMs: number) => void;
  readonly log: Logger;
}

/**
 * The walk of one presentation: gate, decision, commit, lock. Nothing unlocks before its grant is on disk, and
 * nothing here waits for the network.
 */
export class Attendant {
  readonly #options: AttendantOptions;
  readonly #attending = new Set<Promise<Outcome>>();

  /** Check-outs whose door was opened and that are not on disk yet, oldest first. */
  readonly #unrecorded: UnrecordedExit[] = [];

  constructor(options: AttendantOptions) {
    this.#options = options;
  }

  /** A code under a scanner. */
  scan(door: string, side: Side, bytes: Uint8Array): Promise<Outcome> {
    return this.#present(door, side, AT_SCANNER, readerOf(door, side), this.#options.gate.scan(bytes));
  }

  /** A tap on a phone's page. */
  request(door: string, side: Side, request: DpopRequest, arrival: Arrival = ON_LAN): Promise<Outcome> {
    const { from = 'unknown' } = request;
    return this.#present(door, side, arrival, from, this.#options.gate.request(request));
  }

  /** Resolves once nobody is being attended to. To be waited for before the journal is closed. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#attending);
  }

  #present(
    door: string,
    side: Side,
    arrival: Arrival,
    source: string,
    verdict: Promise<GateVerdict>,
  ): Promise<Outcome> {
    const { clock, onDecided } = this.#options;
    const arrivedMs = clock.monotonicMs();
    const outcome = verdict.then((known) => {
      const admitted = this.#admit(door, side, arrival, source, known);
      onDecided?.(clock.monotonicMs() - arrivedMs);
      return admitted;
    });
    this.#attending.add(outcome);
    const done = () => this.#attending.delete(outcome);
    outcome.then(done, done);
    return outcome;
  }

  /** Synchronous from here on: state, decision and commit see one moment of the venue. */
  #admit(door: string, side: Side, arrival: Arrival, source: string, verdict: GateVerdict): Outcome {
    const equipment = this.#options.doors.get(door);
    if (equipment === undefined) throw new Error(`no such door: ${door}`);
    if (verdict.kind === 'nonce-needed' || verdict.kind === 'too-many') return verdict;
    const { controller } = equipment;
    let outcome: Outcome;
    try {
      if (verdict.kind === 'unreadable') {
        const reason = 'unreadable';
        this.#options.refusals.record({ door, side, reason, via: arrival.via, source });
        outcome = { kind: 'answer', answer: { granted: false, reason } };
      } else {
        outcome = this.#decide(equipment.config, side, verdict.credential, arrival, controller);
      }
    } catch (fault) {
      if (!(fault instanceof StorageFault)) throw fault;
      if (side === 'exit' && verdict.kind === 'credential') {
        const out = this.#letOut(equipment.config, verdict.credential, controller);
        if (out !== null) return out;
      }
      // Entry fails closed. The way out needs nobody's commit.
      this.#options.log.error(
        { door, code: fault.code, hint: fault.hint },
        'storage fault: nothing is granted',
      );
      outcome = { kind: 'answer', answer: { granted: false, reason: 'storage-degraded' } };
    }
    if (outcome.kind === 'answer') controller.signal(outcome.answer.granted ? 'granted' : 'denied');
    return outcome;
  }

  /**
   * Opens the exit to a genuine credential although nothing can be put on disk: nobody is kept in by a fault of ours.
   * The check-out is committed, with its own instant, when the disk can be written again.
   */
  #letOut(door: DoorConfig, credential: Credential, controller: DoorController): Outcome | null {
    const { grants, clock, log } = this.#options;
    if (blockingProblems({ credential, side: 'exit' }).length > 0) return null;
    const isWaiting = this.#unrecorded.some((exit) => exit.credential.identity === credential.identity);
    if (!isWaiting && this.#unrecorded.length < UNRECORDED_MAX)
      this.#unrecorded.push({ door, credential, controller, atMs: clock.wallMs() });
    grants.letOut(door.id);
    controller.signal('granted');
    log.warn(
      { door: door.id, waiting: this.#unrecorded.length },
      'let out; the check-out waits for the disk',
    );
    const answer = {
      granted: true,
      kind: 'check-out',
      stay: null,
      space: null,
      until: null,
      uses: null,
      yen: null,
    } as const;
    return { kind: 'answer', answer };
  }

  /** Commits the check-outs that waited for the disk. To be called when it can be written again. */
  recordExits(): void {
    const { journal, log } = this.#options;
    try {
      for (let exit = this.#unrecorded[0]; exit !== undefined; exit = this.#unrecorded[0]) {
        const { door, credential, controller, atMs } = exit;
        const seen = journal.presentation(credential.identity) !== null;
        const { id, answer } = this.#commit(door, 'exit', credential, controller, seen, atMs);
        // The door was opened then; what it did was seen by nobody.
        if (answer.granted) journal.write((writer) => writer.setGrant(id, 'not-opened', 1));
        this.#unrecorded.shift();
      }
    } catch (fault) {
      if (!(fault instanceof StorageFault)) throw fault;
      log.error(
        { code: fault.code, waiting: this.#unrecorded.length },
        'storage fault: check-outs still wait',
      );
    }
  }

  /** Whether check-outs wait for the disk. */
  get isWaitingForDisk(): boolean {
    return this.#unrecorded.length > 0;
  }

  /** Before the process ends: names each check-out that never came to the disk, for whoever books it by hand. */
  tellUnrecorded(): void {
    const { venue, log } = this.#options;
    for (const { door, credential, atMs } of this.#unrecorded)
      log.error(
        { door: door.id, sub: credential.sub, at: formatInstant(atMs, venue.timeZone) },
        'a check-out is lost: the disk could not be written before the end; check the member out by hand',
      );
  }

  #decide(
    door: DoorConfig,
    side: Side,
    presented: Credential,
    { via, ticket }: Arrival,
    controller: DoorController,
  ): Outcome {
    const { journal, clock, grants, refusals } = this.#options;
    const nowMs = clock.wallMs();
    const standing = ticket === 'not-asked' ? 'good' : (ticket?.standing(presented.sub) ?? 'none');
    let credential: Credential = { ...presented, via };
    if (standing === 'none') credential = notPresent(credential);
    const seen = credential.singleUse ? journal.presentation(credential.identity) : null;
    const age = (atMs: number) => Math.abs(nowMs - atMs);
    if (
      seen !== null &&
      seen.door === door.id &&
      seen.side === side &&
      age(seen.atMs) <= SAME_PRESENTATION_MS
    ) {
      return { kind: 'ignored' };
    }
    // Only a fresh and valid proof is a retry; a replayed or stale one is decided on its own.
    const canRemember = side === 'exit' || !journal.isReplayStoreFull;
    if (seen === null && canRemember && blockingProblems({ credential, side }).length === 0) {
      const first = journal.recentDecision(credential.sub, door.id, side, nowMs - RETRY_WINDOW_MS);
      if (first !== null && age(first.atMs) <= RETRY_WINDOW_MS) {
        // Each is remembered, and only who holds the member's device can ask for too many.
        if (!refusals.takeRetry(credential.sub)) return { kind: 'too-many' };
        return this.#repeat(first, credential, nowMs);
      }
    }
    if (standing === 'spent') credential = notPresent(credential);
    const decision = this.#commit(door, side, credential, controller, seen !== null, nowMs);
    const { answer, stay } = decision;
    if (answer.granted) {
      if (ticket !== 'not-asked') ticket?.spend(credential.sub);
      grants.offer(decision);
    }
    if (answer.granted && answer.kind === 'check-out' && stay !== null)
      this.#options.onCheckOut?.(stay, door.id);
    return { kind: 'answer', answer };
  }

  /** The member tried again: the first decision stands, and no second use, event or charge comes of it. */
  #repeat(first: StoredDecision, credential: Credential, nowMs: number): Outcome {
    const { journal, grants } = this.#options;
    journal.write((writer) => {
      writer.insertPresentation({
        identity: credential.identity,
        door: first.door,
        side: first.side,
        atMs: nowMs,
        expiresMs: credential.identityExpiresMs,
      });
    });
    if (first.state !== null) grants.offerAgain(first);
    return { kind: 'answer', answer: first.answer };
  }

  #commit(
    door: DoorConfig,
    side: Side,
    credential: Credential,
    controller: DoorController,
    seenBefore: boolean,
    nowMs: number,
  ): StoredDecision {
    const { venue, journal, clock, isOnline, refusals, log } = this.#options;
    const trust = clock.trust();
    const known = withSynced(journal, venue, credential);
    const request = { credential: known, door, side };
    const state = accessState(
      journal,
      venue,
      known,
      {
        seenBefore,
        controllerOnline: controller.online,
        lockdown: this.#options.isLockedDown?.(door.id) ?? false,
        ...this.#options.conditions?.(),
      },
      nowMs,
    );
    const decision = decideAccess(request, venue, state, nowMs);
    const isDenied = decision.outcome === 'denied';
    const unrecorded = isDenied ? refusals.take(memberOf(credential.sub), door.id) : 0;
    const base = { atMs: nowMs, door: door.id, side, sub: credential.sub, leases: 1 } as const;
    if (isDenied && unrecorded === null) {
      const answer = { granted: false, reason: decision.reason } as const;
      return { ...base, id: 0, answer, stay: null, state: null };
    }
    const stored = journal.write((writer): StoredDecision => {
      const grant = writer.nextDecision();
      const record = recordDecision(decision, {
        venue,
        request,
        nowMs,
        grant,
        epoch: journal.epoch,
        leaseMs: door.pulseMs,
        online: isOnline(),
        // Looked up where a stay ends, and not for every grant.
        get reservations() {
          return reservationsOf(journal, venue, credential.sub, nowMs);
        },
        get closings() {
          return closingsAtBooking(journal, credential.sub);
        },
        clock: trust,
        ...(unrecorded !== null && { unrecorded }),
      });
      const { answer, stay } = record;
      const row = { ...base, id: grant, answer, stay, state: answer.granted ? 'pending' : null } as const;
      // A full store takes no more from the entry, where all are refused by now; the way out goes on.
      if (side === 'exit' || state.storageWritable)
        writer.insertPresentation({
          identity: credential.identity,
          door: door.id,
          side,
          atMs: nowMs,
          expiresMs: credential.identityExpiresMs,
        });
      // A copied or stale code must not speak for the member who comes with a good one a moment later.
      if (!seenBefore && blockingProblems(request).length === 0) writer.insertDecision(row);
      record.stays.forEach((stayed) => writer.putStay(stayed));
      record.events.forEach((event) => writer.append(event, nowMs, trust));
      return row;
    });
    const { answer } = stored;
    log.info(
      {
        door: door.id,
        side,
        stay: stored.stay,
        ...(answer.granted ? { kind: answer.kind } : { reason: answer.reason }),
      },
      answer.granted ? 'granted' : 'denied',
    );
    return stored;
  }
}

function notPresent(credential: Credential): Credential {
  return { ...credential, problems: [...credential.problems, 'not-present'] };
}
