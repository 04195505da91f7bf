import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { needs } from '../../needs.ts';
import { until } from '../until.ts';

/** A whole venue is up, on a machine that is busy. */
const OPEN_MS_MAX = 180_000;

/** Everything of it has ended. */
const ENDED_MS_MAX = 30_000;

/** The processes of a session, by their command lines; those that have ended and wait for their parent are none. */
function processesOf(session: number): readonly { readonly pid: number; readonly command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        // proc(5): what follows the name in brackets is state, parent, group, session.
        const [state, , , of] = readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ');
        if (Number(of) !== session || state === 'Z') return [];
        return [{ pid: Number(pid), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') }];
      } catch {
        // It ended meanwhile.
        return [];
      }
    });
}

/** `npm start`, with a session of its own; resolves when the venue is open. */
async function start(): Promise<{ readonly npm: ChildProcess; readonly session: number }> {
  const npm = spawn('npm', ['start'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '', PORT: '0' },
  });
  const session = npm.pid ?? 0;
  onTestFinished(() => {
    for (const { pid } of processesOf(session)) process.kill(pid, 'SIGKILL');
  });
  const said: string[] = [];
  createInterface({ input: npm.stdout }).on('line', (line) => said.push(line));
  const isSaid = (text: string) => said.some((line) => line.includes(text));
  await until('the venue is open', () => isSaid('/console') || npm.exitCode !== null, OPEN_MS_MAX);
  const told = ['loading', 'localhost', '/wallet/', 'Opening', '/console'];
  expect(told.filter(isSaid), 'what it does is said before it is done').toEqual(told);
  for (const part of ['door-process', 'gateway-process'])
    expect(processesOf(session).some(({ command }) => command.includes(part))).toBe(true);
  return { npm, session };
}

describe('npm start', needs('socat'), () => {
  const ways = [
    ['is told to end', (npm: ChildProcess) => npm.kill('SIGTERM')],
    [
      'is ended by Ctrl+C, which every process hears',
      ({ pid }: ChildProcess) => process.kill(-(pid ?? 0), 'SIGINT'),
    ],
    ['is killed', (npm: ChildProcess) => npm.kill('SIGKILL')],
  ] as const;
  for (const [how, end] of ways)
    it(
      `leaves no process behind when it ${how}`,
      async () => {
        const { npm, session } = await start();
        const exited = once(npm, 'exit');
        end(npm);
        await exited;
        await until('nothing runs any more', () => processesOf(session).length === 0, ENDED_MS_MAX).catch(
          () => undefined,
        );
        expect(processesOf(session).map(({ command }) => command.replaceAll('\0', ' '))).toEqual([]);
      },
      OPEN_MS_MAX + 2 * ENDED_MS_MAX,
    );
});
