import { describe, expect, it } from 'vitest';
import { said, Walk } from './walk.ts';

const seat = {
  kind: 'reservation',
  id: 'r-1',
  venue: 'shibuya-1',
  space: { id: 'seat-1', kind: 'seat' },
  start: '2025-10-20T09:00:00+09:00',
  end: '2025-10-20T12:00:00+09:00',
  yenPer30Min: 500,
  role: 'user',
};

describe('One proof', () => {
  it('in ten copies at once is accepted exactly once, under a reader', async () => {
    const walk = await Walk.start();
    const shown = walk.code(walk.pass([seat]));
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => walk.show(shown)));

    expect(outcomes.map(said).sort()).toEqual(['check-in', ...Array<string>(9).fill('ignored')]);
    expect(walk.names().filter((name) => name === 'access.granted')).toHaveLength(1);
  });

  it('in ten copies at once is accepted exactly once, by HTTP', async () => {
    const walk = await Walk.start();
    const pass = walk.pass([seat]);
    const proof = walk.phone.dpop(pass, walk.nowS(), { nonce: walk.nonces.issue() });
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => walk.tap(pass, proof)));

    expect(outcomes.map(said).sort()).toEqual(['check-in', ...Array<string>(9).fill('ignored')]);
    expect(walk.names().filter((name) => name === 'access.granted')).toHaveLength(1);
  });

  it('in ten copies at readers of two doors is accepted exactly once', async () => {
    const walk = await Walk.start();
    const shown = walk.code(walk.pass([seat]));
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, index) => walk.show(shown, 'entry', index % 2 === 0 ? 'front' : 'back')),
    );

    expect(outcomes.map(said).filter((told) => told === 'check-in')).toHaveLength(1);
    expect(walk.names().filter((name) => name === 'access.granted')).toHaveLength(1);
  });

  it('again after the gateway died is not accepted a second time', async () => {
    const walk = await Walk.start();
    const shown = walk.code(walk.pass([seat]));
    expect(said(await walk.show(shown))).toBe('check-in');
    await walk.restart();

    expect(said(await walk.show(shown))).toBe('ignored');
    expect(said(await walk.show(shown, 'entry', 'back'))).toBe('replay');
    expect(walk.names().filter((name) => name === 'access.granted')).toHaveLength(1);
  });
});
