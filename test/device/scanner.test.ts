import { symlinkSync, unlinkSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import type { Scanner, ScannerEvent } from '../../device/ports.ts';
import { serialScanner, streamScanner } from '../../device/scanner/serial.ts';
import { openPty } from '../../device/emulator/pty.ts';
import type { Pty } from '../../device/emulator/pty.ts';
import { Heard, freePath } from './listening.ts';
import { needs } from '../needs.ts';

const open: Scanner[] = [];
const ports: Pty[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((scanner) => scanner.close()));
  await Promise.all(ports.splice(0).map((port) => port.close()));
});

function listenTo(scanner: Scanner): Heard<ScannerEvent> {
  open.push(scanner);
  const heard = new Heard<ScannerEvent>();
  scanner.onEvent(heard.listener);
  scanner.start();
  return heard;
}

/** Plugs a reader in: its port appears at the path. */
async function plug(path: string): Promise<Pty> {
  const port = await openPty(path);
  ports.push(port);
  return port;
}

const place = { door: 'front', side: 'entry' } as const;
const isOnline = (event: ScannerEvent): boolean => event.kind === 'online';
const isOffline = (event: ScannerEvent): boolean => event.kind === 'offline';
const isCode = (text: string) => (event: ScannerEvent) =>
  event.kind === 'code' && Buffer.from(event.bytes).toString() === text;
/** The events in short, codes as their text. */
const short = (heard: Heard<ScannerEvent>): string[] =>
  heard.events.map((event) => (event.kind === 'code' ? Buffer.from(event.bytes).toString() : event.kind));

describe('a scanner over a stream', () => {
  it('reports a code that came in two chunks once, while it stays under the reader', async () => {
    const stream = new PassThrough();
    const heard = listenTo(streamScanner({ ...place, openStream: () => stream }));
    await heard.first(isOnline);
    stream.write('co');
    stream.write('de\r\ncode\r\ncode\r\nother\r\n');
    await heard.first(isCode('other'));
    expect(short(heard)).toEqual(['online', 'code', 'other']);
  });

  it('reports a code without a suffix after the gap', async () => {
    const stream = new PassThrough();
    const heard = listenTo(streamScanner({ ...place, openStream: () => stream }));
    await heard.first(isOnline);
    stream.write('no suffix');
    await heard.first(isCode('no suffix'));
  });

  it.each([
    ['before its timers run', () => Promise.resolve()],
    ['after its timers ran', () => new Promise<void>((resolve) => setTimeout(resolve, 0))],
  ])('keeps a code whole when the process stood still and reads the rest %s', async (_name, turn) => {
    const stream = new PassThrough();
    const heard = listenTo(streamScanner({ ...place, openStream: () => stream }));
    await heard.first(isOnline);
    stream.write('one ');
    // Once the first half is heard, its gap counts.
    await new Promise((resolve) => setImmediate(resolve));
    const until = performance.now() + 200;
    while (performance.now() < until);
    await turn();
    stream.write('piece\r');
    await heard.first((event) => event.kind === 'code');
    expect(short(heard)).toEqual(['online', 'one piece']);
  });

  it('reports a code above 4,096 bytes as discarded and reads the next one', async () => {
    const stream = new PassThrough();
    const heard = listenTo(streamScanner({ ...place, openStream: () => stream }));
    await heard.first(isOnline);
    stream.write(`${'x'.repeat(10_000)}\rnext\r`);
    await heard.first(isCode('next'));
    expect(heard.events[1]).toEqual({ kind: 'discarded', reason: 'too-long', length: 10_000 });
    expect(short(heard)).toEqual(['online', 'discarded', 'next']);
  });

  it('is offline when the stream ends, and online with the next stream, without the half code of the last', async () => {
    const streams: Duplex[] = [];
    const openStream = (): Duplex => {
      const stream = new PassThrough();
      streams.push(stream);
      return stream;
    };
    const heard = listenTo(streamScanner({ ...place, reopenMs: 1, openStream }));
    await heard.first(isOnline);
    streams[0]?.write('half');
    streams[0]?.end();
    await heard.first(isOffline);
    await heard.next(isOnline);
    streams[1]?.write('whole\r');
    await heard.first(isCode('whole'));
    expect(short(heard)).toEqual(['online', 'offline', 'online', 'whole']);
  });

  it('is offline once, not once per attempt, while the stream cannot be opened', async () => {
    let attempts = 0;
    const heard = listenTo(
      streamScanner({
        ...place,
        reopenMs: 1,
        openStream: () => {
          attempts += 1;
          if (attempts < 5) throw new Error(`attempt ${attempts} failed`);
          return new PassThrough();
        },
      }),
    );
    await heard.first(isOnline);
    expect(heard.events).toEqual([{ kind: 'offline', reason: 'attempt 1 failed' }, { kind: 'online' }]);
  });

  it('is silent after close', async () => {
    const stream = new PassThrough();
    const scanner = streamScanner({ ...place, openStream: () => stream });
    const heard = listenTo(scanner);
    await heard.first(isOnline);
    await scanner.close();
    expect(stream.destroyed).toBe(true);
    expect(short(heard)).toEqual(['online']);
  });
});

describe('a scanner on a serial port', needs('socat'), () => {
  it('reads codes as they are shown', async () => {
    const reader = await plug(freePath());
    const heard = listenTo(serialScanner({ ...place, path: reader.path }));
    await heard.first(isOnline);
    reader.write(Buffer.from('first\r\nfirst\r\nsecond\r\n'));
    await heard.first(isCode('second'));
    expect(short(heard)).toEqual(['online', 'first', 'second']);
  });

  it('is offline within 2 s of being unplugged and reads again when it is back', async () => {
    const path = freePath();
    let reader = await plug(path);
    const heard = listenTo(serialScanner({ ...place, path }));
    await heard.first(isOnline);
    for (const round of ['first', 'second', 'third']) {
      reader.write(Buffer.from('half a code'));
      const unpluggedMs = performance.now();
      const offline = heard.next(isOffline);
      await reader.close();
      await offline;
      expect(performance.now() - unpluggedMs).toBeLessThan(2000);
      const online = heard.next(isOnline);
      reader = await plug(path);
      await online;
      reader.write(Buffer.from(`${round}\r`));
      await heard.first(isCode(round));
    }
  });

  it('is offline with a reason before it was ever plugged in, and online then', async () => {
    const path = freePath();
    const heard = listenTo(serialScanner({ ...place, path }));
    const offline = await heard.first(isOffline);
    expect(offline.kind === 'offline' && offline.reason).toContain(path);
    await plug(path);
    await heard.first(isOnline);
  });

  it('is offline when its name leads to another device, though its port says nothing', async () => {
    const [one, other] = [await plug(freePath()), await plug(freePath())];
    const stableName = freePath();
    symlinkSync(one.path, stableName);
    const heard = listenTo(serialScanner({ ...place, path: stableName }));
    await heard.first(isOnline);
    one.write(Buffer.from('one\r'));
    await heard.first(isCode('one'));
    unlinkSync(stableName);
    symlinkSync(other.path, stableName);
    await heard.first(isOffline);
    await heard.next(isOnline);
    other.write(Buffer.from('other\r'));
    await heard.first(isCode('other'));
  });
});
