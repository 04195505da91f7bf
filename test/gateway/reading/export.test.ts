import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { get, type ClientRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Gateway } from '../../../gateway/gateway.ts';
import { hashPassword } from '../../../gateway/operators/password.ts';
import { openGateway } from '../../bench/gateway-rig.ts';
import { fill } from '../../bench/past.ts';
import { memberOf, VENUE, type DecisionRig } from '../../bench/rig.ts';
import { MovableClock } from '../../venue/clock.ts';
import { createIssuer } from '../../venue/issuer.ts';

/** More than all buffers between a gateway and a client hold. */
const EVENTS = 40_000;

let gateway: Gateway;
let member: DecisionRig['member'];
let cookie: string;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'genkan-'));
  const clock = new MovableClock();
  const issuer = await createIssuer({ venue: VENUE, clock });
  member = memberOf(issuer, clock);
  gateway = await openGateway({ folder, clock, issuer, doors: 1 });
  fill(gateway.journal, EVENTS, clock.wallMs());
  const password = await hashPassword('correct horse battery');
  const account = { name: 'taro', role: 'viewer', password, createdAt: '2026-11-24T09:00:00+09:00' } as const;
  gateway.operators.accounts.put(account);
  cookie = `genkan-session=${gateway.operators.sessions.open(account)}`;
}, 120_000);

afterAll(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
});

const exportUrl = (query = '') => `${gateway.web.address()}/api/ledger/export?format=json${query}`;

async function exported(query?: string): Promise<string> {
  const answer = await fetch(exportUrl(query), { headers: { cookie } });
  expect(answer.status).toBe(200);
  return answer.text();
}

/** Asks for an export and reads nothing of it. */
async function stalled(): Promise<{ request: ClientRequest; answer: IncomingMessage }> {
  const request = get(exportUrl(), { headers: { cookie }, agent: false });
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  // The test's end, or its own hand, hangs up.
  for (const side of [request, answer]) side.on('error', () => undefined);
  onTestFinished(() => void request.destroy());
  return { request, answer };
}

async function isLetIn(): Promise<boolean> {
  const { code } = await member();
  const outcome = await gateway.attendant.scan('front', 'entry', code);
  return outcome.kind === 'answer' && outcome.answer.granted;
}

/** Whether an export has each event of the ledger up to its first line, once, newest first. */
function isWhole(text: string): boolean {
  const newest = Number(/"sequence":"0*(\d+)"/.exec(text)?.[1]);
  const rows = gateway.journal.eventsAfter(0, newest).map(({ body }) => `${body}\n`);
  return newest > EVENTS && text === rows.reverse().join('');
}

describe('an export of the ledger', { timeout: 120_000 }, () => {
  it('has every event once, newest first, three at once as well as alone', async () => {
    const all = await Promise.all([exported(), exported(), exported()]);
    expect(all.map(isWhole)).toEqual([true, true, true]);
  });

  it('has as CSV one line for each event, below one head', async () => {
    const url = exportUrl('').replace('json', 'csv');
    const lines = (await (await fetch(url, { headers: { cookie } })).text()).trimEnd().split('\r\n');
    expect(lines[0]).toMatch(/^sequence,time,type/);
    const numbers = lines.slice(1).map((line) => Number(/^\d+/.exec(line)?.[0]));
    expect(numbers.length).toBeGreaterThan(EVENTS);
    expect(numbers).toEqual(numbers.map((_, at) => numbers.length - at));
  });

  it('of nothing is empty, and of a few events in many has these', async () => {
    expect(await exported('&text=nobody-has-this-name')).toBe('');
    expect(await exported('&name=gateway.started')).toMatch(
      /^\{[^\n]*genkan\.gateway\.started\.v1[^\n]*\}\n$/,
    );
  });

  it('is answered to a HEAD by its headers alone: nothing is read for it', async () => {
    const ask = () => fetch(exportUrl(), { method: 'HEAD', headers: { cookie } });
    for (const { status, headers } of await Promise.all(Array.from({ length: 12 }, ask))) {
      expect([status, headers.get('content-type')]).toEqual([200, 'application/jsonl; charset=utf-8']);
      expect(headers.get('content-disposition')).toMatch(/^attachment; filename="shibuya-1-.*\.jsonl"$/);
    }
  });

  it('keeps no door waiting: members are let in one after the other while three others export', async () => {
    const clients = fork(
      new URL('../../bench/export-clients.ts', import.meta.url),
      [exportUrl(), cookie, '3'],
      { execArgv: ['--import', 'tsx'] },
    );
    await once(clients, 'message');
    let letIn = 0;
    for (let whole = 0; whole < 3;) {
      if (await isLetIn()) letIn += 1;
      clients.send('count');
      [{ whole }] = (await once(clients, 'message')) as [{ whole: number }];
    }
    clients.disconnect();
    await once(clients, 'exit');
    expect(letIn).toBeGreaterThan(10);
  });

  it('that nobody reads holds up neither a member nor another export nor a search', async () => {
    const held = [await stalled(), await stalled(), await stalled()];
    expect(await isLetIn()).toBe(true);
    expect((await exported(`&name=door`)).split('\n').length).toBeGreaterThan(EVENTS);
    const page = await fetch(`${gateway.web.address()}/api/ledger?text=past-8`, { headers: { cookie } });
    expect(page.status).toBe(200);
    for (const { answer } of held) {
      answer.setEncoding('utf8');
      let text = '';
      for await (const chunk of answer) text += chunk as string;
      expect(isWhole(text)).toBe(true);
    }
  });

  it('beyond the eighth open one is refused with when to come again, until a client has gone', async () => {
    const open = [];
    for (let count = 0; count < 8; count += 1) open.push(await stalled());
    const refused = await fetch(exportUrl(), { headers: { cookie } });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect(refused.headers.get('content-disposition')).toBeNull();
    expect(await refused.json()).toMatchObject({ code: 'busy', title: 'Too many exports are open.' });
    open[0]?.request.destroy();
    const next = async () => (await stalled()).answer.statusCode;
    await expect.poll(next, { timeout: 20_000 }).toBe(200);
  });
});
