import { createPrivateKey } from 'node:crypto';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keysCommand } from '../../../gateway/cli/keys.ts';
import { isSignedBy, loadSigningKey, signCompact } from '../../../gateway/tokens/signing-key.ts';
import { publicKeySchema, type PublicKey } from '../../../shared/contract/config.ts';
import { temporaryFolder } from '../../temporary.ts';
import { runCommand } from './cli.ts';

const keys = (...args: readonly string[]) => runCommand(keysCommand, args);

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** A key file with the private half that RFC 8037 appendix A.1 prints. */
function publishedKey(folder: string): string {
  const jwk = {
    ...{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
    d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
  };
  const path = join(folder, 'published.key');
  const pem = createPrivateKey({ key: jwk, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(path, pem, { mode: 0o600 });
  return path;
}

describe('genkan keys make', () => {
  it.each([
    ['EdDSA', 'OKP'],
    ['ES256', 'EC'],
  ])(
    'with %s makes a private half for its owner alone, and prints the public one as it is configured',
    async (alg, kty) => {
      const folder = join(temporaryFolder(), 'new');
      const { code, out } = await keys('make', 'issuer', 'cloud', '--folder', folder, '--alg', alg);
      expect(code).toBe(0);
      const made = out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { key: string; publicKeys: string; publicKey: PublicKey });
      expect(readdirSync(folder).sort()).toEqual([
        ...['cloud.jwks.json', 'cloud.key'],
        ...['issuer.jwks.json', 'issuer.key'],
      ]);
      for (const { key, publicKeys, publicKey } of made) {
        expect(mode(key)).toBe('600');
        expect(publicKeySchema.parse(publicKey)).toMatchObject({ alg, kty });
        expect(JSON.parse(readFileSync(publicKeys, 'utf8'))).toEqual({ keys: [publicKey] });
        expect(readFileSync(publicKeys, 'utf8')).not.toContain('"d"');
        expect(loadSigningKey(key).alg).toBe(alg);
      }
      expect(new Set(made.map(({ publicKey }) => publicKey.kid)).size).toBe(2);
      expect(mode(folder)).toBe('700');
    },
  );

  it('makes halves that belong together', async () => {
    const folder = temporaryFolder();
    const { out } = await keys('make', 'cloud', '--folder', folder, '--kid', 'cloud-2026');
    const { key, publicKey } = JSON.parse(out) as { key: string; publicKey: PublicKey };
    expect(publicKey.kid).toBe('cloud-2026');
    expect(isSignedBy(signCompact(loadSigningKey(key), { typ: 'x' }, {}), publicKey)).toBe(true);
  });

  it.each(['cloud.key', 'cloud.jwks.json'])('makes none where %s is there already', async (name) => {
    const folder = temporaryFolder();
    const there = join(folder, name);
    writeFileSync(there, 'mine');
    expect(await keys('make', 'issuer', 'cloud', '--folder', folder)).toEqual({
      code: 2,
      out: '',
      err: `keys: ${there} is there already, and stays as it is\n`,
    });
    expect(readFileSync(there, 'utf8')).toBe('mine');
    expect(readdirSync(folder)).toEqual([name]);
  });

  it.each([
    [['make'], 'NAME: at least one is needed, such as issuer'],
    [['make', '../issuer'], 'NAME: "../issuer": lower-case letters, digits and inner hyphens, at most 64'],
    [['make', 'a', 'b', '--kid', 'k'], '--kid: names one key, so give one NAME'],
    [['make', 'a', '--kid', 'k 1'], '--kid: 1 to 64 letters, digits, hyphens and underscores'],
    [['make', 'a', '--alg', 'RS256'], '--alg: EdDSA or ES256, not RS256'],
    [['public'], 'FILE: one is needed'],
    [['show', 'a'], 'expected make or public'],
  ])('%j is refused: %s', async (args, complaint) => {
    const folder = temporaryFolder();
    const told = await keys(...args, '--folder', folder);
    expect(told).toEqual({ code: 2, out: '', err: `keys: ${complaint}\n` });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('names the folder in which it may not write', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const { code, err } = await keys('make', 'issuer', '--folder', file);
    expect(code).toBe(2);
    expect(err).toContain(file);
  });
});

describe('genkan keys public', () => {
  it('prints the set of a private key again', async () => {
    const folder = temporaryFolder();
    await keys('make', 'issuer', '--folder', folder);
    const { code, out } = await keys('public', join(folder, 'issuer.key'));
    expect([code, out]).toEqual([0, readFileSync(join(folder, 'issuer.jwks.json'), 'utf8')]);
  });

  it('refuses a published key, one that others may read, and what is no key', async () => {
    const folder = temporaryFolder();
    const published = publishedKey(folder);
    const open = join(folder, 'open.key');
    writeFileSync(open, '', { mode: 0o644 });
    for (const [file, complaint] of [
      [published, 'a published key (RFC 8037 appendix A.1), whose private half is no secret'],
      [open, `others may read it: chmod 600 ${open}`],
      [join(folder, 'nowhere'), 'cannot be read'],
    ] as const) {
      const { code, out, err } = await keys('public', file);
      expect([code, out]).toEqual([2, '']);
      expect(err).toContain(`keys: ${file}: ${complaint}`);
    }
  });
});
