import { vi } from 'vitest';
import { doorController } from '../../device/door/controller.ts';
import type { DoorControllerOptions } from '../../device/door/controller.ts';
import type { OpenTransport, TransportListener } from '../../device/door/transport.ts';
import type { EmulatedBoard } from '../../device/emulator/board.ts';
import type { ControllerEvent, DoorController } from '../../device/ports.ts';
import { Heard } from './listening.ts';

/** The line between the driver and an emulated board, with the plug in the test's hand. */
export class Line {
  readonly board: EmulatedBoard;
  /** Whether the board runs at all; one that hangs for good keeps its line open and says nothing. */
  running = true;
  /** What the host has sent. */
  readonly written: Uint8Array[] = [];
  /** Lets a test lose or spoil what passes; the bytes go on as they are returned. */
  toBoard: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes;
  toHost: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes;
  /** What the host has written in this millisecond, often in answer to what the board is just sending. */
  readonly #underway: Uint8Array[] = [];
  #plugged = true;
  #listener: TransportListener | null = null;

  constructor(board: EmulatedBoard) {
    this.board = board;
    board.onSerial((bytes) => this.#listener?.bytes(this.toHost(bytes)));
  }

  readonly open: OpenTransport = (listener) => {
    if (!this.#plugged) return Promise.reject(new Error('no such port'));
    this.#listener = listener;
    return Promise.resolve({
      write: (bytes, done) => {
        this.written.push(bytes);
        if (this.#plugged && this.running) this.#underway.push(this.toBoard(bytes));
        done();
      },
      close: () => {
        this.#listener = null;
        return Promise.resolve();
      },
    });
  };

  /** One millisecond of the board, and of the line to it. */
  live(): void {
    if (!this.running) return;
    for (const bytes of this.#underway.splice(0)) this.board.serialWrite(bytes);
    this.board.runFor(1);
  }

  unplug(): void {
    this.#plugged = false;
    this.#underway.length = 0;
    this.running = false;
    this.#listener?.lost('unplugged');
    this.#listener = null;
  }

  /** Plugged in again, a board is powered on again. */
  plug(): void {
    this.#plugged = true;
    this.running = true;
    this.board.reset('power-on');
  }
}

/**
 * Boards and the host's timers in one virtual time, a millisecond at a time: a second of the door takes some
 * milliseconds, and comes out the same on every machine.
 */
export class DoorBench {
  readonly lines: Line[] = [];
  readonly controllers: DoorController[] = [];
  nowMs = 0;

  constructor() {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
    });
  }

  /** A started controller on its own board. */
  door(
    board: EmulatedBoard,
    door = 'front',
    options: Pick<DoorControllerOptions, 'settings'> = {},
  ): { line: Line; controller: DoorController; heard: Heard<ControllerEvent> } {
    const line = new Line(board);
    const controller = doorController({ door, openTransport: line.open, ...options });
    const heard = new Heard<ControllerEvent>();
    controller.onEvent(heard.listener);
    this.lines.push(line);
    this.controllers.push(controller);
    controller.start();
    return { line, controller, heard };
  }

  /** Lets everything live until the condition holds; returns how many milliseconds that took. */
  async until(holds: () => boolean, maxMs = 10_000): Promise<number> {
    const fromMs = this.nowMs;
    while (!holds()) {
      if (this.nowMs - fromMs >= maxMs) throw new Error(`did not happen within ${maxMs} ms`);
      await this.live(1);
    }
    return this.nowMs - fromMs;
  }

  async live(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 1) {
      for (const line of this.lines) line.live();
      vi.advanceTimersByTime(1);
      this.nowMs += 1;
      // What was received or timed out may have woken a promise; let all of them run in this millisecond.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.controllers.map((controller) => controller.close()));
    vi.useRealTimers();
  }
}
