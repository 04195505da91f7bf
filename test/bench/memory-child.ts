/** Visits in a process of its own, with the garbage collected: what stays behind of each. */
import { agreeable } from './agreeable.ts';
import { until } from '../venue/until.ts';
import { decisionRig } from './rig.ts';

export interface MemoryReport {
  readonly rss: number;
  /** Growth of heap and buffers over the second half, divided by its visits. */
  readonly bytesAVisit: number;
}

const visits = Number(process.argv[2]);
const rig = await decisionRig(agreeable());

/** Once no grant waits for its door any more: what still waits is not what stays behind. */
const held = async (): Promise<number> => {
  await until('every grant is concluded', () => rig.journal.decisions.unfinished().length === 0, 60_000);
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

async function go(count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    const { wallet, code } = await rig.member();
    await rig.attendant.scan('front', 'entry', code);
    await new Promise((resolve) => setImmediate(resolve));
    await rig.attendant.scan('front', 'exit', Buffer.from(await wallet.code()));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

await go(visits / 2);
const before = await held();
await go(visits / 2);
const report: MemoryReport = {
  bytesAVisit: ((await held()) - before) / (visits / 2),
  rss: process.memoryUsage().rss,
};
process.send?.(report);
rig.close();
process.disconnect();
