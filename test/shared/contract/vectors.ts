import { createHash, createPrivateKey } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { computeCharge } from '../../../shared/billing/charge.ts';
import { chargeInputOf, chargeToWire } from '../../../shared/billing/wire.ts';
import { chargeRequestSchema } from '../../../shared/contract/charge.ts';
import { formatEvent, type DomainEvent } from '../../../shared/contract/events.ts';
import { base64url, signerOf, token } from '../../gateway/signing.ts';

/** A vector: an input, and either what a reader makes of it or why it is refused. */
export interface VectorCase {
  readonly name: string;
  readonly expect?: unknown;
  readonly refused?: string;
  /** The input, by a name of its file’s. */
  readonly [input: string]: unknown;
}

/** One file of `shared/contract/vectors/`. */
interface VectorFile {
  readonly about: string;
  readonly cases: readonly VectorCase[];
}

const VENUE = 'shibuya-1';
const EPOCH = '01JDXQ2VJ4T8M6K3N5P7R9SBCD';
const NEXT_EPOCH = '01JDXQ2VJ4T8M6K3N5P7R9SBCE';
const IAT = 1_795_478_400;
const TIME = '2026-11-24T09:00:00+09:00';
const MEMBER = { iss: 'https://members.example', sub: 'm-1' };

/** The test keys: Ed25519 seeds that everybody can compute, so each is among the published keys. */
export const TEST_KEYS = Object.fromEntries(
  (['issuer', 'cloud'] as const).map((name) => {
    const seed = createHash('sha256').update(`genkan test vectors, ${name}`).digest();
    const key = createPrivateKey({
      key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
      format: 'der',
      type: 'pkcs8',
    });
    return [name, { kid: `test-${name}`, alg: 'EdDSA' as const, signer: signerOf('EdDSA', key), key }];
  }),
) as Record<
  'issuer' | 'cloud',
  { kid: string; alg: 'EdDSA'; signer: ReturnType<typeof signerOf>; key: ReturnType<typeof createPrivateKey> }
>;

/** A key whose private half nobody has kept, as a bundle names one. */
const FOREIGN_KEY = {
  ...{ kid: 'issuer-9', alg: 'EdDSA', kty: 'OKP', crv: 'Ed25519' },
  x: 'XBczg_cN77WB0aC7QW_ztwlWqlNln97ckAZRslN1-w8',
};

const sha256 = (...parts: readonly (string | Uint8Array)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

function ledger(): VectorFile {
  const events: readonly DomainEvent[] = [
    {
      name: 'gateway.started',
      subject: 'gw-1',
      data: { version: '0.1.0', ruleset: 'WORKUS-2023-05', previousEpoch: null },
    },
    { name: 'door.forced-open', subject: 'front', data: { door: 'front' } },
    {
      name: 'stay.checked-in',
      subject: 's-1',
      data: {
        ...MEMBER,
        ...{ stay: 's-1', door: 'front', grant: 1, checkIn: TIME, flags: [] },
        visit: { kind: 'ticket', ticket: 't-1', plan: 'basic', used: 1, remaining: 3 },
      },
    },
    { name: 'stay.voided', subject: 's-1', data: { ...MEMBER, stay: 's-1', reason: 'operator' } },
  ];
  const known = events.map((event, index) =>
    formatEvent(event, { venue: VENUE, gateway: 'gw-1', epoch: EPOCH, seq: index + 1 }, TIME, 'trusted'),
  );
  const [, second = ''] = known;
  const renumbered = second.replace(`${EPOCH}:2`, `${EPOCH}:5`).replace('000000000002', '000000000005');
  const unknown = renumbered
    .replace('door.forced-open', 'locker.opened')
    .replace('{"door"', '{"日本語":1,"door"');
  let head = sha256(`genkan-ledger-v1:${EPOCH}`);
  const cases = [...known, unknown].map((body, index) => {
    head = sha256(head, sha256(body));
    const { type } = JSON.parse(body) as { type: string };
    return {
      name: `number ${index + 1}, ${type}`,
      body,
      expect: { venue: VENUE, epoch: EPOCH, seq: index + 1, head: head.toString('hex') },
    };
  });
  const bad = [
    ['the id disagrees with the sequence', second.replace(':2"', ':3"')],
    ['of version 2', second.replace('.v1"', '.v2"')],
    ['an epoch that is no ULID', second.replace(EPOCH, EPOCH.toLowerCase())],
    ['a member of its data is missing', second.replace('"data":{"door":"front"}', '"data":{}')],
  ] as const;
  return {
    about:
      'One epoch: the bodies as published, each with its place and the chain head after it; head 0 is ' +
      `${sha256(`genkan-ledger-v1:${EPOCH}`).toString('hex')}. The fifth is of a type that nobody knows yet, and counts. The refused bodies are not of the ledger.`,
    cases: [...cases, ...bad.map(([refused, body]) => ({ name: `refused: ${refused}`, body, refused }))],
  };
}

function signed(): VectorFile {
  const { cloud, issuer } = TEST_KEYS;
  const made = (typ: string, claims: object, by = cloud) => ({
    typ,
    token: token({ alg: by.alg, typ, kid: by.kid }, claims, by.signer),
    expect: claims,
  });
  const head = sha256(`genkan-ledger-v1:${EPOCH}`).toString('hex');
  const receipt = { venue: VENUE, epoch: EPOCH, seq: 0, head, iat: IAT };
  const command = {
    ...{ jti: 'c-1', iat: IAT, exp: IAT + 10, aud: VENUE, by: 'o-1', reason: 'A parcel.' },
    ...{ cmd: 'unlock', door: 'front' },
  };
  const reservation = {
    ...{ kind: 'reservation', id: 'r-81', venue: VENUE, space: { id: 'seat-12', kind: 'seat' } },
    ...{ start: TIME, end: '2026-11-24T12:00:00+09:00', yenPer30Min: 500, cap: null, role: 'user' },
  };
  const pass = {
    ...MEMBER,
    ...{ aud: [VENUE], iat: IAT, exp: IAT + 90, jti: 'p-1', ent: [reservation] },
  };
  const delta = { venue: VENUE, from: 0, to: 1, iat: IAT };
  const revoked = { passes: ['p-9'], members: [{ sub: 'm-9', before: IAT }], devices: [] };
  const bundle = {
    ...{ venue: VENUE, version: 1, iat: IAT, revoked },
    ...{ issuers: [{ iss: MEMBER.iss, keys: [FOREIGN_KEY] }], cloud: [FOREIGN_KEY] },
  };
  const good = {
    'a pass': made('member-pass+jwt', pass, issuer),
    'a receipt for nothing': made('custody-receipt+jwt', receipt),
    'a command that opens': made('door-command+jwt', command),
    'a delta of reservations': made('reservation-delta+jwt', {
      ...delta,
      changes: [{ version: 1, ...MEMBER, reservation, cancelledAt: null }],
    }),
    'a delta of ticket uses': made('usage-delta+jwt', {
      ...delta,
      changes: [{ version: 1, stay: 's-1', ticket: 't-1', venue: VENUE, at: TIME, counts: true }],
    }),
    'an empty word on stays': made('stay-records+jwt', {
      ...{ venue: VENUE, epoch: EPOCH, from: 7, before: NEXT_EPOCH, next: null, iat: IAT, stays: [] },
    }),
    'a trust bundle': made('trust-bundle+jwt', bundle),
  };
  const typ = 'custody-receipt+jwt';
  const header = { alg: 'EdDSA', typ, kid: cloud.kid };
  const [first = '', , last = ''] = good['a receipt for nothing'].token.split('.');
  const changed = base64url(JSON.stringify({ ...receipt, seq: 9 }));
  const bad = {
    'the claims were changed after the signature': { typ, token: `${first}.${changed}.${last}` },
    'a header with a member more': { typ, token: token({ ...header, crit: [] }, receipt, cloud.signer) },
    'another type': { typ, token: token({ ...header, typ: 'door-command+jwt' }, receipt, cloud.signer) },
    'alg none': { typ, token: `${base64url(JSON.stringify({ ...header, alg: 'none' }))}.${changed}.` },
    'a key that is not registered': {
      typ,
      token: token({ ...header, kid: 'test-x' }, receipt, cloud.signer),
    },
    'signed by another key than kid names': { typ, token: token(header, receipt, issuer.signer) },
    'an algorithm that is not the key’s': {
      typ,
      token: token({ ...header, alg: 'ES256' }, receipt, cloud.signer),
    },
    'base64url with padding': { typ, token: `${good['a receipt for nothing'].token}==` },
    'one name twice': {
      typ,
      token: token(header, JSON.stringify(receipt).replace('{', '{"seq":5,'), cloud.signer),
    },
    'a head in capitals': {
      typ,
      token: token(header, { ...receipt, head: head.toUpperCase() }, cloud.signer),
    },
    'a command with a member that nobody knows': made('door-command+jwt', { ...command, ifEmpty: true }),
    'an entitlement with a member that nobody knows': made(
      'member-pass+jwt',
      { ...pass, ent: [{ ...reservation, weekend: false }] },
      issuer,
    ),
    'a change outside its delta': made('usage-delta+jwt', {
      ...delta,
      changes: [{ version: 2, stay: 's-1', ticket: 't-1', venue: VENUE, at: TIME, counts: true }],
    }),
  };
  return {
    about:
      'Compact JWS with the claims that they hold, or the reason why nobody reads them. Age, audience and single use are judged afterwards and not here.',
    cases: [
      ...Object.entries(good).map(([name, rest]) => ({ name, ...rest })),
      ...Object.entries(bad).map(([refused, rest]) => ({
        ...{ name: `refused: ${refused}`, typ: rest.typ, token: rest.token, refused },
      })),
    ],
  };
}

const SIGNS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

/** Base45 (RFC 9285). */
function base45(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 2) {
    const [first = 0, second] = bytes.subarray(at, at + 2);
    let value = second === undefined ? first : first * 256 + second;
    for (let signs = second === undefined ? 2 : 3; signs > 0; signs -= 1, value = Math.floor(value / 45))
      text += SIGNS[value % 45] ?? '';
  }
  return text;
}

function codes(): VectorFile {
  const [pass] = signed().cases as readonly (VectorCase & { token: string })[];
  const text = pass?.token ?? '';
  const parts = text.split('.').map((part) => Buffer.from(part, 'base64url'));
  const [header = Buffer.of(), claims = Buffer.of(), signature = Buffer.of()] = parts;
  const inside = Buffer.concat([header, Buffer.of(0), claims, Buffer.of(0), signature]);
  const compact = (bytes: Buffer) => `GK2.${base45(deflateRawSync(bytes))}`;
  const bad = [
    ['without a tilde', `GK1.${text}`],
    ['without a pass', 'GK1.~'],
    ['a third part', `GK1.${text}~a~b`],
    ['in small letters', `gk1.${text}~`],
    ['a sign that Base45 has not', 'GK2.abc'],
    ['Base45 above 65,535', 'GK2.:::'],
    ['not deflated', `GK2.${base45(inside)}`],
    ['a signature cut short', compact(inside.subarray(0, -1))],
    ['a byte after the tokens', compact(Buffer.concat([inside, Buffer.of(1)]))],
  ] as const;
  return {
    about:
      'Texts at a scanner, and the tokens in them; `proof` is null for a bearer pass. The tokens are not judged.',
    cases: [
      { name: 'first form, a bearer pass', text: `GK1.${text}~`, expect: { pass: text, proof: null } },
      { name: 'first form, with a proof', text: `GK1.${text}~a.b.c`, expect: { pass: text, proof: 'a.b.c' } },
      { name: 'second form, a bearer pass', text: compact(inside), expect: { pass: text, proof: null } },
      {
        name: 'second form, two tokens',
        text: compact(Buffer.concat([inside, inside])),
        expect: { pass: text, proof: text },
      },
      ...bad.map(([refused, bytes]) => ({ name: `refused: ${refused}`, text: bytes, refused })),
    ],
  };
}

function requests(): VectorFile {
  const place = { epoch: EPOCH, seq: 7 };
  const good = [
    { need: 'reservations', have: 3 },
    { need: 'usage', have: 0 },
    { need: 'trust', have: 12 },
    { need: 'receipt', have: place },
    { need: 'stays', have: { ...place, before: NEXT_EPOCH } },
  ];
  const bad: readonly (readonly [string, object])[] = [
    ['a number for a receipt', { need: 'receipt', have: 3 }],
    ['a place for reservations', { need: 'reservations', have: place }],
    ['stays without `before`', { need: 'stays', have: place }],
    ['a version below 0', { need: 'trust', have: -1 }],
    ['nothing for `have`', { need: 'usage', have: null }],
  ];
  return {
    about: 'Questions of a gateway, and what is none.',
    cases: [
      ...good.map((request) => ({ name: request.need, request, expect: request })),
      ...bad.map(([refused, request]) => ({ name: `refused: ${refused}`, request, refused })),
    ],
  };
}

function charges(): VectorFile {
  const booked = { start: TIME, end: '2026-11-24T12:00:00+09:00', cancelledAt: null };
  const base = {
    ...{ venue: 'standard', space: 'seat', yenPer30Min: 500, cap: null, reservation: booked },
    ...{ checkIn: '2026-11-24T08:58:00+09:00', checkOut: booked.end, closing: '2026-11-24T22:00:00+09:00' },
  };
  const inputs: Readonly<Record<string, object>> = {
    'out at the end': base,
    'out a minute late at a seat': { ...base, checkOut: '2026-11-24T12:01:00+09:00' },
    'out a minute late at a room': { ...base, space: 'room', checkOut: '2026-11-24T12:01:00+09:00' },
    'out early': { ...base, checkOut: '2026-11-24T10:30:00+09:00' },
    'out early where that shortens': { ...base, venue: 'h1t', checkOut: '2026-11-24T10:30:00+09:00' },
    'never out': { ...base, checkOut: null },
    'never came': { ...base, checkIn: null, checkOut: null },
    'cancelled in time': {
      ...{ ...base, checkIn: null, checkOut: null },
      reservation: { ...booked, cancelledAt: '2026-11-24T08:59:00+09:00' },
    },
    'a cap of minutes': { ...base, cap: { minutes: 60 } },
    'a cap of yen': { ...base, cap: { yen: 1_700 } },
    'a cap of both': { ...base, cap: { minutes: 150, yen: 2_000 } },
  };
  const bad: readonly (readonly [string, object])[] = [
    ['an end before the start', { ...base, reservation: { ...booked, end: booked.start } }],
    ['a price that is no whole yen', { ...base, yenPer30Min: 0.5 }],
    ['an instant without an offset', { ...base, checkIn: '2026-11-24T09:00:00' }],
    ['a member that nobody knows', { ...base, discount: 5 }],
  ];
  return {
    about: 'Reservations with what happened to them, and what they cost by rule set WORKUS-2023-05.',
    cases: [
      ...Object.entries(inputs).map(([name, request]) => ({
        ...{ name, request },
        expect: chargeToWire(computeCharge(chargeInputOf(chargeRequestSchema.parse(request)))),
      })),
      ...bad.map(([refused, request]) => ({ name: `refused: ${refused}`, request, refused })),
    ],
  };
}

/** Every file by its name, with its content: the same each time. */
export function vectorFiles(): Readonly<Record<string, object>> {
  const keys = Object.values(TEST_KEYS).map(({ kid, alg, key }) => ({
    kid,
    alg,
    ...key.export({ format: 'jwk' }),
  }));
  return {
    'keys.json': {
      about: 'TEST KEYS with their private halves. Every gateway refuses them by their thumbprints.',
      keys,
    },
    'ledger.json': ledger(),
    'tokens.json': signed(),
    'codes.json': codes(),
    'requests.json': requests(),
    'charges.json': charges(),
  };
}
