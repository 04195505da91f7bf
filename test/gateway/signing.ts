import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
  type KeyObject,
} from 'node:crypto';
import { publicKeySchema, type PublicKey } from '../../shared/contract/config.ts';
import { deviceKeySchema, type DeviceKey } from '../../shared/contract/proof.ts';

export type Algorithm = 'EdDSA' | 'ES256';

/** A key pair that signs whatever text it is given, well-formed or not. */
export interface Signer {
  readonly alg: Algorithm;
  readonly publicKey: KeyObject;
  readonly sign: (text: string) => Buffer;
}

export function newSigner(alg: Algorithm): Signer {
  const { privateKey } =
    alg === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return signerOf(alg, privateKey);
}

/** A signer with a key that is there already. */
export function signerOf(alg: Algorithm, privateKey: KeyObject): Signer {
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
  const digest = alg === 'EdDSA' ? null : 'sha256';
  return {
    alg,
    publicKey: createPublicKey(privateKey),
    sign: (text) => sign(digest, Buffer.from(text), key),
  };
}

/** The public half as a gateway is configured with it. */
export function configured(signer: Signer, kid: string): PublicKey {
  return publicKeySchema.parse({ ...signer.publicKey.export({ format: 'jwk' }), kid, alg: signer.alg });
}

/** The public half as it stands in a proof. */
export function deviceKeyOf(signer: Signer): DeviceKey {
  return deviceKeySchema.parse(signer.publicKey.export({ format: 'jwk' }));
}

/** RFC 7638 thumbprint of a P-256 key. */
export function thumbprintOf({ crv, kty, x, y }: DeviceKey): string {
  return sha256(JSON.stringify({ crv, kty, x, y }));
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

export function base64url(text: string | Buffer): string {
  return Buffer.from(text).toString('base64url');
}

/** A compact JWS over exactly these texts; objects are written as JSON. */
export function token(header: string | object, payload: string | object, signer: Signer): string {
  const spelt = (part: string | object) => base64url(typeof part === 'string' ? part : JSON.stringify(part));
  const signed = `${spelt(header)}.${spelt(payload)}`;
  return `${signed}.${base64url(signer.sign(signed))}`;
}

/** An issuer of member passes, with one key. */
export interface TestIssuer {
  readonly iss: string;
  readonly kid: string;
  readonly signer: Signer;
}

export function newIssuer(
  alg: Algorithm = 'EdDSA',
  iss = 'https://issuer.example',
  kid = 'issuer-1',
): TestIssuer {
  return { iss, kid, signer: newSigner(alg) };
}

/** The issuer as `trust.issuers` has it. */
export function trusted({ iss, kid, signer }: TestIssuer): { iss: string; keys: PublicKey[] } {
  return { iss, keys: [configured(signer, kid)] };
}

/** A member's phone: a device key, and the pass it was given. */
export class TestPhone {
  readonly device = newSigner('ES256');
  readonly jwk = deviceKeyOf(this.device);
  readonly jkt = thumbprintOf(this.jwk);
  readonly #issuer: TestIssuer;

  constructor(issuer: TestIssuer) {
    this.#issuer = issuer;
  }

  /** Claims of a good pass for a day; `over` replaces members, `undefined` removes one. */
  claims(nowS: number, over: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
    return {
      iss: this.#issuer.iss,
      sub: 'u-1',
      aud: ['shibuya-1'],
      iat: nowS - 60,
      exp: nowS + 86_400,
      jti: randomUUID(),
      cnf: { jkt: this.jkt },
      ent: [],
      ...over,
    };
  }

  passHeader(over: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
    return { alg: this.#issuer.signer.alg, typ: 'member-pass+jwt', kid: this.#issuer.kid, ...over };
  }

  pass(nowS: number, over: Readonly<Record<string, unknown>> = {}): string {
    return token(this.passHeader(), this.claims(nowS, over), this.#issuer.signer);
  }

  proofHeader(typ: string, over: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
    return { alg: 'ES256', typ, jwk: this.jwk, ...over };
  }

  /** A proof for the scanner. */
  doorProof(pass: string, nowS: number, over: Readonly<Record<string, unknown>> = {}): string {
    const claims = { iat: nowS, jti: randomUUID(), aud: 'shibuya-1', ath: sha256(pass), ...over };
    return token(this.proofHeader('door-proof+jwt'), claims, this.device);
  }

  /** A proof with a door request. */
  dpop(pass: string, nowS: number, over: Readonly<Record<string, unknown>> = {}): string {
    const claims = { htm: 'POST', htu: DOOR_URL, iat: nowS, jti: randomUUID(), ath: sha256(pass), ...over };
    return token(this.proofHeader('dpop+jwt'), claims, this.device);
  }
}

/** The URL of the tests' door. */
export const DOOR_URL = 'https://shibuya.example/api/doors/front/entry';

/** The bytes that a scanner reads. */
export function code(pass: string, proof: string | null): Uint8Array {
  return Buffer.from(`GK1.${pass}~${proof ?? ''}`);
}
