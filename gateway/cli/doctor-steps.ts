import { randomInt } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import type {
  ControllerEvent,
  DoorController,
  DoorInput,
  Scanner,
  ScannerEvent,
} from '../../device/ports.ts';
import type { DoorConfig, GatewayConfig } from '../../shared/contract/config.ts';
import type { Clock } from '../clock/clock.ts';
import { openDatabase } from '../journal/database.ts';
import { freeBytesAt } from '../journal/disk-room.ts';
import { protocolsOf } from '../uplink/line.ts';
import { connectionOptions } from '../uplink/mqtt.ts';

/** What a step found. */
export interface Finding {
  /** `not-fitted`: by the configuration this door has none, so nothing is left out of the report. */
  readonly status: 'ok' | 'failed' | 'skipped' | 'not-fitted';
  readonly detail: string;
}

/** What the doctor needs from what the gateway itself may not know. */
export interface DoctorEquipment {
  /** `resets`: the port is let go as strangers do, so that a reset by DTR shows. */
  readonly boardAt: (path: string, options: { readonly resets: boolean }) => DoorController;
  readonly scannersOf: (config: DoorConfig) => readonly Scanner[];
  /** Who the committed firmware says it is. */
  readonly firmwareIdentity: () => Promise<string>;
  /** Default: the host's. */
  readonly clock?: Clock;
}

/** What every step may look at. */
export interface Visit {
  readonly config: GatewayConfig;
  readonly clock: Clock;
  readonly equipment: DoctorEquipment;
  /** How long a person has for one movement, in milliseconds. */
  readonly handsMs: number;
  /** Asks the installer for a movement. */
  readonly ask: (request: string) => void;
}

/** One door under the doctor's hands; what a step learned is there for the next. */
export interface DoorVisit extends Visit {
  readonly door: DoorConfig;
  /** Every board that was opened; the newest is the one in hand. */
  readonly boards: DoorController[];
  readonly online: Extract<ControllerEvent, { kind: 'online' }>[];
}

interface Step<Context> {
  readonly name: string;
  /** What to do when it fails. */
  readonly remedy: string;
  /** Whether somebody has to be at the door. */
  readonly hands?: true;
  readonly run: (context: Context) => Finding | Promise<Finding>;
}

const ok = (detail: string): Finding => ({ status: 'ok', detail });
const failed = (detail: string): Finding => ({ status: 'failed', detail });
const notFitted = (detail: string): Finding => ({ status: 'not-fitted', detail });

/** How long a board may take from opening the port to its word. */
const ONLINE_MS = 10_000;
/** How long a reader may take to be there. */
const SCANNER_ONLINE_MS = 5_000;
/** How long relay and lock may take to move. */
const MOVE_MS = 2_000;
/** Supply of the lock, in millivolts: a battery at its end, and the charger's most. Source: hardware/README, "Supply". */
const SUPPLY_MV = { least: 10_500, most: 15_000 } as const;
const FREE_BYTES_MIN = 1024 ** 3;

/** What belongs to the gateway as a whole, in order. */
export const VENUE_STEPS: readonly Step<Visit>[] = [
  {
    name: 'clock',
    remedy:
      'Connect the network, fit the DS3231 (hardware/README), and wait for timedatectl to say "synchronized: yes".',
    run: ({ clock, config }) => {
      if (clock.trust() !== 'trusted') return failed('the clock is not synchronised');
      return ok(config.clock.source === 'host' ? 'vouched for by the configuration' : 'synchronised');
    },
  },
  {
    name: 'disk',
    remedy: 'Free the disk, or take a larger or healthier card.',
    run: ({ config }) => lookAtDisk(config),
  },
  {
    name: 'broker',
    remedy:
      'Check uplink.url, password, certificates and the network; the gateway works without, but nothing is billed.',
    run: ({ config }) => callBroker(config.uplink),
  },
];

/** What belongs to one door, in order. After `port` has failed the others are skipped. */
export const DOOR_STEPS: readonly Step<DoorVisit>[] = [
  {
    name: 'port',
    remedy:
      'Plug the board in, install hardware/70-genkan.rules, flash it (genkan flash), and stop the gateway.',
    run: findBoard,
  },
  {
    name: 'dtr-reset',
    remedy:
      'Close J1: 10 µF from RESET to 0 V, or cut RESET-EN (hardware/README). Exit button and fire input are dead in a reset.',
    run: openTwice,
  },
  {
    name: 'firmware',
    remedy: 'Run genkan flash with this gateway’s firmware.',
    run: async ({ online, equipment }) => {
      const found = online.at(-1)?.firmware ?? 'unknown';
      const expected = await equipment.firmwareIdentity();
      return found === expected
        ? ok(found)
        : failed(`the board runs ${found}, this gateway brings ${expected}`);
    },
  },
  {
    name: 'reset-cause',
    remedy:
      'Brown-out: look at U1 and its supply. Watchdog: report the firmware’s build. Unknown: there is a bootloader, run genkan flash.',
    run: ({ online }) => {
      const cause = online[0]?.resetCause ?? 'unknown';
      return cause === 'power-on' || cause === 'external' || cause === 'watchdog-test'
        ? ok(cause)
        : failed(`the last reset was: ${cause}`);
    },
  },
  {
    name: 'watchdog',
    remedy: 'Run genkan flash; a board whose watchdog does not reset it is no keeper of a lock. Replace it.',
    run: testWatchdog,
  },
  {
    name: 'supply',
    remedy: 'Look at PS1, GB1, F1 and the divider N7.',
    run: ({ boards }) => {
      const supplyMv = boards.at(-1)?.report.supplyMv ?? null;
      if (supplyMv === null) return failed('not measured');
      const good = supplyMv >= SUPPLY_MV.least && supplyMv <= SUPPLY_MV.most;
      return (good ? ok : failed)(`${(supplyMv / 1000).toFixed(1)} V`);
    },
  },
  {
    name: 'relay-readback',
    remedy: 'Look at K1, its 9 V, and N6: K1 24 to D8, K1 21 to 0 V.',
    run: (visit) => pulse(visit, 300, ['relay-readback', true], 'the relay pulls in and lets go'),
  },
  {
    name: 'lock-monitor',
    remedy: 'Shut the door; look at terminals 10 and 11, at F1, and at boltSense in the configuration.',
    run: (visit) => {
      const { door, boards } = visit;
      if (door.boltSense === 'none') return notFitted('boltSense is none');
      if (boards.at(-1)?.report.inputs?.bolt !== true)
        return failed('the shut door is not reported as locked');
      if (door.boltSense === 'latch') return ok('the latch is in its keeper');
      return pulse(visit, 1_000, ['bolt', false], 'the lock opens and locks again');
    },
  },
  {
    name: 'door-contact',
    hands: true,
    remedy: 'Look at S3 and its magnet, terminals 8 and 9.',
    run: (visit) => thereAndBack(visit, 'contact', 'open the door, then shut it'),
  },
  {
    name: 'exit-button',
    hands: true,
    remedy: 'Look at S1, terminals 4 and 5. Do not use this door until it works.',
    run: (visit) =>
      visit.door.egressSensing === 'none'
        ? notFitted('egressSensing is none')
        : released(visit, 'exit-button', 'press the exit button (or the handle)'),
  },
  {
    name: 'fire-input',
    hands: true,
    remedy: 'Look at K9, terminals 6 and 7. Do not use this door until it works.',
    run: async (visit) => {
      const found = await released(visit, 'fire', 'let the fire panel’s contact open');
      if (found.status !== 'ok') return found;
      return follow(
        visit,
        [[isInput('fire', false), 'close the fire panel’s contact again']],
        'released, and held until cleared',
      );
    },
  },
  {
    name: 'tamper',
    hands: true,
    remedy: 'Look at S4, terminals 12 and 13.',
    run: (visit) => thereAndBack(visit, 'tamper', 'lift the cabinet’s lid, then shut it'),
  },
  {
    name: 'scanner',
    hands: true,
    remedy: 'Look at the reader’s cable, its mode (USB-COM), and its name in /dev.',
    run: readCodes,
  },
];

function lookAtDisk(config: GatewayConfig): Finding {
  const folder = dirname(config.gateway.journal);
  let scratch: string | null = null;
  try {
    const freeBytes = freeBytesAt(folder);
    if (freeBytes === null) return failed(`${folder}: its file system does not say how much is free`);
    const free = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB free`;
    if (freeBytes < FREE_BYTES_MIN) return failed(`${free}, 1 GiB is needed`);
    // Beside the journal, on the same disk; the journal itself belongs to the gateway.
    scratch = mkdtempSync(join(folder, '.doctor-'));
    openDatabase(join(scratch, 'probe.sqlite')).close();
    return ok(`${free}, synchronous=FULL`);
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  } finally {
    if (scratch !== null) rmSync(scratch, { recursive: true, force: true });
  }
}

async function callBroker(uplink: GatewayConfig['uplink']): Promise<Finding> {
  if (uplink === null) return notFitted('no uplink is configured');
  let problem = '';
  for (const protocol of protocolsOf(uplink.protocol)) {
    let client: MqttClient | null = null;
    try {
      client = await mqtt.connectAsync(uplink.url, connectionOptions(uplink, protocol), false);
      return ok(`${uplink.url} accepts MQTT ${protocol === 5 ? '5' : '3.1.1'}`);
    } catch (error) {
      problem = error instanceof Error ? error.message || error.name : String(error);
    } finally {
      await client?.endAsync(true);
    }
  }
  return failed(`${uplink.url}: ${problem === '' ? 'no answer' : problem}`);
}

async function findBoard(visit: DoorVisit): Promise<Finding> {
  const { config, door } = visit;
  const { path } = door.controller;
  const mine = nodeOf(path);
  const others = config.doors.flatMap((each) => [
    ...(each.id === door.id ? [] : [each.controller.path]),
    ...each.scanners.flatMap((scanner) => (scanner.kind === 'serial' ? [scanner.path] : [])),
  ]);
  const twin = others.find((other) => nodeOf(other) === mine);
  if (twin !== undefined) return failed(`${path} is the same port as ${twin}`);
  const found = await openBoard(visit);
  if ('reason' in found) return failed(`${path}: ${found.reason}`);
  return ok(mine === path ? `${path}; not a stable name` : `${path} is ${mine}`);
}

/** Where a name in /dev leads to; the name itself where it leads nowhere. */
function nodeOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Opens the port anew and waits for the board's word. */
async function openBoard(
  visit: DoorVisit,
): Promise<{ readonly bootNonce: number } | { readonly reason: string }> {
  const { boards, online, equipment, door, clock } = visit;
  await boards.at(-1)?.close();
  const board = equipment.boardAt(door.controller.path, { resets: true });
  boards.push(board);
  let reason = 'no answer';
  const event = await new Promise<Extract<ControllerEvent, { kind: 'online' }> | null>((resolve) => {
    const cancel = clock.after(ONLINE_MS, () => resolve(null));
    board.onEvent((heard) => {
      if (heard.kind === 'offline') reason = heard.reason;
      if (heard.kind !== 'online') return;
      cancel();
      resolve(heard);
    });
    board.start();
  });
  if (event === null) return { reason };
  online.push(event);
  return event;
}

async function openTwice(visit: DoorVisit): Promise<Finding> {
  const before = visit.online.at(-1)?.bootNonce;
  const found = await openBoard(visit);
  if ('reason' in found) return failed(`opened again, it does not answer: ${found.reason}`);
  return found.bootNonce === before
    ? ok('opened twice without a reset')
    : failed('opening the port resets the board');
}

/** The board has to reset itself, say why, and be there again as another boot. */
async function testWatchdog({ boards, online, clock }: DoorVisit): Promise<Finding> {
  const board = boards.at(-1);
  if (board === undefined) return failed('no board');
  const reset = heard(
    board,
    (event) => event.kind === 'reset' && event.resetCause === 'watchdog-test',
    clock,
    MOVE_MS,
  );
  const back = heard(board, (event) => event.kind === 'online' && online.push(event) > 0, clock, ONLINE_MS);
  const outcome = await board.testWatchdog();
  if (outcome !== 'accepted') return failed(`asked to reset the board, it was ${outcome}`);
  if (!(await reset)) return failed('it did not reset a board that no longer fed it');
  if (!(await back)) return failed('the board did not come back from its reset');
  return ok('it reset a board that no longer fed it');
}

type Awaited = (event: ControllerEvent) => boolean;

const isInput =
  (input: DoorInput, active: boolean): Awaited =>
  (event) =>
    event.kind === 'input' && event.input === input && event.active === active;
const isReleased =
  (wanted: boolean): Awaited =>
  (event) =>
    event.kind === 'lock' && event.released === wanted;

/** Releases the lock for a moment and looks whether a sensor follows, there and back. */
async function pulse(
  { boards, clock }: DoorVisit,
  durationMs: number,
  [input, active]: readonly [DoorInput, boolean],
  detail: string,
): Promise<Finding> {
  const board = boards.at(-1);
  if (board === undefined) return failed('no board');
  const limitMs = durationMs + MOVE_MS;
  // Listening before asking: the lock may move before the answer is here.
  const there = heard(board, isInput(input, active), clock, limitMs);
  const secured = heard(board, isReleased(false), clock, limitMs);
  const outcome = await board.pulse({ id: randomInt(1, 2 ** 32), durationMs });
  if (outcome !== 'accepted') return failed(`the lease was ${outcome}`);
  if (!(await there)) return failed(`the relay is driven, and ${input} does not follow`);
  if (!(await secured)) return failed('the lease did not end');
  if (
    board.report.inputs?.[input] === active &&
    !(await heard(board, isInput(input, !active), clock, MOVE_MS))
  )
    return failed(`the lease is over, and ${input} does not come back`);
  return ok(detail);
}

/** Waits for one event. `false` when it does not come in time. */
function heard(board: DoorController, fits: Awaited, clock: Clock, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = board.onEvent((event) => {
      if (fits(event)) end(true);
    });
    const cancel = clock.after(limitMs, () => end(false));
    const end = (came: boolean): void => {
      stop();
      cancel();
      resolve(came);
    };
  });
}

/** Asks for one movement after the other; fails at the first that does not show in time. */
async function follow(
  { boards, clock, handsMs, ask }: DoorVisit,
  movements: readonly (readonly [Awaited, string])[],
  detail: string,
): Promise<Finding> {
  const board = boards.at(-1);
  if (board === undefined) return failed('no board');
  for (const [fits, request] of movements) {
    const came = heard(board, fits, clock, handsMs);
    if (request !== '') ask(request);
    if (!(await came)) return failed(`nothing was seen within ${Math.round(handsMs / 1000)} s`);
  }
  return ok(detail);
}

function thereAndBack(visit: DoorVisit, input: DoorInput, request: string): Promise<Finding> {
  return follow(
    visit,
    [
      [isInput(input, true), request],
      [isInput(input, false), ''],
    ],
    'seen there and back',
  );
}

/** Asks for what makes the firmware itself release the lock, and looks for its word that this is why. */
function released(visit: DoorVisit, cause: 'exit-button' | 'fire', request: string): Promise<Finding> {
  return follow(
    visit,
    [[(event) => event.kind === 'lock' && event.released && event.causes.includes(cause), request]],
    'the firmware released the lock by itself',
  );
}

async function readCodes({ equipment, door, clock, handsMs, ask }: DoorVisit): Promise<Finding> {
  const scanners = equipment.scannersOf(door);
  if (scanners.length === 0) return notFitted('this door has no scanner');
  for (const scanner of scanners) {
    const problem = await readCode(scanner, clock, handsMs, ask);
    if (problem !== null) return failed(`${scanner.side}: ${problem}`);
  }
  return ok(scanners.map(({ side }) => side).join(', '));
}

/** `null` once the reader has read something. */
async function readCode(
  scanner: Scanner,
  clock: Clock,
  handsMs: number,
  ask: (request: string) => void,
): Promise<string | null> {
  const events: ScannerEvent[] = [];
  const waiting = new Set<() => void>();
  scanner.onEvent((event) => {
    events.push(event);
    for (const look of [...waiting]) look();
  });
  const came = (kind: ScannerEvent['kind'], limitMs: number): Promise<boolean> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (events.some((event) => event.kind === kind)) end(true);
      };
      const cancel = clock.after(limitMs, () => end(false));
      const end = (found: boolean): void => {
        cancel();
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  try {
    scanner.start();
    if (!(await came('online', SCANNER_ONLINE_MS))) {
      const offline = events.find((event) => event.kind === 'offline');
      return offline?.reason ?? 'not there';
    }
    ask(`show any code to the reader at the ${scanner.side} side`);
    return (await came('code', handsMs)) ? null : `read nothing within ${Math.round(handsMs / 1000)} s`;
  } finally {
    await scanner.close();
  }
}
