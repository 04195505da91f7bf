import type { Logger } from 'pino';
import type { DoorController, LeaseOutcome } from '../../device/ports.ts';
import type { DoorConfig } from '../../shared/contract/config.ts';
import { GRANT_LIFETIME_MS, LEASES_PER_GRANT, isOperators } from '../access/grant.ts';
import type { Clock } from '../clock/clock.ts';
import { faultTold, tryWrite } from '../journal/fault.ts';
import type { StoredDecision } from '../journal/decisions.ts';
import { isDated } from '../journal/grant-ages.ts';
import type { Journal } from '../journal/journal.ts';
import { GrantOutcomes } from './outcomes.ts';

/** Pause before a lease that nobody answered is offered again. */
const OFFER_AGAIN_MS = 250;

/** How long after a start a controller may take to say what it obeyed before. */
const HEAR_WITHIN_MS = 10_000;

export interface GrantsOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Logger;
  /** Default: none is. */
  readonly isLockedDown?: (door: string) => boolean;
  readonly doors: ReadonlyMap<string, { readonly config: DoorConfig; readonly controller: DoorController }>;
}

/** A lease that is sent until somebody answers it. */
interface Offer {
  readonly door: string;
  /** The door was secured since: it is not sent any more unless the member asks again. */
  isWithdrawn: boolean;
}

interface GrantOffer extends Offer {
  readonly grant: number;
  /** It lets somebody in who showed a pass. */
  readonly isByPass: boolean;
}

/**
 * Carries a committed grant to the door: offers its lease until the firmware acknowledges it or the grant is ten
 * seconds old. What comes of it then is its outcome.
 */
export class Grants {
  /** What becomes of the grants whose leases were sent. */
  readonly outcomes: GrantOutcomes;
  readonly #options: GrantsOptions;
  readonly #offered = new Map<number, GrantOffer>();
  readonly #lettingOut = new Set<Offer>();
  #letOut = 0;
  #closed = false;

  constructor(options: GrantsOptions) {
    this.#options = options;
    this.outcomes = new GrantOutcomes(options);
  }

  /** Takes up what a crash left behind: recent grants are offered again, older ones and an operator's are concluded. */
  resume(): void {
    for (const grant of this.#options.journal.decisions.unfinished()) {
      // Nobody knows how long the gateway was off where nobody vouches for the clock, or where it was set since: an old wish
      // opens no door.
      const isKnown = this.#options.clock.trust() !== 'untrusted' && isDated(this.#options.journal, grant.id);
      const ageMs = isKnown ? Math.abs(this.#options.clock.wallMs() - grant.atMs) : Infinity;
      if (grant.state === 'released') this.outcomes.await(grant);
      // Whoever unlocked from afar saw it fail: a door that opens by itself later is worse than one that did not open.
      else {
        const withinMs = isOperators(grant) ? 0 : Math.max(0, GRANT_LIFETIME_MS - ageMs);
        const isWithdrawn = grant.id <= Number(this.#options.journal.facts.get(withdrawnAt(grant.door)) ?? 0);
        this.#offer(grant, offerOf(grant, isWithdrawn), withinMs, HEAR_WITHIN_MS);
      }
    }
  }

  /**
   * Offers the grant's lease. The grant must be on disk. Beside it only a mode that is on disk releases a lock (`control.ts`), and an
   * exit while nothing can be written (`letOut`).
   *
   * @param withinMs for how long the lease may be sent
   */
  offer(grant: StoredDecision, withinMs = GRANT_LIFETIME_MS): void {
    this.#offer(grant, offerOf(grant, false), withinMs, withinMs);
  }

  /** @param hearWithinMs for how long the controller may stay silent before the lock counts as not moved */
  #offer(grant: StoredDecision, offer: GrantOffer, withinMs: number, hearWithinMs: number): void {
    if (this.#offered.has(grant.id)) return;
    this.#offered.set(grant.id, offer);
    const offeredAtMs = this.#options.clock.monotonicMs();
    const deadlineMs = offeredAtMs + withinMs;
    const hearUntilMs = offeredAtMs + Math.max(withinMs, hearWithinMs);
    const isClosed = () => this.#closed;
    const attempt = async (): Promise<void> => {
      if (isClosed()) return;
      const outcome = await this.#pulse(grant, offer, deadlineMs);
      if (isClosed()) return;
      if (outcome === 'superseded') offer.isWithdrawn = true;
      if (outcome === 'accepted' || outcome === 'repeated') {
        this.#offered.delete(grant.id);
        this.outcomes.acknowledged(grant, outcome === 'repeated' ? offeredAtMs : Infinity);
        return;
      }
      const nowMs = this.#options.clock.monotonicMs();
      const obeyed = this.#wasObeyed(grant);
      const isOver = nowMs >= deadlineMs && (obeyed !== null || nowMs >= hearUntilMs);
      // What is not sent any more is not answered either: the report alone tells that it had arrived.
      if (obeyed === true && (isOver || offer.isWithdrawn)) {
        this.#offered.delete(grant.id);
        this.outcomes.acknowledged(grant, offeredAtMs);
      } else if (isOver) {
        this.#offered.delete(grant.id);
        this.outcomes.tooOld(grant);
      } else {
        this.#options.clock.after(OFFER_AGAIN_MS, () => void attempt());
      }
    };
    void attempt();
  }

  /**
   * To be called before a door is secured: no lease that was ordered until now is sent to it any more, nor after a restart.
   * A member who shows a code again orders anew.
   */
  withdraw(door: string): void {
    for (const offer of this.#lettingOut) if (offer.door === door) offer.isWithdrawn = true;
    this.#withdraw(
      door,
      [...this.#offered.values()].filter((offer) => offer.door === door),
    );
  }

  /**
   * To be called when other passes are revoked than before: nobody is let in any more by what was decided until now, unless
   * a code is shown again, which is looked at anew.
   */
  withdrawEntries(): void {
    for (const door of this.#options.doors.keys())
      this.#withdraw(
        door,
        [...this.#offered.values()].filter((offer) => offer.door === door && offer.isByPass),
      );
  }

  #withdraw(door: string, offers: readonly GrantOffer[]): void {
    if (offers.length === 0) return;
    for (const offer of offers) offer.isWithdrawn = true;
    const newest = Math.max(...offers.map(({ grant }) => grant));
    const { journal, log } = this.#options;
    tryWrite(
      () => journal.write((writer) => writer.facts.put(withdrawnAt(door), String(newest))),
      faultTold(log, 'a withdrawal is not kept', { door, grant: newest }),
    );
  }

  /**
   * Releases the lock for somebody who leaves while no grant can be kept. The only lease without a grant: its id lies
   * half the range away from theirs, and is another one in every run.
   */
  letOut(door: string): void {
    const { journal, clock, doors } = this.#options;
    this.#letOut += 1;
    const id = (journal.leaseBase + 0x8000_0000 + Math.floor(clock.wallMs() / 1000) + this.#letOut) >>> 0;
    const equipment = doors.get(door);
    if (equipment === undefined) return;
    const untilMs = clock.monotonicMs() + GRANT_LIFETIME_MS;
    // A board that is away for a moment keeps nobody in: the same lease again, which is obeyed once.
    const offer: Offer = { door, isWithdrawn: false };
    this.#lettingOut.add(offer);
    const attempt = async (): Promise<void> => {
      const outcome = offer.isWithdrawn
        ? 'superseded'
        : await equipment.controller.pulse({ id, durationMs: equipment.config.pulseMs });
      const isUnanswered = outcome === 'unreachable' || outcome === 'refused';
      if (isUnanswered && !this.#closed && clock.monotonicMs() < untilMs)
        clock.after(OFFER_AGAIN_MS, () => void attempt());
      else this.#lettingOut.delete(offer);
    };
    void attempt();
  }

  /**
   * A member tried again: a lease that was withdrawn is sent after all, for the wish is newer than the securing. A door that
   * was missed is released once more, by a second lease of the same grant.
   */
  offerAgain(grant: StoredDecision): void {
    const offer = this.#offered.get(grant.id);
    if (offer !== undefined) offer.isWithdrawn = false;
    const { state } = grant;
    if (!this.outcomes.isMissed(grant) || state === null || grant.leases >= LEASES_PER_GRANT) return;
    const leases = grant.leases + 1;
    this.#options.journal.write((writer) => writer.decisions.setGrant(grant.id, state, leases));
    this.offer({ ...grant, leases });
  }

  close(): void {
    this.#closed = true;
    this.outcomes.close();
  }

  /**
   * Whether the controller obeyed the grant's lease as its last one, by its own report; `null` while it is silent.
   * A gateway that died between the pulse and the acknowledgement learns by it that the member is in.
   */
  #wasObeyed(grant: StoredDecision): boolean | null {
    const controller = this.#options.doors.get(grant.door)?.controller;
    if (controller?.online !== true) return null;
    return controller.report.lastLeaseId === this.#options.journal.leaseId(grant);
  }

  #pulse(
    grant: StoredDecision,
    { isWithdrawn, isByPass }: GrantOffer,
    deadlineMs: number,
  ): Promise<LeaseOutcome> {
    const door = this.#options.doors.get(grant.door);
    if (isWithdrawn || door === undefined || this.#options.clock.monotonicMs() >= deadlineMs)
      return Promise.resolve('unreachable');
    // A grant of a moment ago must not release a door that has been locked down since.
    if (isByPass && this.#options.isLockedDown?.(grant.door) === true) return Promise.resolve('unreachable');
    const id = this.#options.journal.leaseId(grant);
    return door.controller.pulse({ id, durationMs: door.config.pulseMs });
  }
}

function offerOf(grant: StoredDecision, isWithdrawn: boolean): GrantOffer {
  const isByPass = grant.side === 'entry' && !isOperators(grant);
  return { grant: grant.id, door: grant.door, isByPass, isWithdrawn };
}

/** The name under which a journal keeps the newest grant of a door that was withdrawn. */
function withdrawnAt(door: string): string {
  return `withdrawn ${door}`;
}
