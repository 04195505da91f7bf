import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { supervisorOf } from '../../gateway/supervisor.ts';
import { needs } from '../needs.ts';
import { until } from '../venue/until.ts';
import { temporaryFolder } from '../temporary.ts';

const log = pino({ level: 'silent' });

/** A socket that hears what a service tells its manager. */
async function manager() {
  const socket = join(temporaryFolder(), 'notify');
  const child = spawn('socat', ['-u', `UNIX-RECV:${socket}`, 'STDOUT'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill());
  let heard = '';
  child.stdout.on('data', (piece: Buffer) => (heard += piece.toString()));
  await until('the socket is there', () => existsSync(socket));
  return { socket, count: (word: string) => heard.split(word).length - 1 };
}

describe('a gateway under systemd', needs('systemd-notify', 'socat'), () => {
  it('says when it is ready, feeds the watchdog for as long as its loop moves, and says when it goes', async () => {
    const { socket, count } = await manager();
    const supervisor = supervisorOf(
      { PATH: process.env['PATH'], NOTIFY_SOCKET: socket, WATCHDOG_USEC: '900000' },
      log,
    );
    supervisor.ready();
    await until('it is ready', () => count('READY=1') === 1);
    await until('the watchdog is fed twice', () => count('WATCHDOG=1') >= 2);
    supervisor.stopping();
    await until('it goes', () => count('STOPPING=1') === 1);
  });

  it('feeds nobody who does not watch', async () => {
    const { socket, count } = await manager();
    const supervisor = supervisorOf({ PATH: process.env['PATH'], NOTIFY_SOCKET: socket }, log);
    supervisor.ready();
    await until('it is ready', () => count('READY=1') === 1);
    supervisor.stopping();
    await until('it goes', () => count('STOPPING=1') === 1);
    expect(count('WATCHDOG=1')).toBe(0);
  });
});
