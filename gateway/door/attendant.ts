import type { DoorController, DoorSignal } from '../../device/ports.ts';
import type { DoorConfig } from '../../shared/contract/config.ts';
import type { PresentedVia } from '../../shared/contract/events.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import type { Credential } from '../access/credential.ts';
import { blockingProblems } from '../access/decide.ts';
import { releasesDoor } from '../access/leaving.ts';
import type { Answer } from '../access/record.ts';
import type { DpopRequest, Gate, GateVerdict } from '../credential/gate.ts';
import type { Grants } from './leases.ts';
import { faultTold, tryWrite, type StorageFault } from '../journal/fault.ts';
import type { StoredDecision } from '../journal/decisions.ts';
import type { PresenceTicket } from '../presence/tickets.ts';
import { Decisions, type DecisionsOptions, type DoorHardware } from './decisions.ts';
import { readerOf } from './denial-floods.ts';
import { ExitsWithoutDisk } from './exits-without-disk.ts';

/** How long the same credential at the same reader is still the same presentation. */
const SAME_PRESENTATION_MS = 10_000;

/** How soon after a check-out the next code at the reader may be for another stay, in milliseconds. */
const OTHER_STAY_AFTER_MS = 2_000;

/** How a scan ended, for whoever is told. */
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
  /** The stay that its holder wants to check out of. Default: at an exit the one that ends first, at an entrance none. */
  readonly stay?: string;
}

const AT_SCANNER: Arrival = { via: 'scanner', ticket: 'not-asked' };
const ON_LAN: Arrival = { via: 'page', ticket: 'not-asked' };

export interface AttendantOptions extends DecisionsOptions {
  readonly doors: ReadonlyMap<string, DoorHardware>;
  readonly gate: Gate;
  readonly grants: Grants;
  /** Watches whether whoever checked out at a door leaves by it. Default: nobody does. */
  readonly departures?: { checkedOut(stay: string, door: string): void };
  /** Called with each decision: how long it took from the presentation to its commit, in milliseconds. */
  readonly onDecided?: (durationMs: number) => void;
}

/**
 * The walk of one presentation: gate, decision, commit, lock. Nothing unlocks before its grant is on disk, and
 * nothing here waits for the network.
 */
export class Attendant {
  readonly #options: AttendantOptions;
  readonly #decisions: Decisions;
  /** The way out while nothing can be written. */
  readonly exits: ExitsWithoutDisk;
  readonly #attending = new Set<Promise<Outcome>>();

  constructor(options: AttendantOptions) {
    this.#options = options;
    this.#decisions = new Decisions(options);
    this.exits = new ExitsWithoutDisk({ ...options, decisions: this.#decisions });
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
    const outcome = tryWrite(
      () => this.#answer(equipment, side, arrival, source, verdict),
      (fault) => this.#answerWithoutDisk(equipment, side, verdict, fault),
    );
    const { stay } = arrival;
    // The reader speaks of the door, which a check-out at an entrance does not move.
    const isOfDoor = releasesDoor({ side, ...(stay !== undefined && { stay }) });
    if (outcome.kind === 'answer' && isOfDoor) controller.signal(signalOf(outcome.answer));
    return outcome;
  }

  #answer(
    door: DoorHardware,
    side: Side,
    arrival: Arrival,
    source: string,
    verdict: Extract<GateVerdict, { kind: 'unreadable' | 'credential' }>,
  ): Outcome {
    if (verdict.kind === 'credential')
      return this.#decide(door.config, side, verdict.credential, arrival, door.controller);
    const reason = 'unreadable';
    this.#options.denials.record({ door: door.config.id, side, reason, via: arrival.via, source });
    return { kind: 'answer', answer: { granted: false, reason } };
  }

  /** Entry fails closed. The way out needs nobody's commit. */
  #answerWithoutDisk(door: DoorHardware, side: Side, verdict: GateVerdict, fault: StorageFault): Outcome {
    const isLeaving = side === 'exit' && verdict.kind === 'credential';
    const out = isLeaving ? this.exits.letOut(door, verdict.credential) : null;
    if (out !== null) return { kind: 'answer', answer: out };
    faultTold(this.#options.log, 'nothing is granted', { door: door.config.id })(fault);
    return { kind: 'answer', answer: { granted: false, reason: 'storage-degraded' } };
  }

  #decide(
    door: DoorConfig,
    side: Side,
    presented: Credential,
    { via, ticket, stay: named }: Arrival,
    controller: DoorController,
  ): Outcome {
    const { journal, clock, grants, denials, departures } = this.#options;
    const nowMs = clock.wallMs();
    const standing = ticket === 'not-asked' ? 'good' : (ticket?.standing(presented) ?? 'none');
    let credential: Credential = { ...presented, via };
    if (standing === 'none') credential = notPresent(credential);
    const seen = credential.singleUse ? journal.presentations.get(credential.identity) : null;
    const age = (atMs: number) => Math.abs(nowMs - atMs);
    if (
      seen !== null &&
      seen.door === door.id &&
      seen.side === side &&
      age(seen.atMs) <= SAME_PRESENTATION_MS
    ) {
      return { kind: 'ignored' };
    }
    // Who fills the replay store alone would keep everybody else out. Nobody is kept in.
    if (side === 'entry' && !denials.mayRemember(presented)) return { kind: 'too-many' };
    // Only a fresh and valid proof is a retry; a replayed or stale one is decided on its own.
    const canRemember = side === 'exit' || !journal.isReplayStoreFull;
    const asked = { side, ...(named !== undefined && { stay: named }) };
    if (seen === null && canRemember && blockingProblems({ credential, ...asked }).length === 0) {
      const same = this.#decisions.grantOfSameWish(credential, door.id, side, nowMs);
      const first = same === null || isForOtherStay(same, via, named, nowMs) ? null : same;
      if (first !== null) {
        // Each is remembered, and only who holds the member's device can ask for too many.
        if (!denials.takeRetry(credential)) return { kind: 'too-many' };
        return this.#repeat(first, credential, nowMs);
      }
    }
    if (standing === 'spent') credential = notPresent(credential);
    const seenBefore = seen !== null;
    const decision = this.#decisions.commit({
      config: door,
      controller,
      ...asked,
      credential,
      seenBefore,
      atMs: nowMs,
    });
    const { answer, stay } = decision;
    if (answer.granted) {
      if (ticket !== 'not-asked') ticket?.spend(credential);
      if (releasesDoor(asked)) grants.offer(decision);
    }
    if (releasesDoor(asked) && answer.granted && answer.kind === 'check-out' && stay !== null)
      departures?.checkedOut(stay, door.id);
    return { kind: 'answer', answer };
  }

  /** The member tried again: the first grant stands, and no second use, event or charge comes of it. */
  #repeat(first: StoredDecision, credential: Credential, nowMs: number): Outcome {
    const { journal, grants, denials } = this.#options;
    journal.write((writer) => {
      if (!denials.takePlace(credential)) return;
      writer.presentations.insert({
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
}

/**
 * Whether a further code is for a stay that a check-out has left open, and no retry of it. A reader is shown the next
 * one, once there was time to see its lamp; a phone names the stay, for it may ask twice by itself. At an entrance a
 * check-out and a way in are never one wish.
 */
function isForOtherStay(
  { answer, atMs, side, stay: decided }: StoredDecision,
  via: PresentedVia,
  named: string | undefined,
  nowMs: number,
): boolean {
  if (!answer.granted) return false;
  if (side === 'entry') return (answer.kind === 'check-out' ? decided : undefined) !== named;
  const { stillOpen } = answer;
  if (named !== undefined) return stillOpen.some(({ stay }) => stay === named);
  return via === 'scanner' && stillOpen.length > 0 && nowMs - atMs >= OTHER_STAY_AFTER_MS;
}

/** `wait`, for the ten seconds in which the next scan closes the member's other stay. */
function signalOf(answer: Answer): DoorSignal {
  if (!answer.granted) return 'denied';
  return answer.stillOpen.length > 0 ? 'wait' : 'granted';
}

function notPresent(credential: Credential): Credential {
  return { ...credential, problems: [...credential.problems, 'not-present'] };
}
