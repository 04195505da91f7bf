import { parseArgs } from 'node:util';
import pino from 'pino';
import { parseInstant } from '../../shared/time.ts';
import { DAY, OPENS, playVisit, type Observed, type Step } from './script.ts';
import { openVenue, type Venue } from './venue.ts';

const USAGE = `npm run -s visit -- [--json] [--offline]

One visit through the real parts: a code in at a reader's serial port, the relay pin of the firmware on an emulated
board, the ledger, MQTT, the billing service and its receipt.

  --json     one JSON object per line, the last one the summary
  --offline  the line to the cloud is cut before the entry and mended after the check-out`;

/** How long a grant releases the lock here: short, so that the visit is. */
const PULSE_MS = 1_000;

/** How far the pulse at the pin may be off the configured one. */
const PULSE_TOLERANCE_MS = 50;

/** The charge that the document prints for 10:30 at an H1T venue (to 11:00). */
const CHARGE = {
  rule: 'h1t-shortened',
  chargedFrom: `${DAY}T09:00:00+09:00`,
  chargedTo: `${DAY}T11:00:00+09:00`,
  units: 4,
  minutes: 120,
  yen: 2_000,
} as const;

/** What must have been seen on each side, in this order. */
const PASSAGE = ['scan', 'granted', 'pulse-start', 'door-opened', 'pulse-end'] as const;

/** Compares what was observed with what the visit must be. One line for each difference. */
function differences(
  { steps, pulsesMs, storedBeforeMend }: Observed,
  venue: Venue,
  offline: boolean,
): string[] {
  const { billing, gateway } = venue;
  const found: string[] = [];
  const expect = (what: string, observed: unknown, expected: unknown): void => {
    if (observed !== expected)
      found.push(`${what}: observed ${String(observed)}, expected ${String(expected)}`);
  };
  const passages = steps
    .map(({ step }) => step)
    .filter((step) => (PASSAGE as readonly string[]).includes(step));
  expect('the steps at the door', passages.join(' '), [...PASSAGE, ...PASSAGE].join(' '));
  for (const pulseMs of pulsesMs) {
    if (Math.abs(pulseMs - PULSE_MS) > PULSE_TOLERANCE_MS)
      expect('pulse at the relay pin, ms', pulseMs, PULSE_MS);
  }
  const charges = steps.filter(({ step }) => step === 'charge');
  expect('charges', charges.length, 1);
  for (const [member, value] of Object.entries({ ...CHARGE, online: !offline })) {
    expect(`charge.${member}`, charges[0]?.[member], value);
  }
  const stored = billing.events(venue.id).map(({ id }) => id);
  const journalled = venue.ledger().map(({ id }) => id);
  expect('events at the billing service', stored.join(' '), journalled.join(' '));
  expect('yen billed', billing.totalYen(), CHARGE.yen);
  const { gaps, mismatches, rejected } = billing.report();
  expect('gaps', gaps.length, 0);
  expect('charges that the service computes differently', mismatches.length, 0);
  expect('rejected messages', rejected.length, 0);
  expect(
    'chain head of the last receipt',
    billing.receipts().at(-1)?.head,
    gateway.journal.headAt(gateway.journal.lastSeq),
  );
  if (offline) {
    const beforeVisit = venue.ledger().findIndex(({ name }) => name === 'access.granted');
    expect('events that passed a cut line', (storedBeforeMend ?? 0) - beforeVisit, 0);
  }
  return found;
}

function summaryOf(observed: Observed, venue: Venue, offline: boolean, found: readonly string[]) {
  const { stored, duplicates, outOfOrder, gaps, mismatches, rejected } = venue.billing.report();
  return {
    step: 'summary',
    ok: found.length === 0,
    mode: offline ? 'offline' : 'online',
    yen: venue.billing.totalYen(),
    pulsesMs: observed.pulsesMs,
    journalled: venue.gateway.journal.lastSeq,
    stored,
    storedBeforeMend: observed.storedBeforeMend,
    duplicates: duplicates.length,
    outOfOrder: outOfOrder.length,
    gaps: gaps.length,
    mismatches: mismatches.length,
    rejected: rejected.length,
    receipt: venue.gateway.journal.custody.seq,
    differences: found,
    ms: Math.round(performance.now()),
  };
}

function readable({ step, at, ms, ...details }: Step): string {
  const text = Object.entries(details)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
  return `${at.slice(11, 19)}  ${String(ms).padStart(6)} ms  ${step.padEnd(12)} ${text}`;
}

/** @returns the exit code: 0 as it must be, 1 not so, 2 for a command line that cannot be used */
async function main(args: readonly string[]): Promise<number> {
  let flags;
  try {
    flags = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        offline: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  const { json, offline, help } = flags;
  if (help) {
    console.log(USAGE);
    return 0;
  }
  const print = (step: Step): void => console.log(json ? JSON.stringify(step) : readable(step));
  const startMs = parseInstant(OPENS);
  const venue = await openVenue({
    startMs,
    pulseMs: PULSE_MS,
    log: pino({ level: 'warn' }, pino.destination(2)),
  });
  try {
    const observed = await playVisit(venue, { offline, onStep: print });
    const found = differences(observed, venue, offline);
    const summary = summaryOf(observed, venue, offline, found);
    if (json) console.log(JSON.stringify(summary));
    else {
      const { journalled, stored, storedBeforeMend, duplicates, yen, receipt } = summary;
      const before =
        storedBeforeMend === null ? '' : `, ${storedBeforeMend} of them before the line was mended`;
      console.log(
        `\n${yen} yen. ${journalled} events journalled, ${stored} at the billing service${before}; ${duplicates} came twice. Receipt up to ${receipt}.`,
      );
    }
    for (const difference of found) console.error(difference);
    return found.length === 0 ? 0 : 1;
  } finally {
    await venue.close();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
