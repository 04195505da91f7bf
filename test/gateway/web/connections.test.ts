import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { createServer as createSecureServer } from 'node:https';
import { afterEach, it } from 'vitest';
import { boundConnections, serverOptions } from '../../../gateway/web/connections.ts';

const SMALL = { inAll: 100, ofSource: 3, requestMs: 200 };
const closers: (() => void)[] = [];

afterEach(() => closers.splice(0).forEach((close) => close()));

/** Where a server with small limits listens. */
async function listening(server = createServer(serverOptions(SMALL), (_request, answer) => answer.end('x'))) {
  boundConnections(server, SMALL, () => false);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A peer that holds a connection, and whether it still has it. */
async function hold(port: number): Promise<{ readonly socket: Socket; readonly closed: Promise<unknown> }> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  closers.push(() => socket.destroy());
  await once(socket, 'connect');
  return { socket, closed };
}

it('the fourth connection of one address is hung up on, and after one of the three is given up there is room', async () => {
  const port = await listening();
  const held = [await hold(port), await hold(port), await hold(port)];
  await (
    await hold(port)
  ).closed;
  held[0]?.socket.destroy();
  await held[0]?.closed;
  // The server hears of the end in its own time.
  for (let status = 0; status !== 200;) {
    status = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } }).then(
      (answer) => answer.status,
      () => 0,
    );
  }
});

it.each([
  ['nothing', ''],
  ['half of its headers', 'POST / HTTP/1.1\r\nhost: x\r\n'],
  ['half of its body', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf'],
])('a peer that has sent %s is hung up on when its time is over', async (_, sent) => {
  const { socket, closed } = await hold(await listening());
  socket.write(sent);
  socket.resume();
  await closed;
});

it('a handshake that is not gone on with is hung up on when its time is over', async () => {
  const port = await listening(createSecureServer(serverOptions(SMALL)));
  const { socket, closed } = await hold(port);
  socket.resume();
  await closed;
});
