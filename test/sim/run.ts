import { loadCloudKeys, loadIssuerKeys } from '../../gateway/tokens/key-ring.ts';
import { doorSchema, gatewayConfigSchema } from '../../shared/contract/config.ts';
import { parseInstant } from '../../shared/time.ts';
import { SimBroker } from './broker.ts';
import { drawCalendar } from './calendar.ts';
import { Cloud, CLOUD_KEY } from './cloud.ts';
import { Board, type SerialLine } from './controller.ts';
import { planFaults } from './faults.ts';
import { judge } from './verdict.ts';
import { Machine } from './machine.ts';
import { Oracle } from './oracle.ts';
import { ISSUER_KEYS, ORIGIN } from './people.ts';
import { planDay } from './scenario.ts';
import { settled, signReallyFor } from './signatures.ts';
import { World } from './world.ts';

const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;
const VENUE = 'shibuya-1';

/** The venue opens at seven; the gateway is there half an hour before. */
const OPEN_MS = parseInstant('2026-11-24T07:00:00+09:00');
const START_MS = OPEN_MS - HOUR_MS / 2;

/**
 * A day: troubles, then time in which everything is well, and at last some minutes in which nobody comes any more and
 * what was begun has to come to its end.
 */
const TROUBLE_UNTIL_MS = START_MS + DAY_MS - 1.5 * HOUR_MS;
const PEOPLE_UNTIL_MS = START_MS + DAY_MS;
const OVER_MS = PEOPLE_UNTIL_MS + HOUR_MS / 12;

export interface SimResult {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly simulatedMs: number;
  /** SHA-256 of everything that happened: the same for the same seed. */
  readonly traceHash: string;
  readonly events: number;
  readonly lives: number;
  /** What happened, line by line, where it was asked for. */
  readonly lines: readonly string[];
}

/** Lives one day at a venue as a seed has it, and judges it. @param folder on a memory disk; it is made and removed */
export async function simulate(seed: number, folder: string, keepLines = false): Promise<SimResult> {
  signReallyFor(seed);
  const world = new World({ seed, startMs: START_MS, settle: settled, keepLines });
  const random = world.stream('venue');
  const door = doorSchema.parse({ id: 'front', controller: { path: 'simulated' } });
  const calendar = drawCalendar(world.stream('calendar'));
  const venue = {
    id: VENUE,
    name: 'Simulation',
    kind: random.pick(['h1t', 'standard']),
    capacity: 200,
    ticket: { reentry: random.chance(0.8) },
  };
  const configWith = (hours: typeof calendar.hours) =>
    gatewayConfigSchema.parse({
      venue: { ...venue, hours },
      gateway: { id: 'gw-1', journal: 'simulated' },
      http: { publicOrigin: ORIGIN },
      doors: [door],
      uplink: { url: 'mqtt://simulated' },
      trust: {
        issuers: [...ISSUER_KEYS].map(([iss, { key }]) => ({ iss, keys: [key.publicKey] })),
        cloud: [CLOUD_KEY.publicKey],
      },
    });
  const config = configWith(calendar.hours);
  const oracle = new Oracle(world);
  const broker = new SimBroker(world, random.pick([4, 5]));
  const cloud = new Cloud({ world, broker, venue: VENUE, terms: config.venue });
  const board = new Board(door.id, world);
  const isSlow = random.chance(0.3);
  const serial: SerialLine = {
    isCut: false,
    loss: 0,
    // A boot loader, the firmware's start and the driver's handshake; a board behind a hub that is busy.
    helloMs: isSlow ? 8_000 : 900,
    answerMs: isSlow ? 400 : 12,
  };
  const machine = new Machine({
    world,
    config,
    door,
    issuerKeys: await loadIssuerKeys(config.trust),
    cloudKeys: await loadCloudKeys(config.trust),
    board,
    serial,
    broker,
    oracle,
    folder,
  });
  try {
    machine.start();
    const untilMs = PEOPLE_UNTIL_MS;
    const isControllerOnline = () => machine.controllerOnline;
    const usesKnown = (ticket: string) => cloud.uses.get(ticket)?.size ?? 0;
    const place = {
      world,
      machine,
      board,
      oracle,
      venue: VENUE,
      door: door.id,
      usesKnown,
      untilMs,
      isControllerOnline,
    };
    const day = planDay(place, cloud, OPEN_MS, calendar);
    planFaults(
      {
        world,
        machine,
        broker,
        cloud,
        board,
        serial,
        oracle,
        calendar,
        lastMinute: day.lastMinute,
        openMs: OPEN_MS,
      },
      TROUBLE_UNTIL_MS,
    );
    if (calendar.change !== null) {
      const { atMs, hours } = calendar.change;
      world.after(atMs - world.nowMs, () => machine.configure(configWith(hours)));
    }
    await world.runUntil(TROUBLE_UNTIL_MS);
    heal();
    await world.runUntil(OVER_MS);
    judge({ oracle, cloud, machine, board, broker, door, config, calendar, day });
  } catch (error) {
    oracle.complain(
      `the gateway broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  } finally {
    oracle.close();
    await machine.close();
    cloud.store.close();
  }
  return {
    seed,
    violations: oracle.violations,
    simulatedMs: OVER_MS - START_MS,
    traceHash: world.traceHash(),
    events: machine.lastSeq,
    lives: machine.lives,
    lines: world.lines ?? [],
  };

  function heal(): void {
    world.trace('everything is well from here on');
    machine.crashes = false;
    machine.atNextPulse = null;
    machine.cutAtNextPulseMs = null;
    machine.time.offsetMs = 0;
    machine.time.trust = 'trusted';
    oracle.clockSteps += 1;
    serial.isCut = false;
    serial.loss = 0;
    board.poke();
    broker.heal();
    cloud.comeBack();
    // A latched fault of the disk ends with a start.
    if (machine.journal !== null && machine.journal.fault !== null) machine.crash(null, 1_000);
    else machine.start();
  }
}
