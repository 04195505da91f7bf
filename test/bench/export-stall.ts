import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Gateway } from '../../gateway/gateway.ts';
import { hashPassword } from '../../gateway/operators/password.ts';
import { MovableClock } from '../venue/clock.ts';
import { createIssuer } from '../venue/issuer.ts';
import { openGateway } from './gateway-rig.ts';
import { compareDisturbed, disturbedLine, round2, type Measurement } from './measure.ts';
import { fill } from './past.ts';
import { decisionsOf, memberOf, VENUE } from './rig.ts';

/** Consoles that export the whole ledger at once, again and again. */
const EXPORTS = 3;

/** Resolution of the loop's delay, in milliseconds: it is part of what the histogram holds. */
const RESOLUTION_MS = 5;

/** How late the loop may be, in milliseconds. */
const LATE_MS_MAX = 50;

/**
 * Decisions while three operators export the whole ledger, in turns with decisions that nothing disturbs; and how late the
 * gateway's loop is at worst meanwhile.
 */
export async function benchExportStall({ full }: { readonly full: boolean }): Promise<Measurement> {
  const events = full ? 200_000 : 40_000;
  const samples = full ? 300 : 100;
  const folder = mkdtempSync(join(tmpdir(), 'genkan-bench-'));
  const clock = new MovableClock();
  const issuer = await createIssuer({ venue: VENUE, clock });
  const gateway = await openGateway({ folder, clock, issuer, doors: 1 });
  try {
    fill(gateway.journal, events, clock.wallMs());
    const cookie = await signIn(gateway);
    const late = { alone: 0, exporting: 0 };
    const exported = { bytes: 0, whole: 0 };
    const seen = { ms: 0 };
    const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    const lateMs = () => Math.max(0, delay.max / 1e6 - RESOLUTION_MS);
    delay.enable();
    const compared = await compareDisturbed(
      decisionsOf({ attendant: gateway.attendant, member: memberOf(issuer, clock) }),
      samples,
      async (work) => {
        late.alone = Math.max(late.alone, lateMs());
        delay.reset();
        const startMs = performance.now();
        const more = await whileExporting(gateway, cookie, work);
        seen.ms += performance.now() - startMs;
        exported.bytes += more.bytes;
        exported.whole += more.whole;
        late.exporting = Math.max(late.exporting, lateMs());
        delay.reset();
      },
    );
    delay.disable();
    const line = disturbedLine(compared, {
      of: 'p99 of a decision with three exports, to without',
      atMost: 1.5,
    });
    return {
      ...line,
      goals: [
        ...line.goals,
        { of: 'ms that the loop was late at worst', value: round2(late.exporting), atMost: LATE_MS_MAX },
      ],
      also: {
        ...line.also,
        events,
        'ms that the loop was late at worst without': round2(late.alone),
        'exports that were whole': exported.whole,
        'MiB exported a second': round2(exported.bytes / 1024 / 1024 / (seen.ms / 1_000)),
      },
    };
  } finally {
    await gateway.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function signIn({ operators }: Gateway): Promise<string> {
  const password = await hashPassword('correct horse battery');
  const account = {
    name: 'hanako',
    role: 'viewer',
    password,
    createdAt: '2026-01-05T09:00:00+09:00',
  } as const;
  operators.accounts.put(account);
  return `genkan-session=${operators.sessions.open(account)}`;
}

/** @returns what was exported meanwhile */
async function whileExporting(
  { web }: Gateway,
  cookie: string,
  work: () => Promise<void>,
): Promise<{ readonly bytes: number; readonly whole: number }> {
  const url = `${web.address()}/api/ledger/export?format=csv`;
  const clients = fork(new URL('export-clients.ts', import.meta.url), [url, cookie, String(EXPORTS)], {
    execArgv: ['--import', 'tsx'],
  });
  await once(clients, 'message');
  await work();
  clients.send('count');
  const [exported] = (await once(clients, 'message')) as [{ bytes: number; whole: number }];
  clients.disconnect();
  await once(clients, 'exit');
  return exported;
}
