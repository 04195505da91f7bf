/** What part of its trials a run makes: all with `GENKAN_FULL=1`, a tenth in CI, a hundredth at a desk. */
const isFull = process.env['GENKAN_FULL'] === '1';
const isCi = process.env['CI'] === 'true';
const PART = isFull ? 1 : isCi ? 10 : 100;

/**
 * Trials of a test in this run.
 *
 * @param full with `GENKAN_FULL=1`
 * @param least of which fewer would show nothing
 */
export function trials(full: number, least = 1): number {
  return Math.min(full, Math.max(least, Math.ceil(full / PART)));
}

/** Trials of a command where none are asked for: all, and a tenth in CI. */
export const trialsOfCommand: typeof trials = (full, least) => (isCi ? trials(full, least) : full);

/** Whether everything is tried, and times are held to that only a quiet machine keeps. */
export const isEverything = isFull;
