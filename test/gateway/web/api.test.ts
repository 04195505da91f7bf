import { mkdirSync, rmdirSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import published from '../../../gateway/web/openapi.generated.json' with { type: 'json' };
import { openApiDocument } from '../../../gateway/web/openapi/document.ts';
import type { Entitlement } from '../../../shared/contract/pass.ts';
import { parseInstant } from '../../../shared/time.ts';
import { until } from '../../venue/until.ts';
import type { Member } from '../../venue/venue.ts';
import { OPEN, openApiRig, PRESENCE, type ApiRig } from './api-rig.ts';
import { PASSWORD, seatOf } from './rig.ts';

/** An address that is on no network of the venue's. */
const ELSEWHERE = '203.0.113.9';
const SIGN_IN = 'POST /api/session';
const ORDER = 'POST /api/commands';
const PREVIEW = 'POST /api/stays/preview';
const VISITS = 'GET /api/me/visits';
const reason = 'a courier';

let rig: ApiRig;
let operator: string;
let viewer: string;
let visitor: Member;
/** A genuine pass for another venue. */
let stranger: Member;

beforeAll(async () => {
  rig = await openApiRig();
  operator = rig.signedIn('hanako');
  viewer = rig.signedIn('taro');
  visitor = await rig.venue.member('m-1', [seatOf(rig.venue, 1)]);
  stranger = await rig.venue.member('m-2', []);
  const { jkt } = stranger.wallet;
  stranger.wallet.keep(
    await rig.venue.issuer.issue({ sub: 'm-2', jkt, entitlements: [], aud: ['shinjuku-2'] }),
  );
}, 60_000);

afterAll(async () => {
  await rig.venue.close();
});

const codeOf = ({ json }: { readonly json: Readonly<Record<string, unknown>> }) => json['code'];
const nonceOf = async (operation: string) => (await rig.ask(operation)).nonce;
/** The names of the document's operations; the rig is not there yet when tests are named. */
const NAMES = Object.entries(published.paths).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
);

describe('the published OpenAPI document', () => {
  it('is what the routes of the running server tell, and what the server hands out', async () => {
    const told = JSON.parse(JSON.stringify(rig.venue.gateway.web.app.swagger())) as unknown;
    expect(told).toEqual(published);
    expect(JSON.parse(JSON.stringify(await openApiDocument()))).toEqual(published);
    expect((await rig.ask('GET /api/openapi.json')).json).toEqual(published);
  });

  it('holds every route of the API, and none that is not there', () => {
    const told = NAMES.map((name) => name.replace(/\{(\w+)\}/g, ':$1'));
    const api = rig.routes.filter((route) => /^\w+ \/(?:api\/|healthz|readyz|metrics)/.test(route));
    expect([...new Set(api)].sort()).toEqual(told.sort());
  });

  it('describes every parameter, and every member of every body', () => {
    const bare: string[] = [];
    const walk = (node: unknown, at: string): void => {
      if (typeof node !== 'object' || node === null) return;
      const { properties = {}, in: place, description } = node as Readonly<Record<string, unknown>>;
      if (typeof place === 'string' && description === undefined) bare.push(at);
      for (const [name, member] of Object.entries(properties as Readonly<Record<string, object>>))
        if (!('description' in member)) bare.push(`${at}.${name}`);
      for (const [key, value] of Object.entries(node)) walk(value, `${at}/${key}`);
    };
    walk(published, '');
    expect(bare).toEqual([]);
  });
});

describe('every operation', () => {
  const bodies = [...NAMES].filter((name) => !name.startsWith('GET'));

  it.each(NAMES)('%s answers as documented to whoever shows nothing', async (name) => {
    const { origin } = new URL(rig.venue.gateway.web.address());
    for (const headers of [{}, { origin }])
      expect((await rig.ask(name, { headers })).status).toBeLessThan(500);
  });

  it.each(bodies)(
    '%s answers 400 to half a body and to none, 413 to a long one, 415 to XML',
    async (name) => {
      const ask = (body: unknown, type = 'application/json') =>
        rig.ask(name, { cookie: operator, body, headers: { 'content-type': type } });
      expect([400, 'FST_ERR_CTP_INVALID_JSON_BODY']).toEqual(statusAndCode(await ask('{"')));
      expect([400, 'FST_ERR_CTP_EMPTY_JSON_BODY']).toEqual(statusAndCode(await ask('')));
      expect((await ask({ x: 'x'.repeat(17_000) })).status).toBe(413);
      expect((await ask('<a/>', 'application/xml')).status).toBe(415);
    },
  );

  it.each(NAMES)('%s names a field or a parameter that it does not know', async (name) => {
    const { requestBody, parameters = [] } = rig.operations.get(name) ?? {};
    const isQueried = parameters.some((parameter) => 'in' in parameter && parameter.in === 'query');
    if (requestBody === undefined && !isQueried) return;
    const path = name.split(' ')[1] ?? '';
    const asked = isQueried ? { path: `${path}?surprise=1` } : { body: { surprise: true } };
    const answer = await rig.ask(name, { cookie: operator, ...asked });
    expect([400, 'bad-request']).toEqual(statusAndCode(answer));
    expect(answer.json['title']).toMatch(/surprise|cmd/);
  });
});

const statusAndCode = (answer: { status: number; json: Readonly<Record<string, unknown>> }) => [
  answer.status,
  codeOf(answer),
];

describe('a door', () => {
  it('lets in, and out again, whoever has a reservation', async () => {
    expect((await rig.tap(visitor, 'entry')).json).toMatchObject({ kind: 'check-in', uses: null });
    const preview = await rig.askAs(visitor, PREVIEW, await nonceOf(PREVIEW));
    expect(preview.json['stays']).toMatchObject([{ space: 'seat-1', isNext: true }]);
    expect((await rig.tap(visitor, 'exit')).json).toMatchObject({ kind: 'check-out', yen: 500 });
    const visits = await rig.askAs(visitor, VISITS, await nonceOf(VISITS));
    expect(visits.json['visits']).toMatchObject([{ state: 'checked-out', charge: { yen: 500 } }]);
  });

  it.each(['basic', 'premium', 'corporate'] as const)('lets in whoever has a ticket: %s', async (plan) => {
    const usedAt = parseInstant('2026-11-24T09:00:00+09:00') / 1_000;
    const ticket: Entitlement = {
      kind: 'ticket',
      id: plan,
      plan,
      purchaseDate: '2026-11-01',
      used: 0,
      usedAt,
    };
    const { json } = await rig.tap(await rig.venue.member(plan, [ticket]), 'entry');
    expect(json['uses']).toEqual({ used: 1, remaining: plan === 'basic' ? 30 : null, shown: false });
  });

  it('tells why it stays shut', async () => {
    const guest = await rig.venue.member('m-3', []);
    expect(statusAndCode(await rig.tap(guest, 'entry'))).toEqual([403, 'no-reservation']);
    const refused = [
      await rig.ask(PRESENCE, { body: { c: 'guessed', side: 'entry' } }),
      await rig.ask(PRESENCE, { body: { c: 'sheet', side: 'exit' }, from: ELSEWHERE }),
      await rig.ask(OPEN, { from: ELSEWHERE }),
      await rig.askAs(stranger, OPEN, await nonceOf(OPEN), { path: '/api/doors/front/exit' }),
    ];
    expect(refused.map(statusAndCode)).toEqual([
      [403, 'code-unknown'],
      [403, 'not-on-lan'],
      [403, 'not-on-lan'],
      [403, 'wrong-venue'],
    ]);
  });

  it('asks for a nonce, knows no other door, and takes no proof twice', async () => {
    const path = '/api/doors/front/exit';
    expect(codeOf(await rig.askAs(visitor, OPEN, 'old', { path }))).toBe('use_dpop_nonce');
    expect(codeOf(await rig.ask(OPEN, { path: '/api/doors/front/roof' }))).toBe('no-such-door');
    expect(codeOf(await rig.ask(PRESENCE, { path: '/api/doors/back/presence' }))).toBe('no-such-door');
    const proof = await visitor.wallet.dpop(
      'POST',
      rig.venue.config.http.publicOrigin + path,
      await nonceOf(OPEN),
    );
    const twice = [
      await rig.ask(OPEN, { path, headers: { ...proof } }),
      await rig.ask(OPEN, { path, headers: { ...proof } }),
    ];
    expect(twice.map(({ status }) => status)).toEqual([200, 409]);
  });

  it('has no more tickets to give to a source that has taken the last five codes', async () => {
    const { presence } = rig.venue.gateway;
    const codeNow = () => presence.shown('front', 'entry')?.code ?? '';
    const from = '192.168.1.31';
    while (presence.redeem('front', 'entry', codeNow(), from).kind === 'ticket');
    const answer = await rig.ask(PRESENCE, { body: { c: codeNow(), side: 'entry' }, from });
    expect(statusAndCode(answer)).toEqual([429, 'busy']);
  });

  it('and the member’s own pages are busy for a source that asks without end', async () => {
    const headers = { authorization: 'DPoP forged', dpop: 'forged' };
    for (const [operation, from] of [
      [OPEN, '192.168.1.30'],
      [PREVIEW, ELSEWHERE],
      [VISITS, ELSEWHERE],
    ] as const) {
      let answer = await rig.ask(operation, { headers, from });
      while (answer.status === 401) answer = await rig.ask(operation, { headers, from });
      expect(statusAndCode(answer)).toEqual([429, 'busy']);
    }
  });

  it('tells a member whose pass is for another venue nothing of themselves', async () => {
    for (const operation of [PREVIEW, VISITS])
      expect(statusAndCode(await rig.askAs(stranger, operation, await nonceOf(operation)))).toEqual([
        403,
        'wrong-venue',
      ]);
  });
});

describe('the console', () => {
  it('signs in, tells who it is, and signs out', async () => {
    const { origin } = new URL(rig.venue.gateway.web.address());
    const signIn = (password: string, headers = { origin }) =>
      rig.ask(SIGN_IN, { headers, body: { name: 'hanako', password } });
    expect((await signIn(PASSWORD)).json).toEqual({ name: 'hanako', role: 'operator' });
    expect(codeOf(await signIn('wrong'))).toBe('wrong-credentials');
    expect(codeOf(await signIn(PASSWORD, { origin: 'https://evil.example' }))).toBe('wrong-origin');
    expect((await rig.ask('GET /api/session', { cookie: viewer })).json['name']).toBe('taro');
    const gone = rig.signedIn('taro');
    expect((await rig.ask('DELETE /api/session', { cookie: gone })).status).toBe(204);
    expect((await rig.ask('GET /api/session', { cookie: gone })).json['name']).toBeNull();
  });

  it('keeps no new password that does not reach the disk', async () => {
    const { path } = rig.venue.gateway.operators.accounts;
    mkdirSync(`${path}.new`);
    const body = { name: 'hanako', password: PASSWORD, newPassword: 'staple staple staple' };
    const answer = await rig.ask(SIGN_IN, { cookie: viewer, body });
    rmdirSync(`${path}.new`);
    expect(statusAndCode(answer)).toEqual([503, 'storage']);
    expect(
      (await rig.ask(SIGN_IN, { cookie: viewer, body: { name: 'hanako', password: PASSWORD } })).status,
    ).toBe(200);
  });

  it('orders what may be ordered, and tells what became of it', async () => {
    const order = (body: object, cookie = operator) => rig.ask(ORDER, { cookie, body: { reason, ...body } });
    expect(await order({ cmd: 'sync' })).toMatchObject({ status: 200, json: { outcome: 'executed' } });
    expect(await order({ cmd: 'secure', door: 'back' })).toMatchObject({
      status: 409,
      json: { outcome: 'refused' },
    });
    expect(codeOf(await order({ cmd: 'unlock', door: 'front', password: 'wrong' }))).toBe('password');
    expect(codeOf(await order({ cmd: 'sync' }, viewer))).toBe('role');
    expect(codeOf(await rig.ask(ORDER, { headers: { cookie: operator }, body: {} }))).toBe('wrong-origin');
    expect((await order({ cmd: 'unlock', door: 'front', password: PASSWORD })).json['effect']).toBe(
      'released',
    );
  });

  it('shows the venue, its ledger, its visits and its figures', async () => {
    const [visit] = rig.venue.gateway.journal.stays.latestOf({ iss: rig.venue.issuer.iss, sub: 'm-1' }, 1);
    const asked = { cookie: viewer };
    expect((await rig.ask('GET /api/doors', asked)).status).toBe(200);
    expect((await rig.ask('GET /api/events', asked)).status).toBe(200);
    expect((await rig.ask('GET /api/ledger', asked)).json['events']).not.toEqual([]);
    for (const format of ['csv', 'json'])
      expect(
        (await rig.ask('GET /api/ledger/export', { ...asked, path: `/api/ledger/export?format=${format}` }))
          .status,
      ).toBe(200);
    const stay = await rig.ask('GET /api/stays/{id}', { ...asked, path: `/api/stays/${visit?.id ?? ''}` });
    expect(stay.json['stay']).toMatchObject({ state: 'checked-out', charge: { yen: 500 } });
    expect((await rig.ask('GET /api/stays/{id}', asked)).status).toBe(404);
    expect((await rig.ask('GET /api/statistics', asked)).status).toBe(200);
  });

  it('shows an alarm, takes that it was seen, and a note to it', async () => {
    const { alarms } = rig.venue.gateway;
    const found = () => alarms.open().find(({ kind }) => kind === 'many-refusals');
    while (found() === undefined) {
      await rig.ask(PRESENCE, { body: { c: 'guessed', side: 'entry' } });
      alarms.look();
    }
    const id = found()?.id ?? '';
    const change = (verb: string, alarm: string, cookie = operator) =>
      rig.ask(`POST /api/alarms/{id}/${verb}`, { cookie, path: `/api/alarms/${alarm}/${verb}` });
    const listed = await rig.ask('GET /api/alarms', { cookie: viewer });
    expect(listed.json['alarms']).toContainEqual(expect.objectContaining({ id, severity: 'warning' }));
    for (const verb of ['notes', 'acknowledge']) {
      expect((await change(verb, id)).json).toMatchObject({ id, severity: 'warning' });
      expect(codeOf(await change(verb, 'x'))).toBe('no-such-alarm');
      expect(codeOf(await change(verb, id, viewer))).toBe('role');
    }
  });

  it('lets a source that guesses wait, at the sign-in and at a command', async () => {
    const { attempts } = rig.venue.gateway.operators;
    for (let tries = 0; tries < 8; tries += 1) attempts.begin('127.0.0.1', 'hanako');
    const answers = [
      await rig.ask(SIGN_IN, { cookie: operator, body: { name: 'hanako', password: PASSWORD } }),
      await rig.ask(ORDER, {
        cookie: operator,
        body: { cmd: 'unlock', door: 'front', reason, password: PASSWORD },
      }),
    ];
    expect(answers.map(statusAndCode)).toEqual([
      [429, 'too-many-attempts'],
      [429, 'too-many-attempts'],
    ]);
  });

  it('is told that it is busy where five more passwords of one address are being checked', async () => {
    const guess = (name: string) =>
      rig.ask(SIGN_IN, {
        from: '127.0.0.9',
        headers: { origin: 'http://localhost:80' },
        body: { name, password: 'wrong wrong wrong' },
      });
    const answers = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(guess));
    expect(answers.map(statusAndCode)).toContainEqual([503, 'busy']);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
  });

  it.each(['GET /api/ledger', 'GET /api/ledger/export', 'GET /api/stays/{id}', 'GET /api/statistics'])(
    'is told to come again where too much is read at once: %s',
    async (name) => {
      const [visit] = rig.venue.gateway.journal.stays.latestOf({ iss: rig.venue.issuer.iss, sub: 'm-1' }, 1);
      const path = name.split(' ')[1]?.replace('{id}', visit?.id ?? '') ?? '';
      // Without sockets, so that all of them come in one turn of the loop.
      const asked = { path, cookie: viewer, from: '127.0.0.1' };
      const answers = await Promise.all(Array.from({ length: 80 }, () => rig.ask(name, asked)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 503]));
      expect(answers.map(codeOf)).toContain('busy');
    },
  );

  it('carries nothing out while the journal takes no writes', async () => {
    const other = new Sqlite(rig.venue.config.gateway.journal);
    other.exec('BEGIN IMMEDIATE');
    const answer = await rig.ask(ORDER, { cookie: operator, body: { cmd: 'sync', reason } });
    other.exec('ROLLBACK');
    other.close();
    expect(statusAndCode(answer)).toEqual([503, 'storage']);
    expect(answer.json['title']).toContain('disk');
  });
});

describe('a machine', () => {
  it('is told whether everybody can come in, and figures where it may have them', async () => {
    expect((await rig.ask('GET /metrics', { from: ELSEWHERE })).status).toBe(401);
    const { equipment, gateway } = rig.venue;
    await until('the journal is well', () => gateway.journal.fault === null);
    expect((await rig.ask('GET /readyz')).status).toBe(200);
    equipment.setPower(false);
    await until('the board is missed', () => gateway.doors.reports()[0]?.controller === 'offline');
    expect((await rig.ask('GET /readyz')).status).toBe(503);
  });
});

describe('the document', () => {
  it('names no status that the server was not seen to answer with', () => {
    expect(rig.missing()).toEqual([]);
  });
});
