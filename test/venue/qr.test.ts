import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import encodeQR from 'qr';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { parsePresentation, QR_BYTES_MAX } from '../../shared/contract/presentation.ts';
import type { Reservation } from '../../shared/contract/pass.ts';
import { Seeded } from '../seeded.ts';
import { needs } from '../needs.ts';
import { trials } from '../trials.ts';
import { MovableClock } from './clock.ts';
import { createIssuer } from './issuer.ts';
import { pgm, photograph, type Picture } from './photograph.ts';
import { createWallet } from './wallet.ts';

/** Pictures that are taken. */
const TRIALS = trials(100, 3);

/** A phone held up to a reader by hand: about ten degrees out of true, and not quite in focus. */
const POSE = { sidePx: 480, skew: 0.02, blurPx: 0.7 };

const VENUE = 'shibuya-1';
const clock = new MovableClock();
const folder = mkdtempSync(join(tmpdir(), 'genkan-qr-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(() => {
  // The decoder would fetch itself from elsewhere.
  const wasm = readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'));
  prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer } });
});

/** Everything that a member's reservation may have. */
const reservation: Reservation = {
  kind: 'reservation',
  id: 'r-81203',
  venue: VENUE,
  space: { id: 'seat-12', kind: 'seat' },
  start: '2026-11-24T09:00:00+09:00',
  end: '2026-11-24T12:00:00+09:00',
  yenPer30Min: 500,
  cap: { minutes: 150, yen: 2500 },
  role: 'user',
};

const { compactCode } = (await import(
  new URL('../../gateway/web/pages/phone/compact-code.js', import.meta.url).href
)) as { compactCode: (tokens: readonly string[]) => Promise<string> };

/** Codes of a member with a seat at the venue as the door page shows them, each with a fresh proof. */
async function codes(): Promise<() => Promise<string>> {
  const issuer = await createIssuer({ venue: VENUE, clock, kid: 'k-2026' });
  const wallet = await createWallet(VENUE, clock);
  const sub = 'u-4f9a2c71d0';
  wallet.keep(await issuer.issue({ sub, jkt: wallet.jkt, entitlements: [reservation] }));
  return async () => {
    const tokens = parsePresentation(await wallet.code());
    if (tokens === null) throw new Error('no code');
    return compactCode([tokens.pass, tokens.proof ?? '']);
  };
}

/** As the door page shows it. */
const symbolOf = (text: string) => encodeQR(text, 'raw', { ecc: 'low', border: 4 });

function readByZbar(picture: Picture): string {
  const file = join(folder, 'code.pgm');
  writeFileSync(file, pgm(picture));
  const { stdout } = spawnSync('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', file]);
  return stdout.toString('latin1').trimEnd();
}

async function readByZxing({ width, height, pixels }: Picture): Promise<string> {
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  pixels.forEach((grey, at) => data.fill(grey, at * 4, at * 4 + 3));
  const image = { width, height, data, colorSpace: 'srgb' } as const;
  const [found] = await readBarcodes(image, { formats: ['QRCode'] });
  return found?.text ?? '';
}

it(`a pass with its proof has ${QR_BYTES_MAX} bytes at most, and its symbol is no larger than version 20`, async () => {
  const text = await (await codes())();
  const modules = symbolOf(text).length - 8;
  const version = (modules - 17) / 4;
  process.stdout.write(`QR: ${text.length} bytes, version ${version}, ${modules} modules a side\n`);

  expect(text.length).toBeLessThanOrEqual(QR_BYTES_MAX);
  expect(version).toBeLessThanOrEqual(20);
});

it(
  `a code of ${POSE.sidePx} pixels, a little blurred and held askew, is read by zbar and by zxing in 99 of 100 pictures (${TRIALS} taken)`,
  { ...needs('zbarimg'), timeout: 300_000 },
  async () => {
    const newCode = await codes();
    const seeded = new Seeded(20261125);
    const read = { zbar: 0, zxing: 0 };
    for (let trial = 0; trial < TRIALS; trial += 1) {
      const text = await newCode();
      const picture = photograph(symbolOf(text), POSE, seeded);
      if (readByZbar(picture) === text) read.zbar += 1;
      if ((await readByZxing(picture)) === text) read.zxing += 1;
    }
    process.stdout.write(`QR: of ${TRIALS} pictures zbar read ${read.zbar}, zxing ${read.zxing}\n`);

    const wanted = Math.ceil(TRIALS * 0.99);
    expect(read.zxing).toBeGreaterThanOrEqual(wanted);
    expect(read.zbar).toBeGreaterThanOrEqual(wanted);
  },
);
