import { execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtGateway } from '../faults/built-gateway.ts';
import { answerAt, comesIn, goesOut } from '../faults/scenarios.ts';
import { Site } from '../faults/site.ts';
import { createSigner } from '../venue/signer.ts';
import { until } from '../venue/until.ts';
import { percentile, round2, type Measurement, type Timing } from './measure.ts';
import type { MemoryReport } from './memory-child.ts';

/** What a gateway imports. The floor of its start and of its memory is Node with these. */
const PACKAGES = ['better-sqlite3', 'fastify', 'johnny-five', 'jose', 'mqtt', 'pino', 'serialport', 'zod'];

/** Nobody listens there: these lines are not about the network. */
const NO_BROKER = 'mqtt://127.0.0.1:9';

const VISITS = 20;

async function withSite<T>(
  doors: number,
  bench: (site: Site, built: { program: string; folder: string }) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'genkan-bench-'));
  const program = builtGateway(join(folder, 'built'));
  mkdirSync(join(folder, 'venue'));
  const site = await Site.open({
    venue: 'shibuya-1',
    folder: join(folder, 'venue'),
    brokerUrl: NO_BROKER,
    cloudKey: await createSigner('cloud1'),
    program,
    absentDoors: doors - 1,
  });
  try {
    return await bench(site, { program, folder: join(folder, 'built') });
  } finally {
    await site.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const timing = (values: readonly number[]): Timing => ({
  samples: values.length,
  p50: round2(percentile(values, 0.5)),
  p99: round2(Math.max(...values)),
});

const imports = (rest = '') =>
  `${PACKAGES.map((name) => `await import(${JSON.stringify(name)});`).join('')}${rest}`;

/** Process start to the first decision at the emulated board; the code waits under the reader already. */
export async function benchStart({ full }: { full: boolean }): Promise<Measurement> {
  const runs = full ? 11 : 3;
  return withSite(1, async (site, { folder }) => {
    const ours: number[] = [];
    const floor: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      const importMs = performance.now();
      execFileSync(process.execPath, ['--input-type=module', '-e', imports()], { cwd: folder });
      floor.push(performance.now() - importMs);
      const startMs = performance.now();
      await site.start();
      if ((await answerAt(site, 'entry', await site.member())) !== 'opened')
        throw new Error('the first member was not admitted');
      ours.push(performance.now() - startMs);
      await site.kill();
    }
    const [a, b] = [timing(ours), timing(floor)];
    return {
      unit: 'ms',
      ours: a,
      floor: b,
      ratio: round2(a.p50 / b.p50),
      goals: [{ of: 'seconds', value: round2(a.p50 / 1000), atMost: 3 }],
      also: {},
    };
  });
}

/** Resident memory of a gateway with 1 and 16 doors, and what 100,000 visits leave behind. */
export async function benchMemory({ full }: { full: boolean }): Promise<Measurement> {
  const floor = await withSite(1, async (_site, { folder }) => {
    const idle = spawn(
      process.execPath,
      ['--input-type=module', '-e', imports(`console.log('ready');setInterval(() => {}, 1000);`)],
      { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(idle.stdout, 'data');
    const bytes = rssOf(idle.pid ?? 0);
    idle.kill('SIGKILL');
    return bytes;
  });
  const idleRss = (doors: number) =>
    withSite(doors, async (site) => {
      await site.start();
      await comesIn(site);
      await until('the pulse is over', () => site.concluded());
      return rssOf(site.gateway.pid);
    });
  const one = await idleRss(1);
  const sixteen = await idleRss(16);
  const visits = full ? 100_000 : 4_000;
  const child = fork(new URL('memory-child.ts', import.meta.url), [String(visits)], {
    execArgv: ['--import', 'tsx', '--expose-gc'],
  });
  const [report] = (await once(child, 'message')) as [MemoryReport];
  const ratio = round2(one / floor);
  const mib = (bytes: number) => round2(bytes / 1024 / 1024);
  return {
    unit: 'MiB',
    ours: { samples: 1, p50: mib(one), p99: mib(sixteen) },
    floor: { samples: 1, p50: mib(floor), p99: mib(floor) },
    ratio,
    goals: [
      { of: 'RSS with one door, to Node with the packages', value: ratio, atMost: 1.5 },
      { of: 'bytes a visit over the second half', value: round2(report.bytesAVisit), atMost: 50 },
    ],
    also: {
      'RSS with 16 doors, MiB': mib(sixteen),
      visits,
      'RSS after the visits (with the bench itself), MiB': mib(report.rss),
    },
  };
}

/** What one visit writes to the card: a check-in and a check-out at a real process, counted by the kernel. */
export async function benchCardWear(): Promise<Measurement> {
  return withSite(1, async (site) => {
    await site.start();
    await visit(site);
    const counter = await countSyncs(site.gateway.pid);
    const before = { bytes: writtenBy(site.gateway.pid), seq: site.lastSeq };
    for (let number = 0; number < VISITS; number += 1) await visit(site);
    const bytes = (writtenBy(site.gateway.pid) - before.bytes) / VISITS;
    const syncs = (await counter()) / VISITS;
    const own = site.ledger(before.seq).reduce((sum, { body }) => sum + body.length, 0) / VISITS;
    const events = (site.lastSeq - before.seq) / VISITS;
    const of = (value: number): Timing => ({
      samples: VISITS,
      p50: Math.round(value),
      p99: Math.round(value),
    });
    return {
      unit: 'bytes a visit',
      ours: of(bytes),
      floor: of(own),
      ratio: round2(bytes / own),
      goals: [{ of: 'fsyncs a visit', value: round2(syncs), atMost: 10 }],
      also: { 'events a visit': round2(events) },
    };
  });
}

async function visit(site: Site): Promise<void> {
  const visitor = await comesIn(site);
  await until('the entry is concluded', () => site.concluded());
  await goesOut(site, visitor);
  await until('the visit is concluded', () => site.concluded());
}

function rssOf(pid: number): number {
  const [, kib = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}

/** Bytes that the process has had written to storage (proc(5), `write_bytes`). */
function writtenBy(pid: number): number {
  const [, bytes = '0'] = /write_bytes: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, 'utf8')) ?? [];
  return Number(bytes);
}

/** Counts a process's synchronisations from now on; the result ends it and gives their number. */
async function countSyncs(pid: number): Promise<() => Promise<number>> {
  const tracer = spawn('strace', ['-f', '-p', String(pid), '-e', 'trace=fsync,fdatasync'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  tracer.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await until('strace is attached', () => said.includes('attached'));
  return async () => {
    const exited = once(tracer, 'close');
    tracer.kill('SIGTERM');
    await exited;
    return said.match(/\b(?:fsync|fdatasync)\(/g)?.length ?? 0;
  };
}
