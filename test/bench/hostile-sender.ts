/** A process that sends bad door requests at a steady rate: `hostile-sender <port> <rate> <code>`. */
import { connect, type Socket } from 'node:net';

const [port = '', rate = '', code = ''] = process.argv.slice(2);

/** How often a batch is sent, in milliseconds. */
const TICK_MS = 10;

const CONNECTIONS = 10;

const PATH = '/api/doors/front/entry';

const [pass = '', proof = ''] = code.slice('GK1.'.length).split('~');
const forge = (token: string) => `${token.slice(0, -43)}${'A'.repeat(43)}`;

function post(path: string, headers: Readonly<Record<string, string>>, body = '{}'): Buffer {
  const lines = Object.entries({
    host: 'localhost',
    'content-type': 'application/json',
    'content-length': String(body.length),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from([`POST ${path} HTTP/1.1`, ...lines, '', body].join('\r\n'));
}

/** What an attacker on the venue's network may send, the costliest among it. */
const REQUESTS = [
  // A pass that was read off a screen, with a proof of the right form.
  post(PATH, { authorization: `DPoP ${pass}`, dpop: forge(proof) }),
  // A forged pass.
  post(PATH, { authorization: `DPoP ${forge(pass)}`, dpop: proof }),
  post(PATH, { authorization: `DPoP ${'A'.repeat(4_000)}`, dpop: 'B' }),
  // A guess at the code of a display.
  post('/api/doors/front/presence', {}, JSON.stringify({ c: '0.AAAAAAAAAAAA', side: 'entry' })),
] as const;

let answers: Record<string, number> = {};
let sent = 0;

const sockets: readonly Socket[] = Array.from({ length: CONNECTIONS }, () => {
  const socket = connect({ host: '127.0.0.1', port: Number(port), noDelay: true });
  socket.on('data', (chunk: Buffer) => {
    for (const [, status = ''] of chunk.toString('latin1').matchAll(/HTTP\/1\.1 (\d{3})/g))
      answers[status] = (answers[status] ?? 0) + 1;
  });
  return socket;
});

function attack(): NodeJS.Timeout {
  const startMs = performance.now();
  const before = sent;
  return setInterval(() => {
    const due = before + ((performance.now() - startMs) * Number(rate)) / 1_000;
    for (; sent < due; sent += 1) {
      const request = REQUESTS[sent % REQUESTS.length];
      if (request !== undefined) sockets[sent % CONNECTIONS]?.write(request);
    }
  }, TICK_MS);
}

let timer: NodeJS.Timeout | undefined;
process.on('message', (order) => {
  if (order === 'start') {
    answers = {};
    timer = attack();
    process.send?.('started');
  } else {
    clearInterval(timer);
    process.send?.(answers);
  }
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
