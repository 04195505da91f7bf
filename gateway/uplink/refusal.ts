/**
 * A broker of MQTT 5 has taken a message and refused it (PUBACK with an error), or would close the connection for its
 * size. The connection stands.
 */
export class PublishRefused extends Error {
  readonly reasonCode: number;

  constructor(reasonCode: number) {
    super(`the broker refused a message: ${refusalOf(reasonCode).name}`);
    this.name = 'PublishRefused';
    this.reasonCode = reasonCode;
  }
}

/** A message that is larger than the broker takes. */
export const PACKET_TOO_LARGE = 0x95;

/** What a refusal means for the events. */
export interface Refusal {
  readonly name: string;
  /** `wait`: the same message is offered again after a pause. `set-aside`: it alone is at fault, and the next one goes. */
  readonly then: 'wait' | 'set-aside';
  /** What an operator can do. */
  readonly hint: string;
}

/**
 * Reason codes of a PUBACK or SUBACK. Source: MQTT 5, tables 3-4 and 3-8; 0x95 is the size of 3.2.2.3.6, looked at before
 * it is sent.
 */
const REFUSALS: Readonly<Record<number, Refusal>> = {
  0x80: { name: 'unspecified-error', then: 'wait', hint: "look into the broker's log" },
  0x83: { name: 'implementation-specific-error', then: 'wait', hint: "look into the broker's log" },
  0x87: {
    name: 'not-authorised',
    then: 'wait',
    hint: "let this gateway's account publish and subscribe below its venue's root",
  },
  0x8f: {
    name: 'topic-filter-invalid',
    then: 'wait',
    hint: 'the broker takes no topics of genkan/v1: change its rules',
  },
  0x90: {
    name: 'topic-name-invalid',
    then: 'wait',
    hint: 'the broker takes no topics of genkan/v1: change its rules',
  },
  0x91: { name: 'packet-identifier-in-use', then: 'wait', hint: 'none: it passes' },
  [PACKET_TOO_LARGE]: {
    name: 'packet-too-large',
    then: 'set-aside',
    hint: "raise the broker's maximum packet size to 16 kB or more; the event goes with the next connection",
  },
  0x97: {
    name: 'quota-exceeded',
    then: 'wait',
    hint: "raise the broker's quota, or lower uplink.eventsPerSecond",
  },
  0x99: {
    name: 'payload-format-invalid',
    then: 'set-aside',
    hint: "stop the broker's payload checks on events",
  },
};

/** What a reason code means. One that nobody knows passes, or an operator finds it in the log. */
export function refusalOf(reasonCode: number): Refusal {
  return (
    REFUSALS[reasonCode] ?? {
      name: `reason-code-0x${reasonCode.toString(16)}`,
      then: 'wait',
      hint: "look into the broker's log",
    }
  );
}

/** First pause after a refusal, and the longest, in milliseconds. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Pause before what was refused is asked again, in milliseconds. @param earlier refusals in a row before this one, from 0 */
export function pauseAfterMs(earlier: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(earlier, 6));
}
