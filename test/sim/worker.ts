/** One of the processes that share the seeds. Lives those that it is sent, and tells each day as it is lived. */
import { on } from 'node:events';
import { lifeOf } from './process.ts';
import type { Found } from './share.ts';

const host = lifeOf();
process.once('disconnect', () => process.exit());
for await (const [seed] of on(process, 'message') as AsyncIterable<[seed: number]>) {
  const { violations, simulatedMs } = await host.live(seed, false);
  process.send?.({ seed, violations, simulatedMs } satisfies Found);
}
