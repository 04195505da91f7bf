/** A process that looks at consoles: `console-viewers <url> <viewers>`. It says `ready` when every stream has begun. */
import { get } from 'node:http';

const [url = '', viewers = ''] = process.argv.slice(2);

let received = 0;
const begun = Array.from(
  { length: Number(viewers) },
  () =>
    new Promise<void>((resolve, reject) => {
      get(url, (response) => {
        response.on('data', (chunk: Buffer) => {
          received += chunk.length;
          resolve();
        });
      }).on('error', reject);
    }),
);
process.on('message', () => process.send?.({ received }));
process.on('disconnect', () => process.exit());
await Promise.all(begun);
process.send?.('ready');
