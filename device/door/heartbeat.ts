/** Between beats, in milliseconds. Every second one asks for the status, the others only if an answer is missing. */
const BEAT_MS = 250;
/** A timer this late says that the process stood still, not the board: what the board sent still lies unread. */
const STALL_MS = 100;
/** What a process that stood still gets to read it, in milliseconds. */
const GRACE_MS = 250;

/** Told by a heartbeat while it runs. */
export interface HeartbeatListener {
  /** Time to ask the board for its status. */
  ask(): void;
  /** Nothing was heard for the limit. Once; the heartbeat has stopped then. */
  silent(): void;
}

/** Asks a board again and again, and notices when it falls silent. */
export class Heartbeat {
  readonly #listener: HeartbeatListener;
  #beat: NodeJS.Timeout | undefined;
  #limit: NodeJS.Timeout | undefined;
  #limitMs = 0;
  #beats = 0;
  #unanswered = false;

  constructor(listener: HeartbeatListener) {
    this.#listener = listener;
  }

  /** Waits for any word, without asking: for a board that is greeted. */
  await(limitMs: number): void {
    this.stop();
    this.#limitMs = limitMs;
    this.heard();
  }

  /** Asks every 500 ms, and after 250 ms again while the answer is missing, so that one lost frame is no silence. */
  start(limitMs: number): void {
    this.await(limitMs);
    this.#beats = 0;
    this.#unanswered = false;
    this.#beat = setInterval(() => {
      this.#beats += 1;
      if (!this.#unanswered && this.#beats % 2 === 1) return;
      this.#unanswered = true;
      this.#listener.ask();
    }, BEAT_MS);
  }

  /** Something valid was heard: the limit counts from now. */
  heard(): void {
    this.#wait(this.#limitMs);
  }

  /** The status was heard. */
  answered(): void {
    this.#unanswered = false;
  }

  stop(): void {
    clearInterval(this.#beat);
    clearTimeout(this.#limit);
  }

  #wait(waitMs: number): void {
    clearTimeout(this.#limit);
    const dueMs = performance.now() + waitMs;
    this.#limit = setTimeout(() => {
      if (performance.now() - dueMs > STALL_MS) {
        this.#wait(GRACE_MS);
        return;
      }
      this.stop();
      this.#listener.silent();
    }, waitMs);
  }
}
