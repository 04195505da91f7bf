import type { LedgerEvent } from '../../shared/contract/events.ts';
import type { Reservation } from '../../shared/contract/pass.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import { CLOCK_HZ } from '../../device/emulator/avr.ts';
import { formatInstant, parseInstant } from '../../shared/time.ts';
import { until } from './until.ts';
import type { Member, Venue } from './venue.ts';

/** One thing that was seen to happen. */
export interface Step {
  readonly step: string;
  /** Wall time of the venue, RFC 3339. */
  readonly at: string;
  /** Real milliseconds since the process started. */
  readonly ms: number;
  readonly [detail: string]: unknown;
}

/** The scripted day: a seat from 9:00 to 12:00 for 500 yen a half hour, left at 10:30. */
export const DAY = '2026-11-24';
export const RESERVATION: Reservation = {
  kind: 'reservation',
  id: 'r-81',
  venue: 'shibuya-1',
  space: { id: 'seat-12', kind: 'seat' },
  start: `${DAY}T09:00:00+09:00`,
  end: `${DAY}T12:00:00+09:00`,
  yenPer30Min: 500,
  role: 'user',
};
/** When the venue is opened, so that the visit begins with everything running. */
export const OPENS = `${DAY}T08:55:00+09:00`;
const CHECK_OUT = `${DAY}T10:30:00+09:00`;

/** How long the line may take to come up again: the gateway backs off between its attempts. */
const LINE_UP_MS_MAX = 60_000;

/** What was observed of the visit as a whole. */
export interface Observed {
  readonly steps: readonly Step[];
  /** Widths of the pulses at the relay pin by the board's own clock, in milliseconds. */
  readonly pulsesMs: readonly number[];
  /** Events that the service held when the line was mended; `null` where it was never cut. */
  readonly storedBeforeMend: number | null;
}

/**
 * Plays the visit at a venue and reports every step when it was observed: at the pin, in the ledger, at the billing
 * service. Nothing is reported because it ought to have happened.
 *
 * @throws Error naming the step that did not come
 */
export async function playVisit(
  venue: Venue,
  { offline, onStep }: { readonly offline: boolean; readonly onStep: (step: Step) => void },
): Promise<Observed> {
  const { clock, line, gateway, billing, equipment } = venue;
  const steps: Step[] = [];
  const tell = (step: string, details: Readonly<Record<string, unknown>> = {}): void => {
    const seen: Step = {
      step,
      at: formatInstant(clock.wallMs()),
      ms: Math.round(performance.now()),
      ...details,
    };
    steps.push(seen);
    onStep(seen);
  };
  // What the venue journalled while it opened is not of the visit; the cloud shall hold it before the line is cut.
  await until('a receipt covers what was journalled at the start', () => isReceipted(venue));
  clock.moveTo(parseInstant(RESERVATION.start));
  const { pulsesMs, stop: stopPin } = watchPin(venue, tell);
  const stopLedger = watchLedger(venue, tell);
  const stopBilling = watchBilling(venue, tell);
  try {
    const member = await venue.member('m-1', [venue.book(RESERVATION)]);
    tell('ready', { venue: venue.id, scanners: equipment.scannerKind, line: 'up' });
    if (offline) {
      line.cut();
      await until('the gateway notices that the line is cut', () => !gateway.isOnline());
      tell('line-cut');
    }
    await passDoor(venue, member, 'entry', tell);
    if (!offline) await custody(venue, tell);
    clock.moveTo(parseInstant(CHECK_OUT));
    await passDoor(venue, member, 'exit', tell);
    const storedBeforeMend = offline ? billing.report().stored : null;
    if (offline) {
      line.mend();
      tell('line-mended', { storedBeforeMend, journalled: gateway.journal.lastSeq });
      await until('the line comes up again', () => gateway.isOnline(), LINE_UP_MS_MAX);
      tell('line-up');
    }
    await custody(venue, tell);
    const [billed] = billing.bill();
    tell('billed', {
      stay: billed?.stay ?? null,
      yen: billing.totalYen(),
      recomputed: billing.report().mismatches.length === 0,
    });
    return { steps, pulsesMs, storedBeforeMend };
  } finally {
    stopPin();
    stopLedger();
    stopBilling();
  }
}

type Tell = (step: string, details?: Readonly<Record<string, unknown>>) => void;

/** Holds the code under the reader, goes through the door and lets it fall shut. */
async function passDoor(venue: Venue, { sub, wallet }: Member, side: Side, tell: Tell): Promise<void> {
  const { door } = venue.equipment;
  const before = venue.gateway.journal.lastSeq;
  const since = (name: LedgerEvent['name']) => venue.ledger(before).some((event) => event.name === name);
  const code = await wallet.code();
  venue.scanAt(side, code);
  tell('scan', { side, sub, bytes: Buffer.byteLength(code) });
  await until(`the lock is released for the ${side}`, () => door.released);
  if (!door.pull()) throw new Error('the door did not open although the lock was released');
  await until('the gateway sees the door open', () => since('door.opened'));
  door.push();
  await until('the gateway sees the door closed', () => since('door.closed'));
  await until('the lock is secured again', () => since('door.secured') && !door.released);
}

/** Waits until the cloud's receipt covers everything in the journal. */
async function custody(venue: Venue, tell: Tell): Promise<void> {
  await until('a receipt covers the ledger', () => isReceipted(venue));
  const { seq, head } = venue.gateway.journal.custody;
  tell('receipt', { seq, head });
}

function isReceipted({ gateway: { journal } }: Venue): boolean {
  return journal.custody.seq === journal.lastSeq;
}

/** The relay pin of the emulated microcontroller. */
function watchPin(venue: Venue, tell: Tell) {
  const pulsesMs: number[] = [];
  let rose = 0;
  const stop = venue.equipment.board.onPin('lockRelay', (level, cycles) => {
    if (level) {
      rose = cycles;
      tell('pulse-start', { pin: 'D4', level: 'high' });
    } else {
      const pulseMs = Math.round(((cycles - rose) * 1000) / CLOCK_HZ);
      pulsesMs.push(pulseMs);
      tell('pulse-end', { pin: 'D4', level: 'low', pulseMs });
    }
  });
  return { pulsesMs, stop };
}

/** The gateway's journal, after each commit. */
function watchLedger(venue: Venue, tell: Tell): () => void {
  let seq = venue.gateway.journal.lastSeq;
  return venue.gateway.journal.onAppend(() => {
    const events = venue.ledger(seq);
    seq = events.at(-1)?.seq ?? seq;
    for (const event of events) tellEvent(event, tell);
  });
}

/** Which events are steps of the visit, and which of their members are told. What else is journalled is counted. */
const TOLD: Readonly<
  Partial<Record<LedgerEvent['name'], { readonly step: string; readonly members: readonly string[] }>>
> = {
  'access.granted': { step: 'granted', members: ['side', 'kind', 'grant', 'stay'] },
  'access.denied': { step: 'denied', members: ['side', 'reason'] },
  'stay.checked-in': { step: 'checked-in', members: ['stay', 'checkIn'] },
  'stay.checked-out': { step: 'checked-out', members: ['stay', 'checkOut'] },
  'door.opened': { step: 'door-opened', members: ['grant', 'cause'] },
  'door.closed': { step: 'door-closed', members: ['openMs'] },
  'charge.computed': {
    step: 'charge',
    members: ['stay', 'rule', 'chargedFrom', 'chargedTo', 'units', 'minutes', 'yen', 'online'],
  },
};

function tellEvent(event: LedgerEvent, tell: Tell): void {
  const told = TOLD[event.name];
  if (told === undefined) return;
  const data: Readonly<Record<string, unknown>> =
    event.name === 'charge.computed' ? { ...event.data.charge, stay: event.data.stay } : event.data;
  const details = told.members.map((member): [string, unknown] => [member, data[member]]);
  tell(told.step, { seq: event.seq, ...Object.fromEntries(details) });
}

/** The billing service's store: what came over MQTT and is held there. */
function watchBilling(venue: Venue, tell: Tell): () => void {
  let told = venue.billing.events(venue.id).at(-1)?.seq ?? 0;
  return venue.billing.onChange(() => {
    for (const { seq, name } of venue.billing.events(venue.id).filter((event) => event.seq > told)) {
      told = seq;
      tell('published', { seq, event: name });
    }
  });
}
