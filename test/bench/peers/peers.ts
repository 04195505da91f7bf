/** `npm run bench -- peers`: what people use instead of a journal, in the same outage as ours. See BENCH.md. */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCloudRig } from '../cloud-rig.ts';
import { MosquittoBridge } from './bridge.ts';
import { ForkedSide } from './forked-side.ts';
import type { MqttJsOrder } from './mqttjs-process.ts';
import { runTrial, type Outcome, type Scenario } from './trial.ts';
import type { Place, VenueSide } from './venue-side.ts';

const VENUE_KILLED: Scenario = {
  name: 'the venue’s side is killed in the outage',
  killsVenue: true,
  brokerKills: 0,
};
const BROKER_KILLED: Scenario = {
  name: 'the broker is killed in the drain',
  killsVenue: false,
  brokerKills: 1,
};

interface Candidate {
  readonly name: string;
  readonly open: (place: Place) => VenueSide;
  /** In which it does not do as the candidate before it. */
  readonly scenarios: readonly Scenario[];
}

const OURS = 'ours';

const UNLIMITED = 'max_queued_messages 0';

const mqttJs = (store: MqttJsOrder['store']) => (place: Place) =>
  new ForkedSide(new URL('mqttjs-process.ts', import.meta.url), { ...place, store } satisfies MqttJsOrder);

/** Each as shipped first, then as somebody careful would set it up. */
const CANDIDATES: readonly Candidate[] = [
  {
    name: OURS,
    open: (place) => new ForkedSide(new URL('ours-process.ts', import.meta.url), place),
    scenarios: [VENUE_KILLED, BROKER_KILLED],
  },
  {
    name: 'Mosquitto bridge',
    open: (place) => new MosquittoBridge(place, []),
    scenarios: [VENUE_KILLED],
  },
  {
    name: 'Mosquitto bridge, no queue limit',
    open: (place) => new MosquittoBridge(place, [UNLIMITED]),
    scenarios: [VENUE_KILLED, BROKER_KILLED],
  },
  {
    name: 'Mosquitto bridge, saved every 1,000 changes',
    open: (place) =>
      new MosquittoBridge(place, [UNLIMITED, 'autosave_on_changes true', 'autosave_interval 1000']),
    scenarios: [VENUE_KILLED],
  },
  {
    name: 'MQTT.js, JSON-lines store',
    open: mqttJs('json-lines'),
    scenarios: [VENUE_KILLED, BROKER_KILLED],
  },
  {
    name: 'MQTT.js, store in SQLite, unique ids',
    open: mqttJs('sqlite'),
    scenarios: [VENUE_KILLED, BROKER_KILLED],
  },
];

/** Runs everybody through everything, one after the other. @returns whether ours lost, doubled and disordered nothing */
export async function comparePeers({ full, json }: { full: boolean; json: boolean }): Promise<boolean> {
  const events = full ? 100_000 : 5_000;
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
  const startMs = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'genkan-peers-cloud-'));
  const cloud = await openCloudRig(folder, 'record');
  let isGood = true;
  try {
    for (const scenario of [VENUE_KILLED, BROKER_KILLED]) {
      if (!json) console.log(`${scenario.name}\n${rowOf('', HEADINGS)}`);
      for (const { name: candidate, open, scenarios } of CANDIDATES) {
        if (!scenarios.includes(scenario)) continue;
        const outcome = await runTrial(cloud, open, scenario, events);
        if (candidate === OURS) isGood &&= isFaultless(outcome);
        if (json) {
          const line = { line: 'peers', candidate, scenario: scenario.name, ...outcome, ...machine };
          console.log(JSON.stringify(line));
        } else
          console.log(
            rowOf(
              candidate,
              COLUMNS.map((column) => String(outcome[column])),
            ),
          );
      }
      if (!json) console.log('');
    }
  } finally {
    await cloud.close();
    rmSync(folder, { recursive: true, force: true });
  }
  if (!json) console.log(`${events} events each, ${Math.round((performance.now() - startMs) / 1000)} s`);
  return isGood;
}

/** Copies under one id are no fault: delivery is at least once, and consumers drop them. */
function isFaultless({ lost, doubled, outOfOrder, refused }: Outcome): boolean {
  return lost + doubled + outOfOrder + refused === 0;
}

const COLUMNS = [
  'refused',
  'lost',
  'copies',
  'doubled',
  'outOfOrder',
  'drainSeconds',
  'offlineSeconds',
  'peakMiB',
] as const satisfies readonly (keyof Outcome)[];
const HEADINGS = ['refused', 'lost', 'copies', 'doubled', 'disorder', 'drain, s', 'offline, s', 'peak MiB'];

function rowOf(name: string, cells: readonly string[]): string {
  return `  ${name.padEnd(44)}${cells.map((cell) => cell.padStart(11)).join('')}`;
}
