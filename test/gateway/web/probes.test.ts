import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RECEIPT_TYPE } from '../../../shared/contract/receipt.ts';
import { venueTopics } from '../../../shared/contract/topics.ts';
import { parseInstant } from '../../../shared/time.ts';
import { temporaryFolder } from '../../temporary.ts';
import { until } from '../../venue/until.ts';
import { openVenue, type Venue } from '../../venue/venue.ts';
import { seatOf } from './rig.ts';
import { needs } from '../../needs.ts';

let venue: Venue;
let url: string;

beforeAll(async () => {
  venue = await openVenue({
    startMs: parseInstant('2026-11-24T09:00:00+09:00'),
    signIn: true,
  });
  url = venue.gateway.web.address();
}, 60_000);

afterAll(async () => {
  await venue.close();
});

const scrape = async () => (await fetch(`${url}/metrics`)).text();

/** The value of one sample, or `undefined`. */
function sample(text: string, name: string): number | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

describe('the metrics', () => {
  it('are clean for promtool', needs('promtool'), async () => {
    const text = await scrape();
    expect(execFileSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })).toBe('');
    for (const [, name] of text.matchAll(/^# TYPE (\S+)/gm)) expect(name).toMatch(/^genkan_/);
  });

  it('count a visit and a denial at their door, and measure the decisions', async () => {
    const before = await scrape();
    const member = await venue.member('m-1', [seatOf(venue, 1)]);
    venue.scanAt('entry', await member.wallet.code());
    venue.scanAt('entry', 'GK1.forged');
    await until('both are decided', () => {
      const names = venue.ledger().map(({ name }) => name);
      return names.includes('access.denied') && names.length > 3;
    });
    const after = await scrape();
    const denied = 'genkan_access_denied_total{door="front",side="entry",reason="unreadable"}';
    expect(sample(before, denied)).toBeUndefined();
    expect(sample(after, denied)).toBe(1);
    const decided = (text: string) => sample(text, 'genkan_decision_seconds_count') ?? 0;
    expect(decided(after) - decided(before)).toBe(2);
    expect(sample(after, 'genkan_controller_online{door="front"}')).toBe(1);
    expect(sample(after, 'genkan_capacity_seats')).toBe(24);
    expect(after).not.toContain('m-1');
  });

  it('tell of a line that is down and what waits for it', async () => {
    venue.line.cut();
    await until('the line is down', () => !venue.gateway.isOnline());
    const text = await scrape();
    expect(sample(text, 'genkan_line_up')).toBe(0);
    expect(sample(text, 'genkan_outbox_events')).toBe(
      venue.gateway.journal.lastSeq - venue.gateway.journal.custody.seq,
    );
    venue.line.mend();
    await until('the line is up', () => venue.gateway.isOnline());
  });

  it('count a receipt with another chain head, and a bundle older than the one in force', async () => {
    const { line, id, gateway, cloudKey } = venue;
    const figures = async () => {
      const text = await scrape();
      return ['genkan_receipts_wrong_head_total', 'genkan_trust_bundles_old_total'].map((name) =>
        sample(text, name),
      );
    };
    const [old, newer] = [await venue.revokeDevices([]), await venue.revokeDevices([])];
    expect(newer).not.toBe(old);
    expect(await figures()).toEqual([0, 0]);
    const { epoch, lastSeq: seq } = gateway.journal;
    const claims = { venue: id, epoch, seq, head: 'a'.repeat(64), iat: 1 };
    const cloud = await mqtt.connectAsync(line.url);
    const topics = venueTopics(id);
    await cloud.publishAsync(topics.receipts, await cloudKey.sign(RECEIPT_TYPE, claims), { qos: 1 });
    await cloud.publishAsync(topics.trust, old, { qos: 1 });
    await vi.waitFor(async () => expect(await figures()).toEqual([1, 1]));
    await cloud.endAsync();
  });

  it('are all that the dashboard asks for', async () => {
    const text = await scrape();
    const known = new Set(
      Array.from(text.matchAll(/^# TYPE (\S+) (\w+)/gm)).flatMap(([, name = '', type]) =>
        type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
      ),
    );
    const dashboard = JSON.parse(readFileSync('gateway/metrics/dashboard.json', 'utf8')) as {
      panels: { title: string; targets: { expr: string }[] }[];
    };
    const asked = dashboard.panels.flatMap(({ targets }) =>
      targets.flatMap(({ expr }) => expr.match(/genkan_\w+/g) ?? []),
    );
    expect(asked.length).toBeGreaterThan(20);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });

  it('are asked for in expressions that Prometheus can read', needs('promtool'), () => {
    const dashboard = JSON.parse(readFileSync('gateway/metrics/dashboard.json', 'utf8')) as {
      panels: { targets: { expr: string }[] }[];
    };
    const rules = dashboard.panels
      .flatMap(({ targets }) => targets)
      .map(({ expr }, index) => ({ record: `panel:${index}`, expr: expr.replaceAll('$job', '.*') }));
    const file = join(temporaryFolder(), 'rules.json');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    expect(execFileSync('promtool', ['check', 'rules', file], { encoding: 'utf8' })).toContain(
      `SUCCESS: ${rules.length} rules found`,
    );
  });
});

describe('the probes', () => {
  it('say ready while everybody can come in, and not ready when the board of a door is gone', async () => {
    const ask = async () => {
      const answer = await fetch(`${url}/readyz`);
      return [answer.status, await answer.json()];
    };
    const checks = { journal: 'ok', clock: 'trusted', doors: 'ok' };
    expect(await ask()).toEqual([200, { status: 'ready', checks }]);
    venue.equipment.setPower(false);
    await until('the board is missed', () => venue.gateway.doors.reports()[0]?.controller === 'offline');
    expect(await ask()).toEqual([
      503,
      { status: 'not-ready', checks: { ...checks, doors: 'offline: front' } },
    ]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    venue.equipment.setPower(true);
    await until('the board is back', () => venue.gateway.doors.reports()[0]?.controller === 'online');
  });
});

describe('a scrape from another host', () => {
  it('needs the token', async () => {
    const { app } = venue.gateway.web;
    const from = (remoteAddress: string, authorization?: string) =>
      app.inject({ url: '/metrics', remoteAddress, headers: authorization ? { authorization } : {} });
    expect((await from('127.0.0.1')).statusCode).toBe(200);
    expect((await from('192.168.1.20')).statusCode).toBe(401);
    expect((await from('192.168.1.20', 'Bearer undefined')).statusCode).toBe(401);
    expect((await from('192.168.1.20', 'Bearer null')).statusCode).toBe(401);
  });
});
