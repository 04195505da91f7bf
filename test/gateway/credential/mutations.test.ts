import fc from 'fast-check';
import { expect, it } from 'vitest';
import { code } from '../signing.ts';
import { gateBench } from './bench.ts';

/** 2,000 mutations by default, 100,000 for a release. */
const RUNS = process.env['GENKAN_FULL'] === '1' ? 100_000 : 2_000;

it(`no mutation of one to four bits of a good code is accepted, in ${RUNS} tries`, async () => {
  const { gate, nowS, phone, ecPhone } = await gateBench();
  const codes = [phone, ecPhone].map((owner) => {
    const pass = owner.pass(nowS());
    return code(pass, owner.doorProof(pass, nowS()));
  });
  const [first, second] = codes;
  if (first === undefined || second === undefined) throw new Error('no codes');
  const bits = Math.min(first.length, second.length) * 8;
  const mutation = fc.record({
    original: fc.constantFrom(first, second),
    flipped: fc.uniqueArray(fc.nat({ max: bits - 1 }), { minLength: 1, maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(mutation, async ({ original, flipped }) => {
      const mutated = Uint8Array.from(original);
      for (const bit of flipped) mutated[bit >> 3] = (mutated[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(await gate.scan(mutated)).toEqual({ kind: 'unreadable' });
    }),
    { numRuns: RUNS },
  );
}, 600_000);

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
