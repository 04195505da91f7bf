import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { portOf } from './line.ts';

/** Where Debian puts the broker. */
const MOSQUITTO = '/usr/sbin/mosquitto';

export interface MosquittoOptions {
  /** A folder of its own: the configuration, and what the broker keeps over its own restarts. */
  readonly folder: string;
  /** Default: a free one. It stays the same over restarts. */
  readonly port?: number;
  /** Further lines of the configuration. */
  readonly lines?: readonly string[];
}

/**
 * A real Mosquitto on the loopback, which speaks MQTT 5. Persistence is on with the default autosave (30 minutes), as
 * Debian ships it: what it acknowledged since then is lost when it is killed.
 */
export class Mosquitto {
  readonly port: number;
  readonly #config: string;
  #process: ChildProcess | null = null;

  private constructor(config: string, port: number) {
    this.#config = config;
    this.port = port;
  }

  /** Resolves when it listens. */
  static async start({ folder, port, lines = [] }: MosquittoOptions): Promise<Mosquitto> {
    mkdirSync(folder, { recursive: true });
    const on = port ?? (await freePort());
    const config = join(folder, 'mosquitto.conf');
    writeFileSync(
      config,
      [
        `listener ${on} 127.0.0.1`,
        'allow_anonymous true',
        'set_tcp_nodelay true',
        'persistence true',
        `persistence_location ${folder}/`,
        // Started by root it would become a user who may not write here.
        ...(process.getuid?.() === 0 ? ['user root'] : []),
        ...lines,
        '',
      ].join('\n'),
    );
    const broker = new Mosquitto(config, on);
    await broker.restart();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Its process; `undefined` while it is dead. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts it again after `kill`, on the same port with the same folder. Resolves when it listens. */
  async restart(): Promise<void> {
    const child = spawn(MOSQUITTO, ['-c', this.#config], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process = child;
    const said: string[] = [];
    const lines = createInterface({ input: child.stderr });
    await new Promise<void>((resolve, reject) => {
      const ended = () => reject(new Error(`mosquitto ended before it listened:\n${said.join('\n')}`));
      child.once('exit', ended);
      lines.on('line', (line) => {
        said.splice(0, said.length - 20);
        said.push(line);
        if (!line.endsWith('running')) return;
        child.off('exit', ended);
        resolve();
      });
    });
  }

  /** Reads its configuration again, and who may do what. */
  reload(): void {
    this.#process?.kill('SIGHUP');
  }

  /** SIGKILL now, as a power cut of the broker's host: nothing is flushed, and everybody's connection breaks. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}

/** A TCP port on the loopback that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
