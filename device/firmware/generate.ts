/**
 * Writes what firmware and host share, from the two files that a person edits: `protocol.json` and
 * `hardware/pins.json`, and the build id that follows from the sources. With `--check` it writes nothing and exits 1, naming the stale files.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pinsForFirmware, pinsForHost } from './generate/pins.ts';
import { protocolForFirmware, protocolForHost } from './generate/protocol.ts';
import type { PinMap, ProtocolDescription } from './generate/descriptions.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

const protocol = JSON.parse(read('device/firmware/protocol.json')) as ProtocolDescription;
const pins = JSON.parse(read('hardware/pins.json')) as PinMap;

const described: Readonly<Record<string, string>> = {
  'device/protocol.generated.ts': protocolForHost(protocol),
  'device/pins.generated.ts': pinsForHost(pins),
  'device/firmware/src/protocol.generated.h': protocolForFirmware(protocol),
  'device/firmware/src/pins.generated.h': pinsForFirmware(pins),
};

/** The number that the Makefile builds into the firmware, so that a host knows the build it was committed with. */
function buildId(): string {
  const names = readdirSync(new URL('device/firmware/src/', root)).sort();
  const paths = ['cpp', 'h'].flatMap((end) =>
    names.filter((name) => name.endsWith(`.${end}`)).map((name) => `device/firmware/src/${name}`),
  );
  const hash = createHash('sha256');
  for (const path of [...paths, 'device/firmware/Makefile']) hash.update(described[path] ?? read(path));
  return hash.digest('hex').slice(0, 8);
}

const outputs: Readonly<Record<string, string>> = {
  ...described,
  'device/build.generated.ts': [
    '// Generated from the sources of the firmware by generate.ts.',
    '',
    '/** The build id of the committed `firmware/genkan.hex`, as `hello` tells it. */',
    `export const firmwareBuildId = 0x${buildId()};`,
    '',
  ].join('\n'),
};

function current(path: string): string | undefined {
  try {
    return read(path);
  } catch {
    return undefined;
  }
}

const stale = Object.entries(outputs).filter(([path, text]) => current(path) !== text);
if (process.argv.includes('--check')) {
  for (const [path] of stale) console.error(`stale: ${path} (run npm run generate)`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const [path, text] of stale) {
    writeFileSync(fileURLToPath(new URL(path, root)), text);
    console.log(`wrote ${path}`);
  }
}
