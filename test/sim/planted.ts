import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What the simulation stands on. */
const SOURCES = [
  'gateway',
  'shared',
  'device',
  'test/sim',
  'test/faults/seeded.ts',
  'test/venue',
  'test/shared/billing/model.ts',
  'package.json',
  'tsconfig.json',
];

/** Places in the sources, and what stands there instead. */
export interface Plant {
  /** What the bug is called. */
  readonly name: string;
  readonly file: string;
  readonly of: string;
  readonly instead: string;
  /** Whether it stands there more than once, and everywhere is meant. Default: `false`. */
  readonly everywhere?: boolean;
}

/** One bug of each class that the simulation is there to find. */
export const PLANTS: readonly Plant[] = [
  {
    name: 'commit after pulse',
    file: 'gateway/attendant.ts',
    of: '      return row;\n    });',
    instead: '      if (answer.granted) this.#options.grants.offer(row);\n      return row;\n    });',
  },
  {
    name: 'outbox row dropped on PUBACK',
    file: 'gateway/uplink/uplink.ts',
    of: 'connection.publish({ topic: this.#topics.events, body, contentType: EVENT_CONTENT_TYPE }),',
    instead: `connection.publish({ topic: this.#topics.events, body, contentType: EVENT_CONTENT_TYPE }).then(() => {
          const seq = Number((JSON.parse(body) as { sequence: string }).sequence);
          journal.acceptCustody(seq, journal.headAt(seq) ?? '');
        }),`,
  },
  {
    name: 'double settle',
    file: 'gateway/settlement.ts',
    of: "const settled = settleNoShow(known, stay?.state === 'no-show' ? stay : null, {",
    instead: 'const settled = settleNoShow(known, null, {',
  },
  {
    name: 'chain not checked',
    file: 'gateway/journal/journal.ts',
    of: 'if (this.headAt(seq) !== head) return false;',
    instead: '',
  },
  {
    name: 'wall clock used for a duration',
    file: 'gateway/grants.ts',
    of: 'clock.monotonicMs()',
    instead: 'clock.wallMs()',
    everywhere: true,
  },
  {
    name: 'retry billed twice',
    file: 'gateway/attendant.ts',
    of: 'if (first !== null && age(first.atMs) <= RETRY_WINDOW_MS)',
    instead: 'if (first !== null && age(first.atMs) < 0)',
  },
  {
    name: 'void missing',
    file: 'gateway/grants.ts',
    of: 'return [notTaken, voided];',
    instead: 'return [notTaken]; void voided;',
  },
];

/** What a simulation of planted sources said. */
export interface PlantedResult {
  readonly seeds: number;
  readonly violations: number;
  /** The first complaints. */
  readonly first: readonly string[];
}

/**
 * The file of a plant with the bug in it. Throws if the place is not to be found: then the
 * plant has to follow the sources.
 */
export function planted({ file, of, instead, everywhere = false }: Plant): string {
  const text = readFileSync(join(root, file), 'utf8');
  const places = text.split(of).length - 1;
  if (everywhere ? places === 0 : places !== 1) throw new Error(`${file} holds ${places} times: ${of}`);
  return text.replaceAll(of, () => instead);
}

/**
 * Simulates the sources with one bug in them, in a folder of their own, until it is found.
 */
export async function simulatePlanted(plant: Plant, seeds: number): Promise<PlantedResult> {
  const folder = mkdtempSync(join(tmpdir(), 'genkan-planted-'));
  try {
    for (const source of SOURCES) cpSync(join(root, source), join(folder, source), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, plant.file), planted(plant));
    const output = await run(folder, seeds);
    const lines = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const summary = lines.at(-1) as unknown as { seeds: number; violations: number };
    const first = lines.slice(0, -1).flatMap(({ violations }) => violations as readonly string[]);
    return { ...summary, first: first.slice(0, 3) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(folder: string, seeds: number): Promise<string> {
  const args = [
    '--import',
    'tsx',
    'test/sim/sim.ts',
    '--seeds',
    String(seeds),
    '--until-violation',
    '--json',
  ];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')));
  return new Promise((resolve, reject) => {
    child.once('close', () => {
      if (output.trim() === '')
        reject(new Error(`the planted simulation said nothing: ${errors.slice(0, 2_000)}`));
      else resolve(output);
    });
  });
}
