import type { Logger } from 'pino';
import type { DenialReason } from '../../shared/contract/denial.ts';
import type { PresentedVia } from '../../shared/contract/events.ts';
import { memberKey, type Member } from '../../shared/contract/member.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import type { Clock } from '../clock/clock.ts';
import { faultTold, tryWrite } from '../journal/fault.ts';
import type { Journal } from '../journal/journal.ts';
import { SOURCES_MAX, TokenBuckets } from '../limits/token-buckets.ts';
import type { CodesTaken } from '../presence/presence.ts';

/** Denials of one source that are recorded: thirty at once, then one a minute. */
const RECORDED = { burst: 30, everyMs: 60_000 };

/** Retries of one member that are answered: each is remembered on disk, so that its proof is good for nothing else. */
const RETRIES = { burst: 30, everyMs: 1_000 };

/**
 * What one member may have remembered in the replay store: the codes of some days at once, then one in two minutes. The
 * 100,000 places are the share of eighty members who try to fill them.
 */
const REMEMBERED = { burst: 300, everyMs: 120_000 };
const MEMBERS = { sourcesMax: 10_000, whenFull: 'forget-oldest' } as const;

/** For how long after the last denial that was too many an operator is called, in milliseconds. */
const ALARM_MS = 300_000;

/** What the denials that would not be recorded are counted under when their sources are too many to tell apart. */
const OTHERS = 'others';

/** A denial of somebody who is not known. */
export interface UnknownDenial {
  readonly door: string;
  readonly side: Side;
  readonly reason: Extract<DenialReason, 'unreadable' | 'not-present'>;
  readonly via: PresentedVia;
  /** The reader (`readerOf`) or the network address (`sourceOf`) that it came from. */
  readonly source: string;
}

export interface DenialFloodsOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Keeps floods of denials out of the journal, and calls somebody. Nobody is let in or kept out by it: a source that
 * has spent its denials is decided on like any other, so that no attacker locks out the member behind them.
 */
export class DenialFloods {
  readonly #options: DenialFloodsOptions;
  readonly #recorded = new TokenBuckets(RECORDED);
  readonly #retries = new TokenBuckets(RETRIES);
  readonly #remembered = new TokenBuckets(REMEMBERED, MEMBERS);
  readonly #unrecorded = new Map<string, number>();
  readonly #floodedMs = new Map<string, number>();
  readonly #codesTakenMs = new Map<string, number>();

  constructor(options: DenialFloodsOptions) {
    this.#options = options;
  }

  /** Records a denial of somebody who is not known. On a disk that fails it is denied all the same. */
  record({ door, side, reason, via, source }: UnknownDenial): void {
    const { journal, clock, log } = this.#options;
    log.info({ door, side, reason }, 'denied');
    const unrecorded = this.take(source, door);
    if (unrecorded === null) return;
    const data = { door, side, reason, via, iss: null, sub: null, presentation: null };
    const denied = { ...data, ...(unrecorded > 0 && { unrecorded }) };
    const event = { name: 'access.denied', subject: door, data: denied } as const;
    tryWrite(
      () => journal.write((writer) => writer.append(event, clock.wallMs(), clock.trust())),
      faultTold(log, 'a denial is not recorded', { door }),
    );
  }

  /**
   * Counts a denial at a door.
   *
   * @param source a reader, a network address, or a member whose pass is genuine
   * @returns how many denials of this source went unrecorded since the last one that was recorded; `null`: this is one
   */
  take(source: string, door: string): number | null {
    const nowMs = this.#options.clock.monotonicMs();
    const isKnown = this.#unrecorded.has(source) || this.#unrecorded.size < SOURCES_MAX;
    const key = isKnown ? source : OTHERS;
    const before = this.#unrecorded.get(key) ?? 0;
    if (this.#recorded.take(source, nowMs)) {
      this.#unrecorded.delete(key);
      return before;
    }
    this.#unrecorded.set(key, before + 1);
    this.#floodedMs.set(door, nowMs);
    return null;
  }

  /** Whether one more retry of a member is answered. Only who holds the member's device can ask for too many. */
  takeRetry(member: Member): boolean {
    return this.#retries.take(memberKey(member), this.#options.clock.monotonicMs());
  }

  /** Whether one more code of a member has a place in the replay store. */
  mayRemember(member: Member): boolean {
    return this.#remembered.waitMs(memberKey(member), this.#options.clock.monotonicMs()) === 0;
  }

  /** Takes a place in the replay store; `false` where the member's share is spent. */
  takePlace(member: Member): boolean {
    return this.#remembered.take(memberKey(member), this.#options.clock.monotonicMs());
  }

  /** Somebody takes the codes off a display and goes nowhere. Journalled when it begins. */
  codesTaken(taken: CodesTaken): void {
    const { journal, clock, log } = this.#options;
    const { door, side } = taken;
    const isNew = !this.doorsWithoutCodes().includes(door);
    this.#codesTakenMs.set(door, clock.monotonicMs());
    if (!isNew) return;
    log.warn(taken, 'codes are taken off a display, and nobody goes in by them');
    const event = { name: 'door.codes-taken', subject: door, data: taken } as const;
    tryWrite(
      () => journal.write((writer) => writer.append(event, clock.wallMs(), clock.trust())),
      faultTold(log, 'taken codes are not journalled', { door, side }),
    );
  }

  /** The doors that were refusing more than is recorded within the last five minutes. */
  floodedDoors(): readonly string[] {
    return this.#withinAlarm(this.#floodedMs);
  }

  /** The doors whose codes somebody was taking off the display within the last five minutes. */
  doorsWithoutCodes(): readonly string[] {
    return this.#withinAlarm(this.#codesTakenMs);
  }

  #withinAlarm(lastMs: ReadonlyMap<string, number>): readonly string[] {
    const sinceMs = this.#options.clock.monotonicMs() - ALARM_MS;
    return [...lastMs].flatMap(([door, atMs]) => (atMs > sinceMs ? [door] : []));
  }
}

/** What a reader is counted under. */
export function readerOf(door: string, side: Side): string {
  return `reader ${door}/${side}`;
}

/** What a member is counted under, whose credential is genuine and refused. */
export function memberOf(member: Member): string {
  return `member ${memberKey(member)}`;
}
