import { beforeEach, describe, expect, it } from 'vitest';
import { code } from '../signing.ts';
import { credentialIn, gateBench, type GateBench } from './bench.ts';

let bench: GateBench;
beforeEach(async () => {
  bench = await gateBench();
});

const guest = {
  kind: 'reservation',
  id: 'r-9',
  venue: 'shibuya-1',
  space: { id: 'room-1', kind: 'room' },
  start: '2026-11-24T09:00:00+09:00',
  end: '2026-11-24T12:00:00+09:00',
  yenPer30Min: 0,
  role: 'guest',
  host: 'u-1',
};

describe('a scanned code', () => {
  it('is a credential with the claims of its pass, signed by either algorithm', async () => {
    const { gate, nowS, phone, ecPhone } = bench;
    for (const owner of [phone, ecPhone]) {
      const pass = owner.pass(nowS(), { sub: 'u-7', ent: [guest] });
      const credential = credentialIn(await gate.scan(code(pass, owner.doorProof(pass, nowS()))));
      expect(credential).toMatchObject({ sub: 'u-7', via: 'scanner', deviceBound: true, problems: [] });
      expect(credential.entitlements).toEqual([guest]);
    }
  });

  it('has an identity that only another jti changes, and never the text of the pass', async () => {
    const { gate, nowS, phone } = bench;
    const first = phone.pass(nowS());
    const second = phone.pass(nowS());
    const identity = async (pass: string, jti: string) =>
      credentialIn(await gate.scan(code(pass, phone.doorProof(pass, nowS(), { jti })))).identity;
    expect(await identity(first, 'p-1')).toBe(await identity(second, 'p-1'));
    expect(await identity(first, 'p-1')).not.toBe(await identity(first, 'p-2'));
  });

  it.each([
    [15, []],
    [15.001, ['proof-stale']],
    [-5, []],
    [-5.001, ['proof-stale']],
  ])('that is %d s old has the problems %j', async (ageS, problems) => {
    const { gate, nowS, phone, clock } = bench;
    const pass = phone.pass(nowS());
    const proof = phone.doorProof(pass, nowS() + 100);
    await clock.advance((100 + ageS) * 1000);
    expect(credentialIn(await gate.scan(code(pass, proof))).problems).toEqual(problems);
  });

  it.each([
    [27, []],
    [27.001, ['proof-stale']],
  ])('may be %d s old while the clock may be 12 s off: %j', async (ageS, problems) => {
    const { gate, nowS, phone, clock } = bench;
    clock.errorMs = 12_000;
    const pass = phone.pass(nowS());
    const proof = phone.doorProof(pass, nowS());
    await clock.advance(ageS * 1000);
    expect(credentialIn(await gate.scan(code(pass, proof))).problems).toEqual(problems);
  });

  it('is remembered at least until it is refused for its age, in whole milliseconds', async () => {
    const { gate, nowS, phone, clock } = bench;
    clock.errorMs = 333.4;
    const pass = phone.pass(nowS());
    const { identityExpiresMs } = credentialIn(await gate.scan(code(pass, phone.doorProof(pass, nowS()))));
    expect(identityExpiresMs).toBe(clock.wallMs() + 15_334);
  });
});

describe('the times of a pass', () => {
  it.each([
    [-0.001, []],
    [0, ['pass-expired']],
  ])('%d s after its exp it has the problems %j', async (afterS, problems) => {
    const { gate, nowS, phone, clock } = bench;
    const pass = phone.pass(nowS(), { iat: nowS(), exp: nowS() + 100 });
    await clock.advance((100 + afterS) * 1000);
    const credential = credentialIn(await gate.scan(code(pass, phone.doorProof(pass, Math.floor(nowS())))));
    expect(credential.problems).toEqual(problems);
  });

  it.each([
    ['nbf', { nbf: 100 }, 5, []],
    ['nbf', { nbf: 100 }, 6, ['pass-not-yet-valid']],
    ['iat', { iat: 100 }, 6, ['pass-not-yet-valid']],
    ['iat, whatever an earlier nbf says', { iat: 100, nbf: 0 }, 6, ['pass-not-yet-valid']],
  ])('%s is respected: %j, seen %i s earlier, gives %j', async (_, told, earlierS, problems) => {
    const { gate, nowS, phone } = bench;
    const startS = nowS() + earlierS - 100;
    const times = Object.fromEntries(Object.entries(told).map(([name, atS]) => [name, startS + atS]));
    const pass = phone.pass(nowS(), times);
    expect(credentialIn(await gate.scan(code(pass, phone.doorProof(pass, nowS())))).problems).toEqual(
      problems,
    );
  });

  it.each([
    [30, 35, []],
    [30, 36, ['pass-not-yet-valid']],
  ])(
    'its nbf and iat are widened by an error of the clock of %i s: %i s early gives %j',
    async (errorS, earlyS, problems) => {
      const { gate, nowS, phone, clock } = bench;
      clock.trusted = 'holdover';
      clock.errorMs = errorS * 1000;
      for (const times of [{ iat: nowS() + earlyS }, { nbf: nowS() + earlyS }]) {
        const pass = phone.pass(nowS(), times);
        expect(credentialIn(await gate.scan(code(pass, phone.doorProof(pass, nowS())))).problems).toEqual(
          problems,
        );
      }
    },
  );

  it('lets it live 72 hours and not a second longer', async () => {
    const { gate, nowS, phone } = bench;
    const verdictFor = (lifetimeS: number) => {
      const pass = phone.pass(nowS(), { iat: nowS(), exp: nowS() + lifetimeS });
      return gate.scan(code(pass, phone.doorProof(pass, nowS())));
    };
    expect((await verdictFor(72 * 3600)).kind).toBe('credential');
    expect((await verdictFor(72 * 3600 + 1)).kind).toBe('unreadable');
    expect((await verdictFor(0)).kind).toBe('unreadable');
  });

  it('are all told, so that an expired pass hides no stale proof', async () => {
    const { gate, nowS, phone, clock } = bench;
    const pass = phone.pass(nowS(), { iat: nowS(), exp: nowS() + 10 });
    const proof = phone.doorProof(pass, nowS());
    await clock.advance(60_000);
    expect(credentialIn(await gate.scan(code(pass, proof))).problems).toEqual([
      'proof-stale',
      'pass-expired',
    ]);
  });
});

describe('a pass without a proof', () => {
  const bearer = (lifetimeS: number, over: Readonly<Record<string, unknown>> = {}) => {
    const { phone, nowS } = bench;
    return code(phone.pass(nowS(), { iat: nowS(), exp: nowS() + lifetimeS, cnf: undefined, ...over }), null);
  };

  it.each([
    [90, []],
    [91, ['proof-missing']],
  ])('that lives %i s has the problems %j', async (lifetimeS, problems) => {
    const credential = credentialIn(await bench.gate.scan(bearer(lifetimeS)));
    expect(credential).toMatchObject({ deviceBound: false, problems });
  });

  it('may live longer when it is for a guest and nothing else', async () => {
    const { gate } = bench;
    expect(credentialIn(await gate.scan(bearer(86_400, { ent: [guest] }))).problems).toEqual([]);
    const mixed = { ent: [guest, { ...guest, role: 'user' }] };
    expect(credentialIn(await gate.scan(bearer(86_400, mixed))).problems).toEqual(['proof-missing']);
    expect(credentialIn(await gate.scan(bearer(86_400, { ent: [] }))).problems).toEqual(['proof-missing']);
  });

  it('is missing one when it names a device key, however short it lives', async () => {
    const credential = credentialIn(await bench.gate.scan(bearer(60, { cnf: { jkt: bench.phone.jkt } })));
    expect(credential.problems).toEqual(['proof-missing']);
  });

  it('is known by its own issuer and jti until it expires', async () => {
    const { gate, clock } = bench;
    const first = credentialIn(await gate.scan(bearer(60, { jti: 'b-1' })));
    const same = credentialIn(await gate.scan(bearer(70, { jti: 'b-1' })));
    const other = credentialIn(await gate.scan(bearer(60, { jti: 'b-2' })));
    expect(first.identity).toBe(same.identity);
    expect(first.identity).not.toBe(other.identity);
    expect(first.identityExpiresMs).toBe(clock.wallMs() + 60_000);
  });
});

describe('a door request of a phone', () => {
  it('with a nonce of ours is a credential', async () => {
    const { nowS, phone, nonces, request } = bench;
    const pass = phone.pass(nowS());
    const verdict = await request({ pass, proof: phone.dpop(pass, nowS(), { nonce: nonces.issue() }) });
    expect(credentialIn(verdict)).toMatchObject({ via: 'page', deviceBound: true, problems: [] });
  });

  it.each([
    [300, []],
    [301, ['proof-stale']],
    [-301, ['proof-stale']],
  ])('from a phone whose clock is %i s behind has the problems %j', async (behindS, problems) => {
    const { nowS, phone, nonces, request } = bench;
    const pass = phone.pass(nowS());
    const proof = phone.dpop(pass, nowS() - behindS, { nonce: nonces.issue() });
    expect(credentialIn(await request({ pass, proof })).problems).toEqual(problems);
  });

  it('is remembered until its nonce ends', async () => {
    const { nowS, phone, nonces, request, clock } = bench;
    const pass = phone.pass(nowS());
    const proof = phone.dpop(pass, nowS(), { nonce: nonces.issue() });
    await clock.advance(30_000);
    expect(credentialIn(await request({ pass, proof })).identityExpiresMs).toBe(clock.wallMs() + 60_000);
  });
});
