import { describe, expect, it } from 'vitest';
import { parseInstant } from '../../../shared/time.ts';
import { guestOf, room, seat, ticket } from '../access/told.ts';
import { rig, type Rig } from './rig.ts';

const PATH = '/api/stays/preview';

/** Asks as a phone does: for a nonce, then with it. */
async function ask(venue: Rig, wallet: Awaited<ReturnType<Rig['phone']>>, url = `http://localhost${PATH}`) {
  const post = (headers: Record<string, string>) =>
    fetch(`${venue.gateway.web.address()}${PATH}`, {
      method: 'POST',
      headers: { 'accept-language': 'en', ...headers },
    });
  const first = await post(await wallet.dpop('POST', url));
  const answer = await post(await wallet.dpop('POST', url, first.headers.get('dpop-nonce') ?? ''));
  return { first, answer, body: (await answer.json()) as Readonly<Record<string, unknown>> };
}

describe('POST /api/stays/preview', () => {
  it('tells what each open stay costs if its user checks out now, and changes nothing', async () => {
    const venue = await rig();
    const { gateway, clock } = venue;
    const wallet = await venue.phone('u-1', []);
    // An issuer writes instants in any zone; the member is told the venue's.
    const inUtc = { start: '2025-10-20T00:00:00Z', end: '2025-10-20T03:00:00Z' };
    expect(await venue.scan('u-1', [seat({ cap: { minutes: 150 }, ...inUtc })])).toBe('check-in');
    clock.moveBy(11_000);
    expect(await venue.scan('u-1', [room({ from: '09:00', to: '10:30', yenPer30Min: 1_000 })])).toBe(
      'check-in',
    );
    clock.moveTo(parseInstant('2025-10-20T09:40:00+09:00'));
    const before = gateway.journal.lastSeq;
    const { answer, body } = await ask(venue, wallet);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(body['stays']).toMatchObject([
      { space: 'room-1', until: '2025-10-20T10:30:00+09:00', charge: { rule: 'h1t-shortened', yen: 2_000 } },
      { space: 'seat-12', until: '2025-10-20T12:00:00+09:00', charge: { rule: 'h1t-shortened', yen: 1_000 } },
    ]);
    expect(gateway.journal.lastSeq).toBe(before);
    expect(gateway.journal.stays.countOpen()).toBe(2);

    clock.moveTo(parseInstant('2025-10-20T12:10:00+09:00'));
    const late = await ask(venue, wallet);
    expect(late.body['stays']).toMatchObject([
      { charge: { rule: 'late-room-reserved' } },
      { charge: { rule: 'late-seat', capApplied: true, yen: 2_500 } },
    ]);
  });

  it('names no price for a ticket and for a guest, and nothing for whoever is not there', async () => {
    const venue = await rig();
    await venue.scan('u-1', [ticket()]);
    await venue.scan('u-9', [room()]);
    await venue.scan('u-2', [guestOf('u-9')]);
    for (const sub of ['u-1', 'u-2']) {
      const { body } = await ask(venue, await venue.phone(sub, []));
      expect(body['stays']).toMatchObject([{ charge: null }]);
    }
    expect((await ask(venue, await venue.phone('u-3', []))).body['stays']).toEqual([]);
  });

  it('asks for a nonce first, and believes no proof for another place', async () => {
    const venue = await rig();
    const wallet = await venue.phone('u-1', [seat()]);
    const { first, answer, body } = await ask(venue, wallet, 'http://localhost/api/doors/front/exit');
    expect(first.headers.get('www-authenticate')).toBe('DPoP error="invalid_token", algs="ES256"');
    expect([answer.status, body['code']]).toEqual([401, 'unreadable']);
    const good = await ask(venue, wallet);
    expect(good.first.headers.get('www-authenticate')).toBe('DPoP error="use_dpop_nonce", algs="ES256"');
    expect(good.answer.status).toBe(200);
    const bare = await fetch(`${venue.gateway.web.address()}${PATH}`, { method: 'POST' });
    expect(bare.status).toBe(401);
  });
});
