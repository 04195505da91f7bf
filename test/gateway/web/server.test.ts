import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reservation } from '../../../shared/contract/pass.ts';
import { parseInstant } from '../../../shared/time.ts';
import { until } from '../../venue/until.ts';
import { openVenue, type Member, type Venue } from '../../venue/venue.ts';

let venue: Venue;
let people = 0;

beforeAll(async () => {
  venue = await openVenue({ startMs: parseInstant('2026-11-24T09:00:00+09:00'), pulseMs: 200 });
}, 60_000);

afterAll(async () => {
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

const url = (path: string) => `${venue.gateway.web.address()}${path}`;
const post = (path: string, headers: Record<string, string> = {}) =>
  fetch(url(path), { method: 'POST', headers });
/** What a proof is made for: the public address, whatever the request was sent to. */
const publicUrl = (path: string) => `${venue.config.http.publicOrigin}${path}`;

/** A tap on the phone's page: asks for a nonce, signs it, asks again. */
async function tap({ wallet }: Member, path: string) {
  const first = await post(path, await wallet.dpop('POST', publicUrl(path)));
  const nonce = first.headers.get('dpop-nonce') ?? '';
  const proof = await wallet.dpop('POST', publicUrl(path), nonce);
  return { first, proof, answer: await post(path, proof) };
}

describe('POST /api/doors/<door>/<side>', () => {
  it('asks for a nonce first, then lets a member in whose phone has signed it', async () => {
    // Heard at the pin, not looked for: the pulse is over in 200 ms.
    let wasReleased = false;
    const stop = venue.equipment.board.onPin('lockRelay', (level) => {
      wasReleased ||= level;
    });
    const { first, answer } = await tap(await newMember(), '/api/doors/front/entry');

    expect(first.status).toBe(401);
    expect(first.headers.get('www-authenticate')).toBe('DPoP error="use_dpop_nonce", algs="ES256"');
    expect(first.headers.get('cache-control')).toBe('no-store');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ granted: true, kind: 'check-in' });
    await until('the lock is released', () => wasReleased);
    stop();
  });

  it('answers in English only where the browser asks for it', async () => {
    const member = await newMember();
    const { proof } = await tap(member, '/api/doors/front/entry');
    const path = '/api/doors/front/exit';
    const { headers } = await post(path, await member.wallet.dpop('POST', publicUrl(path)));
    const nonce = headers.get('dpop-nonce') ?? '';

    expect(proof.authorization).toMatch(/^DPoP /);
    const english = await post(path, {
      ...(await member.wallet.dpop('POST', publicUrl(path), nonce)),
      'accept-language': 'en-GB',
    });
    expect(await english.json()).toMatchObject({ message: 'You are checked out. Thank you for your visit.' });
  });

  it('refuses a proof that was used before', async () => {
    const { proof } = await tap(await newMember(), '/api/doors/front/entry');
    const again = await post('/api/doors/front/entry', proof);

    expect(again.status).toBe(409);
    expect(again.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await again.json()).toMatchObject({ code: 'replay', status: 409 });
  });

  it('refuses a proof that was made for another origin', async () => {
    const { wallet } = await newMember();
    const path = '/api/doors/front/entry';
    const { headers } = await post(path);
    const nonce = headers.get('dpop-nonce') ?? '';
    const answer = await post(path, await wallet.dpop('POST', `https://evil.example${path}`, nonce));

    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: 'unreadable' });
  });

  it('tells a request without a pass how to ask', async () => {
    const answer = await post('/api/doors/front/entry');

    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('DPoP error="invalid_token"');
    expect(answer.headers.get('dpop-nonce')).not.toBeNull();
  });

  it.each(['/api/doors/back/entry', '/api/doors/front/roof'])('knows no %s', async (path) => {
    const answer = await post(path);

    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: 'no-such-door' });
  });
});

describe('the console’s page', () => {
  it('is at / and may load nothing from elsewhere', async () => {
    const answer = await fetch(url('/'));

    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('/pages/console/console.js');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('is not the demo’s: its routes do not exist on a gateway', async () => {
    expect((await post('/demo/scan')).status).toBe(404);
    expect((await fetch(url('/demo/page/demo.js'))).status).toBe(404);
  });

  it.each(['/pages/../server.ts', '/pages/%2e%2e/server.ts', '/pages/..%2fserver.ts'])(
    'does not serve %s',
    async (path) => {
      expect((await fetch(url(path))).status).toBeGreaterThanOrEqual(400);
    },
  );

  it('is told of an event as it is journalled', async () => {
    const stream = await fetch(url('/api/events'));
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    if (reader === undefined) throw new Error('no stream');
    const { seq } = { seq: venue.gateway.journal.lastSeq };
    venue.scanAt('entry', 'nonsense');
    let heard = '';
    while (!heard.includes('"reason":"unreadable"')) {
      const { value, done } = await reader.read();
      if (done) break;
      heard += value;
    }
    await reader.cancel();

    expect(heard).toContain(`event: ledger\nid: ${seq + 1}\n`);
  });

  it('takes up where it was cut off', async () => {
    const stream = await fetch(url('/api/events'), { headers: { 'last-event-id': '1' } });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    const heard = (await reader?.read())?.value ?? '';
    await reader?.cancel();

    expect(heard.startsWith('event: ledger\nid: 2\n')).toBe(true);
  });

  it('shows what the gateway knows of its doors, line and ledger', async () => {
    await until('the lock is secured', () => venue.equipment.controller.report.released === false);
    const state: unknown = await (await fetch(url('/api/doors'))).json();

    expect(state).toMatchObject({
      online: true,
      storage: 'ok',
      clock: 'trusted',
      doors: [{ door: 'front', controller: 'online', lock: 'secured', leaf: 'closed' }],
    });
  });
});
