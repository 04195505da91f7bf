import { describe, expect, it } from 'vitest';
import { Line } from '../../device/door/line.ts';
import type { Transport, TransportListener } from '../../device/door/transport.ts';

/** A line whose openings and closings the test lets happen, with what happened in order. */
function scriptedLine(): {
  line: Line;
  log: string[];
  listeners: TransportListener[];
  open: (() => void)[];
  closed: (() => void)[];
} {
  const log: string[] = [];
  const listeners: TransportListener[] = [];
  const open: (() => void)[] = [];
  const closed: (() => void)[] = [];
  const line = new Line(
    (listener) => {
      const name = `line ${listeners.push(listener)}`;
      log.push(`opening ${name}`);
      return new Promise<Transport>((resolve) => {
        open.push(() =>
          resolve({
            write: () => undefined,
            close: () => {
              log.push(`closing ${name}`);
              return new Promise((done) => closed.push(done));
            },
          }),
        );
      });
    },
    {
      opened: () => log.push('opened'),
      failed: (reason) => log.push(`failed: ${reason}`),
      bytes: (chunk) => log.push(`bytes ${chunk.join()}`),
      lost: (reason) => log.push(`lost: ${reason}`),
    },
  );
  return { line, log, listeners, open, closed };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the line to a board', () => {
  it('opens the next transport only once the last one is closed', async () => {
    const { line, log, open, closed } = scriptedLine();
    line.open();
    await turn();
    open[0]?.();
    await turn();
    line.shut();
    line.open();
    await turn();
    expect(log).toEqual(['opening line 1', 'opened', 'closing line 1']);
    closed[0]?.();
    await turn();
    expect(log.at(-1)).toBe('opening line 2');
  });

  it('closes a transport that opens only after it was given up, and tells nothing of it', async () => {
    const { line, log, listeners, open, closed } = scriptedLine();
    line.open();
    await turn();
    line.shut();
    open[0]?.();
    await turn();
    listeners[0]?.bytes(Uint8Array.of(1));
    listeners[0]?.lost('late');
    expect(log).toEqual(['opening line 1', 'closing line 1']);
    let over = false;
    const closing = line.closed().then(() => (over = true));
    await turn();
    expect(over).toBe(false);
    closed[0]?.();
    await closing;
  });

  it('tells what its own transport tells', async () => {
    const { line, log, listeners, open } = scriptedLine();
    line.open();
    await turn();
    open[0]?.();
    await turn();
    listeners[0]?.bytes(Uint8Array.of(1, 2));
    listeners[0]?.lost('unplugged');
    expect(log).toEqual(['opening line 1', 'opened', 'bytes 1,2', 'lost: unplugged']);
  });
});
