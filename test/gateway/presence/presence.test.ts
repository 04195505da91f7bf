import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATIC_CODE } from '../../../shared/contract/presence.ts';
import type { Reservation } from '../../../shared/contract/pass.ts';
import { parseInstant } from '../../../shared/time.ts';
import { openVenue, type Member, type Venue } from '../../venue/venue.ts';

let venue: Venue;
let people = 0;

/** A display outside, a printed sheet inside. */
beforeAll(async () => {
  venue = await openVenue({
    startMs: parseInstant('2026-11-24T09:00:00+09:00'),
    pulseMs: 200,
    door: { code: { entry: 'rotating', exit: 'static' } },
  });
}, 60_000);

afterAll(() => venue.close());

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

const FAR_AWAY = '203.0.113.7';
const ENTRY = '/api/doors/front/entry';
const PRESENCE = '/api/doors/front/presence';

/** Asks as a phone at an address does; on the venue's network by default. */
async function ask(path: string, body: object | undefined, headers = {}, remoteAddress = '192.168.1.20') {
  const answer = await venue.gateway.web.app.inject({
    method: 'POST',
    url: path,
    remoteAddress,
    headers,
    ...(body === undefined ? {} : { payload: body }),
  });
  return {
    status: answer.statusCode,
    nonce: String(answer.headers['dpop-nonce']),
    body: answer.json<{ presence?: string; code?: string; kind?: string; title?: string }>(),
  };
}

const shown = (): string => venue.gateway.presence.shown('front', 'entry')?.code ?? '';
let phones = 0;
/** Each time another phone, unless an address is given. */
const read = (c = shown(), from = `192.168.2.${(phones += 1)}`) =>
  ask(PRESENCE, { c, side: 'entry' }, {}, from);

async function tap({ wallet }: Member, ticket: string | undefined, nonce: string, from?: string) {
  const proof = await wallet.dpop('POST', `${venue.config.http.publicOrigin}${ENTRY}`, nonce);
  return ask(ENTRY, ticket === undefined ? undefined : { presence: ticket }, proof, from);
}

const denials = () =>
  venue.ledger().flatMap((event) => (event.name === 'access.denied' ? [event.data.reason] : []));

describe('POST /api/doors/<door>/presence', () => {
  it('gives a ticket for the shown code, and the member who taps with it is in', async () => {
    const { status, body, nonce } = await read();
    expect({ status, body }).toEqual({
      status: 200,
      body: { presence: expect.stringMatching(/^[\w-]{22}$/) as string, expiresInS: 90 },
    });
    expect(await tap(await newMember(), body.presence, nonce)).toMatchObject({
      status: 200,
      body: { kind: 'check-in' },
    });
  });

  it('lets two phones in that read the display in one window, wherever their packets come from', async () => {
    const first = await read(shown(), FAR_AWAY);
    const second = await read(shown(), FAR_AWAY);
    for (const { body, nonce } of [first, second])
      expect((await tap(await newMember(), body.presence, nonce, FAR_AWAY)).status).toBe(200);
  });

  it('refuses a photographed code the second time', async () => {
    const code = shown();
    await read(code);
    expect(await read(code)).toMatchObject({ status: 403, body: { code: 'code-used' } });
  });

  it('takes five codes of one address at once; the sixth is told when to come again, alarms and is good for others', async () => {
    const from = '192.168.1.66';
    for (let taken = 0; taken < 5; taken += 1) expect((await read(shown(), from)).status).toBe(200);
    const code = shown();
    for (let tries = 0; tries < 2; tries += 1) {
      const answer = await venue.gateway.web.app.inject({
        method: 'POST',
        url: PRESENCE,
        remoteAddress: from,
        headers: { 'accept-language': 'en' },
        payload: { c: code, side: 'entry' },
      });
      expect([answer.statusCode, answer.headers['retry-after']]).toEqual([429, '15']);
      expect(answer.json()).toMatchObject({
        code: 'busy',
        title: expect.stringContaining('reader') as string,
      });
    }
    const taken = venue.ledger().filter(({ name }) => name === 'door.codes-taken');
    expect(taken).toMatchObject([{ subject: 'front', data: { door: 'front', side: 'entry' } }]);
    venue.gateway.alarms.look();
    expect(venue.gateway.alarms.open().map(({ kind, subject }) => [kind, subject])).toContainEqual([
      'codes-taken',
      'front',
    ]);
    const { body, nonce } = await read(code);
    expect((await tap(await newMember(), body.presence, nonce)).status).toBe(200);
  });

  it('records a code that is not taken, and from where it is worth nothing, like any other denial', async () => {
    const used = shown();
    await read(used);
    const refused = [
      () => read(used),
      () => read('0.AAAAAAAAAAAA', FAR_AWAY),
      () => ask(PRESENCE, { c: STATIC_CODE, side: 'exit' }, {}, FAR_AWAY),
      () => ask('/api/doors/front/exit', {}, {}, FAR_AWAY),
    ];
    for (const attempt of refused) {
      const before = denials().length;
      expect((await attempt()).status).toBe(403);
      expect(denials().slice(before)).toEqual(['not-present']);
    }
  });

  it('refuses a guess, and the code of a printed sheet', async () => {
    for (const guess of ['0.AAAAAAAAAAAA', STATIC_CODE])
      expect(await read(guess)).toMatchObject({ status: 403, body: { code: 'code-unknown' } });
  });

  it('is not touched by a GET: a page that is fetched ahead burns nothing', async () => {
    const code = shown();
    for (const url of [PRESENCE, `/d/front/entry?c=${code}`])
      await venue.gateway.web.app.inject({ method: 'GET', url, remoteAddress: '192.168.1.20' });
    expect((await read(code)).status).toBe(200);
  });

  it.each([
    ['input', undefined],
    ['c', { side: 'entry' }],
    ['side', { c: 'x', side: 'roof' }],
    ['c', { c: 'x'.repeat(65), side: 'entry' }],
    ['name', { c: 'x', side: 'entry', name: 'x' }],
  ])('names the field that is wrong: %s', async (field, body) => {
    const { status, body: problem } = await ask(PRESENCE, body);
    expect(status).toBe(400);
    expect(problem).toMatchObject({
      code: 'bad-request',
      title: expect.stringMatching(`^${field}: `) as string,
    });
  });

  it('at a printed sheet asks for the venue’s network, and believes no header about it', async () => {
    const sheet = { c: STATIC_CODE, side: 'exit' };
    expect((await ask(PRESENCE, sheet)).status).toBe(200);
    const headers = {
      'x-forwarded-for': '192.168.1.20',
      'x-real-ip': '192.168.1.20',
      forwarded: 'for=127.0.0.1',
    };
    for (const path of [PRESENCE, '/api/doors/front/exit']) {
      expect(await ask(path, path === PRESENCE ? sheet : {}, headers, FAR_AWAY)).toMatchObject({
        status: 403,
        body: { code: 'not-on-lan' },
      });
    }
  });
});

describe('A tap where the code rotates', () => {
  it.each([
    ['no ticket', () => Promise.resolve(undefined)],
    ['a ticket of nobody', () => Promise.resolve('AAAAAAAAAAAAAAAAAAAAAA')],
    [
      'the ticket of a printed sheet',
      async () => (await ask(PRESENCE, { c: STATIC_CODE, side: 'exit' })).body.presence,
    ],
  ])('with %s opens nothing, and is journalled as not-present', async (_, ticketOf) => {
    const ticket = await ticketOf();
    const { nonce } = await ask(ENTRY, {});
    const before = denials().length;

    expect(await tap(await newMember(), ticket, nonce)).toMatchObject({
      status: 403,
      body: { code: 'not-present' },
    });
    expect(denials().slice(before)).toEqual(['not-present']);
  });

  it('with a proof over another nonce is told the ticket’s, and is in with that', async () => {
    const { body, nonce } = await read();
    const other = (await ask(ENTRY, {})).nonce;
    const member = await newMember();
    const first = await tap(member, body.presence, other);

    expect(first).toMatchObject({ status: 401, nonce, body: { code: 'use_dpop_nonce' } });
    expect((await tap(member, body.presence, first.nonce)).status).toBe(200);
  });

  it('opens the door to one member: a second one with the same ticket is not present', async () => {
    const { body, nonce } = await read();
    const [first, second] = [await newMember(), await newMember()];
    const answers = await Promise.all([first, second].map((member) => tap(member, body.presence, nonce)));

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
  });

  it('again by the same member within ten seconds is a retry: the same answer, no second event', async () => {
    const { body, nonce } = await read();
    const member = await newMember();
    const first = await tap(member, body.presence, nonce);
    const before = venue.ledger().filter(({ name }) => name === 'access.granted').length;
    const again = await tap(member, body.presence, nonce);

    expect(again).toMatchObject({ status: 200, body: first.body });
    expect(venue.ledger().filter(({ name }) => name === 'access.granted')).toHaveLength(before);
  });

  it('again by the same member after that is no retry, and the ticket is spent', async () => {
    const { body, nonce } = await read();
    const member = await newMember();
    await tap(member, body.presence, nonce);
    venue.clock.moveBy(10_001);

    expect(await tap(member, body.presence, nonce)).toMatchObject({
      status: 403,
      body: { code: 'not-present' },
    });
  });

  it('after a denial may be tried again with the same ticket', async () => {
    const { body, nonce } = await read();
    const member = await newMember();
    await member.renew([]);
    expect(await tap(member, body.presence, nonce)).toMatchObject({ body: { code: 'no-reservation' } });
    expect((await tap(await newMember(), body.presence, nonce)).status).toBe(200);
  });
});
