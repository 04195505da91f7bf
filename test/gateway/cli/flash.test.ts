import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EmulatedBoard } from '../../../device/emulator/board.ts';
import { pace } from '../../../device/emulator/pace.ts';
import { openBoardPort } from '../../../device/emulator/pty.ts';
import { flashCommand, runFlash, type FlashEquipment } from '../../../gateway/cli/flash.ts';
import { boardAt, firmwareIdentity } from '../../../gateway/main.ts';
import { FakeController } from '../fake-controller.ts';
import { temporaryFolder } from '../../temporary.ts';
import { needs } from '../../needs.ts';

/** Runs the command with what it says in hand. */
async function flash(args: readonly string[], equipment?: FlashEquipment) {
  const said = { out: '', err: '' };
  const io = {
    stdin: (async function* () {})(),
    stdout: (text: string) => (said.out += text),
    stderr: (text: string) => (said.err += text),
  };
  const code = await (equipment === undefined ? flashCommand.run(io, args) : runFlash(io, args, equipment));
  return { code, ...said };
}

/** Puts a program of this name first on the path. It writes down its arguments, one call a line. */
function fakeAvrdude(script = 'exit 0'): () => readonly (readonly string[])[] {
  const folder = temporaryFolder();
  const log = join(folder, 'calls');
  writeFileSync(log, '');
  writeFileSync(
    join(folder, 'avrdude'),
    `#!/bin/sh\nprintf '%s\\037' "$@" >> ${log}\necho >> ${log}\n${script}\n`,
    {
      mode: 0o755,
    },
  );
  setPath(`${folder}${delimiter}${process.env['PATH'] ?? ''}`);
  return () =>
    readFileSync(log, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\x1f').slice(0, -1));
}

function setPath(path: string): void {
  const before = process.env['PATH'];
  process.env['PATH'] = path;
  onTestFinished(() => {
    process.env['PATH'] = before;
  });
}

/** A board that says hello as soon as it is asked to start. */
function answering(firmware: string): FlashEquipment {
  const board = new FakeController('front');
  board.start = () => board.emit({ kind: 'online', bootNonce: 1, firmware, resetCause: 'power-on' });
  return { identityOf: () => Promise.resolve('0.1+12345678'), boardAt: () => board };
}

describe('genkan flash', () => {
  it('sets the fuses first, then writes and verifies the program, then asks the board who it is', async () => {
    const calls = fakeAvrdude();
    const { code, out } = await flash(['--port', '/dev/genkan-front'], answering('0.1+12345678'));
    const [fuses, write, verify] = calls();
    const base = ['-c', 'usbasp', '-p', 'm328p'];
    expect(fuses).toEqual([
      ...base,
      ...['-U', 'lfuse:w:0xFF:m', '-U', 'hfuse:w:0xD7:m', '-U', 'efuse:w:0xFC:m'],
    ]);
    expect(write?.slice(0, 5)).toEqual([...base, '-U']);
    expect(write?.[5]).toMatch(/^flash:w:.*\/device\/firmware\/genkan\.hex:i$/);
    expect(verify?.[5]).toMatch(/^flash:v:.*\/device\/firmware\/genkan\.hex:i$/);
    expect(calls()).toHaveLength(3);
    expect(JSON.parse(out)).toEqual({ port: '/dev/genkan-front', firmware: '0.1+12345678' });
    expect(code).toBe(0);
  });

  it('programs EESAVE and leaves out the bootloader, bit by bit', async () => {
    const { out } = await flash(['--port', 'p', '--dry-run'], answering(''));
    const text = JSON.stringify(JSON.parse(out));
    const fuse = (name: string) => Number(new RegExp(`${name}:w:(0x..):m`).exec(text)?.[1]);
    // A fuse is programmed where its bit is 0. Data sheet DS40002061, tables 27-5 to 27-7.
    const high = fuse('hfuse');
    expect({
      resetDisabled: (high & 0x80) === 0,
      debugWire: (high & 0x40) === 0,
      isp: (high & 0x20) === 0,
      eesave: (high & 0x08) === 0,
      bootloader: (high & 0x01) === 0,
    }).toEqual({ resetDisabled: false, debugWire: false, isp: true, eesave: true, bootloader: false });
    expect(fuse('efuse') & 0x07).toBe(0b100);
  });

  it.each([
    ['usbasp', [], []],
    [
      'arduino as ISP',
      ['--programmer', 'avrisp', '--programmer-port', '/dev/ttyACM1'],
      ['-P', '/dev/ttyACM1'],
    ],
  ])('%s: dry run prints the commands and runs none', async (_name, args, extra) => {
    const calls = fakeAvrdude();
    const { code, out } = await flash(['--port', 'p', '--bod', '2.7', '--dry-run', ...args], answering(''));
    const { commands, firmware } = JSON.parse(out) as { commands: string[][]; firmware: string };
    expect(commands.map(([program]) => program)).toEqual(['avrdude', 'avrdude', 'avrdude']);
    for (const command of commands) expect(command).toEqual(expect.arrayContaining(extra));
    expect(commands[0]).toContain('efuse:w:0xFD:m');
    expect(firmware).toBe('0.1+12345678');
    expect(calls()).toEqual([[]]);
    expect(code).toBe(0);
  });

  it('says how to install avrdude where it is missing', async () => {
    setPath(temporaryFolder());
    const { code, err } = await flash(['--port', 'p'], answering(''));
    expect(code).toBe(1);
    expect(err).toBe('flash: avrdude is not installed: sudo apt-get install avrdude\n');
  });

  it('stops at the first command that fails, and tells what avrdude said', async () => {
    const calls = fakeAvrdude('echo "cannot find USB device" >&2; exit 1');
    const { code, err } = await flash(['--port', 'p'], answering('0.1+12345678'));
    expect(code).toBe(1);
    expect(err).toContain('cannot find USB device');
    expect(err).toContain('ended with code 1');
    expect(calls()).toHaveLength(1);
  });

  it('refuses the word of a board that runs another build', async () => {
    fakeAvrdude();
    const { code, err, out } = await flash(['--port', 'p'], answering('0.1+00000001'));
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('runs 0.1+00000001, the file is 0.1+12345678');
  });

  it.each([
    [[], '--port: missing'],
    [['--port', 'p', '--bod', '5'], '--bod: must be'],
    [['--port', 'p', '--hex', '/nowhere.hex'], '--hex: /nowhere.hex: no such file'],
    [['--port', 'p', '--fast'], 'flash: '],
  ])('%j is bad input: %s', async (args, message) => {
    const calls = fakeAvrdude();
    const { code, err } = await flash(args, answering(''));
    expect(code).toBe(2);
    expect(err.startsWith(message)).toBe(true);
    expect(calls()).toEqual([[]]);
  });

  it('writes no program that is not ours', async () => {
    const calls = fakeAvrdude();
    const foreign = join(temporaryFolder(), 'blink.hex');
    // An endless loop: `rjmp .-2`.
    writeFileSync(foreign, ':02000000FFCF30\n:00000001FF\n');
    const { code, err } = await flash(['--port', 'p', '--hex', foreign]);
    expect(code).toBe(2);
    expect(err).toContain('no hello');
    expect(calls()).toEqual([[]]);
  });

  it('hears the real firmware at a real port', needs('socat'), async () => {
    fakeAvrdude();
    const board = new EmulatedBoard();
    onTestFinished(pace(board));
    const port = await openBoardPort(board, join(temporaryFolder(), 'port'));
    onTestFinished(() => port.close());
    const { code, out } = await flash(['--port', port.path], { boardAt, identityOf: firmwareIdentity });
    expect(JSON.parse(out)).toEqual({ port: port.path, firmware: await firmwareIdentity() });
    expect(code).toBe(0);
  });
});
