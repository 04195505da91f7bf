import type { Scanner, ScannerEvent } from '../ports.ts';
import type { OpenSource, SourceListener } from '../serial/source.ts';
import { FRAMING_LIMITS, SILENT, frameDeadlineMs, passTime, takeBytes } from './framing.ts';
import type { Frame, Framing, FramingLimits } from './framing.ts';
import { REPEAT_MS, present } from './presence.ts';
import type { Presence } from './presence.ts';

/** What every scanner driver takes: where the reader stands, and how its bytes are cut. */
export interface ScannerOptions {
  readonly door: string;
  readonly side: 'entry' | 'exit';
  /** Frame limits; default 4,096 bytes and a gap of 50 ms. */
  readonly framing?: FramingLimits;
  /** Equal codes closer together than this are one presentation. Milliseconds, default 1,500. */
  readonly repeatMs?: number;
  /** Pause between attempts to open an absent reader. Milliseconds, default 500. */
  readonly reopenMs?: number;
}

/** Opens the thing that bytes come from. Rejects while it is absent or busy; it is then tried again. */
export type OpenScannerSource = (listener: SourceListener) => Promise<OpenSource>;

/** A `Scanner` over any source of bytes: framing, one report per code, and opening again by itself. */
export function scannerOver(options: ScannerOptions, openSource: OpenScannerSource): Scanner {
  return new Reader(options, openSource);
}

class Reader implements Scanner {
  readonly door: string;
  readonly side: 'entry' | 'exit';
  readonly #openSource: OpenScannerSource;
  readonly #limits: FramingLimits;
  readonly #repeatMs: number;
  readonly #reopenMs: number;
  readonly #listeners = new Set<(event: ScannerEvent) => void>();
  #framing: Framing = SILENT;
  #presence: Presence = null;
  #gapTimer: NodeJS.Timeout | undefined;
  #reopenTimer: NodeJS.Timeout | undefined;
  #wanted = false;
  #online: boolean | null = null;
  /** Counts openings, so that a late word of a former source is known as such. */
  #opening = 0;
  #current: Promise<OpenSource | null> = Promise.resolve(null);

  constructor(options: ScannerOptions, openSource: OpenScannerSource) {
    this.door = options.door;
    this.side = options.side;
    this.#openSource = openSource;
    this.#limits = options.framing ?? FRAMING_LIMITS;
    this.#repeatMs = options.repeatMs ?? REPEAT_MS;
    this.#reopenMs = options.reopenMs ?? 500;
  }

  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#open();
  }

  onEvent(listener: (event: ScannerEvent) => void): () => void {
    // A wrapper, so that one function registered twice is two listeners.
    const own = (event: ScannerEvent): void => listener(event);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  async close(): Promise<void> {
    this.#wanted = false;
    this.#opening += 1;
    clearTimeout(this.#reopenTimer);
    this.#forget();
    await this.#release();
  }

  #open(): void {
    const opening = ++this.#opening;
    const mine = (): boolean => opening === this.#opening;
    const source = this.#openSource({
      bytes: (chunk) => {
        if (mine()) this.#hear(chunk);
      },
      lost: (reason) => {
        if (mine()) this.#lose(reason);
      },
    });
    this.#current = source.then(
      (open) => {
        if (mine()) this.#announce(true, '');
        return open;
      },
      (error: unknown) => {
        if (mine()) this.#lose(error instanceof Error ? error.message : String(error));
        return null;
      },
    );
  }

  #lose(reason: string): void {
    this.#opening += 1;
    this.#forget();
    this.#announce(false, reason);
    void this.#release().then(() => {
      if (!this.#wanted) return;
      this.#reopenTimer = setTimeout(() => this.#open(), this.#reopenMs);
    });
  }

  async #release(): Promise<void> {
    const current = this.#current;
    this.#current = Promise.resolve(null);
    const open = await current;
    // Closing what has vanished may fail; it is gone either way, and the next opening starts afresh.
    await open?.close().catch(() => undefined);
  }

  /** Half a frame of a reader that went away must not become the head of the next one. */
  #forget(): void {
    clearTimeout(this.#gapTimer);
    this.#framing = SILENT;
    this.#presence = null;
  }

  #announce(online: boolean, reason: string): void {
    if (online === this.#online) return;
    this.#online = online;
    this.#emit(online ? { kind: 'online' } : { kind: 'offline', reason });
  }

  #hear(chunk: Uint8Array): void {
    const nowMs = performance.now();
    // An overdue gap timer says that the loop stood still, not the reader: the bytes waited, and so they still
    // belong to the frame. A commit to a slow card may stall the loop for longer than the gap.
    const deadlineMs = frameDeadlineMs(this.#framing, this.#limits);
    const heardMs = deadlineMs === null ? nowMs : Math.min(nowMs, deadlineMs - 1);
    const step = takeBytes(this.#framing, chunk, heardMs, this.#limits);
    // The gap is counted from now, when the loop can hear again.
    this.#framing = { ...step.state, lastByteMs: nowMs };
    for (const frame of step.frames) this.#report(frame, nowMs);
    this.#awaitGap();
  }

  #awaitGap(): void {
    clearTimeout(this.#gapTimer);
    const deadlineMs = frameDeadlineMs(this.#framing, this.#limits);
    if (deadlineMs === null) return;
    this.#gapTimer = setTimeout(
      () => {
        const nowMs = performance.now();
        if (nowMs - deadlineMs > this.#limits.gapMs) {
          this.#framing = { ...this.#framing, lastByteMs: nowMs };
        } else {
          const step = passTime(this.#framing, Math.max(nowMs, deadlineMs), this.#limits);
          this.#framing = step.state;
          for (const frame of step.frames) this.#report(frame, nowMs);
        }
        this.#awaitGap();
      },
      Math.max(0, deadlineMs - performance.now()),
    );
  }

  #report(frame: Frame, nowMs: number): void {
    const { presence, fresh } = present(this.#presence, frame, nowMs, this.#repeatMs);
    this.#presence = presence;
    if (!fresh) return;
    this.#emit(
      frame.kind === 'frame'
        ? { kind: 'code', bytes: frame.bytes }
        : { kind: 'discarded', reason: 'too-long', length: frame.length },
    );
  }

  #emit(event: ScannerEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
