/**
 * Bytes of a code reader to frames. Pure: time is an argument, and every function returns a new state.
 *
 * A frame ends on CR, LF, CR LF, or when no byte came for `gapMs`. Empty frames are ignored, so CR LF ends one
 * frame and not two. Source: the scanner rules of `device/README.md`.
 */

/** How long a code may be, and how long its bytes may be apart. */
export interface FramingLimits {
  /** Longest frame in bytes; one byte more and the whole frame is discarded. Default 4,096. */
  readonly maxBytes: number;
  /** Silence that ends a frame, in milliseconds. Default 50: some readers are set up without a suffix. */
  readonly gapMs: number;
}

/** The limits of every reader. */
export const FRAMING_LIMITS: FramingLimits = { maxBytes: 4096, gapMs: 50 };

/** What was heard of the frame that has not ended yet. */
export interface Framing {
  /** The bytes so far, at most `maxBytes`; empty once the frame is too long. */
  readonly pending: Uint8Array;
  /** How many bytes the frame has so far, also beyond `maxBytes`. */
  readonly length: number;
  /** When its last byte came, in milliseconds of the caller's monotonic clock. */
  readonly lastByteMs: number;
}

/** A code as it was read, or why it is none. */
export type Frame =
  | { readonly kind: 'frame'; readonly bytes: Uint8Array }
  /** One for each too long frame, when it ends, so that `length` is all of it. */
  | { readonly kind: 'discarded'; readonly length: number };

/** The state after some bytes, and the codes that they completed. */
export interface FramingStep {
  readonly state: Framing;
  readonly frames: readonly Frame[];
}

const CR = 0x0d;
const LF = 0x0a;
const NO_BYTES = new Uint8Array(0);

/** Nothing heard: the state after opening a port. */
export const SILENT: Framing = { pending: NO_BYTES, length: 0, lastByteMs: 0 };

/** When the pending frame ends if no further byte comes, or `null` while none is pending. */
export function frameDeadlineMs(state: Framing, limits: FramingLimits = FRAMING_LIMITS): number | null {
  return state.length === 0 ? null : state.lastByteMs + limits.gapMs;
}

/** Ends the pending frame if the gap has passed at `nowMs`; otherwise changes nothing. */
export function passTime(state: Framing, nowMs: number, limits: FramingLimits = FRAMING_LIMITS): FramingStep {
  const deadlineMs = frameDeadlineMs(state, limits);
  if (deadlineMs === null || nowMs < deadlineMs) return { state, frames: [] };
  return { state: SILENT, frames: [ended(state, limits)] };
}

/** Takes the bytes that came at `nowMs`, in any split. */
export function takeBytes(
  before: Framing,
  bytes: Uint8Array,
  nowMs: number,
  limits: FramingLimits = FRAMING_LIMITS,
): FramingStep {
  if (bytes.length === 0) return { state: before, frames: [] };
  const gap = passTime(before, nowMs, limits);
  const frames = [...gap.frames];
  let state = gap.state;
  let from = 0;
  for (let at = 0; at <= bytes.length; at += 1) {
    const atEnd = at < bytes.length && (bytes[at] === CR || bytes[at] === LF);
    if (!atEnd && at < bytes.length) continue;
    state = grown(state, bytes.subarray(from, at), nowMs, limits);
    from = at + 1;
    if (!atEnd || state.length === 0) continue;
    frames.push(ended(state, limits));
    state = SILENT;
  }
  return { state, frames };
}

function grown(state: Framing, part: Uint8Array, nowMs: number, limits: FramingLimits): Framing {
  if (part.length === 0) return state;
  const length = state.length + part.length;
  if (length > limits.maxBytes) return { pending: NO_BYTES, length, lastByteMs: nowMs };
  const pending = new Uint8Array(length);
  pending.set(state.pending);
  pending.set(part, state.length);
  return { pending, length, lastByteMs: nowMs };
}

function ended(state: Framing, limits: FramingLimits): Frame {
  return state.length > limits.maxBytes
    ? { kind: 'discarded', length: state.length }
    : { kind: 'frame', bytes: state.pending };
}
