import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { placeOf } from '../needs.ts';
import { until } from '../venue/until.ts';
import { Crowd } from './crowd.ts';
import { comesIn, exitButtonWorks, goesOut, recovers, type Scenario } from './scenarios.ts';
import type { Site } from './site.ts';

const HOUR_S = 3600;

/** A jump is an event within a second; the rest is for a busy machine to read it. */
const NOTICED_WITHIN_MS = 5_000;

/** The service stores everything and says nothing, also over a restart of the gateway. */
const receiptsWithheld: Scenario = {
  name: 'receipts-withheld',
  play: async (stage) => {
    const { cloud } = stage;
    const site = await stage.open();
    await site.start();
    const first = await comesIn(site);
    cloud.books.receiptsWithheld = true;
    await goesOut(site, first);
    const custody = site.custodySeq;
    const second = await comesIn(site);
    const { epoch, lastSeq } = site;
    await until(
      'the service stores what it does not confirm',
      () => cloud.books.count(site.venue, epoch) >= lastSeq,
      60_000,
    );
    await site.kill();
    await site.start();
    await goesOut(site, second);
    stage.expect(
      'no receipt, no custody',
      site.custodySeq <= Math.max(custody, lastSeq) && site.custodySeq < site.lastSeq,
    );
    stage.expect('what has no receipt stays in the journal', site.ledger().length === site.lastSeq);
    cloud.books.receiptsWithheld = false;
    const owed = site.lastSeq;
    await until('the receipt comes once it may', () => site.custodySeq >= owed, 60_000);
    stage.note('duplicatesDropped', cloud.books.billing.report().duplicates.length);
    return site;
  },
};

/** The broker dies the moment it has acknowledged: what it holds in memory is gone. */
const brokerKilled: Scenario = {
  name: 'broker-killed',
  play: async (stage) => {
    const { cloud } = stage;
    const site = await stage.open();
    const crowd = new Crowd(site, stage.random);
    await site.start();
    crowd.start();
    // The kill cycles kill it two hundred times. Here the pause before each reconnection has grown to a minute.
    const kills = stage.trials(10, 2);
    for (let kill = 1; kill <= kills; kill += 1) {
      cloud.killBrokerAfter(stage.random.between(1, 5));
      await until('the broker is killed after a PUBACK', () => cloud.brokerKills >= kill, 60_000);
      await cloud.settle();
    }
    await crowd.stop();
    await exitButtonWorks(stage, site);
    await crowd.allLeave();
    stage.note('brokerKills', cloud.brokerKills);
    return site;
  },
};

/** The wall clock is set forward and back under the running process; durations are not its business. */
const clockJumps: Scenario = {
  name: 'clock-jumps',
  needs: ['libfaketime'],
  play: async (stage) => {
    const site = await stage.open();
    const file = join(stage.folder, 'time');
    const set = (offsetS: number) => writeFileSync(file, `${offsetS < 0 ? '' : '+'}${offsetS}\n`);
    set(0);
    await site.start({
      LD_PRELOAD: placeOf('libfaketime') ?? '',
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    });
    const visitor = await comesIn(site);
    const jumps: Readonly<Record<string, number>> = {
      'three hours on': 3 * HOUR_S,
      'and back': 0,
      'to 2099': 73 * 365 * 24 * HOUR_S,
      'and back from there': 0,
    };
    for (const [jump, offsetS] of Object.entries(jumps)) {
      const { lastSeq } = site;
      const startMs = performance.now();
      set(offsetS);
      const noticed = await until(jump, () => wasTold(site, lastSeq), NOTICED_WITHIN_MS).then(
        () => true,
        () => false,
      );
      stage.expect(`a jump of the clock ${jump} is an event`, noticed);
      if (noticed) stage.note(`${jump}, ms`, Math.round(performance.now() - startMs));
      await exitButtonWorks(stage, site);
    }
    await recovers(stage, site);
    await goesOut(site, visitor);
    return site;
  },
};

function wasTold(site: Site, after: number): boolean {
  return site.ledger(after).some(({ body }) => body.includes('"genkan.gateway.clock-changed.v1"'));
}

export const LINE_SCENARIOS: readonly Scenario[] = [receiptsWithheld, brokerKilled, clockJumps];
