import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { onTestFinished } from 'vitest';
import { Mosquitto } from '../../venue/mosquitto.ts';
import { temporaryFolder } from '../../temporary.ts';

/** A broker of a test, on the loopback. */
export interface TestBroker {
  readonly port: number;
  /** Reads its rules again. */
  reload(): void;
  /** Dies at once, and everybody's connection with it. */
  kill(): Promise<void>;
}

/** A real Mosquitto, which speaks MQTT 5. Resolves when it listens. @param lines further lines of its configuration */
export async function startMosquitto(port?: number, lines: readonly string[] = []): Promise<TestBroker> {
  const broker = await Mosquitto.start({
    folder: temporaryFolder(),
    lines,
    ...(port === undefined ? {} : { port }),
  });
  const kill = () => broker.kill();
  onTestFinished(kill);
  return { port: broker.port, kill, reload: () => broker.reload() };
}

/** The broker inside the gateway's own process, which speaks MQTT 3.1.1 only. */
export async function startAedes(): Promise<TestBroker> {
  const broker = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    broker.handle(socket);
  });
  const port = await listening(server, 0);
  const kill = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await new Promise<void>((resolve) => broker.close(resolve));
  };
  onTestFinished(kill);
  return { port, kill, reload: () => undefined };
}

async function listening(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
