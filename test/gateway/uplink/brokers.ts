import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Aedes } from 'aedes';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../temporary.ts';

/** Where Debian puts the broker. */
export const MOSQUITTO = '/usr/sbin/mosquitto';
export const hasMosquitto = existsSync(MOSQUITTO);

/** A broker of a test, on the loopback. */
export interface TestBroker {
  readonly port: number;
  /** Dies at once, and everybody's connection with it. */
  kill(): Promise<void>;
}

/** A real Mosquitto, which speaks MQTT 5. Resolves when it listens. */
export async function startMosquitto(port?: number): Promise<TestBroker> {
  const on = port ?? (await freePort());
  const config = join(temporaryFolder(), 'mosquitto.conf');
  writeFileSync(
    config,
    `listener ${on} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nlog_type all\n`,
  );
  const process = spawn(MOSQUITTO, ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise<void>((resolve) => process.once('exit', () => resolve()));
  const kill = async () => {
    process.kill('SIGKILL');
    await exited;
  };
  onTestFinished(kill);
  const lines = createInterface({ input: process.stderr });
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      if (line.endsWith('running')) resolve();
    });
    void exited.then(() => reject(new Error('mosquitto ended before it listened')));
  });
  return { port: on, kill };
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
  return { port, kill };
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server, 0);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
