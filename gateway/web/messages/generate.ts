import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { denialReference } from './reference.ts';

/** Where the reference is committed. */
const file = fileURLToPath(new URL('../../DENIALS.md', import.meta.url));

/** Writes the reference of denials; with `--check` only says whether it is stale, and exits 1 if it is. */
function main(args: readonly string[]): number {
  const wanted = denialReference();
  if (!args.includes('--check')) {
    writeFileSync(file, wanted);
    return 0;
  }
  if (committed() === wanted) return 0;
  console.error('gateway/DENIALS.md is stale: npm run generate');
  return 1;
}

function committed(): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Never generated: as stale as can be.
    return null;
  }
}

process.exitCode = main(process.argv.slice(2));
