import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openReadOnly, verifyLedger } from '../../gateway/journal/verify.ts';
import { createSigner } from '../venue/signer.ts';
import { agreeable } from './agreeable.ts';
import { decisionFloor } from './floor.ts';
import { fill } from './past.ts';
import { compare, compareRates, round2, type Measurement } from './measure.ts';
import { bytesOfGrant, decisionRig, decisionsOf, importIssuerKey } from './rig.ts';

/** Members in front of several doors at once: the gate verifies on the threads of the pool. */
const AT_ONCE = 8;

/** Durable decisions a second, several members at once. */
export async function benchDecisions({ full }: { full: boolean }): Promise<Measurement> {
  const pieces = full ? 800 : 160;
  const rig = await decisionRig(agreeable());
  try {
    await rig.attendant.scan('front', 'entry', (await rig.member()).code);
    const floor = decisionFloor(rig, await importIssuerKey(rig), bytesOfGrant(rig));
    const inFlight = async <T>(samples: readonly T[], run: (sample: T) => unknown): Promise<number> => {
      const queue = [...samples];
      const startMs = performance.now();
      const worker = async () => {
        for (let sample = queue.pop(); sample !== undefined; sample = queue.pop()) await run(sample);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      return ((performance.now() - startMs) * 1000) / samples.length;
    };
    const several = async <T>(make: () => Promise<T> | T): Promise<T[]> => {
      const made: T[] = [];
      while (made.length < pieces) made.push(await make());
      return made;
    };
    const compared = await compareRates(
      async () =>
        inFlight(await several(() => rig.member()), ({ code }) => rig.attendant.scan('front', 'entry', code)),
      async () => inFlight(await several(floor.prepare), floor.run),
      { pieces },
    );
    return {
      unit: 'µs a decision',
      ...compared,
      goals: [{ of: 'share of the floor’s rate', value: compared.ratio, atLeast: 0.6 }],
      also: { 'decisions a second': Math.round(1e6 / compared.ours.p50) },
    };
  } finally {
    rig.close();
  }
}

/** Decision latency on a long journal against a short one. */
export async function benchHistory({ full }: { full: boolean }): Promise<Measurement> {
  const rows = full ? 10_000_000 : 1_000_000;
  const [long, short] = [await decisionRig(agreeable()), await decisionRig(agreeable())];
  try {
    fill(short.journal, 1_000, short.clock.wallMs());
    fill(long.journal, rows, long.clock.wallMs());
    const samples = full ? 300 : 60;
    const { ours, floor, ratio } = await compare(decisionsOf(long), decisionsOf(short), samples);
    return {
      unit: 'µs',
      ours,
      floor,
      ratio: ratio.p50,
      goals: [{ of: 'ratio of p50', value: ratio.p50, atMost: 1.1 }],
      also: { rows, 'ratio of p99': ratio.p99 },
    };
  } finally {
    long.close();
    short.close();
  }
}

/** The whole ledger verified, against SHA-256 over the same bytes. */
export async function benchVerify({ full }: { full: boolean }): Promise<Measurement> {
  const rows = full ? 1_000_000 : 100_000;
  const rig = await decisionRig(agreeable());
  try {
    fill(rig.journal, rows, rig.clock.wallMs());
    const { publicKey: key } = await createSigner('gw-1');
    const db = openReadOnly(join(rig.folder, 'journal.sqlite'));
    try {
      const bodies = db.prepare('SELECT body FROM events ORDER BY seq').pluck();
      const perRow = (work: () => void) => () => {
        const startMs = performance.now();
        work();
        return ((performance.now() - startMs) * 1000) / rows;
      };
      const compared = await compareRates(
        perRow(() => {
          const verdict = verifyLedger(db, { key, receipt: null });
          if (!verdict.ok) throw new Error('the ledger of the bench is not good');
        }),
        perRow(() => {
          for (const body of bodies.iterate() as IterableIterator<string>)
            createHash('sha256').update(body).digest();
        }),
        { rounds: 3, pieces: rows },
      );
      const ratio = round2(1 / compared.ratio);
      return {
        unit: 'µs a row',
        ...compared,
        ratio,
        goals: [{ of: 'time, to SHA-256 over the same bytes', value: ratio, atMost: 2 }],
        also: { rows },
      };
    } finally {
      db.close();
    }
  } finally {
    rig.close();
  }
}
