import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import mqtt from 'mqtt';
import { entryRequestSchema, entryResultSchema, type EntryResult } from '../../shared/contract/entry.ts';
import { venueTopics } from '../../shared/contract/topics.ts';
import { formatInstant } from '../../shared/time.ts';

/** How long a phone waits for the gateway. A request that is older is refused there. */
const ANSWER_MS_MAX = 10_000;

export interface RelayOptions {
  readonly brokerUrl: string;
  readonly venue: string;
  readonly nowMs: () => number;
  /** HTTP port on the loopback. Default 0: a free one. */
  readonly port?: number;
  /** Serves the page that the gateway serves: same files, same origin. */
  readonly pages?: (app: FastifyInstance) => void;
}

/** A reference relay: what the venue's public name leads to from outside the venue. */
export interface Relay {
  readonly url: string;
  readonly app: FastifyInstance;
  /** Whether the broker is there, so that what is asked is carried. */
  isOnline(): boolean;
  close(): Promise<void>;
}

/**
 * Carries what a phone asks to the venue's gateway over MQTT and brings back its answer. It holds no key, verifies
 * nothing and decides nothing: whoever owns it can refuse to carry, and no more.
 */
export async function startRelay({ brokerUrl, venue, nowMs, port = 0, pages }: RelayOptions): Promise<Relay> {
  const topics = venueTopics(venue);
  const client = await mqtt.connectAsync(brokerUrl, { protocolVersion: 4 });
  const secret = randomBytes(32);
  const waiting = new Map<string, (result: EntryResult) => void>();
  client.on('message', (_topic, payload) => {
    const result = entryResultSchema.parse(JSON.parse(payload.toString('utf8')));
    waiting.get(result.id)?.(result);
  });
  await client.subscribeAsync(topics.entryResults, { qos: 1 });

  async function carry(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const id = randomUUID();
    const { authorization, dpop } = request.headers;
    const entry = entryRequestSchema.safeParse({
      id,
      at: formatInstant(nowMs(), 'UTC'),
      method: request.method,
      path: request.url,
      // The gateway gives each phone its share, and is told no address.
      from: createHmac('sha256', secret).update(request.ip).digest('base64url'),
      ...(authorization === undefined ? {} : { authorization }),
      ...(dpop === undefined ? {} : { dpop }),
      ...(request.headers['accept-language'] === undefined
        ? {}
        : { acceptLanguage: request.headers['accept-language'] }),
      ...(request.body === undefined || request.body === null ? {} : { body: request.body }),
    });
    if (!entry.success) return problem(reply, 404, 'not-found', 'Not relayed.');
    const answered = new Promise<EntryResult | null>((resolve) => {
      waiting.set(id, resolve);
      setTimeout(() => resolve(null), ANSWER_MS_MAX).unref();
    });
    await client.publishAsync(topics.entries, JSON.stringify(entry.data), { qos: 1 });
    const result = await answered;
    waiting.delete(id);
    if (result === null)
      return problem(
        reply,
        504,
        'venue-unreachable',
        'The venue does not answer. Use its Wi-Fi, or show the QR.',
      );
    if (result.nonce !== null) reply.header('dpop-nonce', result.nonce);
    if (result.challenge !== null) reply.header('www-authenticate', result.challenge);
    const isProblem = result.status >= 400;
    return reply
      .status(result.status)
      .type(isProblem ? 'application/problem+json' : 'application/json')
      .header('cache-control', 'no-store')
      .send(result.body);
  }

  const app = fastify({ bodyLimit: 16 * 1024, forceCloseConnections: true });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    // As the gateway's own answers are dated: a phone whose clock is wrong signs by it.
    reply.header('date', new Date(nowMs()).toUTCString());
    done();
  });
  pages?.(app);
  app.all('/api/*', carry);
  const url = await app.listen({ host: '127.0.0.1', port });
  return {
    url,
    app,
    isOnline: () => client.connected,
    async close() {
      await app.close();
      await client.endAsync(true);
    },
  };
}

function problem(reply: FastifyReply, status: number, code: string, title: string): FastifyReply {
  return reply
    .status(status)
    .type('application/problem+json')
    .send({ type: 'about:blank', status, code, title });
}
