import fc from 'fast-check';
import { expect, it } from 'vitest';
import { code } from '../signing.ts';
import { gateBench } from './bench.ts';

it('no bytes at all make the gate throw', async () => {
  const { gate } = await gateBench();
  const part = fc.oneof(
    fc.json().map((text) => Buffer.from(text).toString('base64url')),
    fc.base64String(),
    fc.string(),
  );
  const token = fc.array(part, { maxLength: 4 }).map((parts) => parts.join('.'));
  await fc.assert(
    fc.asyncProperty(token, token, async (pass, proof) => {
      expect(await gate.scan(code(pass, proof))).toEqual({ kind: 'unreadable' });
    }),
    { numRuns: 500 },
  );
});

it('nothing that an issuer may write into a pass makes the gate throw', async () => {
  const { gate, nowS, phone } = await gateBench();
  const times = { start: '2026-11-24T09:00:00+09:00', end: '2026-11-24T12:00:00+09:00' };
  const space = { id: 'seat-1', kind: 'seat' };
  const reservation = {
    kind: 'reservation',
    id: 'r-1',
    venue: 'shibuya-1',
    space,
    ...times,
    yenPer30Min: 500,
    role: 'user',
  };
  const ticket = { kind: 'ticket', id: 't-1', plan: 'basic', purchaseDate: '2026-11-10', used: 1, usedAt: 1 };
  const change = fc.record({
    of: fc.constantFrom(reservation, ticket),
    member: fc.constantFrom(
      ...Object.keys({ ...reservation, ...ticket }),
      'cap',
      'host',
      'endsOn',
      'nextPlan',
    ),
    value: fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('9999-12-31', '0000-01-01', '2026-11-24T09:00', 1e308, -0, [], {}),
    ),
  });
  await fc.assert(
    fc.asyncProperty(change, async ({ of, member, value }) => {
      const pass = phone.pass(nowS(), { ent: [{ ...of, [member]: value }] });
      const { kind } = await gate.scan(code(pass, phone.doorProof(pass, nowS())));
      expect(['credential', 'unreadable']).toContain(kind);
    }),
    { numRuns: 1_000 },
  );
});
