import { createPublicKey, verify } from 'node:crypto';
import { fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { importJWK, jwtVerify, type CryptoKey, type JWK } from 'jose';
import { Sqlite } from '../../gateway/journal/sqlite.ts';
import type { Subject } from './measure.ts';
import type { DecisionRig } from './rig.ts';

interface Tokens {
  readonly pass: string;
  readonly proof: string;
  readonly jwk: JWK;
}

async function tokensOf(rig: DecisionRig): Promise<Tokens> {
  const text = (await rig.member()).code.toString().slice('GK1.'.length);
  const [pass = '', proof = ''] = text.split('~');
  const header = JSON.parse(Buffer.from(proof.split('.')[0] ?? '', 'base64url').toString()) as { jwk: JWK };
  return { pass, proof, jwk: header.jwk };
}

/** Two jose verifies with the proof's key import, and one better-sqlite3 insert of the same bytes with FULL. */
export function decisionFloor(rig: DecisionRig, issuerKey: CryptoKey, bytes: number): Subject<Tokens> {
  const db = new Sqlite(join(rig.folder, 'floor.sqlite'));
  db.pragma('journal_mode = WAL');
  db.exec('CREATE TABLE rows (body TEXT)');
  db.pragma('synchronous = FULL');
  const insert = db.prepare('INSERT INTO rows VALUES (?)');
  const body = 'x'.repeat(bytes);
  return {
    prepare: () => tokensOf(rig),
    run: async ({ pass, proof, jwk }) => {
      await jwtVerify(pass, issuerKey, { algorithms: ['EdDSA'] });
      await jwtVerify(proof, await importJWK(jwk, 'ES256'), { algorithms: ['ES256'] });
      insert.run(body);
      return undefined;
    },
  };
}

/** The raw physics: two signatures by OpenSSL and 600 bytes on the disk. */
export function rawFloor(rig: DecisionRig, issuerJwk: JWK): Subject<Tokens> {
  const issuerKey = createPublicKey({ key: { ...issuerJwk }, format: 'jwk' });
  const file = openSync(join(rig.folder, 'floor.bin'), 'w');
  writeSync(file, Buffer.alloc(1 << 20));
  const block = Buffer.alloc(600);
  let at = 0;
  return {
    prepare: () => tokensOf(rig),
    run: ({ pass, proof, jwk }) => {
      const parts = (token: string) => {
        const dot = token.lastIndexOf('.');
        return {
          signed: Buffer.from(token.slice(0, dot)),
          signature: Buffer.from(token.slice(dot + 1), 'base64url'),
        };
      };
      const first = parts(pass);
      const second = parts(proof);
      const deviceKey = createPublicKey({ key: { ...jwk }, format: 'jwk' });
      const good =
        verify(null, first.signed, issuerKey, first.signature) &&
        verify('sha256', second.signed, { key: deviceKey, dsaEncoding: 'ieee-p1363' }, second.signature);
      if (!good) throw new Error('the floor verifies good tokens only');
      writeSync(file, block, 0, block.length, at);
      fdatasyncSync(file);
      at = (at + block.length) % (1 << 19);
      return undefined;
    },
    settle: () => Promise.resolve(),
  };
}
