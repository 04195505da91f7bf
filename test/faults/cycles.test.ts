import { expect, it } from 'vitest';
import { ptyAvailable } from '../../device/emulator/pty.ts';
import { mosquittoAvailable } from '../venue/mosquitto.ts';
import { killCycles } from './cycles.ts';

const KILLS = process.env['GENKAN_FULL'] === '1' ? 500 : 50;

it.skipIf(!ptyAvailable() || !mosquittoAvailable())(
  `${KILLS} kills of gateways under load, and of the broker after a PUBACK, lose, double and reorder nothing`,
  async () => {
    const { events, visits, kills, brokerKills, pulses, duplicatesReceived, ...wrong } = await killCycles({
      kills: KILLS,
      seed: 20261125,
    });

    expect(wrong).toEqual({
      lost: 0,
      doubled: 0,
      outOfOrder: 0,
      invented: 0,
      mismatches: 0,
      pulsesWithoutGrant: 0,
    });
    expect(kills).toBe(KILLS);
    // The trial was one: visits went on, and the broker died.
    expect(visits).toBeGreaterThan(KILLS / 2);
    expect(brokerKills).toBeGreaterThan(0);
    process.stdout.write(
      `${kills} kills, ${brokerKills} of the broker, ${events} events, ${visits} visits, ${pulses} pulses, ${duplicatesReceived} duplicates dropped by id\n`,
    );
  },
  KILLS * 30_000,
);
