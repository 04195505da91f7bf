import fastify from 'fastify';
import pino from 'pino';
import { expect, it } from 'vitest';
import { createRelayed } from '../../../gateway/web/relayed.ts';
import type { EntryRequest, EntryResult } from '../../../shared/contract/entry.ts';
import { formatInstant } from '../../../shared/time.ts';
import { inbound } from '../cloud.ts';
import { ManualClock, settled } from '../manual-clock.ts';

/** The relay's end over a server with one route, which answers when it is told. */
function rig() {
  const clock = new ManualClock('2025-10-20T10:00:00+09:00');
  const app = fastify();
  let reached: () => void = () => undefined;
  const isReached = new Promise<void>((resolve) => (reached = resolve));
  let letGo: () => void = () => undefined;
  const isLetGo = new Promise<void>((resolve) => (letGo = resolve));
  app.post('/api/doors/front/presence', async () => {
    reached();
    await isLetGo;
    return { presence: 'p-1' };
  });
  const answers: EntryResult[] = [];
  const relayed = createRelayed({
    app,
    clock,
    answer: (body) => answers.push(JSON.parse(body) as EntryResult),
    log: pino({ level: 'silent' }),
  });
  const ask = (id: string) => {
    const request: EntryRequest = {
      id,
      at: formatInstant(clock.wallMs(), 'UTC'),
      method: 'POST',
      path: '/api/doors/front/presence',
      body: { side: 'entry' },
    };
    return relayed.take(inbound(JSON.stringify(request)));
  };
  return { app, relayed, answers, ask, isReached, letGo: () => letGo() };
}

it('a request that comes while the gateway ends is refused, and one that is at work is answered before', async () => {
  const { app, relayed, answers, ask, isReached, letGo } = rig();
  const first = ask('e-1');
  await isReached;
  let isClosed = false;
  const closed = relayed.close().then(() => (isClosed = true));
  await ask('e-2');
  expect(answers).toMatchObject([{ id: 'e-2', status: 503, body: { code: 'busy' } }]);
  await settled();
  expect(isClosed).toBe(false);
  letGo();
  await closed;
  expect(answers).toMatchObject([{ id: 'e-2' }, { id: 'e-1', status: 200, body: { presence: 'p-1' } }]);
  await first;
  await app.close();
  await ask('e-3');
  expect(answers.at(-1)).toMatchObject({ id: 'e-3', status: 503, body: { code: 'busy' } });
});
