import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configCommand } from '../../../gateway/cli/config.ts';
import { initCommand } from '../../../gateway/cli/init.ts';
import { accountsFile, loadConfig } from '../../../gateway/config.ts';
import { Accounts } from '../../../gateway/operators/accounts.ts';
import { isPassword } from '../../../gateway/operators/password.ts';
import { runCommand } from './cli.ts';
import { EXAMPLE, exampleFile } from '../example.ts';
import { temporaryFolder } from '../../temporary.ts';

/** A JWK set with one fresh key. */
function keySet(folder: string, kid: string): string {
  const jwk = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const path = join(folder, `${kid}.json`);
  writeFileSync(path, JSON.stringify({ keys: [{ ...jwk, kid, alg: 'EdDSA' }] }));
  return path;
}

function prepared() {
  const folder = temporaryFolder();
  const etc = join(folder, 'etc');
  const trust = ['--issuer', 'https://pass.example.jp'];
  trust.push('--issuer-keys', keySet(folder, 'issuer-1'), '--cloud-keys', keySet(folder, 'cloud-1'));
  return {
    folder,
    etc,
    file: join(etc, 'genkan.yaml'),
    args: [etc, '--venue', 'ebisu-2', ...trust],
  };
}

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('genkan init', () => {
  it('makes a configuration that is right as it stands, with the comments of every field', async () => {
    const { args, file } = prepared();
    const { code, out } = await runCommand(initCommand, [...args, '--name', '恵比寿二丁目']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ config: file, missing: [] });
    expect(loadConfig(file, {})).toMatchObject({
      venue: { id: 'ebisu-2', name: '恵比寿二丁目' },
      trust: { issuers: [{ keys: [{ kid: 'issuer-1' }] }], cloud: [{ kid: 'cloud-1' }] },
      uplink: null,
    });
    expect(readFileSync(file, 'utf8')).toContain('# h1t: charged by the check-out');
    expect((await runCommand(configCommand, ['check', file])).code).toBe(0);
  });

  it('makes a key, a token and a first operator whose password signs in once, for nobody else to read', async () => {
    const { args, folder, etc, file } = prepared();
    const state = join(folder, 'var');
    const { out } = await runCommand(initCommand, [...args, '--state', state, '--operator', 'hanako']);
    const { operator, publicKey } = JSON.parse(out) as {
      operator: { name: string; password: string };
      publicKey: { alg: string };
    };
    expect(publicKey.alg).toBe('EdDSA');
    const [account] = new Accounts(accountsFile(loadConfig(file, {}))).list();
    expect(account).toMatchObject({ name: 'hanako', role: 'admin', oneTime: true });
    expect(await isPassword(operator.password, account?.password ?? null, '127.0.0.1')).toBe(true);
    expect(readdirSync(state).sort()).toEqual(['genkan.sqlite.key', 'genkan.sqlite.operators.json']);
    for (const name of readdirSync(state)) expect([name, mode(join(state, name))]).toEqual([name, '600']);
    expect(mode(join(etc, 'display-token'))).toBe('600');
    expect(mode(file)).toBe('640');
  });

  it('touches nothing where a configuration is', async () => {
    const { args, file } = prepared();
    await runCommand(initCommand, args);
    const before = readFileSync(file, 'utf8');
    const again = await runCommand(initCommand, [...args, '--name', 'other']);
    expect(again).toEqual({ code: 2, out: '', err: `init: ${file} is there already, and stays as it is\n` });
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it.each([
    ['--issuer-keys', '/nowhere.json', /^init: --issuer-keys: \/nowhere\.json: ENOENT/],
    ['--venue', 'Shibuya 1', /^init: --venue: lower-case letters/],
    ['--operator', 'Hanako!', /^init: --operator: lower-case letters/],
    ['--origin', 'ftp://x', /http\.publicOrigin: /],
    ['--broker', 'http://x', /uplink\.url: /],
    ['--colour', 'red', /--colour/],
  ])('with a wrong %s makes nothing and names it', async (option, value, complaint) => {
    const { args, etc } = prepared();
    const { code, err } = await runCommand(initCommand, [...args, option, value]);
    expect(code).toBe(2);
    expect(err).toMatch(complaint);
    expect(statSync(etc, { throwIfNoEntry: false }) === undefined ? [] : readdirSync(etc)).toEqual([]);
  });

  it('refuses a published key, and makes nothing', async () => {
    const { args, folder, etc } = prepared();
    const path = join(folder, 'published.json');
    writeFileSync(path, JSON.stringify({ keys: [{ ...PUBLISHED, kid: 'k', alg: 'EdDSA' }] }));
    const { code, err } = await runCommand(initCommand, [...args, '--issuer-keys', path]);
    expect([code, err]).toEqual([
      2,
      `init: --issuer-keys: ${path}: keys[0]: a published key (RFC 8037 appendix A.1), whose private half is no secret; put a key of your own here\n`,
    ]);
    expect(statSync(etc, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('refuses a private key among the public ones', async () => {
    const { args, folder } = prepared();
    const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
    const path = join(folder, 'private.json');
    writeFileSync(path, JSON.stringify({ keys: [{ ...jwk, kid: 'k', alg: 'EdDSA' }] }));
    const { code, err } = await runCommand(initCommand, [...args, '--cloud-keys', path]);
    expect([code, err]).toEqual([
      2,
      `init: --cloud-keys: ${path}: keys[0].d: a private key has no place on a gateway\n`,
    ]);
  });
});

/** The key that RFC 8037 appendix A.1 prints with its private half. */
const PUBLISHED = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };

describe('the example of a configuration', () => {
  const placeholders = [
    `trust.issuers[0].keys[0].x: still a placeholder; put here: x of your issuer’s public JWK, 43 characters`,
    `trust.cloud[0].x: still a placeholder; put here: x of the public JWK of your billing service, 43 characters`,
  ];

  it('does not load before keys of one’s own stand in it, and names each that is missing', async () => {
    const { code, out, err } = await runCommand(configCommand, ['check', EXAMPLE]);
    expect([code, out, err]).toEqual([2, '', `${EXAMPLE}:\n  ${placeholders.join('\n  ')}\n`]);
    expect(() => loadConfig(EXAMPLE, {})).toThrow(err.trimEnd());
  });

  it('with only one of the two keys put in still names the other', async () => {
    const file = join(temporaryFolder(), 'genkan.yaml');
    const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
    writeFileSync(file, readFileSync(EXAMPLE, 'utf8').replace(/'<x of your issuer[^']+'/, `'${x}'`));
    const { code, err } = await runCommand(configCommand, ['check', file]);
    expect([code, err]).toEqual([2, `${file}:\n  ${placeholders[1] ?? ''}\n`]);
  });

  it('holds no number that a member at a shut door would call in vain', () => {
    expect(loadConfig(exampleFile(temporaryFolder()), {}).members.support).toBeNull();
  });
});

describe('genkan config check', () => {
  it('names a published key where it stands, and where it is from', async () => {
    const file = exampleFile(temporaryFolder(), (text) => text.replace(/x: [\w-]{43}/, `x: ${PUBLISHED.x}`));
    const { code, err } = await runCommand(configCommand, ['check', file]);
    expect([code, err]).toEqual([
      2,
      `${file}:\n  trust.issuers[0].keys[0]: a published key (RFC 8037 appendix A.1), whose private half is no secret; put a key of your own here\n`,
    ]);
  });

  it('names the gateway’s own key file where that holds a published one', async () => {
    const folder = temporaryFolder();
    const file = exampleFile(folder);
    const key = join(folder, 'genkan.sqlite.key');
    const jwk = { ...PUBLISHED, d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A' };
    const pem = createPrivateKey({ key: jwk, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(key, pem, { mode: 0o600 });
    const { code, err } = await runCommand(configCommand, ['check', file]);
    expect(code).toBe(1);
    expect(err).toContain(
      `gateway.key: ${key}: a published key (RFC 8037 appendix A.1), whose private half is no secret\n`,
    );
  });

  it.each([
    ['pulseMs: 3000', 'pulseMS: 3000', 'doors[0].pulseMS: unknown field; did you mean pulseMs?'],
    ['capacity: 24', 'capacty: 24', 'venue.capacty: unknown field; did you mean capacity?'],
    ['baudRate: 9600', 'speed: 9600', 'doors[0].scanners[0].speed: unknown field'],
    ['earlyEntryMinutes: 0', 'port: 80', 'venue.port: unknown field; did you mean http.port?'],
    ['role: entrance', 'role: entry', 'doors[0].role: must be "entrance" or "inner"'],
  ])('of %s written as %s says: %s', async (right, wrong, line) => {
    const file = exampleFile(temporaryFolder(), (text) => text.replace(right, wrong));
    const { code, err } = await runCommand(configCommand, ['check', file]);
    expect(code).toBe(2);
    expect(err).toContain(`  ${line}\n`);
  });

  it('names the files that are still to be brought, and answers 1', async () => {
    const { args, etc, file } = prepared();
    const { out } = await runCommand(initCommand, [...args, '--broker', 'mqtts://broker.example.jp']);
    const missing = [
      `uplink.passwordFile: cannot read ${join(etc, 'mqtt-password')}`,
      `uplink.ca: cannot read ${join(etc, 'broker-ca.pem')}`,
    ];
    expect(JSON.parse(out)).toMatchObject({ missing });
    const { code, err } = await runCommand(configCommand, ['check', file]);
    expect([code, err]).toEqual([1, `${missing.join('\n')}\n`]);
  });
});
