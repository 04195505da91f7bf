import { findBoard, openTwice, testWatchdog } from './doctor-board.ts';
import { follow, isInput, pulse, released, thereAndBack } from './doctor-movements.ts';
import { readCodes } from './doctor-reader.ts';
import { failed, notFitted, ok, type DoorVisit, type Step } from './doctor-step.ts';

/** Supply of the lock, in millivolts: a battery at its end, and the charger's most. Source: hardware/README, "Supply". */
const SUPPLY_MV = { least: 10_500, most: 15_000 } as const;

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
