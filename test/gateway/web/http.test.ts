import { statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Attempts } from '../../../gateway/limits/attempts.ts';
import { hashPassword } from '../../../gateway/operators/password.ts';
import { Sessions } from '../../../gateway/operators/sessions.ts';
import { HOUR_MS, MINUTE_MS } from '../../../shared/time.ts';
import type { Venue } from '../../venue/venue.ts';
import { openConsole, PASSWORD } from './rig.ts';

let venue: Venue;
let url: string;

beforeAll(async () => {
  venue = await openConsole();
  url = venue.gateway.web.address();
}, 60_000);

afterAll(async () => {
  await venue.close();
});

interface Asked {
  readonly cookie?: string;
  readonly origin?: string | null;
  readonly body?: unknown;
  readonly method?: string;
}

function ask(path: string, { cookie, origin = url, body, method }: Asked = {}): Promise<Response> {
  return fetch(url + path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(cookie !== undefined && { cookie }),
      ...(origin !== null && { origin }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function signIn(name: string, password = PASSWORD): Promise<string> {
  const answer = await ask('/api/session', { body: { name, password } });
  expect(answer.status).toBe(200);
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

const code = async (answer: Response) => ((await answer.json()) as { code: string }).code;
const unlock = { cmd: 'unlock', door: 'front', reason: 'a courier', password: PASSWORD };

describe('the console over HTTP', () => {
  it.each(['/api/doors', '/api/events', '/api/ledger', '/api/alarms', '/api/statistics', '/api/stays/x'])(
    'shows nothing of %s to whoever is not signed in',
    async (path) => {
      const answer = await ask(path);
      expect(answer.status).toBe(401);
      expect(await code(answer)).toBe('not-signed-in');
    },
  );

  it('hands out a cookie that no script reads and no other site sends, and takes it back', async () => {
    const answer = await ask('/api/session', { body: { name: 'taro', password: PASSWORD } });
    expect(answer.headers.get('set-cookie')).toMatch(
      /^genkan-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect((await ask('/api/doors', { cookie })).status).toBe(200);
    expect((await ask('/api/session', { cookie, method: 'DELETE' })).status).toBe(204);
    expect((await ask('/api/doors', { cookie })).status).toBe(401);
  });

  it('takes a one-time password only together with another, and never again', async () => {
    const { accounts } = venue.gateway.operators;
    const createdAt = '2026-11-24T09:00:00+09:00';
    accounts.put({
      name: 'jiro',
      role: 'operator',
      password: await hashPassword(PASSWORD),
      createdAt,
      oneTime: true,
    });
    const newPassword = 'staple staple staple';
    const signIn = (body: object) => ask('/api/session', { body: { name: 'jiro', ...body } });
    for (const body of [{ password: PASSWORD }, { password: PASSWORD, newPassword: PASSWORD }]) {
      const answer = await signIn(body);
      expect([answer.status, await code(answer)]).toEqual([403, 'new-password']);
      expect(answer.headers.get('set-cookie')).toBeNull();
    }
    expect((await signIn({ password: PASSWORD, newPassword: 'short' })).status).toBe(400);
    expect((await signIn({ password: PASSWORD, newPassword })).status).toBe(200);
    expect(accounts.find('jiro')).not.toHaveProperty('oneTime');
    expect((await signIn({ password: PASSWORD })).status).toBe(401);
    expect((await signIn({ password: newPassword })).status).toBe(200);
    accounts.remove('jiro');
  });

  it('refuses an unknown name and a wrong password alike', async () => {
    for (const name of ['taro', 'nobody']) {
      const answer = await ask('/api/session', { body: { name, password: 'wrong wrong wrong' } });
      expect(answer.status).toBe(401);
      expect(await code(answer)).toBe('wrong-credentials');
    }
  });

  it.each([
    ['without an origin', null],
    ['from another origin', 'https://evil.example'],
    ['over HTTP from a name that is not this host’s', 'http://genkan.example'],
    ['over HTTPS by an address that is not the public one', () => url.replace('http:', 'https:')],
  ])('refuses a sign-in and a command %s', async (_, from) => {
    const origin = typeof from === 'function' ? from() : from;
    const cookie = await signIn('hanako');
    for (const asked of [
      await ask('/api/session', { origin, body: { name: 'hanako', password: PASSWORD } }),
      await ask('/api/commands', { origin, cookie, body: unlock }),
    ]) {
      expect(asked.status).toBe(403);
      expect(await code(asked)).toBe('wrong-origin');
    }
  });

  it('refuses a viewer’s command, and one without the password where it asks again', async () => {
    const viewer = await ask('/api/commands', { cookie: await signIn('taro'), body: unlock });
    expect(viewer.status).toBe(403);
    expect(await code(viewer)).toBe('role');
    const cookie = await signIn('hanako');
    for (const body of [
      { ...unlock, password: undefined },
      { ...unlock, password: 'wrong wrong wrong' },
    ]) {
      const answer = await ask('/api/commands', { cookie, body });
      expect(answer.status).toBe(403);
      expect(await code(answer)).toBe('password');
    }
    expect(venue.ledger().filter(({ name }) => name === 'access.granted')).toEqual([]);
  });

  it('names the field of a command that is wrong', async () => {
    const cookie = await signIn('hanako');
    const answer = await ask('/api/commands', { cookie, body: { cmd: 'secure', door: 'front' } });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(await answer.json())).toContain('reason');
  });

  it('exports the ledger with the marks of a spreadsheet, and filters it', async () => {
    const cookie = await signIn('taro');
    const csv = await (await ask('/api/ledger/export?format=csv&name=gateway', { cookie })).text();
    const lines = csv.trim().split('\r\n');
    expect(lines[0]).toContain('sequence,time,type');
    expect(lines.slice(1).every((line) => line.includes('genkan.gateway.'))).toBe(true);
    expect(lines.length).toBeGreaterThan(1);
    const wrong = await ask('/api/ledger?from=yesterday', { cookie });
    expect(wrong.status).toBe(400);
    expect(JSON.stringify(await wrong.json())).toContain('from');
  });

  it('keeps its accounts in a file that only its owner reads, without a password in it', () => {
    expect(statSync(venue.gateway.operators.accounts.path).mode & 0o777).toBe(0o600);
    expect(venue.gateway.operators.accounts.find('hanako')?.password).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$/);
  });
});

describe('a session', () => {
  const clock = { nowMs: 0, monotonicMs: () => clock.nowMs };
  const open = () => {
    clock.nowMs = 0;
    const { accounts } = venue.gateway.operators;
    const sessions = new Sessions({ accounts, clock, idleMs: 30 * MINUTE_MS, longestMs: 12 * HOUR_MS });
    const account = accounts.find('taro');
    if (account === null) throw new Error('no taro');
    return { sessions, accounts, account, token: sessions.open(account) };
  };

  it('ends after half an hour without a request, however long a stream was open', () => {
    const { sessions, token } = open();
    clock.nowMs = 29 * MINUTE_MS;
    expect(sessions.get(token, false)).toEqual({ name: 'taro', role: 'viewer' });
    clock.nowMs = 30 * MINUTE_MS;
    expect(sessions.get(token)).toBeNull();
  });

  it('ends after twelve hours, however busy', () => {
    const { sessions, token } = open();
    for (; clock.nowMs < 12 * HOUR_MS; clock.nowMs += 20 * MINUTE_MS)
      expect(sessions.get(token)).not.toBeNull();
    expect(sessions.get(token)).toBeNull();
  });

  it('ends when its account gets another password or role, or is removed', () => {
    const { sessions, accounts, account, token } = open();
    accounts.put({ ...account, role: 'operator' });
    expect(sessions.get(token)).toBeNull();
    accounts.put(account);
    const again = sessions.open(account);
    accounts.remove('taro');
    expect(sessions.get(again)).toBeNull();
    accounts.put(account);
  });
});

describe('guessing passwords', () => {
  it('is slowed down by where it comes from, and the operator elsewhere is not kept out', () => {
    const clock = { nowMs: 0, monotonicMs: () => clock.nowMs };
    const attempts = new Attempts(clock);
    for (let tries = 0; tries < 8; tries += 1) attempts.begin('192.0.2.7', 'hanako');
    expect(attempts.waitS('192.0.2.7', 'hanako')).toBe(30);
    expect(attempts.waitS('192.0.2.8', 'hanako')).toBe(0);
    expect(attempts.waitS('192.0.2.7', 'taro')).toBe(0);
    clock.nowMs = 30_000;
    expect(attempts.waitS('192.0.2.7', 'hanako')).toBe(0);
  });

  it('from one place at many names is slowed down as well', () => {
    const attempts = new Attempts({ monotonicMs: () => 0 });
    for (let tries = 0; tries < 40; tries += 1) attempts.begin('2001:db8:1:2::a', `name-${tries}`);
    expect(attempts.waitS('2001:db8:1:2::b', 'hanako')).toBeGreaterThan(0);
  });
});
