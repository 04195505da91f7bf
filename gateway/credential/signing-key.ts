import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
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

/** A key file that cannot be used; the message says why. */
export class KeyError extends Error {
  override readonly name = 'KeyError';
}

export interface SigningKey {
  readonly alg: 'EdDSA' | 'ES256';
  readonly key: KeyObject;
}

/**
 * Reads a private key, PKCS #8 in PEM, Ed25519 or P-256, from a file that nobody else may read.
 *
 * @throws KeyError
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
  if (key.asymmetricKeyType === 'ed25519') return { alg: 'EdDSA', key };
  if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return { alg: 'ES256', key };
  throw new KeyError(`${path}: must be an Ed25519 or a P-256 key`);
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
 * @throws KeyError for a file that others may read, or that holds no Ed25519 key
 */
export function provisionGatewayKey(path: string): { readonly key: GatewayKey; readonly isNew: boolean } {
  const isNew = createKeyFile(path);
  const { alg, key } = loadSigningKey(path);
  if (alg !== 'EdDSA') throw new KeyError(`${path}: must be an Ed25519 key`);
  return { key: gatewayKey(key), isNew };
}

function gatewayKey(key: KeyObject): GatewayKey {
  const jwk = createPublicKey(key).export({ format: 'jwk' });
  const kid = createHash('sha256')
    .update(JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x }))
    .digest('base64url');
  return {
    publicKey: publicKeySchema.parse({ kid, alg: 'EdDSA', ...jwk }),
    sign(typ, claims) {
      const signed = `${base64url({ alg: 'EdDSA', typ, kid })}.${base64url(claims)}`;
      return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
    },
  };
}

/**
 * Exclusive: of two processes that start at once one makes the key, and neither writes over the other's. The name
 * appears when the key is on disk, so that a power cut leaves no half of one.
 */
function createKeyFile(path: string): boolean {
  if (existsSync(path)) return false;
  const draft = `${path}.${process.pid}.new`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(draft, 'wx', 0o600);
    try {
      const { privateKey } = generateKeyPairSync('ed25519');
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
