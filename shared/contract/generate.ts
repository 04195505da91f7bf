import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asyncApiDocument } from './generate/asyncapi.ts';
import { schemaDocuments } from './generate/documents.ts';
import { specificationFrom } from './generate/specification.ts';

/** Where the generated documents are committed. */
const directory = fileURLToPath(new URL('generated/', import.meta.url));

/** The contract in words, of which parts are generated. */
const specification = fileURLToPath(new URL('SPEC.md', import.meta.url));

/** Every generated file by its path below `generated/`, with its exact text. */
function generatedFiles(): ReadonlyMap<string, string> {
  const documents = new Map([...schemaDocuments(), ['asyncapi.json', asyncApiDocument()] as const]);
  return new Map([...documents].map(([path, document]) => [path, `${JSON.stringify(document, null, 2)}\n`]));
}

function committedFiles(): ReadonlyMap<string, string> {
  mkdirSync(directory, { recursive: true });
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.json'),
  );
  return new Map(paths.map((path) => [path, readFileSync(join(directory, path), 'utf8')]));
}

/** Writes the schemas, the AsyncAPI document and the specification's generated parts; with `--check` only says which files differ, and exits 1 if any does. */
function main(args: readonly string[]): number {
  const wanted = generatedFiles();
  const committed = committedFiles();
  const differing = [...wanted].filter(([path, text]) => committed.get(path) !== text).map(([path]) => path);
  const surplus = [...committed.keys()].filter((path) => !wanted.has(path));
  const words = readFileSync(specification, 'utf8');
  const areWordsStale = specificationFrom(words) !== words;
  if (args.includes('--check')) {
    if (areWordsStale) console.error('shared/contract/SPEC.md is stale: npm run generate');
    for (const path of [...differing, ...surplus])
      console.error(`shared/contract/generated/${path} is stale: npm run generate`);
    return differing.length + surplus.length + Number(areWordsStale) === 0 ? 0 : 1;
  }
  writeFileSync(specification, specificationFrom(words));
  for (const path of surplus) rmSync(join(directory, path));
  for (const path of differing) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), wanted.get(path) ?? '');
  }
  return 0;
}

process.exitCode = main(process.argv.slice(2));
