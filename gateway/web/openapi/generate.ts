import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openApiDocument } from './document.ts';

/** Where the document is committed; the gateway serves it at `/api/openapi.json`. */
const file = fileURLToPath(new URL('../openapi.generated.json', import.meta.url));

const wanted = `${JSON.stringify(await openApiDocument(), null, 2)}\n`;
if (!process.argv.includes('--check')) writeFileSync(file, wanted);
else if (readFileSync(file, 'utf8') !== wanted) {
  console.error('gateway/web/openapi.generated.json is stale: npm run generate');
  process.exitCode = 1;
}
