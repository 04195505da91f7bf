import { once } from 'node:events';
import { createServer } from 'node:net';
import { Aedes } from 'aedes';
import { portOf } from './line.ts';

/** The cloud's broker in the demo: aedes, MQTT 3.1.1, on a loopback port. */
export interface Broker {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a broker on a free port. It holds everything in memory. */
export async function startBroker(): Promise<Broker> {
  const aedes = await Aedes.createBroker();
  // Without noDelay one QoS 1 message at a time costs 40 ms (Nagle's algorithm and delayed acknowledgements).
  const server = createServer({ noDelay: true }, aedes.handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await new Promise<void>((resolve) => {
        aedes.close(() => resolve());
      });
      await closed;
    },
  };
}
