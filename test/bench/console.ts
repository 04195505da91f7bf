import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Gateway } from '../../gateway/gateway.ts';
import { MovableClock } from '../venue/clock.ts';
import { createIssuer } from '../venue/issuer.ts';
import { openGateway } from './gateway-rig.ts';
import { comparisonOf, disturbedLine, round2, timeRound, type Measurement } from './measure.ts';
import { decisionsOf, memberOf, VENUE } from './rig.ts';

const DOORS = 50;
const VIEWERS = 100;
const ROUNDS = 7;

/** How long the gateway's own use of the processor is looked at while nothing happens, in milliseconds. */
const IDLE_MS = 5_000;

/**
 * Fifty doors, and a hundred consoles open on them: decisions with and without the viewers in turns, what the viewers cost
 * the processor, and what they take of memory.
 */
export async function benchConsole({ full }: { readonly full: boolean }): Promise<Measurement> {
  const samples = full ? 200 : 40;
  const folder = mkdtempSync(join(tmpdir(), 'genkan-bench-'));
  const clock = new MovableClock();
  const issuer = await createIssuer({ venue: VENUE, clock });
  const gateway = await openGateway({ folder, clock, issuer, doors: DOORS });
  try {
    const decisions = decisionsOf({ attendant: gateway.attendant, member: memberOf(issuer, clock) });
    await timeRound(decisions, samples);
    const alone: (readonly number[])[] = [];
    const watched: (readonly number[])[] = [];
    const cost = { aloneMs: 0, watchedMs: 0, events: 0 };
    const rssBefore = process.memoryUsage().rss;
    let rss = rssBefore;
    let idleShare = 0;
    let received = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      cost.aloneMs += await usedBy(async () => void alone.push(await timeRound(decisions, samples)));
      const viewers = await openViewers(gateway);
      const { lastSeq } = gateway.journal;
      cost.watchedMs += await usedBy(async () => void watched.push(await timeRound(decisions, samples)));
      cost.events += gateway.journal.lastSeq - lastSeq;
      rss = Math.max(rss, process.memoryUsage().rss);
      if (round === 0)
        idleShare = (await usedBy(() => new Promise((resolve) => setTimeout(resolve, IDLE_MS)))) / IDLE_MS;
      received += await closeViewers(viewers);
    }
    const line = disturbedLine(comparisonOf(watched, alone), {
      of: 'p99 of a decision with the consoles open, to without',
      atMost: 1.5,
    });
    const perThousand = ((cost.watchedMs - cost.aloneMs) / cost.events / VIEWERS) * 1_000;
    return {
      ...line,
      also: {
        ...line.also,
        doors: DOORS,
        consoles: VIEWERS,
        'CPU ms of 1,000 events and one console': round2(perThousand),
        'share of a core while nothing happens': round2(idleShare),
        'memory of 100 consoles, MiB': round2((rss - rssBefore) / 1024 / 1024),
        'bytes that the consoles were sent': received,
      },
    };
  } finally {
    await gateway.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function openViewers(gateway: Gateway): Promise<ChildProcess> {
  const script = new URL('console-viewers.ts', import.meta.url);
  const child = fork(script, [`${gateway.web.address()}/api/events`, String(VIEWERS)], {
    execArgv: ['--import', 'tsx'],
  });
  await once(child, 'message');
  return child;
}

/** @returns how many bytes they were sent */
async function closeViewers(viewers: ChildProcess): Promise<number> {
  viewers.send('count');
  const [{ received }] = (await once(viewers, 'message')) as [{ received: number }];
  viewers.disconnect();
  await once(viewers, 'exit');
  return received;
}

/** Milliseconds of the processor that this process uses meanwhile. */
async function usedBy(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
