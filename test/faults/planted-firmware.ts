import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const firmware = fileURLToPath(new URL('../../device/firmware/', import.meta.url));

/** A place in the sources, and what stands there instead. */
export interface Plant {
  readonly file: string;
  readonly instead: string;
  readonly of: string;
}

/**
 * Builds the firmware with one fault in it, in a folder of its own, and returns the path of its hex. Throws if the
 * place is not to be found: then the plant has to follow the sources.
 */
export function plantedFirmware(folder: string, { file, instead, of }: Plant): string {
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(firmware, 'src'), join(folder, 'src'), { recursive: true });
  cpSync(join(firmware, 'Makefile'), join(folder, 'Makefile'));
  const path = join(folder, 'src', file);
  const source = readFileSync(path, 'utf8');
  if (source.split(of).length !== 2) throw new Error(`${file} does not hold once: ${of}`);
  writeFileSync(
    path,
    source.replace(of, () => instead),
  );
  execFileSync('make', ['--directory', folder, 'build/genkan.hex'], { stdio: ['ignore', 'ignore', 'pipe'] });
  return join(folder, 'build', 'genkan.hex');
}
