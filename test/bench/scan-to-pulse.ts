import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { Duplex } from 'node:stream';
import { doorController } from '../../device/door/controller.ts';
import type { OpenTransport } from '../../device/door/transport.ts';
import { CLOCK_HZ } from '../../device/emulator/avr.ts';
import { EmulatedBoard } from '../../device/emulator/board.ts';
import { pace } from '../../device/emulator/pace.ts';
import type { DoorController } from '../../device/ports.ts';
import { protocol } from '../../device/protocol.generated.ts';
import { streamScanner } from '../../device/scanner/serial.ts';
import { decisionFloor } from './floor.ts';
import { compare, timesLine, type Measurement } from './measure.ts';
import { bytesOfGrant, decisionRig, importIssuerKey } from './rig.ts';

const GOAL = { p50: 1.6, p99: 2.5 };

/** Long enough for the shortest pulse to end, in milliseconds of the board. */
const PULSE_OVER_MS = 300;

/** Start bit, eight data bits, stop bit. */
const BITS_PER_BYTE = 10;

const CARRIAGE_RETURN = 13;

/** The board's line, with an eye on what the host writes. */
class WatchedLine {
  onWrite: (bytes: Uint8Array) => void = () => undefined;
  readonly #board: EmulatedBoard;

  constructor(board: EmulatedBoard) {
    this.#board = board;
  }

  readonly open: OpenTransport = (listener) => {
    const unsubscribe = this.#board.onSerial((bytes) => listener.bytes(bytes));
    return Promise.resolve({
      write: (bytes, done) => {
        this.onWrite(bytes);
        this.#board.serialWrite(bytes);
        done();
      },
      close: () => {
        unsubscribe();
        return Promise.resolve();
      },
    });
  };
}

/**
 * Last byte of the scan at the host → relay pin high in the emulated controller.
 *
 * The host's part is measured by the wall, from the byte to the write of the lease frame. The board stands still
 * meanwhile; its part, from that write to the pin, is then run in its own cycles and added: wire time at the line's
 * speed and the firmware's loop. So the figure does not depend on how fast the emulator runs here.
 */
export async function benchScanToPulse(samplesPerRound: number): Promise<Measurement> {
  const board = new EmulatedBoard();
  const line = new WatchedLine(board);
  const controller = doorController({ door: 'front', openTransport: line.open });
  const stop = pace(board);
  await comeOnline(controller);
  stop();

  const rig = await decisionRig(controller, { pulseMs: protocol.limits.leaseMsMin });
  const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  const scanner = streamScanner({ door: 'front', side: 'entry', openStream: () => stream });
  scanner.onEvent((event) => {
    if (event.kind === 'code') void rig.attendant.scan('front', 'entry', event.bytes);
  });
  scanner.start();
  await once(stream, 'resume');

  let frameBytes = 0;
  /** Shortest time from the last bit of the frame to the pin: what one pass of the firmware's loop takes. */
  let loopMs = Infinity;
  const scanToPulse = async (code: Buffer): Promise<number> => {
    const released = new Promise<{ length: number }>((resolve) => {
      line.onWrite = (bytes) => {
        if (!isLease(bytes)) return;
        line.onWrite = () => undefined;
        resolve({ length: bytes.length });
      };
    });
    stream.push(code);
    const { length } = await released;
    frameBytes = length;
    const before = board.cycles;
    const rises: number[] = [];
    const unsubscribe = board.onPin('lockRelay', (level, cycles) => {
      if (level) rises.push(cycles);
    });
    const startMs = performance.now();
    board.runUntil(() => rises.length > 0, 100);
    const emulatingMs = performance.now() - startMs;
    unsubscribe();
    const [roseAt] = rises;
    if (roseAt === undefined) throw new Error('the relay did not move');
    const boardMs = ((roseAt - before) / CLOCK_HZ) * 1000;
    loopMs = Math.min(loopMs, boardMs - wireMs(length));
    return boardMs - emulatingMs;
  };
  const settle = async () => {
    board.runFor(PULSE_OVER_MS);
    await new Promise((resolve) => setImmediate(resolve));
  };

  try {
    // One walk outside of the count: it gives the sizes that the floor is made of.
    await scanToPulse(await codeOf(rig));
    await settle();
    const floor = decisionFloor(rig, await importIssuerKey(rig), bytesOfGrant(rig));
    const comparison = await compare(
      { prepare: () => codeOf(rig), run: scanToPulse, settle },
      {
        prepare: floor.prepare,
        run: async (tokens) => {
          await floor.run(tokens);
          return wireMs(frameBytes) + loopMs;
        },
        // The board lives on, or the driver would think it lost.
        settle,
      },
      samplesPerRound,
    );
    return timesLine(comparison, GOAL);
  } finally {
    await scanner.close();
    await controller.close();
    rig.close();
  }
}

async function codeOf(rig: Awaited<ReturnType<typeof decisionRig>>): Promise<Buffer> {
  const { code } = await rig.member();
  return Buffer.concat([code, Buffer.of(CARRIAGE_RETURN)]);
}

function wireMs(bytes: number): number {
  return (bytes * BITS_PER_BYTE * 1000) / protocol.baudRate;
}

/** A lease is the longest frame that a host writes; a heartbeat and a signal are shorter. */
function isLease(frame: Uint8Array): boolean {
  const fields = protocol.messages.lease.fields.length;
  return frame[1] === protocol.sysexCommand && frame.length > 12 + fields;
}

function comeOnline(controller: DoorController): Promise<void> {
  return new Promise((resolve) => {
    controller.onEvent((event) => {
      if (event.kind === 'online') resolve();
    });
    controller.start();
  });
}
