import { createHmac } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { GateVerdict } from '../../../gateway/credential/gate.ts';
import { publicKeySchema } from '../../../shared/contract/config.ts';
import { base64url, code, configured, newSigner, token } from '../signing.ts';
import { credentialIn, gateBench, type GateBench } from './bench.ts';

let bench: GateBench;
beforeEach(async () => {
  bench = await gateBench();
});

/** Shows a pass with a good proof over exactly its text. */
const show = (pass: string): Promise<GateVerdict> =>
  bench.gate.scan(code(pass, bench.phone.doorProof(pass, bench.nowS())));

/** A pass of the issuer over any header and payload. */
const signedBy = (header: string | object, payload: string | object): string =>
  token(header, payload, bench.issuer.signer);

const headerText = () => JSON.stringify(bench.phone.passHeader());
const claimsText = (over: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify(bench.phone.claims(bench.nowS(), over));

/** Adds members as text, so that what JavaScript would not write can be written. */
const withMember = (json: string, member: string): string => `${json.slice(0, -1)},${member}}`;

const unreadable: GateVerdict = { kind: 'unreadable' };

it('The pass that the attacks start from is good', async () => {
  expect(credentialIn(await show(signedBy(headerText(), claimsText()))).problems).toEqual([]);
});

describe('A pass is unreadable, though its issuer signed it, with', () => {
  const payloads: readonly (readonly [string, () => string])[] = [
    ['sub twice', () => withMember(claimsText(), '"sub":"u-2"')],
    ['sub twice, once spelt with an escape', () => withMember(claimsText(), '"s\\u0075b":"u-2"')],
    ['a key twice in an inner object', () => claimsText().replace('"jkt":', '"jkt":"x","jkt":')],
    ['a __proto__ claim', () => withMember(claimsText(), '"__proto__":{"sub":"u-2"}')],
    ['no exp', () => claimsText({ exp: undefined })],
    ['no iat', () => claimsText({ iat: undefined })],
    ['no jti', () => claimsText({ jti: undefined })],
    ['no aud', () => claimsText({ aud: undefined })],
    ['no sub', () => claimsText({ sub: undefined })],
    ['exp 1e400', () => claimsText().replace(/"exp":\d+/, '"exp":1e400')],
    ['exp half a second long', () => claimsText().replace(/"exp":(\d+)/, '"exp":$1.5')],
    ['exp as text', () => claimsText({ exp: '2000000000' })],
    ['exp in the year 275760', () => claimsText({ exp: 8_640_000_000_000, iat: 8_639_999_999_000 })],
    ['aud as text', () => claimsText({ aud: 'shibuya-1' })],
    ['the iss of another issuer', () => claimsText({ iss: 'https://second.example' })],
    ['a byte-order mark', () => `\uFEFF${claimsText()}`],
    ['a JSON text that is no object', () => '[]'],
    ['text behind the JSON', () => `${claimsText()}{}`],
    ['nine levels of nesting', () => withMember(claimsText(), `"x":${'['.repeat(8)}${']'.repeat(8)}`)],
    [
      'a confirmation by certificate',
      () => claimsText({ cnf: { jkt: bench.phone.jkt, 'x5t#S256': bench.phone.jkt } }),
    ],
  ];
  it.each(payloads)('%s', async (_, payload) => {
    expect(await show(signedBy(headerText(), payload()))).toEqual(unreadable);
  });

  it('a claim that is not UTF-8', async () => {
    const { issuer } = bench;
    const payload = Buffer.from(claimsText().replace('u-1', 'u-\u00ff'), 'latin1');
    const signed = `${base64url(headerText())}.${base64url(payload)}`;
    expect(await show(`${signed}.${base64url(issuer.signer.sign(signed))}`)).toEqual(unreadable);
  });

  const headers: readonly (readonly [string, () => string])[] = [
    ['alg twice', () => withMember(headerText(), '"alg":"EdDSA"')],
    ['the typ of a proof', () => JSON.stringify(bench.phone.passHeader({ typ: 'door-proof+jwt' }))],
    ['the typ of any JWT', () => JSON.stringify(bench.phone.passHeader({ typ: 'JWT' }))],
    ['no typ', () => JSON.stringify(bench.phone.passHeader({ typ: undefined }))],
    ['a path as kid', () => JSON.stringify(bench.phone.passHeader({ kid: '../../etc/passwd' }))],
    ['no kid', () => JSON.stringify(bench.phone.passHeader({ kid: undefined }))],
    [
      'the kid of a property that every object has',
      () => JSON.stringify(bench.phone.passHeader({ kid: 'constructor' })),
    ],
    ['a kid of nobody', () => JSON.stringify(bench.phone.passHeader({ kid: 'issuer-3' }))],
    ['an embedded jwk', () => JSON.stringify(bench.phone.passHeader({ jwk: bench.phone.jwk }))],
    ['a jku', () => JSON.stringify(bench.phone.passHeader({ jku: 'https://attacker.example/keys' }))],
    ['an x5u', () => JSON.stringify(bench.phone.passHeader({ x5u: 'https://attacker.example/cert' }))],
    ['an x5c', () => JSON.stringify(bench.phone.passHeader({ x5c: ['MIIB'] }))],
    ['crit', () => JSON.stringify(bench.phone.passHeader({ crit: ['exp'] }))],
    ['b64', () => JSON.stringify(bench.phone.passHeader({ b64: false, crit: ['b64'] }))],
    ['a member that we do not know', () => JSON.stringify(bench.phone.passHeader({ cty: 'JWT' }))],
    ['a byte-order mark before its header', () => `\uFEFF${headerText()}`],
  ];
  it.each(headers)('%s', async (_, header) => {
    expect(await show(signedBy(header(), claimsText()))).toEqual(unreadable);
  });

  it('a payload of 1 MB', async () => {
    const payload = withMember(claimsText(), `"x":"${'a'.repeat(1_000_000)}"`);
    expect(await show(signedBy(headerText(), payload))).toEqual(unreadable);
  });

  it('4,097 bytes, where 4,096 are read', async () => {
    // An unknown claim is the filling: the gate ignores it, as RFC 7519 asks.
    const codeWith = (filling: number) => {
      const pass = signedBy(headerText(), withMember(claimsText(), `"x":"${'a'.repeat(filling)}"`));
      return code(pass, bench.phone.doorProof(pass, bench.nowS()));
    };
    let filling = Math.ceil(((4096 - codeWith(0).length) * 3) / 4) + 4;
    while (codeWith(filling).length > 4096) filling -= 1;
    expect((await bench.gate.scan(codeWith(filling))).kind).toBe('credential');
    expect(await bench.gate.scan(codeWith(filling + 1))).toEqual(unreadable);
  });
});

describe('A pass is unreadable, re-spelt', () => {
  const good = () => signedBy(headerText(), claimsText());
  const spellings: readonly (readonly [string, (pass: string) => string])[] = [
    ['with == behind its signature', (pass) => `${pass}==`],
    ['with a blank behind it', (pass) => `${pass} `],
    ['with a line feed in it', (pass) => pass.replace('.', '\n.')],
    ['with + and / for - and _', (pass) => pass.replaceAll('-', '+').replaceAll('_', '/')],
    ['with a fourth part', (pass) => `${pass}.`],
    ['without its signature', (pass) => pass.slice(0, pass.lastIndexOf('.') + 1)],
    ['as JSON serialization', (pass) => JSON.stringify({ payload: pass.split('.')[1] })],
  ];
  it.each(spellings)('%s', async (_, respell) => {
    let pass = good();
    while (!/[-_]/.test(pass)) pass = good();
    expect(await show(respell(pass))).toEqual(unreadable);
  });

  it('with other trailing bits in the last character of its signature', async () => {
    const pass = good();
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = alphabet.indexOf(pass.slice(-1));
    // 64 bytes leave four bits of the last character unused.
    const twin = `${pass.slice(0, -1)}${alphabet[last ^ 1] ?? ''}`;
    expect(Buffer.from(twin.split('.')[2] ?? '', 'base64url')).toEqual(
      Buffer.from(pass.split('.')[2] ?? '', 'base64url'),
    );
    expect(await show(twin)).toEqual(unreadable);
  });
});

describe('A forged pass is unreadable', () => {
  it('with alg none', async () => {
    const header = JSON.stringify(bench.phone.passHeader({ alg: 'none' }));
    expect(await show(`${base64url(header)}.${base64url(claimsText())}.`)).toEqual(unreadable);
    expect(await show(`${base64url(header)}.${base64url(claimsText())}.AA`)).toEqual(unreadable);
  });

  it('with HS256 and the public key as the secret', async () => {
    const { issuer, phone } = bench;
    const secret = issuer.signer.publicKey.export({ format: 'pem', type: 'spki' });
    const signed = `${base64url(JSON.stringify(phone.passHeader({ alg: 'HS256' })))}.${base64url(claimsText())}`;
    expect(
      await show(`${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`),
    ).toEqual(unreadable);
  });

  it('with the kid of an ES256 key and EdDSA in the header', async () => {
    const { ecIssuer, ecPhone, nowS } = bench;
    const pass = token(ecPhone.passHeader({ alg: 'EdDSA' }), ecPhone.claims(nowS()), ecIssuer.signer);
    expect(await bench.gate.scan(code(pass, ecPhone.doorProof(pass, nowS())))).toEqual(unreadable);
  });

  it('with the signature r = s = 0', async () => {
    const { ecPhone, nowS } = bench;
    const signed = `${base64url(JSON.stringify(ecPhone.passHeader()))}.${base64url(JSON.stringify(ecPhone.claims(nowS())))}`;
    const pass = `${signed}.${base64url(Buffer.alloc(64))}`;
    expect(await bench.gate.scan(code(pass, ecPhone.doorProof(pass, nowS())))).toEqual(unreadable);
  });

  it('with a key of its own under the kid of the issuer', async () => {
    const pass = token(bench.phone.passHeader(), bench.phone.claims(bench.nowS()), newSigner('EdDSA'));
    expect(await show(pass)).toEqual(unreadable);
  });

  it('with the signature of another pass', async () => {
    const parts = (claims: string) => signedBy(headerText(), claims).split('.');
    const [header = '', payload = ''] = parts(claimsText({ sub: 'u-2' }));
    expect(await show(`${header}.${payload}.${parts(claimsText())[2] ?? ''}`)).toEqual(unreadable);
  });
});

describe('The keys of a gateway', () => {
  it('are refused when a private member stands in one', () => {
    expect(publicKeySchema.safeParse({ ...configured(newSigner('ES256'), 'k'), d: 'AA' }).success).toBe(
      false,
    );
  });

  it.each([
    ['an HMAC secret', { kty: 'oct', k: 'AAAA', alg: 'HS256' }],
    ['an RSA key', { kty: 'RSA', n: 'AAAA', e: 'AQAB', alg: 'RS256' }],
    ['an RSA key that says ES256', { kty: 'RSA', n: 'AAAA', e: 'AQAB', alg: 'ES256' }],
  ])('cannot be %s', (_, key) => {
    expect(publicKeySchema.safeParse({ ...key, kid: 'k' }).success).toBe(false);
  });

  it.each([
    ['EdDSA', 'P-256'],
    ['ES256', 'P-384'],
    ['ES256', 'Ed25519'],
  ] as const)('of %s cannot be of the curve %s', (alg, crv) => {
    const key = configured(newSigner(alg), 'k');
    expect(publicKeySchema.safeParse({ ...key, crv }).error?.issues[0]?.path).toEqual(['crv']);
  });
});
