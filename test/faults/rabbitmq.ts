import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../venue/mosquitto.ts';
import { Program } from './program.ts';

/**
 * One RabbitMQ on the loopback with its MQTT plugin (3.1.1). It brings its own name server of Erlang's, so that nothing
 * outlives it.
 */
export class RabbitMq {
  readonly url: string;
  readonly #server: Program;
  readonly #names: Program;

  private constructor(url: string, server: Program, names: Program) {
    this.url = url;
    this.#server = server;
    this.#names = names;
  }

  /** @param program where the server lies. Resolves when it is ready. */
  static async start(program: string, folder: string): Promise<RabbitMq> {
    mkdirSync(folder, { recursive: true });
    const [port, names, node] = await Promise.all([freePort(), freePort(), freePort()]);
    const config = join(folder, 'rabbitmq.conf');
    const plugins = join(folder, 'enabled_plugins');
    writeFileSync(plugins, '[rabbitmq_mqtt].\n');
    writeFileSync(
      config,
      [
        'listeners.tcp = none',
        `mqtt.listeners.tcp.1 = 127.0.0.1:${port}`,
        'mqtt.tcp_listen_options.nodelay = true',
        'mqtt.allow_anonymous = true',
        // Small disks of build machines are no fault of a broker's.
        'disk_free_limit.absolute = 50MB',
        '',
      ].join('\n'),
    );
    const env = {
      HOME: folder,
      ERL_EPMD_PORT: String(names),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      // The shell script becomes the server, and what is killed is the server.
      RABBITMQ_ALLOW_INPUT: '1',
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-noinput',
      RABBITMQ_NODENAME: `genkan-${port}@localhost`,
      RABBITMQ_DIST_PORT: String(node),
      RABBITMQ_CONFIG_FILE: config,
      RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
      RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
      RABBITMQ_LOG_BASE: join(folder, 'log'),
      RABBITMQ_PID_FILE: join(folder, 'pid'),
      RABBITMQ_LOGS: '-',
    };
    const broker = new RabbitMq(
      `mqtt://127.0.0.1:${port}`,
      new Program({
        ...{ command: program, args: [], env },
        isReady: (line) => line.includes('Server startup complete'),
      }),
      new Program({
        ...{ command: 'epmd', args: ['-d', '-port', String(names), '-address', '127.0.0.1'], env },
        isReady: (line) => line.includes('epmd running'),
      }),
    );
    try {
      await broker.#names.start();
      await broker.#server.start();
    } catch (error) {
      await broker.close();
      throw error;
    }
    return broker;
  }

  /** SIGKILL, and up again with what it has on its disk. Resolves when it is ready. */
  async restart(): Promise<void> {
    await this.#server.kill();
    await this.#server.start();
  }

  async close(): Promise<void> {
    await this.#server.kill();
    await this.#names.kill();
  }
}
