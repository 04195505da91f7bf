import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import firmata from 'firmata-io';
import five from 'johnny-five';
import { SerialPort } from 'serialport';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { EmulatedBoard } from '../../device/emulator/board.ts';
import { EmulatedDoor } from '../../device/emulator/door.ts';
import { pace } from '../../device/emulator/pace.ts';
import { openBoardPort, openPty } from '../../device/emulator/pty.ts';
import { BoardTransport } from '../../device/emulator/transport.ts';
import { MS, Rig } from './firmware-rig.ts';
import { needs } from '../needs.ts';

describe('the emulated board', () => {
  it('stands still until it is run, and then runs as long as asked', () => {
    const board = new EmulatedBoard();
    expect(board.cycles).toBe(0);
    board.runFor(10);
    expect(board.cycles / MS).toBeCloseTo(10, 2);
  });

  it('counts cycles on over a reset', () => {
    const board = new EmulatedBoard();
    board.runFor(50);
    const before = board.cycles;
    board.reset('external');
    expect(board.cycles).toBe(before);
    board.runFor(1);
    expect(board.cycles).toBeGreaterThan(before);
  });

  it('lets every output fall in a reset, and tells', () => {
    const rig = Rig.booted();
    rig.lease(1, 5000);
    rig.board.reset('watchdog');
    expect(rig.board.pin('lockRelay')).toBe(false);
    expect(rig.relay.map(({ level }) => level)).toEqual([true, false]);
  });

  it('takes bytes no faster than the line carries them', () => {
    const rig = Rig.booted();
    const asked = rig.board.cycles;
    rig.board.serialWrite(new Uint8Array(57).fill(0));
    rig.board.serialWrite(Uint8Array.of(0xf9));
    rig.next('hello');
    // 58 bytes of ten bits at 57,600 baud.
    expect(rig.board.cycles - asked).toBeGreaterThan((58 * 16e6) / 5760);
  });

  it('calls back at the millisecond asked for, in order, also over a reset', () => {
    const board = new EmulatedBoard();
    const calls: string[] = [];
    board.after(20, () => calls.push(`late ${Math.round(board.ms)}`));
    board.after(5, () => calls.push(`early ${Math.round(board.ms)}`));
    board.runFor(10);
    board.reset('external');
    board.runFor(20);
    expect(calls).toEqual(['early 5', 'late 20']);
  });

  it('keeps its EEPROM in the array it was given', () => {
    const eeprom = new Uint8Array(1024).fill(0xff);
    const first = Rig.booted({ eeprom }).bootNonce;
    expect(eeprom.some((byte) => byte !== 0xff)).toBe(true);
    expect(Rig.booted({ eeprom }).bootNonce).not.toBe(first);
    expect(Rig.booted().bootNonce).toBe(first);
  });

  it('gives up waiting after the time allowed', () => {
    const board = new EmulatedBoard();
    expect(board.runUntil(() => false, 7)).toBe(false);
    expect(board.ms).toBeCloseTo(7, 1);
  });
});

describe('the emulated door', () => {
  it('opens to a pull only while the lock is released', () => {
    const rig = Rig.booted();
    const door = new EmulatedDoor(rig.board);
    expect(door.pull()).toBe(false);
    rig.lease(1, 1000);
    expect(door.pull()).toBe(true);
    rig.board.runFor(2000);
    door.push();
    expect(door.pull()).toBe(false);
  });

  it('shows its contact, bolt and relay to the firmware', () => {
    const rig = Rig.booted();
    const door = new EmulatedDoor(rig.board);
    const seen = (): readonly string[] => {
      rig.board.runFor(50);
      return rig.status().inputs;
    };
    expect(seen()).toEqual(['bolt']);
    rig.lease(1, 1000);
    expect(seen()).toEqual(['relay-readback']);
    door.pull();
    expect(seen()).toEqual(['contact', 'relay-readback']);
    door.wire('relay-readback', false);
    expect(seen()).toEqual(['contact']);
  });

  it('opens to force without any cause', () => {
    const rig = Rig.booted();
    const door = new EmulatedDoor(rig.board);
    door.force();
    rig.board.runFor(50);
    expect(door.open).toBe(true);
    expect(rig.status()).toMatchObject({ released: false, causes: [] });
  });

  it('lets somebody out who presses the exit button', () => {
    const rig = Rig.booted();
    const door = new EmulatedDoor(rig.board);
    door.pressExit(200);
    rig.board.runFor(100);
    expect(door.pull()).toBe(true);
    rig.board.runFor(200);
    expect(rig.status().inputs).not.toContain('exit-button');
  });
});

describe('in real time', () => {
  it('the real johnny-five gets ready over the transport, and lights the only pin that is its own', async () => {
    const board = new EmulatedBoard();
    onTestFinished(pace(board));
    const io = new firmata.Firmata(new BoardTransport(board));
    await once(io, 'ready');
    const options = { io, repl: false, debug: false, sigint: false };
    const arduino = new five.Board(options);
    await new Promise<void>((resolve) => arduino.on('ready', resolve));
    const lit = new Promise<boolean>((resolve) => board.onPin('statusLed', resolve));
    new five.Led({ pin: 13, board: arduino }).on();
    for (let pin = 0; pin < 13; pin += 1) io.digitalWrite(pin, 1);
    expect(await lit).toBe(true);
    expect(board.pin('lockRelay')).toBe(false);
  });

  it('a closed transport says so to whoever writes', async () => {
    const transport = new BoardTransport(new EmulatedBoard());
    const closed = once(transport, 'close');
    transport.close();
    await closed;
    expect(transport.isOpen).toBe(false);
    const error = await new Promise((resolve) => transport.write(Uint8Array.of(1), resolve));
    expect(error).toBeInstanceOf(Error);
  });
});

describe('a pseudo-terminal', needs('socat'), () => {
  const directories: string[] = [];
  const freePath = (): string => {
    const directory = mkdtempSync(join(tmpdir(), 'genkan-pty-'));
    directories.push(directory);
    return join(directory, 'port');
  };
  afterEach(() => {
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
  });

  const open = async (path: string): Promise<SerialPort> => {
    const port = new SerialPort({ path, baudRate: 57_600, autoOpen: false });
    await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
    return port;
  };

  it('carries bytes both ways, unchanged', async () => {
    const pty = await openPty(freePath());
    const port = await open(pty.path);
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const there = collect(bytes.length, (take) => pty.onData(take));
    port.write(bytes);
    expect(await there).toEqual([...bytes]);
    const back = collect(bytes.length, (take) => port.on('data', take));
    pty.write(bytes);
    expect(await back).toEqual([...bytes]);
    await new Promise((resolve) => port.close(resolve));
    await pty.close();
    expect(existsSync(pty.path)).toBe(false);
  });

  it('before a board is a port that can be unplugged and put back', async () => {
    const board = new EmulatedBoard();
    // Without its bolt it would have something to tell after a second.
    board.setInput('bolt', true);
    onTestFinished(pace(board));
    const line = await openBoardPort(board, freePath());
    for (const plugged of [1, 2]) {
      const port = await open(line.path);
      // The board tells of its boot too, and half a frame of it may come first.
      const answer = heard([0xf9, 2, 5], (take) => port.on('data', take));
      port.write(Uint8Array.of(0xf9));
      await answer;
      await new Promise((resolve) => port.close(resolve));
      await line.unplug();
      expect(existsSync(line.path)).toBe(false);
      if (plugged === 1) await line.replug();
    }
    await line.close();
  });

  it('that cannot be made is an error', async () => {
    await expect(openPty('/nowhere/at/all')).rejects.toThrow('socat');
  });
});

/** Resolves when these bytes have arrived, one after the other. */
function heard(
  wanted: readonly number[],
  listen: (take: (bytes: Uint8Array) => void) => void,
): Promise<void> {
  return new Promise((resolve) => {
    let all = Buffer.alloc(0);
    listen((chunk) => {
      all = Buffer.concat([all, chunk]);
      if (all.includes(Buffer.from(wanted))) resolve();
    });
  });
}

/** The first so many bytes that arrive. */
function collect(count: number, listen: (take: (bytes: Uint8Array) => void) => void): Promise<number[]> {
  return new Promise((resolve) => {
    const bytes: number[] = [];
    listen((chunk) => {
      bytes.push(...chunk);
      if (bytes.length >= count) resolve(bytes.slice(0, count));
    });
  });
}
