import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { textsIn } from './catalogue.ts';
import { denialReference } from './reference.ts';

/** What is written from the catalogues, and where it is committed. */
const FILES: Readonly<Record<string, () => string>> = {
  '../DENIALS.md': denialReference,
  '../web/pages/console/alarm-names.generated.js': alarmNames,
};

/** The names of the alarms for the console: what is mailed is what it shows. */
function alarmNames(): string {
  const names = { ja: textsIn('ja').alarms, en: textsIn('en').alarms };
  return `// Generated from gateway/messages by \`npm run generate\`; do not edit.
/** The names of all alarms in a language, for the pages. */
export const alarmNames = ${JSON.stringify(names, null, 2)};
`;
}

/** Writes the files; with `--check` only says which are stale, and exits 1 if any is. */
function main(args: readonly string[]): number {
  let exitCode = 0;
  for (const [path, content] of Object.entries(FILES)) {
    const file = fileURLToPath(new URL(path, import.meta.url));
    if (!args.includes('--check')) writeFileSync(file, content());
    else if (committed(file) !== content()) {
      console.error(`${file} is stale: npm run generate`);
      exitCode = 1;
    }
  }
  return exitCode;
}

function committed(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Never generated: as stale as can be.
    return null;
  }
}

process.exitCode = main(process.argv.slice(2));
