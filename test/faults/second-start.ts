import { setTimeout as pause } from 'node:timers/promises';
import { comesIn, goesOut, type Scenario } from './scenarios.ts';

/** The member leaves so soon after the second start: before, while and after it looks for the journal. */
const LEAVES_WITHIN_MS = 1_500;

/** A second start that has not ended by then has taken over; it is ended. */
const ENDS_WITHIN_MS = 20_000;

/** The same configuration is started again and again while members come and go: the first gateway never notices. */
export const secondStart: Scenario = {
  name: 'second-start',
  play: async (stage) => {
    const site = await stage.open();
    await site.start();
    const first = site.gateway;
    const pairs = stage.trials(100, 3);
    for (let pair = 1; pair <= pairs; pair += 1) {
      const visitor = await comesIn(site);
      const second = site.launchSecond();
      const [code] = await Promise.all([
        second.ended(ENDS_WITHIN_MS),
        pause(stage.random.next() * LEAVES_WITHIN_MS).then(() => goesOut(site, visitor)),
      ]);
      stage.expect(`the second start ends with 2 (${String(code)})`, code === 2);
      stage.expect(
        `it says who runs: ${second.said}`,
        second.said.includes(`${site.journalFile}: in use by process ${first.pid} since `),
      );
      stage.expect(`${visitor.sub} has left`, !site.inside().includes(visitor.sub));
    }
    stage.note('pairs', pairs);
    stage.expect('the first gateway runs', first.isRunning);
    stage.expect('the first gateway has no storage fault', !first.said.includes('storage fault'));
    const starts = site.ledger().filter(({ body }) => body.includes('gateway.started')).length;
    stage.expect(`the gateway started once (${starts})`, starts === 1);
    return site;
  },
};
