/**
 * A process that exports a ledger: `export-clients <url> <cookie> <clients>`. Each client begins again when it has all of
 * it. It says `ready` when every one has its first bytes, and answers any message with what was exported since.
 */
import { get } from 'node:http';

const [url = '', cookie = '', clients = ''] = process.argv.slice(2);

let bytes = 0;
let whole = 0;

function exportOnce(onFirst: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { cookie } }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`export: ${String(response.statusCode)}`));
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        onFirst();
      });
      response.on('end', () => {
        whole += 1;
        resolve();
      });
      response.on('error', reject);
    }).on('error', reject);
  });
}

const begun = Array.from(
  { length: Number(clients) },
  () =>
    new Promise<void>((resolve) => {
      const again = (): Promise<void> => exportOnce(resolve).then(again);
      void again();
    }),
);
process.on('message', () => process.send?.({ bytes, whole }));
process.on('disconnect', () => process.exit());
await Promise.all(begun);
process.send?.('ready');
