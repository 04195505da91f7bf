import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { publicKeySchema } from '../../../shared/contract/config.ts';
import { problemLines } from '../../../shared/contract/problem.ts';
import {
  publishedAs,
  publishedThumbprints,
  thumbprintInput,
} from '../../../shared/contract/published-keys.ts';

/** A key's public half, and where it is published. */
interface PublishedKey {
  readonly source: string;
  readonly kty: 'OKP' | 'EC';
  readonly crv: string;
  readonly x: string;
  readonly y?: string;
}

const keys = JSON.parse(
  readFileSync(new URL('published-keys.json', import.meta.url), 'utf8'),
) as readonly PublishedKey[];

/** RFC 7638, with the platform's hash and the members written out. */
const thumbprintOf = ({ kty, crv, x, y }: PublishedKey): string =>
  createHash('sha256')
    .update(
      y === undefined
        ? `{"crv":"${crv}","kty":"${kty}","x":"${x}"}`
        : `{"crv":"${crv}","kty":"${kty}","x":"${x}","y":"${y}"}`,
    )
    .digest('base64url');

const WYCHEPROOF = 'Wycheproof';

describe('the list of published keys', () => {
  it('has exactly the thumbprints of the keys beside this test, each under its source', () => {
    const listed = [...publishedThumbprints()].filter(([, source]) => source !== WYCHEPROOF).sort();
    expect(listed).toEqual(keys.map((key) => [thumbprintOf(key), key.source]).sort());
  });

  it('has the other 532 keys of Wycheproof', () => {
    const ofWycheproof = [...publishedThumbprints()].filter(([, source]) => source === WYCHEPROOF);
    expect(ofWycheproof).toHaveLength(532);
    for (const [thumbprint] of ofWycheproof)
      expect(thumbprint).toMatch(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/);
  });

  it('knows the thumbprints that RFC 8037 and RFC 9449 print of their own keys', () => {
    expect(publishedAs('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')).toBe('RFC 8037 appendix A.1');
    expect(publishedAs('0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I')).toBe('RFC 9449 section 4.1');
    expect(publishedAs('A'.repeat(43))).toBeNull();
  });

  it('names points of small order because their signature needs no key', () => {
    const small = keys.filter(({ source }) => source === 'a point of small order');
    const anybodys = Buffer.concat([Buffer.from([1]), Buffer.alloc(63)]);
    const isForged = small.map(({ kty, crv, x }) => {
      const key = createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
      return Array.from({ length: 64 }, (_, text) =>
        verify(null, Buffer.from([text]), key, anybodys),
      ).includes(true);
    });
    expect(isForged).toContain(true);
  });

  it('takes a key apart by the members that RFC 7638 names, in their order, and no others', () => {
    const key = { y: 'Y', x: 'X', use: 'sig', kty: 'EC', kid: 'k', crv: 'P-256' } as const;
    expect(thumbprintInput(key)).toBe('{"crv":"P-256","kty":"EC","x":"X","y":"Y"}');
  });
});

describe('a public key', () => {
  it.each(keys.map((key) => [key.source, key] as const))(
    'of %s is refused with its source',
    (source, key) => {
      const { kty, crv, x, y } = key;
      const jwk = { kid: 'k', alg: kty === 'OKP' ? 'EdDSA' : 'ES256', kty, crv, x, ...(y && { y }) };
      expect(problemLines(publicKeySchema, jwk)).toEqual([
        `input: a published key (${source}), whose private half is no secret; put a key of your own here`,
      ]);
    },
  );

  it('is refused in another spelling, which would be the same key under another thumbprint', () => {
    const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';
    for (const spelt of [`${x}=`, x.replace(/o$/, 'p'), ` ${x}`, `${x}A`])
      expect(
        problemLines(publicKeySchema, { kid: 'k', alg: 'EdDSA', kty: 'OKP', crv: 'Ed25519', x: spelt }),
      ).toEqual(['x: must be 32 bytes in base64url without padding: 43 characters']);
  });

  it.each([
    ['crv', { alg: 'ES256', kty: 'EC', crv: 'P-384' }, 'must be "P-256"'],
    ['alg', { alg: 'ES256', kty: 'OKP', crv: 'Ed25519' }, 'must be "EdDSA"'],
    ['kty', { alg: 'RS256', kty: 'RSA' }, 'must be a public JWK, of kty "OKP" (Ed25519) or "EC" (P-256)'],
  ])('of another kind is refused by its %s', (field, key, problem) => {
    expect(problemLines(publicKeySchema, { kid: 'k', ...key })).toContain(`${field}: ${problem}`);
  });
});
