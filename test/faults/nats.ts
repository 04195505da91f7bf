import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../venue/mosquitto.ts';
import { Program } from './program.ts';

const NODES = 3;

/**
 * A cluster of three NATS servers on the loopback with JetStream, whose MQTT (3.1.1) keeps everything on all three: each
 * message stands on two before it is acknowledged.
 */
export class Nats {
  readonly urls: readonly string[];
  readonly #nodes: readonly Program[];

  private constructor(urls: readonly string[], nodes: readonly Program[]) {
    this.urls = urls;
    this.#nodes = nodes;
  }

  /** @param program where the server lies. Resolves when all three are ready. */
  static async start(program: string, folder: string): Promise<Nats> {
    const ports = await Promise.all(Array.from({ length: NODES * 3 }, freePort));
    const routes = ports.slice(0, NODES);
    const nodes = routes.map((route, at) => {
      const name = `node-${at + 1}`;
      const store = join(folder, name);
      mkdirSync(store, { recursive: true });
      const config = join(folder, `${name}.conf`);
      writeFileSync(
        config,
        [
          `server_name: ${name}`,
          `listen: 127.0.0.1:${ports[NODES + at]}`,
          `jetstream { store_dir: ${JSON.stringify(store)} }`,
          `cluster {`,
          `  name: genkan`,
          `  listen: 127.0.0.1:${route}`,
          `  routes: [${routes.map((port) => `"nats-route://127.0.0.1:${port}"`).join(', ')}]`,
          `}`,
          `mqtt { listen: "127.0.0.1:${ports[2 * NODES + at]}", stream_replicas: ${NODES} }`,
          '',
        ].join('\n'),
      );
      return new Program({
        command: program,
        args: ['--config', config],
        isReady: (line) => line.includes('Server is ready'),
      });
    });
    const urls = ports.slice(2 * NODES).map((port) => `mqtt://127.0.0.1:${port}`);
    const cluster = new Nats(urls, nodes);
    try {
      await Promise.all(nodes.map((node) => node.start()));
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  /** Kills one node, from 0, which stays dead. */
  async kill(node: number): Promise<void> {
    await this.#nodes[node]?.kill();
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.kill()));
  }
}
