import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import pino from 'pino';
import { conditionsOf } from '../../gateway/alarms/conditions.ts';
import { Certificate } from '../../gateway/certificate.ts';
import { loadConfig, requireFiles } from '../../gateway/config.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../shared/time.ts';
import { needs } from '../needs.ts';
import { createDevelopmentCa, type DevelopmentCa } from '../venue/development-ca.ts';
import { exampleFile } from './example.ts';
import { ManualClock } from './manual-clock.ts';

const ORIGIN = 'https://shibuya-1.gw.example.jp';

/** A configuration whose files beside those of `http.tls` are not named. */
function configFile(folder: string, tls: string, origin = ORIGIN): string {
  return exampleFile(folder, (text) =>
    text
      .replace(/^ {2}(?:displayTokenFile|passwordFile|ca):.*$/gm, '')
      .replace(/^ {2}publicOrigin:.*$/m, `  publicOrigin: ${origin}\n  tls: ${tls}`)
      .replace(/^uplink:[\s\S]*?^trust:/m, 'uplink: null\ntrust:'),
  );
}

function startedWith(folder: string, tls: string, origin?: string): string {
  const file = configFile(folder, tls, origin);
  try {
    requireFiles(file, loadConfig(file, {}));
    return 'started';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('a gateway with a certificate of its own', needs('openssl'), () => {
  let ca: DevelopmentCa;
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'genkan-'));
    ca = createDevelopmentCa(folder);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('does not start with a pair that cannot be used, and names the field', () => {
    ca.issue('shibuya-1.gw.example.jp', 30);
    ca.issue('elsewhere.example.jp', 30);
    const right = 'shibuya-1.gw.example.jp';
    writeFileSync(join(folder, 'text.pem'), 'no PEM');
    const pair = (cert: string, key: string) => `{ cert: ./${cert}.pem, key: ./${key}.pem }`;
    expect(startedWith(folder, pair(right, `${right}-key`))).toBe('started');
    const rows = [
      [pair(right, 'elsewhere.example.jp-key'), 'http.tls.key: .+ is not the key of .+'],
      [pair(right, 'text'), 'http.tls.key: no private key in PEM'],
      [pair('text', `${right}-key`), 'http.tls.cert: no certificate in PEM'],
      [pair('nowhere', `${right}-key`), 'http.tls.cert: cannot read .+nowhere.pem'],
      [
        pair('elsewhere.example.jp', 'elsewhere.example.jp-key'),
        'http.tls.cert: .+ is not for shibuya-1.gw.example.jp \\(http.publicOrigin\\), but for DNS:elsewhere.example.jp',
      ],
      ['{ cert: ./text.pem }', 'http.tls.key: '],
    ] as const;
    for (const [tls, told] of rows) expect(startedWith(folder, tls)).toMatch(new RegExp(told));
    expect(startedWith(folder, pair(right, `${right}-key`), ORIGIN.replace('https', 'http'))).toMatch(
      /http\.publicOrigin: must begin with https: where http\.tls is set/,
    );
  });

  it('takes a renewed pair, keeps the one before where the new one is half written, and says so', async () => {
    const files = ca.issue('localhost', 30);
    const clock = new ManualClock('2026-11-24T09:00:00+09:00');
    const log = pino({ level: 'silent' });
    const certificate = new Certificate({ files, publicOrigin: 'https://localhost', clock, log });
    let renewals = 0;
    certificate.watch(() => (renewals += 1));
    const before = certificate.pair;

    const next = createDevelopmentCa(join(folder, 'next')).issue('localhost', 60);
    copyFileSync(next.cert, files.cert);
    await clock.advance(10_000);
    expect(certificate.pair).toEqual(before);
    expect(certificate.health().refused).toContain('http.tls.key');
    expect(renewals).toBe(0);

    copyFileSync(next.key, files.key);
    await clock.advance(10_000);
    expect(certificate.pair.cert).toBe(readFileSync(next.cert, 'utf8'));
    expect(certificate.health().refused).toBeNull();
    expect(renewals).toBe(1);
    certificate.close();
  });
});

describe('the alarm of a certificate', () => {
  const NOW_MS = Date.parse('2026-11-24T00:00:00Z');
  const detailsWith = (certificateEndsMs: number | null, certificateRefused = false) =>
    conditionsOf({
      nowMs: NOW_MS,
      doors: [],
      scanners: [],
      boards: [],
      floodedDoors: [],
      doorsWithoutCodes: [],
      storage: null,
      clock: 'trusted',
      trustStaleHours: null,
      certificateEndsMs,
      certificateRefused,
      lineDownMs: null,
      lineDownAfterMs: 0,
      refusedEvents: null,
      refusedTopics: [],
      billingWaitMs: null,
      billingLateAfterMs: MINUTE_MS,
      billingSilentAfterMs: HOUR_MS,
      bookedSinceMs: [],
      lastScanMs: null,
      pastClosing: [],
      otherGateway: null,
      isSettling: false,
    }).map(({ kind, detail }) => `${kind} ${detail}`);

  it.each([
    [21 * DAY_MS, []],
    [21 * DAY_MS - 1, ['certificate 21']],
    [14 * DAY_MS, ['certificate 21']],
    [14 * DAY_MS - 1, ['certificate 14']],
    [7 * DAY_MS - 1, ['certificate 7']],
    [0, ['certificate 7']],
    [-1, ['certificate 0']],
    [-90 * DAY_MS, ['certificate 0']],
  ])('with %d ms left is %j', (leftMs, told) => {
    expect(detailsWith(NOW_MS + leftMs)).toEqual(told);
  });

  it('is raised at once for a renewed one that cannot be used, and never on plain HTTP', () => {
    expect(detailsWith(NOW_MS + 60 * DAY_MS, true)).toEqual(['certificate renewal']);
    expect(detailsWith(null)).toEqual([]);
  });
});
