import type { Frame } from './framing.ts';

/**
 * One report for each presented code. Readers in continuous mode send the code under the glass again and again;
 * a frame equal to the last one within `REPEAT_MS` of hearing that one is the same presentation, however long it
 * stays. Kept short on purpose: whoever shows a code again after taking it away means it, and the gateway has
 * its own, longer rule for one token shown twice.
 */
export const REPEAT_MS = 1500;

/** What lies under the reader: the last frame and when it was last heard, or `null` for nothing yet. */
export type Presence = { readonly last: Frame; readonly heardMs: number } | null;

/** Whether `frame`, heard at `nowMs`, is a new presentation, and what lies under the reader from now on. */
export function present(
  presence: Presence,
  frame: Frame,
  nowMs: number,
  repeatMs: number = REPEAT_MS,
): { readonly presence: Presence; readonly fresh: boolean } {
  const fresh = presence === null || nowMs - presence.heardMs > repeatMs || !sameFrame(presence.last, frame);
  return { presence: { last: frame, heardMs: nowMs }, fresh };
}

function sameFrame(one: Frame, other: Frame): boolean {
  if (one.kind === 'discarded' || other.kind === 'discarded') {
    // The bytes are gone; a code that is too long and keeps lying there has the same length each time.
    return one.kind === 'discarded' && other.kind === 'discarded' && one.length === other.length;
  }
  return one.bytes.length === other.bytes.length && one.bytes.every((byte, at) => byte === other.bytes[at]);
}
