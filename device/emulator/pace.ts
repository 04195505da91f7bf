import type { EmulatedBoard } from './board.ts';

/** How often the board catches up with the clock on the wall. */
const STEP_MS = 5;
/** A process that was stopped for longer does not make the board race through all of it. */
const CATCH_UP_MS_MAX = 250;

/**
 * Lets the board live in real time, `speed` times as fast (default 1). Does not keep the process alive. Returns
 * what stops it.
 */
export function pace(board: EmulatedBoard, { speed = 1 }: { readonly speed?: number } = {}): () => void {
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const elapsedMs = Math.min(now - last, CATCH_UP_MS_MAX);
    last = now;
    board.runFor(elapsedMs * speed);
  }, STEP_MS);
  timer.unref();
  return () => clearInterval(timer);
}
