import { deflateRawSync } from 'node:zlib';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseCompactCode } from '../../../gateway/credential/compact-code.ts';
import { code } from '../signing.ts';
import { credentialIn, gateBench, type GateBench } from './bench.ts';

/** As the member's page spells it. */
const { compactCode } = (await import(
  new URL('../../../gateway/web/pages/phone/compact-code.js', import.meta.url).href
)) as { compactCode: (tokens: readonly string[]) => Promise<string> };

const SIGNS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

/** Base45 as RFC 9285 has it. */
function base45(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 2) {
    const [first = 0, second] = bytes.subarray(at, at + 2);
    let value = second === undefined ? first : first * 256 + second;
    for (let signs = second === undefined ? 2 : 3; signs > 0; signs -= 1, value = Math.floor(value / 45))
      text += SIGNS[value % 45] ?? '';
  }
  return text;
}

const spelt = (inside: string | Buffer) => `GK2.${base45(deflateRawSync(inside))}`;

let bench: GateBench;
let pass: string;
let proof: string;
beforeEach(async () => {
  bench = await gateBench();
  pass = bench.phone.pass(bench.nowS());
  proof = bench.phone.doorProof(pass, bench.nowS());
});

describe('a compact code', () => {
  it('holds the tokens as they were signed, in fewer signs of fewer bits', async () => {
    const compact = await compactCode([pass, proof]);

    expect(parseCompactCode(compact)).toEqual({ pass, proof });
    expect(compact).toMatch(/^GK2\.[0-9A-Z $%*+\-./:]+$/);
    expect(compact.length).toBeLessThan(code(pass, proof).length);
    expect(parseCompactCode(await compactCode([pass]))).toEqual({ pass, proof: null });
  });

  it.each([
    ['that has no such stream', undefined],
    [
      'that does not know the format',
      function CompressionStream(): never {
        throw new TypeError('unsupported format');
      },
    ],
  ])('is none in a browser %s, which shows the long one', async (_what, stream) => {
    vi.stubGlobal('CompressionStream', stream);
    onTestFinished(() => void vi.unstubAllGlobals());

    expect(await compactCode([pass, proof])).toBeNull();
  });

  it('is the same credential as the long one, so that neither is good after the other', async () => {
    const long = credentialIn(await bench.gate.scan(code(pass, proof)));
    const compact = credentialIn(await bench.gate.scan(Buffer.from(await compactCode([pass, proof]))));

    expect(compact).toEqual(long);
  });

  it('with any one sign changed is refused, or holds the same tokens', async () => {
    const compact = await compactCode([pass, proof]);
    let refused = 0;
    for (let at = 0; at < compact.length; at += 1) {
      const other = compact[at] === 'A' ? 'B' : 'A';
      const changed = `${compact.slice(0, at)}${other}${compact.slice(at + 1)}`;
      const verdict = await bench.gate.scan(Buffer.from(changed));
      if (verdict.kind === 'unreadable') refused += 1;
      else expect(parseCompactCode(changed)).toEqual({ pass, proof });
    }
    expect(refused).toBeGreaterThan(compact.length - 10);
  });

  it('of another spelling is none', async () => {
    const compact = await compactCode([pass, proof]);
    const signature = Buffer.alloc(64, 7);
    const one = Buffer.concat([Buffer.from('{}\0{}\0'), signature]);
    expect(parseCompactCode(spelt(one))?.pass).toBe(`e30.e30.${signature.toString('base64url')}`);
    for (const text of [
      '',
      'GK2.',
      'GK2.A',
      'GK2.a00',
      'GK2.:::',
      'GK2.::',
      `GK1.${compact.slice(4)}`,
      compact.toLowerCase(),
      compact.slice(0, -1),
      compact.slice(0, -3),
      spelt(''),
      spelt('{}'),
      spelt('{}\0{}'),
      spelt(one.subarray(0, -1)),
      spelt(Buffer.concat([one, one, one])),
      spelt(Buffer.concat([one, Buffer.from('{}\0')])),
      // Not deflated at all.
      `GK2.${base45(one)}`,
    ])
      expect(parseCompactCode(text), text).toBeNull();
  });

  it('that would unfold to more than a code may hold is none, however small it is', () => {
    const bomb = spelt(Buffer.alloc(3 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(5_000);
    expect(parseCompactCode(bomb)).toBeNull();
    const claims = (bytes: number) => `{}\0${'x'.repeat(bytes - 4)}\0${'s'.repeat(64)}`;
    expect(parseCompactCode(spelt(claims(3_072 - 64)))).not.toBeNull();
    expect(parseCompactCode(spelt(claims(3_073 - 64)))).toBeNull();
  });
});
