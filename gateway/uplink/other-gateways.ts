import type { Logger } from 'pino';
import { decodeTime } from 'ulid';
import { gatewayStateSchema, type GatewayState } from '../../shared/contract/state.ts';
import type { Clock } from '../clock/clock.ts';
import { faultTold, tryWrite } from '../journal/fault.ts';
import type { Journal } from '../journal/journal.ts';
import { otherGateway, putOtherGateway } from '../journal/other-gateway.ts';
import { parseStrictJson } from '../tokens/strict-json.ts';
import type { InboundMessage } from './broker.ts';

/**
 * So many sessions of our own or our predecessor's epoch that have only ever ended are no late wills of our own past:
 * another gateway connects under our name, and the broker lets only one of us in at a time.
 */
const STRANGERS_MIN = 3;

export interface OtherGatewaysOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Logger;
  /** Says our own state again: to be kept at the broker, and for the other gateway to hear that it is not alone. */
  readonly announce: () => void;
}

/**
 * Notices another gateway of this venue, by what it says at `gateway/state`: a copied card, or an old machine that was
 * left running beside the new one. Kept in the journal, since the reservations of that time are settled later.
 */
export class OtherGateways {
  readonly #options: OtherGatewaysOptions;
  /** Whether a birth of this process was heard. */
  #isBorn = false;
  /** Sessions of this process. */
  readonly #own = new Set<string>();
  /** The session whose state lay with the broker before our first birth. */
  #predecessor: string | null = null;
  readonly #answered = new Set<string>();
  readonly #strangers = new Set<string>();

  constructor(options: OtherGatewaysOptions) {
    this.#options = options;
  }

  /** A connection of our own begins. */
  begin(session: string): void {
    this.#own.add(session);
  }

  /** Takes what was said at `gateway/state`, by ourselves or by another. */
  take({ text, retained }: InboundMessage): void {
    const parsed = gatewayStateSchema.safeParse(parseStrictJson(Buffer.from(text)));
    if (!parsed.success) return;
    const state = parsed.data;
    if (this.#own.has(state.session)) {
      this.#isBorn = true;
      return;
    }
    if (!this.#isBorn) {
      this.#predecessor = state.session;
      return;
    }
    // Kept at the broker in the place of our birth: a will of our last life that came late, or the end of another.
    if (!state.online && !retained) this.#options.announce();
    if (!this.#isEvidence(state, retained)) return;
    this.#keep(state);
    if (!state.online || retained || this.#answered.has(state.session)) return;
    this.#answered.add(state.session);
    this.#options.announce();
  }

  /** Only who is there can say so now. What lies with the broker, or is said of the dead, may be our own past. */
  #isEvidence({ session, online, epoch }: GatewayState, retained: boolean): boolean {
    const { journal } = this.#options;
    if (online && !retained) return true;
    if (otherGateway(journal)?.session === session) return true;
    if (!retained || session === this.#predecessor) return false;
    if (epoch !== journal.epoch && epoch !== journal.previousEpoch) return true;
    this.#strangers.add(session);
    return this.#strangers.size >= STRANGERS_MIN;
  }

  #keep({ gateway, epoch, session, online }: GatewayState): void {
    const { journal, clock, log } = this.#options;
    const before = otherGateway(journal);
    const fromMs = before?.fromMs ?? Math.max(decodeTime(journal.epoch), decodeTime(epoch));
    const untilMs = online ? null : clock.wallMs();
    const isKnown = before?.session === session && (before.untilMs === null) === (untilMs === null);
    if (isKnown) return;
    log.error({ gateway, epoch, session, online }, 'another gateway speaks for this venue');
    tryWrite(
      () =>
        journal.write((writer) =>
          putOtherGateway(writer.facts, { gateway, epoch, session, fromMs, untilMs }),
        ),
      faultTold(log, 'another gateway is not kept'),
    );
  }
}
