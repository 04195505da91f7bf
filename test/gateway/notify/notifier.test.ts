import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import pino from 'pino';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Alarms } from '../../../gateway/alarms/alarms.ts';
import type { AlarmFacts } from '../../../gateway/alarms/conditions.ts';
import type { Channel } from '../../../gateway/notify/channel.ts';
import { email } from '../../../gateway/notify/email.ts';
import { Notifier } from '../../../gateway/notify/notifier.ts';
import { webhook } from '../../../gateway/notify/webhook.ts';
import { HOUR_MS, MINUTE_MS } from '../../../shared/time.ts';
import { needs } from '../../needs.ts';
import { loopbackCertificate } from '../certificate.ts';
import { ManualClock } from '../manual-clock.ts';
import { openJournal, temporaryFolder } from '../../temporary.ts';

const log = pino({ level: 'silent' });

interface Posted {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A real receiver of webhooks. `answers` are taken one after another; then every message is taken. */
async function receiver(answers: number[] = []) {
  const posted: Posted[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      posted.push({ headers: request.headers, body });
      const status = answers.shift() ?? 204;
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, posted };
}

/** A real mail server. `accept` says whether the next message is taken. */
async function mailServer(options: SMTPServerOptions, accept: () => boolean = () => true) {
  const mails: string[] = [];
  const logins: string[] = [];
  const server = new SMTPServer({
    ...options,
    onAuth: ({ username = '', password = '' }, _session, callback) => {
      logins.push(`${username}:${password}`);
      callback(null, { user: username });
    },
    onData: (stream, _session, callback) => {
      let mail = '';
      stream.on('data', (piece: Buffer) => (mail += piece.toString()));
      stream.on('end', () => {
        if (!accept()) {
          callback(Object.assign(new Error('try again later'), { responseCode: 451 }));
          return;
        }
        mails.push(mail);
        callback();
      });
    },
  });
  // A client that hangs up on our certificate is no fault of the server's.
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  onTestFinished(() => server.close());
  return { port: (server.server.address() as AddressInfo).port, mails, logins };
}

/** Alarms on a real journal whose facts are set by hand, and a notifier on one channel. */
function bench(channel: Channel, isQuietNow = () => false) {
  const clock = new ManualClock('2026-11-24T12:00:00+09:00');
  const journal = openJournal(join(temporaryFolder(), 'journal.db'));
  onTestFinished(() => journal.close());
  const facts: { -readonly [K in keyof AlarmFacts]: AlarmFacts[K] } = {
    nowMs: 0,
    doors: [],
    scanners: [],
    boards: [],
    floodedDoors: [],
    doorsWithoutCodes: [],
    storage: null,
    clock: 'trusted',
    trustStaleHours: null,
    certificateEndsMs: null,
    lineDownMs: null,
    lineDownAfterMs: MINUTE_MS,
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
  };
  const alarms = new Alarms({ journal, clock, facts: () => facts, log });
  const restart = () =>
    new Notifier({
      channel,
      alarms,
      journal,
      clock,
      context: {
        venue: { id: 'shibuya-1', name: '渋谷一丁目', timeZone: 'Asia/Tokyo' },
        language: 'ja',
        url: 'https://shibuya-1.gw.example.jp/console#/alarms',
      },
      rules: () => ({ isQuiet: isQuietNow(), remindAfterMs: 30 * MINUTE_MS }),
      log,
    });
  const set = (change: Partial<AlarmFacts>) => {
    Object.assign(facts, change);
    alarms.look();
  };
  return { clock, alarms, set, restart };
}

const types = (posted: readonly Posted[]) =>
  posted.map(({ body }) => (JSON.parse(body) as { type: string }).type);

describe('a notifier by webhook', () => {
  it('tells an alarm, reminds until somebody has seen it, and tells its end; each with another id', async () => {
    const { url, posted } = await receiver();
    const { clock, alarms, set, restart } = bench(webhook({ url, secret: null, nowMs: () => 0 }));
    const notifier = restart();
    set({ storage: 'SQLITE_FULL' });
    await notifier.look();
    await clock.advance(29 * MINUTE_MS);
    await notifier.look();
    expect(types(posted)).toEqual(['alarm.raised']);
    await clock.advance(MINUTE_MS);
    await notifier.look();
    expect(types(posted)).toEqual(['alarm.raised', 'alarm.reminder']);
    alarms.acknowledge(alarms.open()[0]?.id ?? '', 'hanako', '');
    await clock.advance(60 * MINUTE_MS);
    await notifier.look();
    expect(posted).toHaveLength(2);
    set({ storage: null });
    await notifier.look();
    expect(types(posted)).toEqual(['alarm.raised', 'alarm.reminder', 'alarm.ended']);
    expect(new Set(posted.map(({ headers }) => headers['webhook-id'])).size).toBe(3);
    expect(JSON.parse(posted[0]?.body ?? '')).toMatchObject({
      venue: 'shibuya-1',
      alarm: { kind: 'storage', severity: 'critical', raisedAt: '2026-11-24T12:00:00+09:00' },
      url: 'https://shibuya-1.gw.example.jp/console#/alarms',
    });
  });

  it('tries again with growing pauses and the same id until it is taken, also after a restart', async () => {
    const { url, posted } = await receiver([500, 302, 503]);
    const { clock, set, restart } = bench(webhook({ url, secret: null, nowMs: () => 0 }));
    const first = restart();
    set({ storage: 'SQLITE_FULL' });
    await first.look();
    await clock.advance(9_999);
    await first.look();
    expect(posted).toHaveLength(1);
    await clock.advance(1);
    await first.look();
    await clock.advance(19_999);
    await first.look();
    expect(posted).toHaveLength(2);
    const second = restart();
    await second.look();
    expect(posted).toHaveLength(3);
    await clock.advance(10_000);
    await second.look();
    expect(posted).toHaveLength(4);
    expect(new Set(posted.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    const third = restart();
    await clock.advance(MINUTE_MS);
    await third.look();
    expect(posted).toHaveLength(4);
  });

  it('signs what it sends as Standard Webhooks', async () => {
    const { url, posted } = await receiver();
    const key = Buffer.from('0123456789abcdef0123456789abcdef');
    const secret = `whsec_${key.toString('base64')}`;
    const { set, restart } = bench(webhook({ url, secret, nowMs: () => 1_795_478_400_500 }));
    set({ storage: 'SQLITE_FULL' });
    await restart().look();
    const { headers, body } = posted[0] ?? { headers: {}, body: '' };
    expect(headers['webhook-timestamp']).toBe('1795478400');
    const signed = `${String(headers['webhook-id'])}.1795478400.${body}`;
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
    );
  });

  it('tells a warning of the quiet hours after them, with its end in the same message', async () => {
    const { url, posted } = await receiver();
    let quiet = true;
    const { clock, set, restart } = bench(webhook({ url, secret: null, nowMs: () => 0 }), () => quiet);
    const notifier = restart();
    set({ lineDownMs: MINUTE_MS });
    await notifier.look();
    await clock.advance(MINUTE_MS);
    set({ lineDownMs: null });
    await notifier.look();
    expect(posted).toEqual([]);
    quiet = false;
    await notifier.look();
    await notifier.look();
    expect(types(posted)).toEqual(['alarm.raised']);
    expect(JSON.parse(posted[0]?.body ?? '')).toMatchObject({
      alarm: { kind: 'line-down', endedAt: '2026-11-24T12:01:00+09:00' },
    });
  });
});

/** A certificate of the loopback, as the server takes it and by the path that a client trusts. */
function certificate() {
  const { key, cert } = loopbackCertificate(temporaryFolder());
  return { identity: { key: readFileSync(key), cert: readFileSync(cert) }, ca: cert };
}

const FROM = 'genkan@example.jp';
const TO = ['oncall@example.jp', 'owner@example.jp'];

describe('a notifier by mail', () => {
  it(
    'sends it over TLS with its account, in the operators’ language, to everybody',
    needs('openssl'),
    async () => {
      const { ca, identity } = certificate();
      const { port, mails, logins } = await mailServer({ secure: true, ...identity });
      const channel = email(
        { url: `smtps://localhost:${port}`, username: 'genkan', ca, from: FROM, to: TO },
        'a secret',
      );
      const { set, restart } = bench(channel);
      set({ storage: 'SQLITE_FULL' });
      const notifier = restart();
      await notifier.look();
      expect(logins).toEqual(['genkan:a secret']);
      expect(mails).toHaveLength(1);
      const [mail = ''] = mails;
      expect(mail).toContain(`To: ${TO.join(', ')}`);
      const subject = mail.replace(/\r\n /g, '').match(/^Subject: (.*)$/m)?.[1] ?? '';
      const words = subject.replace(/=\?UTF-8\?B\?([^?]*)\?=\s*/gi, (_, text: string) =>
        Buffer.from(text, 'base64').toString(),
      );
      expect(words).toBe('[アラーム] 記録装置の異常 (ゲートウェイ) – 渋谷一丁目');
      await notifier.close();
    },
  );

  it('tries again with the same Message-ID after the server has refused it for now', async () => {
    let isOpen = false;
    const tried: boolean[] = [];
    const { port, mails } = await mailServer({ disabledCommands: ['AUTH', 'STARTTLS'] }, () => {
      tried.push(isOpen);
      return isOpen;
    });
    const { clock, set, restart } = bench(
      email({ url: `smtp://127.0.0.1:${port}`, from: FROM, to: TO }, null),
    );
    const notifier = restart();
    set({ storage: 'SQLITE_FULL' });
    await notifier.look();
    expect([tried, mails]).toEqual([[false], []]);
    isOpen = true;
    await clock.advance(10_000);
    await notifier.look();
    expect(tried).toEqual([false, true]);
    expect(mails[0]).toMatch(/^Message-ID: <[0-9A-Z]{26}\.raised\.0@example\.jp>$/im);
    await notifier.close();
  });

  it('trusts no server with an unknown certificate', needs('openssl'), async () => {
    const { port, mails } = await mailServer({ secure: true, ...certificate().identity });
    const channel = email({ url: `smtps://localhost:${port}`, from: FROM, to: TO }, null);
    const { set, restart } = bench(channel);
    set({ storage: 'SQLITE_FULL' });
    const notifier = restart();
    await notifier.look();
    expect(mails).toEqual([]);
    await notifier.close();
  });
});
