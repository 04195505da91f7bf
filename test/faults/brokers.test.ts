import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../needs.ts';
import { trials } from '../trials.ts';
import { builtGateway } from './built-gateway.ts';
import { BROKER_KINDS } from './broker-kinds.ts';
import { playBroker } from './broker-trial.ts';

describe('a broker that dies while members come and go', () => {
  let folder = '';
  let program = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'genkan-brokers-'));
    program = builtGateway(join(folder, 'built'));
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  // Side by side: most of the time each waits for its own.
  for (const kind of BROKER_KINDS)
    it.concurrent(
      `${kind.name}: costs no event and no visit, doubles none, and the order holds`,
      { ...needs('socat', ...kind.needs), timeout: 300_000 },
      async () => {
        const kills = trials(10);
        const { events, visits, broker, recoveryMs, ...broken } = await playBroker(kind, {
          ...{ program, seed: 20261201, kills },
        });

        expect(broken).toEqual({
          ...{ lost: 0, doubled: 0, outOfOrder: 0, invented: 0, mismatches: 0, pulsesWithoutGrant: 0 },
        });
        expect(recoveryMs.length).toBeGreaterThan(0);
        expect(events).toBeGreaterThan(0);
        expect(visits).toBeGreaterThan(0);
        process.stdout.write(`${broker}: receipts again after ${recoveryMs.join(', ')} ms\n`);
      },
    );
});
