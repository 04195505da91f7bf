/**
 * Keys that are the same in every run, and signatures that cost next to nothing. The gateway verifies through WebCrypto,
 * whose answers come from other threads whenever they like; here they come at once. Every fortieth seed signs and
 * verifies for real.
 */
import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  sign as signReally,
  webcrypto,
  type KeyObject,
} from 'node:crypto';
import { publicKeySchema, type PublicKey } from '../../shared/contract/config.ts';
import type { JsonValue } from '../../shared/canonical.ts';
import type { DeviceKey } from '../../shared/contract/proof.ts';

const REALLY_EVERY = 40;

type Subtle = typeof webcrypto.subtle;
type Bytes = Parameters<Subtle['digest']>[1];

const platform = {
  verify: webcrypto.subtle.verify.bind(webcrypto.subtle),
  importKey: webcrypto.subtle.importKey.bind(webcrypto.subtle),
};

let isReal = false;
let pending = 0;
const imported = new Map<string, Promise<webcrypto.CryptoKey>>();
const names = new WeakMap<object, string>();

/** Whether this seed signs and verifies for real. */
export function signReallyFor(seed: number): void {
  isReal = seed % REALLY_EVERY === 0;
}

/**
 * Runs on whatever waits on a promise, the platform's threads included. Node turns to the next tick when no promise has
 * anything left to do: a turn of the whole loop would say the same and cost a call of the system.
 */
export async function settled(): Promise<void> {
  await new Promise<void>((resolve) => process.nextTick(resolve));
  while (pending > 0) await new Promise((resolve) => setImmediate(resolve));
}

/** Puts what stands here in the place of the platform's. For this process, and for good. */
export function installSignatures(): void {
  Object.assign(webcrypto.subtle, {
    verify: (...[algorithm, key, signature, data]: Parameters<Subtle['verify']>) => {
      if (isReal) return counted(platform.verify(algorithm, key, signature, data));
      return Promise.resolve(tagOf(names.get(key) ?? '', bytesOf(data)).equals(bytesOf(signature)));
    },
    importKey: (format: 'jwk', jwk: webcrypto.JsonWebKey, ...rest: [never, boolean, never]) => {
      const name = `${jwk.x ?? ''} ${jwk.y ?? ''}`;
      const known = imported.get(name);
      if (known !== undefined) return known;
      const key = counted(platform.importKey(format, jwk, ...rest)).then((made) => {
        names.set(made, name);
        return made;
      });
      imported.set(name, key);
      return key;
    },
    digest: (algorithm: string, data: Bytes) => {
      const name = algorithm.toLowerCase().replace('-', '');
      return Promise.resolve(new Uint8Array(createHash(name).update(bytesOf(data)).digest()).buffer);
    },
  });
}

async function counted<T>(work: Promise<T>): Promise<T> {
  pending += 1;
  try {
    return await work;
  } finally {
    pending -= 1;
  }
}

function bytesOf(data: Bytes): Buffer {
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(data);
}

/** As long as the signatures of both algorithms. */
function tagOf(name: string, data: Buffer): Buffer {
  return createHash('sha512').update(name).update(data).digest();
}

/** A key pair that is made from its name. */
export interface SimKey {
  readonly alg: 'EdDSA' | 'ES256';
  /** `kty`, `crv`, `x` and of P-256 `y`. */
  readonly jwk: Readonly<Record<string, string>>;
  /** A compact JWS. */
  sign(header: object, claims: JsonValue): string;
}

/** A P-256 key, as a phone has one. */
export function deviceKey(name: string): SimKey & { readonly device: DeviceKey } {
  const ecdh = createECDH('prime256v1');
  const secret = createHash('sha256').update(`genkan simulation ${name}`).digest();
  ecdh.setPrivateKey(secret);
  const point = ecdh.getPublicKey();
  const x = point.subarray(1, 33).toString('base64url');
  const y = point.subarray(33).toString('base64url');
  const device: DeviceKey = { kty: 'EC', crv: 'P-256', x, y };
  const privateJwk = { ...device, d: secret.toString('base64url') };
  return { ...keyOf('ES256', device, createPrivateKey({ key: privateJwk, format: 'jwk' })), device };
}

/** What comes before the 32 secret bytes of an Ed25519 key (RFC 8410, section 7). */
const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** An Ed25519 key, as issuer and cloud have one. */
export function signingKey(kid: string): SimKey & { readonly publicKey: PublicKey } {
  const secret = createHash('sha256').update(`genkan simulation ${kid}`).digest();
  const key = createPrivateKey({
    key: Buffer.concat([ED25519_PKCS8, secret]),
    format: 'der',
    type: 'pkcs8',
  });
  const { kty = '', crv = '', x = '' } = createPublicKey(key).export({ format: 'jwk' });
  const jwk = { kty, crv, x };
  return { ...keyOf('EdDSA', jwk, key), publicKey: publicKeySchema.parse({ ...jwk, kid, alg: 'EdDSA' }) };
}

function keyOf(alg: 'EdDSA' | 'ES256', jwk: { x: string; y?: string } & object, key: KeyObject): SimKey {
  const name = `${jwk.x} ${jwk.y ?? ''}`;
  const spelt = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  return {
    alg,
    jwk: { ...jwk },
    sign: (header, claims) => {
      const signed = `${spelt({ alg, ...header })}.${spelt(Object(claims) as object)}`;
      const data = Buffer.from(signed);
      const signature = !isReal
        ? tagOf(name, data)
        : alg === 'EdDSA'
          ? signReally(null, data, key)
          : signReally('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
      return `${signed}.${signature.toString('base64url')}`;
    },
  };
}
