import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { GateVerdict } from '../../../gateway/credential/gate.ts';
import {
  base64url,
  code,
  deviceKeyOf,
  DOOR_URL,
  newIssuer,
  newSigner,
  sha256,
  signerOf,
  TestPhone,
  thumbprintOf,
  token,
} from '../signing.ts';
import { credentialIn, gateBench, type GateBench } from './bench.ts';

let bench: GateBench;
beforeEach(async () => {
  bench = await gateBench();
});

/** Shows a pass with a good proof over exactly its text. */
const show = (pass: string): Promise<GateVerdict> =>
  bench.gate.scan(code(pass, bench.phone.doorProof(pass, bench.nowS())));

const unreadable: GateVerdict = { kind: 'unreadable' };

describe('A proof of possession is unreadable', () => {
  const showWith = (proofOf: (pass: string) => string): Promise<GateVerdict> => {
    const pass = bench.phone.pass(bench.nowS());
    return bench.gate.scan(code(pass, proofOf(pass)));
  };
  const claims = (pass: string) => ({ iat: bench.nowS(), jti: 'p-1', aud: 'shibuya-1', ath: sha256(pass) });

  it('by another device than the pass names', async () => {
    const thief = new TestPhone(bench.issuer);
    expect(await showWith((pass) => thief.doorProof(pass, bench.nowS()))).toEqual(unreadable);
  });

  it('by another device that claims to be the right one', async () => {
    const thief = newSigner('ES256');
    expect(
      await showWith((pass) => token(bench.phone.proofHeader('door-proof+jwt'), claims(pass), thief)),
    ).toEqual(unreadable);
  });

  it('over another pass', async () => {
    const other = bench.phone.pass(bench.nowS());
    expect(await showWith(() => bench.phone.doorProof(other, bench.nowS()))).toEqual(unreadable);
  });

  it('with a pass that names no device', async () => {
    const pass = bench.phone.pass(bench.nowS(), { cnf: undefined });
    expect(await show(pass)).toEqual(unreadable);
  });

  it('of the kind for a phone’s request, under the scanner', async () => {
    expect(
      await showWith((pass) => token(bench.phone.proofHeader('dpop+jwt'), claims(pass), bench.phone.device)),
    ).toEqual(unreadable);
  });

  it.each([
    ['a private key in its jwk', () => ({ jwk: { ...bench.phone.jwk, d: bench.phone.jwk.x } })],
    ['a kid beside its jwk', () => ({ kid: 'issuer-1' })],
    ['EdDSA', () => ({ alg: 'EdDSA' })],
    ['a point that is not on the curve', () => ({ jwk: { ...bench.phone.jwk, y: bench.phone.jwk.x } })],
    [
      'another spelling of its coordinate',
      () => ({ jwk: { ...bench.phone.jwk, x: `${bench.phone.jwk.x}=` } }),
    ],
  ])('with %s', async (_, over) => {
    const header = bench.phone.proofHeader('door-proof+jwt', over());
    expect(await showWith((pass) => token(header, claims(pass), bench.phone.device))).toEqual(unreadable);
  });

  it('by a key whose private half is published, although the pass names it, from the scanner and from a page', async () => {
    // RFC 7515 appendix A.3.
    const jwk = {
      ...{ kty: 'EC', crv: 'P-256', d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI' },
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    };
    const own = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const verdicts = [own, createPrivateKey({ key: jwk, format: 'jwk' })].map(async (key) => {
      const device = signerOf('ES256', key);
      const { phone, nowS, nonces, request } = bench;
      const pass = phone.pass(nowS(), { cnf: { jkt: thumbprintOf(deviceKeyOf(device)) } });
      const proof = (typ: string, over: object = {}) =>
        token({ alg: 'ES256', typ, jwk: deviceKeyOf(device) }, { ...claims(pass), ...over }, device);
      const nonce = nonces.issue();
      return [
        await bench.gate.scan(code(pass, proof('door-proof+jwt'))),
        await request({ pass, proof: proof('dpop+jwt', { htm: 'POST', htu: DOOR_URL, nonce }) }),
      ].map(({ kind }) => kind);
    });
    expect(await Promise.all(verdicts)).toEqual([
      ['credential', 'credential'],
      ['unreadable', 'unreadable'],
    ]);
  });

  it.each(['x', 'y'] as const)('with its %s spelt in another way, which is the same key', async (member) => {
    const other = (text: string) => text.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1));
    const jwk = { ...bench.phone.jwk, [member]: other(bench.phone.jwk[member]) };
    expect(Buffer.from(jwk[member], 'base64url')).toEqual(Buffer.from(bench.phone.jwk[member], 'base64url'));
    const jkt = thumbprintOf(jwk);
    const pass = bench.phone.pass(bench.nowS(), { cnf: { jkt } });
    const proof = token({ alg: 'ES256', typ: 'door-proof+jwt', jwk }, claims(pass), bench.phone.device);
    expect(await bench.gate.scan(code(pass, proof))).toEqual(unreadable);
  });

  it('with r = s = 0', async () => {
    const header = base64url(JSON.stringify(bench.phone.proofHeader('door-proof+jwt')));
    const zero = base64url(Buffer.alloc(64));
    expect(await showWith((pass) => `${header}.${base64url(JSON.stringify(claims(pass)))}.${zero}`)).toEqual(
      unreadable,
    );
  });

  it('signed by the issuer in place of the device', async () => {
    const { issuer } = bench;
    const header = bench.phone.passHeader({ typ: 'door-proof+jwt' });
    expect(await showWith((pass) => token(header, claims(pass), issuer.signer))).toEqual(unreadable);
  });
});

describe('A good credential at the wrong place', () => {
  it('is for another venue when its proof is, or its pass', async () => {
    const { gate, phone, nowS } = bench;
    const pass = phone.pass(nowS());
    const foreignProof = await gate.scan(code(pass, phone.doorProof(pass, nowS(), { aud: 'ueno-1' })));
    expect(credentialIn(foreignProof).problems).toEqual(['wrong-venue']);
    expect(credentialIn(await show(phone.pass(nowS(), { aud: ['ueno-1'] }))).problems).toEqual([
      'wrong-venue',
    ]);
    expect(credentialIn(await show(phone.pass(nowS(), { aud: ['ueno-1', 'shibuya-1'] }))).problems).toEqual(
      [],
    );
  });

  it.each([
    ['another method', { htm: 'GET' }],
    ['another door', { htu: 'https://shibuya.example/api/doors/back/entry' }],
    ['another side', { htu: 'https://shibuya.example/api/doors/front/exit' }],
    ['another host', { htu: 'https://attacker.example/api/doors/front/entry' }],
    ['a query', { htu: 'https://shibuya.example/api/doors/front/entry?x' }],
  ])('is unreadable as a request with a proof for %s', async (_, over) => {
    const { phone, nowS, nonces, request } = bench;
    const pass = phone.pass(nowS());
    expect(
      await request({ pass, proof: phone.dpop(pass, nowS(), { nonce: nonces.issue(), ...over }) }),
    ).toEqual(unreadable);
  });

  it('is unreadable as a request with the proof of a QR', async () => {
    const { phone, nowS, request } = bench;
    const pass = phone.pass(nowS());
    expect(await request({ pass, proof: phone.doorProof(pass, nowS()) })).toEqual(unreadable);
  });

  it.each([
    ['no nonce', () => undefined],
    ['a nonce of another gateway', () => 'abc.AAAAAAAAAAAAAAAAAAAAAA'],
    ['a nonce of words', () => 'nonce'],
  ])('needs a nonce when it has %s', async (_, nonce) => {
    const { phone, nowS, request } = bench;
    const pass = phone.pass(nowS());
    expect(await request({ pass, proof: phone.dpop(pass, nowS(), { nonce: nonce() }) })).toEqual({
      kind: 'nonce-needed',
    });
  });

  it('needs a new nonce after 90 seconds, and learns that only with good signatures', async () => {
    const { phone, nowS, request, nonces, clock } = bench;
    const pass = phone.pass(nowS());
    const proof = phone.dpop(pass, nowS(), { nonce: nonces.issue() });
    await clock.advance(90_000);
    expect(await request({ pass, proof })).toEqual({ kind: 'nonce-needed' });
    const thief = new TestPhone(newIssuer());
    expect(await request({ pass, proof: thief.dpop(pass, nowS()) })).toEqual(unreadable);
  });
});

describe('The ECDSA twin of a signature (r, n − s)', () => {
  const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const twinOf = (text: string): string => {
    const [header = '', payload = '', signature = ''] = text.split('.');
    const bytes = Buffer.from(signature, 'base64url');
    const s = ORDER - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
    const twin = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]);
    return `${header}.${payload}.${base64url(twin)}`;
  };

  it('is the same credential: every browser signs half of its proofs that way', async () => {
    const { gate, phone, nowS } = bench;
    const pass = phone.pass(nowS());
    const proof = phone.doorProof(pass, nowS());
    const first = credentialIn(await gate.scan(code(pass, proof)));
    const twin = credentialIn(await gate.scan(code(pass, twinOf(proof))));
    expect(twinOf(proof)).not.toBe(proof);
    expect(twin).toEqual(first);
  });

  it('of a pass is another text, which its proof does not cover', async () => {
    const { gate, ecPhone, nowS } = bench;
    const pass = ecPhone.pass(nowS());
    expect(await gate.scan(code(twinOf(pass), ecPhone.doorProof(pass, nowS())))).toEqual(unreadable);
  });
});

it('A code of another product is unreadable, however it is cut', async () => {
  const { gate, phone, nowS } = bench;
  const pass = phone.pass(nowS());
  const proof = phone.doorProof(pass, nowS());
  for (const text of [
    '',
    'GK1.',
    'GK1.~',
    `GK2.${pass}~${proof}`,
    `GK1.${pass}`,
    `GK1.${pass}~${proof}~`,
    `GK1.~${proof}`,
  ]) {
    expect(await gate.scan(Buffer.from(text)), text).toEqual(unreadable);
  }
});
