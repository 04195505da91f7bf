/**
 * Writes the wiring drawings and tables from `pins.json`, `wiring.json`, `locks.json` and `parts.json`. With `--check`
 * it writes nothing and exits 1, naming the stale files.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { assertWired, type LockType, type Part, type PinMap, type Wiring } from './drawing/descriptions.ts';
import { manual } from './drawing/manual.ts';
import { partsTable, terminalTable } from './drawing/tables.ts';
import { wiringDrawing } from './drawing/wiring.ts';

const here = (path: string): URL => new URL(path, import.meta.url);
const read = (path: string): unknown => JSON.parse(readFileSync(here(path), 'utf8'));

const pins = read('pins.json') as PinMap;
const wiring = read('wiring.json') as Wiring;
const locks = read('locks.json') as readonly LockType[];
const parts = read('parts.json') as readonly Part[];
assertWired(pins, wiring);

const outputs = new Map<string, string>([
  ...locks.map((lock) => [`wiring-${lock.id}.svg`, wiringDrawing(pins, wiring, lock)] as const),
  ['terminals.generated.md', terminalTable(pins, wiring, locks)],
  ['parts.generated.md', partsTable(parts, locks)],
  ['install.ja.generated.md', manual(pins, wiring, locks, parts)],
]);

function current(path: string): string | undefined {
  try {
    return readFileSync(here(path), 'utf8');
  } catch {
    return undefined;
  }
}

const stale = [...outputs].filter(([path, text]) => current(path) !== text);
if (process.argv.includes('--check')) {
  for (const [path] of stale) console.error(`stale: hardware/${path} (run npm run generate)`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const [path, text] of stale) {
    writeFileSync(here(path), text);
    console.log(`wrote hardware/${path}`);
  }
}
