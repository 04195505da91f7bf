import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { chainGenesis, chainNext, type Sha256 } from '../../shared/chain.ts';

const sha256: Sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const EPOCH = '01KB00000000000000000000AA';
const BODIES = ['{"n":1}', '{"名":"玄関"}'];

describe('the chain of a ledger', () => {
  // What Python's hashlib makes of the same epoch and bodies.
  it('begins at SHA-256("genkan-ledger-v1:" ‖ epoch) and goes on by SHA-256(head ‖ SHA-256(body)), of texts by their UTF-8', () => {
    const heads = [chainGenesis(sha256, EPOCH)];
    for (const body of BODIES) heads.push(chainNext(sha256, heads.at(-1) ?? new Uint8Array(), body));
    expect(heads.map(hex)).toEqual([
      'ec15df48fd94106026fa9e47cea619c85ef1da180671e86113511311686de926',
      'e843a6fa2a6dd8561bb9a9d10157e8fd47162f1546b718a12e17ad6725bf676f',
      '0cf51355d88959d9fde89d31a7cef497c8d1184be058de0e21df099211d9c7bf',
    ]);
  });

  it('can be walked over a body of which the hash alone is kept', () => {
    const genesis = chainGenesis(sha256, EPOCH);
    const erased = sha256(BODIES[0] ?? '');
    expect(hex(sha256(genesis, erased))).toBe(hex(chainNext(sha256, genesis, BODIES[0] ?? '')));
  });

  it('is the same over a text and over its bytes', () => {
    const genesis = chainGenesis(sha256, EPOCH);
    const [, body = ''] = BODIES;
    expect(hex(chainNext(sha256, genesis, Buffer.from(body)))).toBe(hex(chainNext(sha256, genesis, body)));
  });
});
