import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** The venue's line to the Internet: a TCP proxy that can be cut and mended. */
export interface Line {
  readonly url: string;
  readonly isCut: boolean;
  /** Breaks every connection and lets no new one through. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

/**
 * Lays a line from a free loopback port to a broker's.
 *
 * @param watch looks at the bytes of the broker to one client, after they went on; called once for each connection
 */
export async function layLine(
  brokerPort: number,
  watch?: () => (fromBroker: Uint8Array) => void,
): Promise<Line> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // An end that went away is what a line does; MQTT on both sides learns of it by the close.
    socket.on('error', () => socket.destroy());
  };
  const server = createServer({ noDelay: true }, (near) => {
    keep(near);
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect({ port: brokerPort, host: '127.0.0.1', noDelay: true });
    keep(far);
    near.pipe(far);
    far.pipe(near);
    const look = watch?.();
    if (look !== undefined) far.on('data', look);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `mqtt://127.0.0.1:${portOf(server)}`,
    get isCut() {
      return isCut;
    },
    cut: () => {
      isCut = true;
      breakAll();
    },
    mend: () => {
      isCut = false;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      breakAll();
      await closed;
    },
  };
}

/** The TCP port that a server listens on. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
