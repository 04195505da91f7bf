import { createHmac, randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { base64url, code, sha256, TestPhone, token } from '../signing.ts';
import { said, Walk } from './walk.ts';

const seat = (id: string) => ({
  kind: 'reservation',
  id,
  venue: 'shibuya-1',
  space: { id: `seat-${id}`, kind: 'seat' },
  start: '2025-10-20T09:00:00+09:00',
  end: '2025-10-20T12:00:00+09:00',
  yenPer30Min: 500,
  role: 'user',
});

/** What an attacker has: a phone that the issuer knows, a seat of their own, and the right keys to sign anything. */
interface Attacker {
  readonly walk: Walk;
  readonly phone: TestPhone;
  readonly header: (over?: object) => string;
  readonly claims: (over?: object) => string;
  /** A pass of exactly these texts, well signed, with a good proof over it. */
  readonly signed: (header: string, claims: string) => Uint8Array;
  /** A good pass, respelt, with a good proof over that. */
  readonly respelt: (respell: (pass: string) => string) => Uint8Array;
}

const withMember = (json: string, member: string) => `${json.slice(0, -1)},${member}}`;

type Attack = readonly [name: string, reason: string, build: (attacker: Attacker) => Uint8Array];

const claimAttack = (name: string, change: (attacker: Attacker) => string): Attack => [
  name,
  'unreadable',
  (attacker) => attacker.signed(attacker.header(), change(attacker)),
];

const headerAttack = (name: string, change: (attacker: Attacker) => string): Attack => [
  name,
  'unreadable',
  (attacker) => attacker.signed(change(attacker), attacker.claims()),
];

const forged = (signature: (signed: string, attacker: Attacker) => string, over = {}) =>
  function build(attacker: Attacker): Uint8Array {
    const signed = `${base64url(attacker.header(over))}.${base64url(attacker.claims())}`;
    const pass = `${signed}.${signature(signed, attacker)}`;
    return code(pass, attacker.phone.doorProof(pass, attacker.walk.nowS()));
  };

const ATTACKS: readonly Attack[] = [
  headerAttack('a duplicate alg key', ({ header }) => withMember(header(), '"alg":"ES256"')),
  claimAttack('a duplicate sub key', ({ claims }) => withMember(claims(), '"sub":"u-1"')),
  claimAttack('a __proto__ claim', ({ claims }) => withMember(claims(), '"__proto__":{"sub":"u-1"}')),
  claimAttack('a missing exp', ({ claims }) => claims({ exp: undefined })),
  claimAttack('exp 1e400', ({ claims }) => claims().replace(/"exp":\d+/, '"exp":1e400')),
  claimAttack('a byte-order mark', ({ claims }) => `\uFEFF${claims()}`),
  claimAttack('a payload of 1 MB', ({ claims }) => withMember(claims(), `"x":"${'a'.repeat(1_000_000)}"`)),
  claimAttack('a lifetime of 73 hours', ({ claims, walk }) => claims({ exp: walk.nowS() + 73 * 3600 })),
  headerAttack('a wrong typ', ({ header }) => header({ typ: 'JWT' })),
  headerAttack('a path as kid', ({ header }) => header({ kid: '../../dev/null' })),
  headerAttack('an embedded jwk', ({ header, phone }) => header({ jwk: phone.jwk })),
  headerAttack('a jku', ({ header }) => header({ jku: 'https://attacker.example/keys' })),
  ['== behind the pass', 'unreadable', ({ respelt }) => respelt((pass) => `${pass}==`)],
  ['a blank in the pass', 'unreadable', ({ respelt }) => respelt((pass) => `${pass} `)],
  [
    'a trailing-bit twin',
    'unreadable',
    ({ respelt }) =>
      // The last character of 64 bytes holds two bits: A, Q, g or w.
      respelt((pass) => `${pass.slice(0, -1)}${String.fromCharCode(pass.charCodeAt(pass.length - 1) + 1)}`),
  ],
  ['alg none', 'unreadable', forged(() => '', { alg: 'none' })],
  [
    'HS256 with the public key as the secret',
    'unreadable',
    forged(
      (signed, { walk }) =>
        createHmac('sha256', walk.issuer.signer.publicKey.export({ format: 'pem', type: 'spki' }))
          .update(signed)
          .digest('base64url'),
      { alg: 'HS256' },
    ),
  ],
  ['r = s = 0', 'unreadable', forged(() => base64url(Buffer.alloc(64)))],
  ['4,097 bytes', 'unreadable', () => Buffer.alloc(4_097, 'A')],
  [
    'the pass of another member, with a proof of the attacker’s own device',
    'unreadable',
    ({ walk, phone }) => {
      const stolen = walk.phone.pass(walk.nowS(), { ent: [seat('r-1')] });
      return code(stolen, phone.doorProof(stolen, walk.nowS()));
    },
  ],
  [
    'the pass of another member, photographed without its proof',
    'proof-missing',
    ({ walk }) => code(walk.phone.pass(walk.nowS(), { ent: [seat('r-1')] }), null),
  ],
  [
    'a photograph of a code, 16 seconds later',
    'proof-stale',
    ({ walk, phone }) => {
      const pass = phone.pass(walk.nowS(), { sub: 'mallory', ent: [seat('r-9')] });
      return code(pass, phone.doorProof(pass, walk.nowS() - 16));
    },
  ],
  [
    'a proof for another venue',
    'wrong-venue',
    ({ walk, phone }) => {
      const pass = phone.pass(walk.nowS(), { sub: 'mallory', ent: [seat('r-9')] });
      return code(pass, phone.doorProof(pass, walk.nowS(), { aud: 'ueno-1' }));
    },
  ],
];

it.each(ATTACKS)(
  'An attack with %s is refused (%s): no pulse, one record, and the next member is in',
  async (_, reason, build) => {
    const walk = await Walk.start();
    const phone = new TestPhone(walk.issuer);
    const header = (over = {}) => JSON.stringify(phone.passHeader(over));
    const claims = (over = {}) =>
      JSON.stringify(phone.claims(walk.nowS(), { sub: 'mallory', ent: [seat('r-9')], ...over }));
    const show = (pass: string) => code(pass, phone.doorProof(pass, walk.nowS()));
    const signed = (head: string, payload: string) => show(token(head, payload, walk.issuer.signer));
    const respelt = (respell: (pass: string) => string) =>
      show(respell(token(header(), claims(), walk.issuer.signer)));

    const outcome = await walk.show(build({ walk, phone, header, claims, signed, respelt }));

    expect(said(outcome)).toBe(reason);
    expect(walk.front.leases).toEqual([]);
    expect(walk.events().map(({ name, data }) => [name, data])).toEqual([
      ['access.denied', expect.objectContaining({ reason, door: 'front', side: 'entry' })],
    ]);
    expect(said(await walk.show(walk.code(walk.pass([seat('r-1')]))))).toBe('check-in');
    expect(walk.front.leases).toHaveLength(1);
  },
);

it('The attacks start from a credential that is good', async () => {
  const walk = await Walk.start();
  const phone = new TestPhone(walk.issuer);
  const pass = phone.pass(walk.nowS(), { sub: 'mallory', ent: [seat('r-9')] });

  expect(said(await walk.show(code(pass, phone.doorProof(pass, walk.nowS()))))).toBe('check-in');
});

it('A DPoP proof that was heard on the way opens nothing at another door or a second time', async () => {
  const walk = await Walk.start();
  const pass = walk.pass([seat('r-1')]);
  const claims = {
    htm: 'POST',
    iat: walk.nowS(),
    jti: randomUUID(),
    ath: sha256(pass),
    nonce: walk.nonces.issue(),
  };
  const proofFor = (htu: string) =>
    token(walk.phone.proofHeader('dpop+jwt'), { ...claims, htu }, walk.phone.device);

  expect(said(await walk.tap(pass, proofFor('https://attacker.example/api/doors/front/entry')))).toBe(
    'unreadable',
  );
  const proof = proofFor('https://shibuya.example/api/doors/front/entry');
  expect(said(await walk.tap(pass, proof))).toBe('check-in');
  await walk.clock.advance(11_000);
  expect(said(await walk.tap(pass, proof))).toBe('replay');
  expect(walk.front.leases).toHaveLength(1);
});

it('The log of a visit and of refusals tells reasons, and no token, no jti and no member', async () => {
  const walk = await Walk.start();
  const pass = walk.pass([seat('r-1')], { sub: 'member-of-the-log', jti: 'pass-of-the-log' });
  const shown = [
    walk.code(pass, 'proof-of-the-log'),
    walk.code(pass, 'proof-of-the-log'),
    code(`${pass}==`, walk.phone.doorProof(pass, walk.nowS())),
    code(pass, walk.phone.doorProof(pass, walk.nowS(), { aud: 'ueno-1' })),
  ];
  const answers: string[] = [];
  for (const bytes of shown) {
    answers.push(said(await walk.show(bytes)));
    await walk.clock.advance(11_000);
  }
  expect(answers).toEqual(['check-in', 'replay', 'unreadable', 'wrong-venue']);

  const log = walk.logged.join('');
  for (const reason of ['check-in', 'replay', 'wrong-venue']) expect(log).toContain(reason);
  const tokens = shown.flatMap((bytes) => Buffer.from(bytes).toString().split(/[.~]/));
  const secrets = [...tokens.filter((part) => part.length > 3), 'member-of-the-log', 'of-the-log'];
  expect(secrets.filter((secret) => log.includes(secret))).toEqual([]);
});
