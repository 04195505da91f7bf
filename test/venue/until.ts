import { setTimeout as pause } from 'node:timers/promises';

/** How often a condition is looked at, in milliseconds. */
const LOOK_EVERY_MS = 5;

/**
 * Resolves as soon as the condition holds.
 *
 * @param what says in the error what did not happen
 * @throws Error when it does not hold within `withinMs` (default 10 s)
 */
export async function until(what: string, holds: () => boolean, withinMs = 10_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() >= endMs) throw new Error(`did not happen within ${withinMs / 1000} s: ${what}`);
    await pause(LOOK_EVERY_MS);
  }
}
