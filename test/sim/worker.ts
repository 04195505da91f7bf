/** One of the processes that share the seeds: `<first> <step> <end>`. Tells each day as it is lived. */
import { lifeOf } from './process.ts';
import type { Found } from './share.ts';

const [first = 1, step = 1, end = 1] = process.argv.slice(2).map(Number);
const host = lifeOf();
process.once('disconnect', () => process.exit());
for (let seed = first; seed < end; seed += step) {
  const { violations, simulatedMs } = await host.live(seed, false);
  process.send?.({ seed, violations, simulatedMs } satisfies Found);
}
host.end();
process.disconnect();
