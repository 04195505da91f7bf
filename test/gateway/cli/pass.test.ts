import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { keysCommand } from '../../../gateway/cli/keys.ts';
import { passCommand } from '../../../gateway/cli/pass.ts';
import { parseCompactCode } from '../../../gateway/credential/compact-code.ts';
import { createGate, type Gate } from '../../../gateway/credential/gate.ts';
import { createNonceSource } from '../../../gateway/credential/nonce.ts';
import { loadIssuerKeys, NOTHING_REVOKED } from '../../../gateway/tokens/key-ring.ts';
import type { PublicKey } from '../../../shared/contract/config.ts';
import { parsePresentation } from '../../../shared/contract/presentation.ts';
import { formatInstant } from '../../../shared/time.ts';
import { temporaryFolder } from '../../temporary.ts';
import { credentialIn } from '../credential/bench.ts';
import { ManualClock } from '../manual-clock.ts';
import { runCommand } from './cli.ts';

const ISS = 'https://pass.example.jp';

/** What a pass without a device key is issued by, and how each of its options may be left out or be another. */
const RESERVED = {
  ...{ iss: ISS, venue: 'shibuya-1', sub: 'm-1', reservation: 'r-1', seat: 'seat-12' },
  ...{ start: '2026-11-24T09:00:00+09:00', end: '2026-11-24T12:00:00+09:00', yen: '500' },
};
const TICKET = {
  ...{ iss: ISS, venue: 'shibuya-1', sub: 'm-1' },
  ...{ ticket: 't-1', plan: 'basic', bought: '2026-11-02', used: '3' },
};

let folder: string;
let key: string;
let gate: Gate;
beforeEach(async () => {
  folder = temporaryFolder();
  key = join(folder, 'issuer.key');
  gate = await gateOf('EdDSA');
});

/** A gate that trusts a new key of the issuer. */
async function gateOf(alg: string): Promise<Gate> {
  const name = alg.toLowerCase();
  await runCommand(keysCommand, ['make', name, '--folder', folder, '--alg', alg]);
  key = join(folder, `${name}.key`);
  const { keys } = JSON.parse(readFileSync(join(folder, `${name}.jwks.json`), 'utf8')) as {
    keys: PublicKey[];
  };
  const clock = new ManualClock(formatInstant(Date.now()));
  return createGate({
    venue: 'shibuya-1',
    issuerKeys: await loadIssuerKeys({ issuers: [{ iss: ISS, keys }], cloud: [] }),
    revocations: NOTHING_REVOKED,
    nonces: createNonceSource(Buffer.alloc(32, 7), clock),
    clock,
  });
}

async function issue(options: Readonly<Record<string, string | undefined>>, ...flags: readonly string[]) {
  const all: Readonly<Record<string, string | undefined>> = { key, ...options };
  const args = Object.entries(all).flatMap(([option, value]) =>
    value === undefined ? [] : [`--${option}`, value],
  );
  return runCommand(passCommand, ['issue', ...args, ...flags]);
}

const claimsIn = (pass: string) =>
  JSON.parse(Buffer.from(pass.split('.')[1] ?? '', 'base64url').toString()) as {
    iat: number;
    exp: number;
    cnf?: { jkt: string };
    ent: unknown[];
  };

describe('genkan pass issue', () => {
  it.each(['EdDSA', 'ES256'])(
    'with a key of %s prints a pass that the gate takes, for 90 s where no device is named',
    async (alg) => {
      gate = await gateOf(alg);
      const { code, out } = await issue({ ...RESERVED, ...TICKET });
      expect(code).toBe(0);
      const credential = credentialIn(await gate.scan(Buffer.from(`GK1.${out.trimEnd()}~`)));
      expect(credential).toMatchObject({ sub: 'm-1', problems: [], deviceBound: false });
      expect(credential.entitlements).toMatchObject([
        {
          ...{ kind: 'reservation', id: 'r-1', venue: 'shibuya-1', space: { id: 'seat-12', kind: 'seat' } },
          ...{ start: RESERVED.start, end: RESERVED.end, yenPer30Min: 500, role: 'user' },
        },
        { kind: 'ticket', id: 't-1', plan: 'basic', purchaseDate: '2026-11-02', used: 3 },
      ]);
      const { iat, exp } = claimsIn(out);
      expect(exp - iat).toBe(90);
    },
  );

  it.each(['gk1', 'gk2'])('with --device and --code %s makes the key and proves it', async (form) => {
    const device = join(folder, 'phone.key');
    const first = await issue({ ...RESERVED, device, code: form });
    const again = await issue({ ...RESERVED, device, code: form });
    expect((statSync(device).mode & 0o777).toString(8)).toBe('600');
    for (const { code, out } of [first, again]) {
      expect(code).toBe(0);
      expect(out.startsWith(`${form.toUpperCase()}.`)).toBe(true);
      const credential = credentialIn(await gate.scan(Buffer.from(out.trimEnd())));
      expect(credential).toMatchObject({ sub: 'm-1', problems: [], deviceBound: true });
    }
    const { iat, exp } = claimsIn(parsed(first.out).pass);
    expect(exp - iat).toBe(24 * 3600);
  });

  it('spells one pass the same in both forms, and draws the smaller as a QR that a camera reads', async () => {
    const { out } = await issue(RESERVED, '--qr');
    const text = await readTerminal(out);
    expect(text.startsWith('GK2.')).toBe(true);
    expect(credentialIn(await gate.scan(Buffer.from(text))).problems).toEqual([]);
  });

  it('for a guest is good for a day without a device, and names the host', async () => {
    const { out } = await issue({ ...RESERVED, seat: undefined, room: 'room-a', 'guest-of': 'm-2' });
    const { iat, exp, ent } = claimsIn(out);
    expect(exp - iat).toBe(24 * 3600);
    expect(ent).toMatchObject([{ role: 'guest', host: 'm-2', space: { id: 'room-a', kind: 'room' } }]);
    expect(credentialIn(await gate.scan(Buffer.from(`GK1.${out.trimEnd()}~`))).problems).toEqual([]);
  });

  it('binds to a key that it never sees by its thumbprint', async () => {
    const jkt = 'a'.repeat(43);
    const { out } = await issue({ ...TICKET, jkt, seconds: '259200' });
    const { iat, exp, cnf } = claimsIn(out);
    expect([exp - iat, cnf]).toEqual([259_200, { jkt }]);
  });

  it.each<[Readonly<Record<string, string | undefined>>, RegExp]>([
    [{ iss: undefined }, /^pass: --iss: missing\n$/],
    [{ sub: 'm 1' }, /^pass: --sub: printable ASCII/],
    [{ venue: 'Shibuya' }, /^pass: --venue: lower-case letters/],
    [{ reservation: undefined, ticket: 't-1' }, /^pass: --seat: needs --reservation\npass: --start: needs/],
    [{ reservation: 'r 1' }, /^pass: --reservation: printable ASCII/],
    [{ seat: undefined }, /^pass: --seat or --room: one of them/],
    [{ room: 'room-a' }, /^pass: --seat or --room: one of them/],
    [{ seat: 'a b' }, /^pass: --seat: printable ASCII/],
    [{ end: undefined }, /^pass: --end: missing\n$/],
    [{ end: 'tomorrow' }, /^pass: --end: /],
    [{ end: '2026-11-24T09:00:00+09:00' }, /^pass: --end: must be after start\n$/],
    [{ yen: '500.5' }, /^pass: --yen: must be a whole number\n$/],
    [{ yen: undefined }, /^pass: --yen: missing\n$/],
    [{ ticket: 't-1' }, /^pass: --plan: missing\npass: --bought: missing\n$/],
    [{ plan: 'basic' }, /^pass: --plan: needs --ticket\n$/],
    [{ ...TICKET, plan: 'gold' }, /^pass: --plan: must be "basic" or "premium" or "corporate"\n$/],
    [{ ...TICKET, bought: '2026-02-30' }, /^pass: --bought: /],
    [{ ...TICKET, used: '1.5' }, /^pass: --used: must be a whole number\n$/],
    [{ seconds: '91' }, /^pass: --seconds: a whole number, 1 to 90 without --device or --jkt/],
    [{ seconds: '0' }, /^pass: --seconds: a whole number, 1 to 90/],
    [{ code: 'gk3' }, /^pass: --code: gk1 or gk2, not gk3\n$/],
    [{ jkt: 'short' }, /^pass: --jkt: .* 43 characters/],
    [{ jkt: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k' }, /^pass: --jkt: a published key \(RFC 8037/],
    [{ jkt: 'a'.repeat(43), code: 'gk1' }, /^pass: --code: needs --device/],
    [{ jkt: 'a'.repeat(43), device: 'x' }, /^pass: --jkt: not beside --device/],
    [{ kid: 'k 1' }, /^pass: --kid: /],
    [{ key: '/nowhere.key' }, /^pass: --key: \/nowhere\.key: cannot be read/],
    [{ colour: 'red' }, /^pass: .*--colour/],
  ])('with %s in place of what is right issues nothing and names the option', async (over, complaint) => {
    const { code, out, err } = await issue({ ...RESERVED, ...over });
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(complaint);
  });

  it('without anything to entitle to says which two there are', async () => {
    const { iss, venue, sub } = RESERVED;
    const { code, err } = await issue({ iss, venue, sub });
    expect([code, err]).toEqual([2, 'pass: --reservation or --ticket: missing, what the pass entitles to\n']);
  });

  it('refuses a published key, of the issuer and of a device', async () => {
    const published = join(folder, 'published.key');
    // RFC 8037 appendix A.1 and RFC 7517 appendix A.2 print these with their private halves.
    const write = (jwk: Readonly<Record<string, string>>) =>
      writeFileSync(
        published,
        createPrivateKey({ key: jwk, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' }),
        { mode: 0o600 },
      );
    write({
      ...{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
      d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
    });
    const asIssuer = await issue({ ...RESERVED, key: published });
    expect([asIssuer.code, asIssuer.out]).toEqual([2, '']);
    expect(asIssuer.err).toContain(`--key: ${published}: a published key (RFC 8037 appendix A.1)`);
    write({
      ...{ kty: 'EC', crv: 'P-256', x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4' },
      y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
      d: '870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE',
    });
    const asDevice = await issue({ ...RESERVED, device: published });
    expect([asDevice.code, asDevice.out]).toEqual([2, '']);
    expect(asDevice.err).toContain(`--device: ${published}: a published key (RFC 7517 appendix A.2)`);
  });

  it('takes no Ed25519 key for a device’s, and makes no device key for a pass that it does not issue', async () => {
    const device = join(folder, 'phone.key');
    expect((await issue({ ...RESERVED, device, end: 'never' })).code).toBe(2);
    expect(existsSync(device)).toBe(false);
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(device, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    const { code, err } = await issue({ ...RESERVED, device });
    expect([code, err]).toEqual([2, `pass: --device: ${device}: must be a P-256 key\n`]);
  });
});

function parsed(code: string) {
  const tokens = parsePresentation(code.trimEnd()) ?? parseCompactCode(code.trimEnd());
  if (tokens === null) throw new Error(`no code: ${code}`);
  return tokens;
}

/** What a camera before the terminal reads: each sign is two modules, one over the other. */
async function readTerminal(drawn: string): Promise<string> {
  const wasm = readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'));
  prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer } });
  const lines = drawn.trimEnd().split('\n');
  const modules = lines.flatMap((line) => [
    Array.from(line, (sign) => '█▀'.includes(sign)),
    Array.from(line, (sign) => '█▄'.includes(sign)),
  ]);
  const scale = 4;
  const width = (modules[0]?.length ?? 0) * scale;
  const height = modules.length * scale;
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      if (modules[Math.floor(y / scale)]?.[Math.floor(x / scale)] !== true)
        data.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
  const [found] = await readBarcodes({ data, width, height, colorSpace: 'srgb' }, { formats: ['QRCode'] });
  return found?.text ?? '';
}
