/**
 * What a door may do, judged from a trace alone: nothing here knows the firmware, and where the firmware counts
 * down, this lays intervals of time over one another.
 */
import { decodeMessage } from '../../device/protocol.ts';
import type { Message } from '../../device/protocol.ts';
import { protocol } from '../../device/protocol.generated.ts';
import type { Trace } from './door-trace.ts';

const { exitButtonMs, holdOpenLapseMs, leaseMsMax, leaseMsMin, leaseOverrunMsMax } = protocol.limits;

/** Exit button and fire input act within this. Source: the firmware's guarantees. */
const EGRESS_MS_MAX = 100;
/** A press as long as this counts, however the contact bounced. */
const PRESS_MS_MIN = 50;
/** A shorter closing is a glitch and lets nobody out. */
const GLITCH_MS_MAX = 18;
/** An input is believed after 20 ms, seen at the next of the millisecond's ticks. */
const DEBOUNCE_MS = protocol.limits.debounceMs + 1;
/** One period of the watchdog, 32,768 of its own cycles, and the first instructions after it. */
const WATCHDOG_MS_MAX = 260;
/** The instants of the line and of the pins are rounded to an instruction. */
const ROUNDING_MS = 0.1;

export type ViolationKind =
  /** The relay was on while nothing allowed it, or more than 50 ms longer than anything allowed. */
  | 'released-without-cause'
  /** A lease ended more than 50 ms late. */
  | 'lease-overrun'
  /** A lease of a former boot, or a second time the same one, was answered as accepted. */
  | 'old-lease-obeyed'
  /** A lease or a hold-open was answered as accepted after a `secure` that the host had ordered later. */
  | 'superseded-obeyed'
  /** A press of 50 ms or an alarm did not release the lock within 100 ms of a firmware that runs. */
  | 'egress-late'
  /** Two boots drew the same nonce. */
  | 'nonce-reused'
  /** A hang was not ended by the watchdog within its period. */
  | 'hang-not-ended';

export interface Violation {
  readonly kind: ViolationKind;
  readonly atMs: number;
  readonly detail: string;
}

export interface Verdict {
  readonly violations: readonly Violation[];
  /** How much longer than allowed the lock stayed released by a lease, at worst; -Infinity if none ran out. */
  readonly worstOverrunMs: number;
  /** The same where interrupts hung: until the watchdog's reset. */
  readonly worstHungOverrunMs: number;
  /** From a press or an alarm to the release, at worst; 0 if the lock was released anyway. */
  readonly worstEgressMs: number;
  /** Presses and alarms that were judged, those that found the lock secured. */
  readonly egresses: number;
}

/** One life of the firmware: from the first instruction to the next reset. */
interface Boot {
  readonly fromMs: number;
  readonly toMs: number;
  /** It ended by a reset, not with the trial. */
  readonly cut: boolean;
  /** Interrupts hang from here on; `toMs` if they never do. */
  readonly deadFromMs: number;
}

/** A reason to be released, and its time. */
interface Window {
  readonly by: 'lease' | 'hold-open' | 'exit-button' | 'fire';
  readonly fromMs: number;
  readonly toMs: number;
}

interface Arrival {
  readonly atMs: number;
  readonly message: Message;
}

/** Judges one trial. Pure. */
export function judge(trace: Trace): Verdict {
  const boots = bootsOf(trace);
  const windows = boots.flatMap((boot) => windowsOf(trace, boot));
  const release = judgeRelease(trace, boots, windows);
  const egress = judgeEgress(trace, boots);
  const violations = [
    ...release.violations,
    ...egress.violations,
    ...boots.flatMap((boot) => judgeAnswers(trace, boot)),
    ...judgeNonces(trace),
    ...judgeHangs(trace, boots),
  ];
  return {
    violations: violations.sort((a, b) => a.atMs - b.atMs),
    worstOverrunMs: release.worstOverrunMs,
    worstHungOverrunMs: release.worstHungOverrunMs,
    worstEgressMs: egress.worstMs,
    egresses: egress.judged,
  };
}

function bootsOf({ resets, hangs, endMs }: Trace): Boot[] {
  const starts = [0, ...resets.map(({ atMs }) => atMs)];
  return starts.map((fromMs, i) => {
    const toMs = starts[i + 1] ?? endMs;
    const hang = hangs.find(({ atMs, what }) => what === 'everything' && atMs >= fromMs && atMs < toMs);
    return { fromMs, toMs, cut: i + 1 < starts.length, deadFromMs: hang?.atMs ?? toMs };
  });
}

const within = (boot: Boot, atMs: number): boolean => atMs >= boot.fromMs && atMs < boot.toMs;

/** What the bytes of one boot amount to: every stretch from F0 0D to F7 without another command in between. */
function arrivalsIn({ bytes }: Trace, boot: Boot): Arrival[] {
  const line = bytes.filter(({ atMs }) => within(boot, atMs));
  return line.flatMap(({ atMs, byte }, end) => {
    if (byte !== 0xf7) return [];
    const start = line.findLastIndex((other, i) => i < end && other.byte >= 0x80);
    if (line[start]?.byte !== 0xf0 || line[start + 1]?.byte !== protocol.sysexCommand) return [];
    const message = decodeMessage(line.slice(start + 2, end).map((other) => other.byte));
    return 'error' in message ? [] : [{ atMs, message }];
  });
}

function nonceOf({ said }: Trace, boot: Boot): number | undefined {
  const hello = said.find(({ atMs, message }) => within(boot, atMs) && message.type === 'hello');
  return hello?.message.type === 'hello' ? hello.message.fields.bootNonce : undefined;
}

/** When the message with this number was answered as accepted, for the first time after its arrival. */
function acceptedAt({ said }: Trace, boot: Boot, { atMs, message }: Arrival): number | undefined {
  return said.find(
    (word) =>
      word.atMs > atMs &&
      within(boot, word.atMs) &&
      word.message.type === 'ack' &&
      word.message.fields.sequence === message.sequence &&
      word.message.fields.result === 'accepted',
  )?.atMs;
}

function windowsOf(trace: Trace, boot: Boot): Window[] {
  const windows = [...windowsOfHost(trace, boot), ...windowsOfWires(trace, boot)];
  return windows.map((window) => {
    // Where interrupts hang nothing can end any more but by the reset.
    const lives = window.fromMs <= boot.deadFromMs && window.toMs + leaseOverrunMsMax >= boot.deadFromMs;
    const frozen = boot.deadFromMs < boot.toMs && lives;
    return { ...window, toMs: frozen ? boot.toMs : Math.min(window.toMs, boot.toMs) };
  });
}

/** A `secure` of this boot that was accepted. */
interface Secure {
  readonly askedMs: number;
  /** When its answer was said. */
  readonly doneMs: number;
  readonly place: number;
}

const placeOf = ({ places }: Trace, { message }: Arrival): number => places.get(message.sequence) ?? Infinity;

function securesIn(trace: Trace, boot: Boot, arrivals: readonly Arrival[]): Secure[] {
  const nonce = nonceOf(trace, boot);
  return arrivals.flatMap((arrival): Secure[] => {
    if (arrival.message.type !== 'secure' || arrival.message.fields.bootNonce !== nonce) return [];
    const doneMs = acceptedAt(trace, boot, arrival);
    return doneMs === undefined ? [] : [{ askedMs: arrival.atMs, doneMs, place: placeOf(trace, arrival) }];
  });
}

/** Whether an accepted `secure` that was ordered later had come before it. */
const isSuperseded = (trace: Trace, arrival: Arrival, secures: readonly Secure[]): boolean =>
  secures.some(({ askedMs, place }) => askedMs < arrival.atMs && place > placeOf(trace, arrival));

/** What the host asked for in this boot, with this boot's nonce. */
function windowsOfHost(trace: Trace, boot: Boot): Window[] {
  const nonce = nonceOf(trace, boot);
  const arrivals = arrivalsIn(trace, boot);
  const secures = securesIn(trace, boot, arrivals);
  const untilSecured = (fromMs: number, toMs: number): number =>
    secures.reduce((end, { askedMs, doneMs }) => (askedMs >= fromMs ? Math.min(end, doneMs) : end), toMs);
  /** By lease id, the arrival that was obeyed, once its answer was heard: no other one may act. */
  const obeyed = new Map<number, Arrival>();
  for (const arrival of arrivals) {
    const { message } = arrival;
    if (message.type !== 'lease' || obeyed.has(message.fields.leaseId)) continue;
    if (acceptedAt(trace, boot, arrival) !== undefined) obeyed.set(message.fields.leaseId, arrival);
  }
  return arrivals.flatMap((arrival): Window[] => {
    const { atMs: fromMs, message } = arrival;
    if (isSuperseded(trace, arrival, secures)) return [];
    if (message.type === 'hold-open' && message.fields.bootNonce === nonce)
      return [{ by: 'hold-open', fromMs, toMs: untilSecured(fromMs, fromMs + holdOpenLapseMs) }];
    if (message.type !== 'lease' || message.fields.bootNonce !== nonce) return [];
    const { leaseId, durationMs } = message.fields;
    if (durationMs < leaseMsMin || durationMs > leaseMsMax) return [];
    if ((obeyed.get(leaseId) ?? arrival) !== arrival) return [];
    return [{ by: 'lease', fromMs, toMs: untilSecured(fromMs, fromMs + durationMs) }];
  });
}

/** How long each of the two inputs was active in this boot. */
function activeIn(
  { wires, endMs }: Trace,
  boot: Boot,
  input: 'exit-button' | 'fire',
): { fromMs: number; toMs: number }[] {
  // A wire that is told again what it is has not changed.
  const changes = wires
    .filter((change) => change.input === input)
    .filter(({ active }, i, all) => active !== (all[i - 1]?.active ?? false));
  return changes.flatMap(({ atMs, active }, i) => {
    const fromMs = Math.max(atMs, boot.fromMs);
    const toMs = Math.min(changes[i + 1]?.atMs ?? endMs, boot.toMs);
    return active && toMs > fromMs ? [{ fromMs, toMs }] : [];
  });
}

/** The same, with what follows within a debounce taken for one: a contact that bounces adds up. */
function believableIn(
  trace: Trace,
  boot: Boot,
  input: 'exit-button' | 'fire',
): { fromMs: number; toMs: number }[] {
  const joined: { fromMs: number; toMs: number }[] = [];
  for (const { fromMs, toMs } of activeIn(trace, boot, input)) {
    const former = joined.at(-1);
    if (former !== undefined && fromMs - former.toMs < DEBOUNCE_MS) former.toMs = toMs;
    else joined.push({ fromMs, toMs });
  }
  return joined.filter(({ fromMs, toMs }) => toMs - fromMs > GLITCH_MS_MAX);
}

function windowsOfWires(trace: Trace, boot: Boot): Window[] {
  return [
    ...believableIn(trace, boot, 'exit-button').map(({ fromMs, toMs }): Window => ({
      by: 'exit-button',
      fromMs,
      toMs: Math.max(fromMs + exitButtonMs, toMs) + DEBOUNCE_MS,
    })),
    ...believableIn(trace, boot, 'fire').map(({ fromMs, toMs }): Window => ({
      by: 'fire',
      fromMs,
      toMs: toMs + DEBOUNCE_MS,
    })),
  ];
}

/** Until when windows without a gap that is longer than the tolerance allow a release that began at `fromMs`. */
function allowedUntil(windows: readonly Window[], fromMs: number): { ms: number; by: Window['by'] } | null {
  let reached: { ms: number; by: Window['by'] } | null = null;
  let knownMs = fromMs + ROUNDING_MS;
  for (;;) {
    const next = windows
      .filter((window) => window.fromMs <= knownMs && window.toMs > (reached?.ms ?? fromMs - ROUNDING_MS))
      .reduce<Window | null>(
        (best, window) => (best === null || window.toMs > best.toMs ? window : best),
        null,
      );
    if (next === null) return reached;
    reached = { ms: next.toMs, by: next.by };
    knownMs = next.toMs + leaseOverrunMsMax;
  }
}

interface ReleaseVerdict {
  readonly violations: Violation[];
  readonly worstOverrunMs: number;
  readonly worstHungOverrunMs: number;
}

function judgeRelease(
  { relay, endMs }: Trace,
  boots: readonly Boot[],
  windows: readonly Window[],
): ReleaseVerdict {
  const violations: Violation[] = [];
  let worstOverrunMs = -Infinity;
  let worstHungOverrunMs = -Infinity;
  relay.forEach(({ atMs: onMs, released }, i) => {
    if (!released) return;
    const offMs = relay[i + 1]?.atMs ?? endMs;
    const boot = boots.find((each) => within(each, onMs)) ?? boots.at(-1);
    const allowed = allowedUntil(
      windows.filter(({ fromMs }) => boot !== undefined && within(boot, fromMs)),
      onMs,
    );
    if (allowed === null) {
      violations.push({ kind: 'released-without-cause', atMs: onMs, detail: `until ${offMs.toFixed(1)} ms` });
      return;
    }
    const lateMs = offMs - allowed.ms;
    if (boot !== undefined && boot.deadFromMs < boot.toMs && offMs >= boot.deadFromMs) {
      worstHungOverrunMs = Math.max(worstHungOverrunMs, offMs - boot.deadFromMs);
    } else if (allowed.by === 'lease' && offMs < (boot?.toMs ?? endMs)) {
      worstOverrunMs = Math.max(worstOverrunMs, lateMs);
    }
    if (lateMs <= leaseOverrunMsMax) return;
    const kind = allowed.by === 'lease' ? 'lease-overrun' : 'released-without-cause';
    violations.push({
      kind,
      atMs: allowed.ms,
      detail: `${lateMs.toFixed(1)} ms after the end of ${allowed.by}`,
    });
  });
  return { violations, worstOverrunMs, worstHungOverrunMs };
}

interface EgressVerdict {
  readonly violations: Violation[];
  readonly worstMs: number;
  readonly judged: number;
}

function judgeEgress(trace: Trace, boots: readonly Boot[]): EgressVerdict {
  const violations: Violation[] = [];
  let worstMs = 0;
  let judged = 0;
  const releasedAt = (atMs: number): boolean =>
    trace.relay.findLast((change) => change.atMs <= atMs)?.released ?? false;
  for (const boot of boots) {
    for (const input of ['exit-button', 'fire'] as const) {
      for (const { fromMs, toMs } of activeIn(trace, boot, input)) {
        const runsMs = Math.min(toMs, boot.deadFromMs) - fromMs;
        if (runsMs < PRESS_MS_MIN || releasedAt(fromMs)) continue;
        const at = trace.relay.find((change) => change.released && change.atMs >= fromMs)?.atMs ?? Infinity;
        const tookMs = at - fromMs;
        // A reset, a hang or the end in the midst of it: the time counts anew from the next boot.
        const stopsMs = Math.min(boot.toMs, boot.deadFromMs);
        if (at > stopsMs && fromMs + EGRESS_MS_MAX > stopsMs) continue;
        judged += 1;
        if (tookMs <= EGRESS_MS_MAX) worstMs = Math.max(worstMs, tookMs);
        else
          violations.push({
            kind: 'egress-late',
            atMs: fromMs,
            detail: `${input} after ${tookMs.toFixed(1)} ms`,
          });
      }
    }
  }
  return { violations, worstMs, judged };
}

/** The board's own word: nothing that was superseded is accepted, no lease of another boot, and none twice. */
function judgeAnswers(trace: Trace, boot: Boot): Violation[] {
  const nonce = nonceOf(trace, boot);
  const arrivals = arrivalsIn(trace, boot);
  const secures = securesIn(trace, boot, arrivals);
  const accepted = new Set<number>();
  return trace.said.flatMap(({ atMs, message: word }): Violation[] => {
    if (!within(boot, atMs) || word.type !== 'ack' || word.fields.result !== 'accepted') return [];
    const { sequence } = word.fields;
    const answered = arrivals.filter((each) => each.atMs < atMs && each.message.sequence === sequence);
    // Of several that are alike the answer may be to any.
    const isOld = answered.length > 0 && answered.every((each) => isSuperseded(trace, each, secures));
    const message = answered.at(-1)?.message;
    if (isOld && (message?.type === 'lease' || message?.type === 'hold-open'))
      return [{ kind: 'superseded-obeyed', atMs, detail: `a ${message.type} from before a secure` }];
    if (message?.type !== 'lease') return [];
    const { leaseId, bootNonce } = message.fields;
    const again = accepted.has(leaseId);
    accepted.add(leaseId);
    if (bootNonce !== nonce)
      return [{ kind: 'old-lease-obeyed', atMs, detail: `lease ${leaseId} of another boot` }];
    return again ? [{ kind: 'old-lease-obeyed', atMs, detail: `lease ${leaseId} a second time` }] : [];
  });
}

function judgeNonces({ said, resets }: Trace): Violation[] {
  const drawn = new Map<number, number>();
  return said.flatMap(({ atMs, message }): Violation[] => {
    if (message.type !== 'hello') return [];
    const boot = resets.filter((reset) => reset.atMs <= atMs).length;
    const former = drawn.get(message.fields.bootNonce);
    drawn.set(message.fields.bootNonce, boot);
    if (former === undefined || former === boot) return [];
    return [{ kind: 'nonce-reused', atMs, detail: `boots ${former} and ${boot}` }];
  });
}

function judgeHangs({ hangs, endMs }: Trace, boots: readonly Boot[]): Violation[] {
  return hangs.flatMap(({ atMs, what }): Violation[] => {
    const boot = boots.find((each) => within(each, atMs));
    const endedMs = boot?.cut === true ? boot.toMs : Infinity;
    if (Math.min(endedMs, endMs) - atMs <= WATCHDOG_MS_MAX) return [];
    return [{ kind: 'hang-not-ended', atMs, detail: `of ${what}` }];
  });
}
