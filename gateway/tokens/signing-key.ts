import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

import type { JsonValue } from '../../shared/canonical.ts';
import { publicKeySchema, type PublicKey } from '../../shared/contract/config.ts';
import {
  publishedAs,
  publishedProblem,
  thumbprintInput,
  type KeyMembers,
} from '../../shared/contract/published-keys.ts';

/** A key file that cannot be used; the message says why. */
export class KeyError extends Error {
  override readonly name = 'KeyError';
}

/** A private key that signs, and its public half. */
export interface SigningKey {
  readonly alg: 'EdDSA' | 'ES256';
  readonly key: KeyObject;
}

/**
 * Reads a private key, PKCS #8 in PEM, Ed25519 or P-256, from a file that nobody else may read.
 *
 * @throws KeyError, also for a published key
 */
export function loadSigningKey(path: string): SigningKey {
  let pem;
  try {
    if ((statSync(path).mode & 0o077) !== 0)
      throw new KeyError(`${path}: others may read it: chmod 600 ${path}`);
    pem = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof KeyError) throw error;
    throw new KeyError(
      `${path}: cannot be read; make one: (umask 077; openssl genpkey -algorithm ed25519 -out ${path})`,
    );
  }
  let key;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new KeyError(`${path}: no private key in PEM`);
  }
  const published = publishedKeyProblem(key);
  if (published !== null) throw new KeyError(`${path}: ${published}`);
  if (key.asymmetricKeyType === 'ed25519') return { alg: 'EdDSA', key };
  if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return { alg: 'ES256', key };
  throw new KeyError(`${path}: must be an Ed25519 or a P-256 key`);
}

/** Why a private or public key is refused that is published, or `null`. */
export function publishedKeyProblem(key: KeyObject): string | null {
  const { kty, crv, x, y } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  // Of another kind: none of ours, and none is listed.
  if (kty === undefined || crv === undefined || x === undefined) return null;
  const source = publishedAs(thumbprintOf({ kty, crv, x, y }));
  return source === null ? null : publishedProblem(source);
}

function thumbprintOf(key: KeyMembers): string {
  return createHash('sha256').update(thumbprintInput(key)).digest('base64url');
}

/** The gateway's own key. What it signs is its word on the journal: checkpoints, anchors. */
export interface GatewayKey {
  /** The public half, with the `kid` that its signatures carry: the RFC 7638 thumbprint. */
  readonly publicKey: PublicKey;
  /** A compact JWS with exactly `alg`, `typ` and `kid` in its header. Signs at once, so that it may stand in a transaction. */
  sign(typ: string, claims: JsonValue): string;
}

/**
 * The gateway's key from its file; where there is no file, a new key is made there, for this user alone (mode 0600).
 *
 * @returns the key, and whether it was made now: then its public half has to be told to whoever verifies
 * @throws KeyError for a file that others may read, or that holds no Ed25519 key, or a published one
 */
export function provisionGatewayKey(path: string): { readonly key: GatewayKey; readonly isNew: boolean } {
  const isNew = createKeyFile(path);
  const { alg, key } = loadSigningKey(path);
  if (alg !== 'EdDSA') throw new KeyError(`${path}: must be an Ed25519 key`);
  return { key: gatewayKey(key), isNew };
}

function gatewayKey(key: KeyObject): GatewayKey {
  const publicKey = publicKeyOf(createPublicKey(key));
  const { kid } = publicKey;
  return { publicKey, sign: (typ, claims) => signCompact({ alg: 'EdDSA', key }, { typ, kid }, claims) };
}

/** A compact JWS whose header is the key's `alg` and exactly these members. Signs at once. */
export function signCompact(
  { alg, key }: SigningKey,
  header: Readonly<Record<string, JsonValue>>,
  claims: JsonValue,
): string {
  const signed = `${base64url({ alg, ...header })}.${base64url(claims)}`;
  const digest = alg === 'EdDSA' ? null : 'sha256';
  const signature = sign(digest, Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

/**
 * Makes a private key, PKCS #8 in PEM, for this user alone (mode 0600), where no file is. Exclusive: of two processes
 * that start at once one makes the key, and neither writes over the other's. The name appears when the key is on disk,
 * so that a power cut leaves no half of one.
 *
 * @returns whether it was made now; `false` where a file is there already
 * @throws KeyError where none can be made
 */
export function createKeyFile(path: string, alg: SigningKey['alg'] = 'EdDSA'): boolean {
  if (existsSync(path)) return false;
  const draft = `${path}.${process.pid}.new`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(draft, 'wx', 0o600);
    try {
      const { privateKey } =
        alg === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
      writeSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw new KeyError(`${path}: cannot be made (${error instanceof Error ? error.message : String(error)})`);
  } finally {
    rmSync(draft, { force: true });
  }
}

function base64url(value: JsonValue): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Whether a compact JWS carries a good Ed25519 signature of this key. Header and claims are not looked at. */
export function isSignedBy(token: string, publicKey: PublicKey): boolean {
  const end = token.lastIndexOf('.');
  const key = createPublicKey({ key: { ...publicKey }, format: 'jwk' });
  return verify(null, Buffer.from(token.slice(0, end)), key, Buffer.from(token.slice(end + 1), 'base64url'));
}

/**
 * The public half of a gateway's key: from the key's file, from a public key in PEM, or from a JWK.
 *
 * @throws KeyError
 */
export function readPublicKey(path: string): PublicKey {
  let key;
  try {
    const text = readFileSync(path, 'utf8');
    key = text.trimStart().startsWith('{')
      ? createPublicKey({ key: JSON.parse(text) as JsonWebKey, format: 'jwk' })
      : createPublicKey(text);
  } catch (error) {
    throw new KeyError(`${path}: no key (${error instanceof Error ? error.message : String(error)})`);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new KeyError(`${path}: must be an Ed25519 key`);
  const published = publishedKeyProblem(key);
  if (published !== null) throw new KeyError(`${path}: ${published}`);
  return publicKeyOf(key);
}

/** A public key as a configuration has it. @param kid default: the RFC 7638 thumbprint */
export function publicKeyOf(key: KeyObject, kid?: string): PublicKey {
  const { kty = '', crv = '', x = '', y } = key.export({ format: 'jwk' });
  const members = { crv, kty, x, ...(y !== undefined && { y }) };
  const alg = kty === 'OKP' ? 'EdDSA' : 'ES256';
  return publicKeySchema.parse({ kid: kid ?? thumbprintOf(members), alg, ...members });
}
