import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint, compactVerify, importJWK } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  KeyError,
  loadSigningKey,
  provisionGatewayKey,
  readPublicKey,
} from '../../../gateway/tokens/signing-key.ts';
import { temporaryFolder } from '../../temporary.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = join(temporaryFolder(), 'keys');
  path = join(folder, 'gateway.key');
});

describe("the gateway's key", () => {
  it('is made where there is none, for this user alone, and is the same from then on', () => {
    const made = provisionGatewayKey(path);
    expect(made.isNew).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['gateway.key']);
    const again = provisionGatewayKey(path);
    expect(again).toMatchObject({ isNew: false, key: { publicKey: made.key.publicKey } });
  });

  it('is another one for every gateway', () => {
    const other = provisionGatewayKey(join(folder, 'other.key'));
    expect(other.key.publicKey.kid).not.toBe(provisionGatewayKey(path).key.publicKey.kid);
  });

  it('signs what anybody verifies with its public half, under its thumbprint, and tells nothing private', async () => {
    const { key } = provisionGatewayKey(path);
    const { payload, protectedHeader } = await compactVerify(
      key.sign('a-type+jwt', { seq: 1 }),
      await importJWK({ ...key.publicKey }, 'EdDSA'),
    );
    expect(JSON.parse(Buffer.from(payload).toString())).toEqual({ seq: 1 });
    const kid = await calculateJwkThumbprint({ ...key.publicKey });
    expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'a-type+jwt', kid });
    expect(Object.keys(key.publicKey).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'x']);
  });

  it.each([0o640, 0o604, 0o660])('with mode %o is refused with the command that repairs it', (mode) => {
    provisionGatewayKey(path);
    chmodSync(path, mode);
    expect(() => provisionGatewayKey(path)).toThrow(`chmod 600 ${path}`);
  });

  it('that is no key, or no Ed25519 key, is refused and not replaced', () => {
    provisionGatewayKey(path);
    writeFileSync(path, '');
    expect(() => provisionGatewayKey(path)).toThrow(KeyError);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    expect(() => provisionGatewayKey(path)).toThrow(`${path}: must be an Ed25519 key`);
  });

  it('that is published, as in RFC 8410, is refused with its source, also its public half alone', () => {
    const x = 'Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE';
    const jwk = { kty: 'OKP', crv: 'Ed25519', x, d: '1O5y2_kTWErVttjx92n4rTr-fCjL8dT74Jeoj0R1WEI' };
    const key = createPrivateKey({ key: jwk, format: 'jwk' });
    provisionGatewayKey(path);
    writeFileSync(path, key.export({ type: 'pkcs8', format: 'pem' }));
    const told = `${path}: a published key (RFC 8410 section 10.3), whose private half is no secret`;
    expect(() => provisionGatewayKey(path)).toThrow(new KeyError(told));
    expect(() => loadSigningKey(path)).toThrow(new KeyError(told));
    writeFileSync(path, createPublicKey(key).export({ type: 'spki', format: 'pem' }));
    expect(() => readPublicKey(path)).toThrow(new KeyError(told));
  });
});
