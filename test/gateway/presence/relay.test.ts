import { connect, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { entryResultSchema, type EntryRequest, type EntryResult } from '../../../shared/contract/entry.ts';
import type { Reservation } from '../../../shared/contract/pass.ts';
import { STATIC_CODE } from '../../../shared/contract/presence.ts';
import { venueTopics } from '../../../shared/contract/topics.ts';
import { formatInstant, parseInstant } from '../../../shared/time.ts';
import { startRelay, type Relay } from '../../venue/relay.ts';
import { until } from '../../venue/until.ts';
import { openVenue, type Member, type Venue } from '../../venue/venue.ts';

let venue: Venue;
let relay: Relay;
let cloud: MqttClient;
let people = 0;
const results: EntryResult[] = [];

beforeAll(async () => {
  venue = await openVenue({
    startMs: parseInstant('2026-11-24T09:00:00+09:00'),
    pulseMs: 200,
    door: { code: { entry: 'rotating', exit: 'static' } },
  });
  const topics = venueTopics(venue.id);
  relay = await startRelay({
    brokerUrl: venue.line.url,
    venue: venue.id,
    nowMs: () => venue.clock.wallMs(),
  });
  cloud = connect(venue.line.url, { protocolVersion: 4 });
  cloud.on('message', (_topic, payload) =>
    results.push(entryResultSchema.parse(JSON.parse(payload.toString('utf8')))),
  );
  await cloud.subscribeAsync(topics.entryResults);
}, 60_000);

beforeEach(() => {
  results.length = 0;
});

afterAll(async () => {
  await relay.close();
  await cloud.endAsync(true);
  await venue.close();
});

function newMember(): Promise<Member> {
  people += 1;
  const reservation: Reservation = {
    kind: 'reservation',
    id: `r-${people}`,
    venue: venue.id,
    space: { id: `seat-${people}`, kind: 'seat' },
    start: '2026-11-24T09:00:00+09:00',
    end: '2026-11-24T12:00:00+09:00',
    yenPer30Min: 500,
    role: 'user',
  };
  return venue.member(`m-${people}`, [reservation]);
}

const shown = (): string => venue.gateway.presence.shown('front', 'entry')?.code ?? '';

async function ask(path: string, body: object, headers: Record<string, string> = {}) {
  const answer = await fetch(`${relay.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return {
    status: answer.status,
    challenge: answer.headers.get('www-authenticate'),
    nonce: answer.headers.get('dpop-nonce') ?? '',
    body: (await answer.json()) as { presence?: string; code?: string; kind?: string },
  };
}

const proofOf = ({ wallet }: Member, side: string, nonce?: string) =>
  wallet.dpop('POST', `${venue.config.http.publicOrigin}/api/doors/front/${side}`, nonce);

/** Puts a request on the broker past the relay, as whoever has its account could. */
async function publish(over: Partial<EntryRequest>, retain = false): Promise<void> {
  const request = {
    id: 'e-1',
    at: formatInstant(venue.clock.wallMs(), 'UTC'),
    method: 'POST',
    path: '/api/doors/front/presence',
    body: { c: shown(), side: 'entry' },
    ...over,
  };
  await cloud.publishAsync(venueTopics(venue.id).entries, JSON.stringify(request), { qos: 1, retain });
}

describe('A phone on mobile data', () => {
  it('reads the display, taps, and is in: by the gateway’s decision, told as relayed', async () => {
    const member = await newMember();
    const { body, nonce } = await ask('/api/doors/front/presence', { c: shown(), side: 'entry' });
    const entry = await ask(
      '/api/doors/front/entry',
      { presence: body.presence },
      await proofOf(member, 'entry', nonce),
    );

    expect(entry).toMatchObject({ status: 200, body: { kind: 'check-in' } });
    const granted = venue.ledger().flatMap((event) => (event.name === 'access.granted' ? [event.data] : []));
    expect(granted.at(-1)).toMatchObject({ sub: member.sub, via: 'relay' });
    await until('the lock was released', () => venue.equipment.controller.report.lastLeaseId !== null);
  });

  it('is told the nonce to sign, as on the venue’s network', async () => {
    const member = await newMember();
    const { body, nonce } = await ask('/api/doors/front/presence', { c: shown(), side: 'entry' });
    expect(
      await ask('/api/doors/front/entry', { presence: body.presence }, await proofOf(member, 'entry')),
    ).toMatchObject({ status: 401, nonce, challenge: 'DPoP error="use_dpop_nonce", algs="ES256"' });
  });

  it('without the code of the display is not present, whatever its pass', async () => {
    const member = await newMember();
    const { nonce } = await ask('/api/doors/front/entry', {});
    expect(await ask('/api/doors/front/entry', {}, await proofOf(member, 'entry', nonce))).toMatchObject({
      status: 403,
      body: { code: 'not-present' },
    });
  });

  it('opens no door by a printed sheet', async () => {
    const member = await newMember();
    for (const [path, body] of [
      ['presence', { c: STATIC_CODE, side: 'exit' }],
      ['exit', {}],
    ] as const)
      expect(await ask(`/api/doors/front/${path}`, body, await proofOf(member, 'exit'))).toMatchObject({
        status: 403,
        body: { code: 'not-on-lan' },
      });
  });

  it.each(['/api/events', '/api/doors', '/api/commands', '/api/doors/front/presence?x=1'])(
    'is not carried to %s',
    async (path) => {
      expect(await ask(path, {})).toMatchObject({ status: 404, body: { code: 'not-found' } });
    },
  );
});

describe('Whoever has the relay’s account at the broker', () => {
  it.each([
    ['11 s old', -11_000],
    ['6 s from the future', 6_000],
  ])('gets nothing for a request that is %s, and the code is not used up', async (_, ms) => {
    const code = shown();
    await publish({ at: formatInstant(venue.clock.wallMs() + ms, 'UTC'), body: { c: code, side: 'entry' } });
    await until('it is answered', () => results.length === 1);

    expect(results[0]).toMatchObject({ id: 'e-1', status: 408, body: { code: 'relayed-late' } });
    expect(shown()).toBe(code);
  });

  it('keeps nobody else from the display whom the relay tells apart: each has five codes, the next phone too', async () => {
    for (let taken = 0; taken < 6; taken += 1) {
      await publish({ id: `a-${taken}`, from: 'phone-a' });
      await until('it is answered', () => results.length === taken + 1);
    }
    await publish({ id: 'b', from: 'phone-b' });
    await until('the other is answered', () => results.some(({ id }) => id === 'b'));

    expect(results.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429, 200]);
  });

  it('gets no answer for what is no request of the contract', async () => {
    const code = shown();
    await publish({ path: '/api/events' });
    await publish({ method: 'GET', path: '/healthz' });
    await cloud.publishAsync(venueTopics(venue.id).entries, '{"id":"e-1","id":"e-2"}', { qos: 1 });
    // The last one is good: when it is answered, the others were looked at.
    await publish({ id: 'e-9' });
    await until('the good one is answered', () => results.some(({ id }) => id === 'e-9'));

    expect(results.map(({ id, status }) => [id, status])).toEqual([['e-9', 200]]);
    expect(shown()).not.toBe(code);
  });

  it('gets no answer for a request that the broker kept', async () => {
    const code = shown();
    await publish({ id: 'kept', body: { c: code, side: 'entry' } }, true);
    await until('the live copy is answered', () => results.length === 1);
    results.length = 0;
    const { gateway, line } = venue;
    line.cut();
    await until('the line is down', () => !gateway.isOnline());
    line.mend();
    await until('the line is up', () => gateway.isOnline(), 20_000);
    await until('the cloud hears again', () => cloud.connected, 20_000);
    await publish({ id: 'e-10', path: '/api/doors/front/entry', body: {} });
    await until('a live one is answered', () => results.some(({ id }) => id === 'e-10'), 20_000);

    expect(results.filter(({ id }) => id === 'kept')).toEqual([]);
  }, 60_000);
});
