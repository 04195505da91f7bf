import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { ControllerEvent, DoorController } from '../../device/ports.ts';
import type { Command, CommandIo, ExitCode } from './command.ts';

const USAGE = `flash --port /dev/genkan-front [--programmer usbasp] [--programmer-port PORT] [--bod 4.3|2.7]
             [--hex FILE] [--dry-run]

Writes the firmware into a board through its ISP header, without a bootloader, sets the fuses, and then asks the board
at --port who it is. Open J1 (the capacitor at RESET) before, close it after. Needs avrdude.

  --programmer       as avrdude calls it; default usbasp
  --programmer-port  where the programmer hangs, for those that need it (an Arduino as ISP)
  --bod              brown-out level in volts; default 4.3. 2.7 only for a supply that cannot be kept above 4.3 V
  --hex              default: the committed device/firmware/genkan.hex
  --dry-run          prints the commands as JSON and touches nothing
`;

/** The committed firmware. */
const FIRMWARE = fileURLToPath(new URL('../../device/firmware/genkan.hex', import.meta.url));

/** How long the board may take to answer after it was flashed, its greeting and three openings of the port included. */
const ANSWER_MS = 15_000;

/**
 * Fuse bytes of the ATmega328P. Source: data sheet DS40002061, section 27, and hardware/README, "The board's fuses".
 * High: BOOTRST off, EESAVE on, SPIEN on. Low: crystal, longest start-up.
 */
const LOW_FUSE = '0xFF';
const HIGH_FUSE = '0xD7';
const EXTENDED_FUSES: Readonly<Record<string, string>> = { '4.3': '0xFC', '2.7': '0xFD' };

/** What `flash` needs from what it does not know itself. */
export interface FlashEquipment {
  /** Who the program in a hex file says it is. Rejects for one that is not ours. */
  readonly identityOf: (hex: string) => Promise<string>;
  readonly boardAt: (port: string) => DoorController;
}

/** `genkan flash`: the firmware into a board, and the board's own word that it is there. */
export const flashCommand: Command = {
  name: 'flash',
  summary: 'writes the firmware into a board',
  usage: USAGE,
  // Loaded here, so that other commands do not wait for drivers and emulator.
  run: async (io, args) => {
    const { boardAt, firmwareIdentity } = await import('../main.ts');
    return runFlash(io, args, { identityOf: firmwareIdentity, boardAt });
  },
};

interface Wish {
  readonly port: string;
  readonly hex: string;
  readonly dryRun: boolean;
  readonly commands: readonly (readonly string[])[];
}

/** As `flashCommand`, on the equipment given. */
export async function runFlash(
  io: CommandIo,
  args: readonly string[],
  equipment: FlashEquipment,
): Promise<ExitCode> {
  const wish = wishOf(args);
  if (typeof wish === 'string') {
    io.stderr(`${wish}\n`);
    return 2;
  }
  let firmware;
  try {
    // Before anything is written: a file that is not ours must not get onto a board that holds a lock.
    firmware = await equipment.identityOf(wish.hex);
  } catch (error) {
    io.stderr(`--hex: ${wish.hex}: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  if (wish.dryRun) {
    const { commands, port } = wish;
    io.stdout(`${JSON.stringify({ commands, port, firmware })}\n`);
    return 0;
  }
  for (const [program = '', ...rest] of wish.commands) {
    const problem = await runProgram(io, program, rest);
    if (problem !== null) {
      io.stderr(`flash: ${problem}\n`);
      return 1;
    }
  }
  return greet(io, wish.port, firmware, equipment.boardAt(wish.port));
}

/** What is asked for, or what is wrong with the asking. */
function wishOf(args: readonly string[]): Wish | string {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        programmer: { type: 'string', default: 'usbasp' },
        'programmer-port': { type: 'string' },
        bod: { type: 'string', default: '4.3' },
        hex: { type: 'string', default: FIRMWARE },
        'dry-run': { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    return `flash: ${error instanceof Error ? error.message : String(error)}`;
  }
  const { port, programmer, bod, hex } = values;
  const extended = EXTENDED_FUSES[bod];
  if (port === undefined) return '--port: missing: where the board answers once it is flashed';
  if (extended === undefined) return `--bod: must be ${Object.keys(EXTENDED_FUSES).join(' or ')}`;
  if (!existsSync(hex)) return `--hex: ${hex}: no such file`;
  const programmerPort = values['programmer-port'];
  const base = ['avrdude', '-c', programmer, '-p', 'm328p'];
  if (programmerPort !== undefined) base.push('-P', programmerPort);
  return {
    port,
    hex,
    dryRun: values['dry-run'],
    commands: [
      // The fuses first and by themselves: writing the program erases the chip, and only EESAVE keeps the count of
      // boots that the nonces come from.
      [...base, '-U', `lfuse:w:${LOW_FUSE}:m`, '-U', `hfuse:w:${HIGH_FUSE}:m`, '-U', `efuse:w:${extended}:m`],
      [...base, '-U', `flash:w:${hex}:i`],
      [...base, '-U', `flash:v:${hex}:i`],
    ],
  };
}

/** Runs a program to its end, what it says going to the installer. `null` when it did what it should. */
function runProgram(io: CommandIo, program: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk: Buffer) => io.stderr(chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => io.stderr(chunk.toString()));
    child.once('error', (error: NodeJS.ErrnoException) => {
      resolve(
        error.code === 'ENOENT'
          ? `${program} is not installed: sudo apt-get install ${program}`
          : `${program} cannot be run: ${error.message}`,
      );
    });
    child.once('close', (code, signal) => {
      if (code === 0) resolve(null);
      else {
        resolve(
          `${[program, ...args].join(' ')} ended with ${signal ?? `code ${code ?? 0}`}: look at the programmer’s cable and the board’s ISP header, and open J1`,
        );
      }
    });
  });
}

/** Asks the board at the port who it is. */
async function greet(
  io: CommandIo,
  port: string,
  expected: string,
  board: DoorController,
): Promise<ExitCode> {
  try {
    const answer = await firmwareAt(board);
    if (answer.firmware === expected) {
      io.stdout(`${JSON.stringify({ port, firmware: expected })}\n`);
      return 0;
    }
    io.stderr(
      answer.firmware === null
        ? `flash: written and verified, but nothing of ours answers at ${port}: ${answer.reason}\n`
        : `flash: the board at ${port} runs ${answer.firmware}, the file is ${expected}: is it another board?\n`,
    );
    return 1;
  } finally {
    await board.close();
  }
}

/** The firmware that a board says it runs, or why it said nothing within `ANSWER_MS`. */
function firmwareAt(
  board: DoorController,
): Promise<
  | { readonly firmware: string; readonly reason?: never }
  | { readonly firmware: null; readonly reason: string }
> {
  return new Promise((resolve) => {
    let reason = 'no answer';
    const timer = setTimeout(() => resolve({ firmware: null, reason }), ANSWER_MS);
    board.onEvent((event: ControllerEvent) => {
      if (event.kind === 'offline') reason = event.reason;
      if (event.kind !== 'online') return;
      clearTimeout(timer);
      resolve({ firmware: event.firmware });
    });
    board.start();
  });
}
