import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { parseEvent, type LedgerEvent } from '../../shared/contract/events.ts';
import { needs } from '../needs.ts';
import { trials } from '../trials.ts';
import { createSigner } from '../venue/signer.ts';
import { until } from '../venue/until.ts';
import { builtGateway } from './built-gateway.ts';
import { Site, type Visitor } from './site.ts';

const KILLS = trials(20);

/** A gateway started from its sources on a busy machine. */
const STARTED_WITHIN_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'genkan-same-proof-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const about = (site: Site, { sub }: Visitor): readonly LedgerEvent[] =>
  site
    .ledger()
    .map(({ body }) => parseEvent(JSON.parse(body)))
    .filter(({ data }) => 'sub' in data && data.sub === sub);

it(
  `the same proof after a kill -9 in the pulse that it caused, ${KILLS} times: one grant, one pulse, and then a replay`,
  { ...needs('socat'), timeout: KILLS * 2 * STARTED_WITHIN_MS },
  async () => {
    const site = await Site.open({
      venue: 'shibuya-1',
      folder,
      // Nobody listens there: the line is down all the time.
      brokerUrl: 'mqtt://127.0.0.1:1',
      cloudKey: await createSigner('cloud1'),
      program: builtGateway(join(folder, 'built')),
    });
    try {
      await site.start();
      for (let kill = 1; kill <= KILLS; kill += 1) {
        const visitor = await site.member();
        const code = await visitor.wallet.code();
        const died = new Promise<void>((resolve, reject) => {
          const stop = site.board.onPin('lockRelay', (level) => {
            if (!level) return;
            stop();
            site.kill().then(resolve, reject);
          });
        });
        site.hold('entry', code);
        await died;
        await site.start();

        // At once at the entry, where it may still be the same presentation, and then where it never can be.
        site.hold('entry', code);
        site.hold('exit', code);
        await until(
          'the proof is refused as a replay',
          () => about(site, visitor).some(({ data }) => 'reason' in data && data.reason === 'replay'),
          STARTED_WITHIN_MS,
        );
        await until('every grant is concluded', () => site.concluded(), STARTED_WITHIN_MS);

        expect(about(site, visitor).filter(({ name }) => name === 'access.granted')).toHaveLength(1);
        expect(site.rises).toBe(kill);
      }
      expect(site.risesWithoutGrant).toBe(0);
    } finally {
      await site.close();
    }
  },
);
