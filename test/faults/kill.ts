import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { stringify } from 'yaml';
import { CLOCK_HZ } from '../../device/emulator/avr.ts';
import { EmulatedBoard } from '../../device/emulator/board.ts';
import { pace } from '../../device/emulator/pace.ts';
import { openBoardPort, openPty } from '../../device/emulator/pty.ts';
import { Sqlite } from '../../gateway/journal/sqlite.ts';
import { gatewayConfigSchema } from '../../shared/contract/config.ts';
import { RETRY_WINDOW_MS } from '../../gateway/access/grant.ts';
import { formatInstant, SECOND_MS } from '../../shared/time.ts';
import { startBilling } from '../venue/billing.ts';
import { startBroker } from '../venue/broker.ts';
import { MovableClock } from '../venue/clock.ts';
import { createIssuer } from '../venue/issuer.ts';
import { createSigner } from '../venue/signer.ts';
import { until } from '../venue/until.ts';
import { createWallet, type Wallet } from '../venue/wallet.ts';
import { builtGateway } from './built-gateway.ts';
import { GatewayProcess } from './gateway-process.ts';
import type { Seeded } from '../seeded.ts';

const VENUE = 'shibuya-1';
const HOUR_MS = 3600_000;
const PULSE_MS = 400;

/** From the scan on, the kill comes at a random instant within this: past the grant, the pulse and the receipt. */
const KILL_WITHIN_MS = 700;

/** The firmware's promise on the end of a lease. */
const OVERRUN_MS_MAX = 50;

/** A grant is given up after ten seconds; then it is concluded. */
const CONCLUDED_WITHIN_MS = 30_000;

/** A door whose board is not heard is tried so often: a busy machine lets the emulated one fall behind. */
const CODES_MAX = 6;

/** What the trials came to. Every list should be empty. */
export interface KillReport {
  readonly trials: number;
  readonly pulses: number;
  readonly longestPulseMs: number;
  readonly duplicatesReceived: number;
  /** Pulses for which no granted decision was on disk when the relay rose. */
  readonly pulsesWithoutGrant: number;
  /** Pulses longer than the lease and 50 ms. */
  readonly overruns: number;
  /** Events of the journal that the service has not, or has otherwise. */
  readonly lost: number;
  /** Events that the service holds and the journal does not. */
  readonly invented: number;
  readonly gaps: number;
  readonly mismatches: number;
  /** Members with a visit or a charge whose lock never moved. */
  readonly billedWithoutPulse: readonly string[];
  /** Members charged more than once. */
  readonly billedTwice: readonly string[];
  /** Members whose lock was released for their check-in, and whose visit the service does not know. */
  readonly visitsLost: readonly string[];
}

interface Trial {
  readonly sub: string;
  readonly wallet: Wallet;
  /** Whether the member comes back to the scanner after the restart. */
  readonly patient: boolean;
  pulses: number;
}

interface Row {
  readonly sub: string;
  readonly kind: string;
  readonly state: string;
}

/**
 * Kills the real gateway at random instants between a scan and its receipt, starts it again, and lets the service,
 * the journal and the relay of the emulated board say what became of every member.
 */
export async function killTrials(trials: number, random: Seeded): Promise<KillReport> {
  const folder = mkdtempSync(join(tmpdir(), 'genkan-kill-'));
  const program = builtGateway(join(folder, 'built'));
  const clock = new MovableClock();
  const [issuer, cloudKey, broker] = await Promise.all([
    createIssuer({ venue: VENUE, clock }),
    createSigner('cloud1'),
    startBroker(),
  ]);
  const board = new EmulatedBoard();
  const boardPort = await openBoardPort(board, join(folder, 'board'));
  const entry = await openPty(join(folder, 'entry'));
  const exit = await openPty(join(folder, 'exit'));
  const stopBoard = pace(board);
  const journalFile = join(folder, 'journal.sqlite');
  const configFile = join(folder, 'genkan.yaml');
  const config = {
    venue: { id: VENUE, name: 'kill', kind: 'h1t', hours: null, capacity: 100 },
    gateway: { id: 'gw-1', journal: journalFile },
    http: { port: 0, publicOrigin: 'http://localhost' },
    doors: [
      {
        id: 'front',
        pulseMs: PULSE_MS,
        takenWithinMs: 0,
        controller: { path: boardPort.path },
        scanners: [
          { kind: 'serial', side: 'entry', path: entry.path },
          { kind: 'serial', side: 'exit', path: exit.path },
        ],
      },
    ],
    uplink: { url: broker.url, eventsPerSecond: 10_000 },
    trust: { issuers: [{ iss: issuer.iss, keys: [issuer.publicKey] }], cloud: [cloudKey.publicKey] },
    clock: { source: 'host' },
  };
  const terms = gatewayConfigSchema.parse(config).venue;
  writeFileSync(configFile, stringify(config));
  const billing = await startBilling({
    brokerUrl: broker.url,
    cloudKey,
    terms: new Map([[VENUE, terms]]),
    nowMs: () => clock.wallMs(),
  });

  const pulsesMs: number[] = [];
  let pulsesWithoutGrant = 0;
  let roseAt = 0;
  let journal: Database.Database | null = null;
  const trialsBySub = new Map<string, Trial>();
  const decisions = (): Row[] =>
    journal
      ?.prepare<[], Row>(
        `SELECT sub, json_extract(answer, '$.kind') AS kind, state FROM decisions WHERE state IS NOT NULL ORDER BY id`,
      )
      .all() ?? [];
  const unsubscribe = board.onPin('lockRelay', (level, cycles) => {
    if (!level) {
      pulsesMs.push(((cycles - roseAt) / CLOCK_HZ) * 1000);
      return;
    }
    roseAt = cycles;
    // At this instant the grant must be on disk: read by a connection of our own.
    const newest = decisions().at(-1);
    if (newest === undefined || decisions().length < pulsesMs.length + 1) pulsesWithoutGrant += 1;
    else if (newest.kind === 'check-in') {
      const trial = trialsBySub.get(newest.sub);
      if (trial !== undefined) trial.pulses += 1;
    }
  });

  const member = async (number: number): Promise<Trial> => {
    const wallet = await createWallet(VENUE, clock);
    const sub = `member-${number}`;
    const now = clock.wallMs();
    const start = formatInstant(now - (now % HOUR_MS));
    const end = formatInstant(now - (now % HOUR_MS) + 4 * HOUR_MS);
    const space = { id: `seat-${number}`, kind: 'seat' } as const;
    const booking = {
      id: `r-${number}`,
      venue: VENUE,
      space,
      start,
      end,
      yenPer30Min: 500,
      role: 'user',
    } as const;
    wallet.keep(
      await issuer.issue({ sub, jkt: wallet.jkt, entitlements: [{ kind: 'reservation', ...booking }] }),
    );
    return { sub, wallet, patient: random.chance(0.5), pulses: 0 };
  };
  const unfinished = () => decisions().some(({ state }) => state === 'pending' || state === 'released');
  /** Shows a code when the lock is at rest, so that each pulse is one grant's. */
  const show = async (at: typeof entry, { wallet }: Trial) => {
    await until('the lock is at rest', () => !unfinished() && !board.pin('lockRelay'), CONCLUDED_WITHIN_MS);
    at.write(Buffer.from(`${await wallet.code()}\r`));
  };
  const knows = (sub: string, name: string) =>
    billing
      .events(VENUE)
      .some((event) => event.name === name && 'sub' in event.data && event.data.sub === sub);
  /** A trial that fails says what the gateway had written last. */
  const withJournal = (error: unknown): never => {
    const last = journal
      ?.prepare<[], { body: string }>('SELECT body FROM events ORDER BY seq DESC LIMIT 8')
      .all()
      .map(({ body }) => body);
    throw new Error([String(error), ...(last ?? [])].join('\n'));
  };
  /** Who is not let through, or is told within the retry window what held a moment ago, shows the next code. */
  const showUntil = async (at: typeof entry, trial: Trial, what: string, holds: () => boolean) => {
    for (let left = CODES_MAX; !holds(); left -= 1) {
      await show(at, trial);
      const shown = until(`${trial.sub} ${what}`, holds, RETRY_WINDOW_MS + SECOND_MS);
      await (left > 1 ? shown.catch(() => undefined) : shown.catch(withJournal));
    }
  };
  /** After a check-in whose lock moved, and only then, a member can be billed; so everybody tries to check out. */
  const leave = async (trial: Trial): Promise<void> => {
    if (trial.patient && !knows(trial.sub, 'stay.checked-in'))
      await showUntil(entry, trial, 'is in', () => knows(trial.sub, 'stay.checked-in'));
    await showUntil(
      exit,
      trial,
      'is answered at the exit',
      () =>
        knows(trial.sub, 'stay.checked-out') ||
        billing
          .events(VENUE)
          .some(
            ({ name, data }) =>
              name === 'access.denied' && data.side === 'exit' && 'sub' in data && data.sub === trial.sub,
          ),
    );
  };

  let gateway = new GatewayProcess(configFile, { program });
  try {
    await gateway.online();
    journal = new Sqlite(journalFile, { readonly: true });
    let previous: Trial | null = null;
    for (let number = 1; number <= trials; number += 1) {
      const trial = await member(number);
      trialsBySub.set(trial.sub, trial);
      if (previous !== null) await leave(previous);
      await show(entry, trial);
      // A kill has no event to wait for: its instant is the trial.
      const killAtMs = clock.monotonicMs() + random.next() * KILL_WITHIN_MS;
      await until('the instant of the kill', () => clock.monotonicMs() >= killAtMs);
      await gateway.kill();
      gateway = new GatewayProcess(configFile, { program });
      await gateway.online();
      previous = trial;
    }
    if (previous !== null) await leave(previous);
    await until('every grant is concluded', () => !unfinished(), CONCLUDED_WITHIN_MS);
    const rows = () =>
      journal
        ?.prepare<[], { seq: number; body: string }>('SELECT seq, body FROM events ORDER BY seq')
        .all() ?? [];
    await until(
      'the service has the whole ledger',
      () => billing.events(VENUE).length >= rows().length,
      CONCLUDED_WITHIN_MS,
    );

    const ledger = rows();
    const held = new Map(billing.events(VENUE).map((event) => [event.seq, event]));
    const bill = billing.bill();
    const visits = (sub: string) => bill.filter((stay) => stay.sub === sub && !stay.isVoided);
    const everybody = [...trialsBySub.values()];
    const report = billing.report();
    return {
      trials,
      pulses: pulsesMs.length,
      longestPulseMs: Math.max(0, ...pulsesMs),
      duplicatesReceived: report.duplicates.length,
      pulsesWithoutGrant,
      overruns: pulsesMs.filter((ms) => ms > PULSE_MS + OVERRUN_MS_MAX).length,
      lost: ledger.filter(({ seq, body }) => held.get(seq)?.id !== (JSON.parse(body) as { id: string }).id)
        .length,
      invented: held.size - ledger.length,
      gaps: report.gaps.length,
      mismatches: report.mismatches.length,
      billedWithoutPulse: everybody
        .filter(({ sub, pulses }) => pulses === 0 && visits(sub).length > 0)
        .map(({ sub }) => sub),
      billedTwice: everybody.filter(({ sub }) => visits(sub).length > 1).map(({ sub }) => sub),
      visitsLost: everybody
        .filter(({ sub, pulses }) => pulses > 0 && visits(sub).length === 0)
        .map(({ sub }) => sub),
    };
  } finally {
    unsubscribe();
    journal?.close();
    await gateway.kill();
    await billing.close();
    stopBoard();
    await Promise.all([boardPort.close(), entry.close(), exit.close(), broker.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
}
