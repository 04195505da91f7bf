import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import {
  ENTRY_AGE_MS_MAX,
  ENTRY_BYTES_MAX,
  entryRequestSchema,
  type EntryRequest,
  type EntryResult,
} from '../../shared/contract/entry.ts';
import { parseInstant } from '../../shared/time.ts';
import type { Clock } from '../clock/clock.ts';
import { parseStrictJson } from '../tokens/strict-json.ts';
import type { InboundMessage } from '../uplink/broker.ts';
import { relayPeer } from './lan.ts';

/** How far the relay's clock may be ahead, in milliseconds. */
const AHEAD_MS_MAX = 5_000;

/** Requests that are answered at a time. */
const AT_ONCE_MAX = 32;

export interface RelayedOptions {
  readonly app: FastifyInstance;
  readonly clock: Clock;
  readonly answer: (body: string, correlationData: Buffer | null) => void;
  readonly log: Logger;
}

/** Takes the requests that the relay carries. */
export interface Relayed {
  /** Resolves when the message is done with. */
  take(message: InboundMessage): Promise<void>;
  /** Refuses what comes from now on, and resolves when what is at work is answered: the HTTP server may close then. */
  close(): Promise<void>;
}

/**
 * Answers requests from the relay by the very routes of the HTTP server, with a peer that is never on the venue's
 * network: so a printed sheet opens nothing over the relay, and nothing is verified twice in two ways.
 *
 * Refused without an answer: what is no request of the contract, and what the broker kept. Refused: what is older than
 * ten seconds.
 */
export function createRelayed({ app, clock, answer, log }: RelayedOptions): Relayed {
  const atWork = new Set<Promise<void>>();
  let isClosing = false;

  async function perform({
    method,
    path,
    body,
    from,
    ...headers
  }: EntryRequest): Promise<Omit<EntryResult, 'id'>> {
    const response = await app.inject({
      method,
      url: path,
      remoteAddress: relayPeer(from),
      headers: {
        ...(headers.authorization === undefined ? {} : { authorization: headers.authorization }),
        ...(headers.dpop === undefined ? {} : { dpop: headers.dpop }),
        ...(headers.acceptLanguage === undefined ? {} : { 'accept-language': headers.acceptLanguage }),
      },
      ...(body === undefined ? {} : { payload: body }),
    });
    const text = (name: string) => {
      const value = response.headers[name];
      return typeof value === 'string' ? value : null;
    };
    return {
      status: response.statusCode,
      nonce: text('dpop-nonce'),
      challenge: text('www-authenticate'),
      body: response.json<Record<string, unknown>>(),
    };
  }

  /** Why it is not looked at, or `null`. */
  function refusalOf({ at }: EntryRequest): Omit<EntryResult, 'id'> | null {
    const ageMs = clock.wallMs() - parseInstant(at);
    const toleranceMs = clock.errorBoundMs();
    // An untrusted clock says how late it is at least; the rotating code tells then how fresh it is.
    const isAhead = -ageMs > AHEAD_MS_MAX + toleranceMs && clock.trust() !== 'untrusted';
    if (ageMs > ENTRY_AGE_MS_MAX + toleranceMs || isAhead)
      return refused(408, 'relayed-late', 'The request was too long on its way.');
    if (isClosing) return refused(503, 'busy', 'The gateway is ending.');
    return atWork.size >= AT_ONCE_MAX ? refused(503, 'busy', 'Too many requests at once.') : null;
  }

  return {
    async take({ text, retained, correlationData }) {
      const request = retained || text.length > ENTRY_BYTES_MAX ? null : read(text);
      if (request === null) {
        log.warn({ retained }, 'a relayed request was ignored: retained, or not of the contract');
        return;
      }
      const tell = (result: Omit<EntryResult, 'id'>) => {
        answer(JSON.stringify({ id: request.id, ...result } satisfies EntryResult), correlationData);
      };
      const refusal = refusalOf(request);
      if (refusal !== null) {
        tell(refusal);
        return;
      }
      const work = perform(request).then(tell);
      atWork.add(work);
      try {
        await work;
      } finally {
        atWork.delete(work);
      }
    },
    async close() {
      isClosing = true;
      await Promise.allSettled(atWork);
    },
  };
}

function read(text: string): EntryRequest | null {
  const request = entryRequestSchema.safeParse(parseStrictJson(Buffer.from(text)));
  return request.success ? request.data : null;
}

function refused(status: number, code: string, title: string): Omit<EntryResult, 'id'> {
  return { status, nonce: null, challenge: null, body: { type: 'about:blank', status, code, title } };
}
