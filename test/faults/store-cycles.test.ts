import { expect, it } from 'vitest';
import { ptyAvailable } from '../../device/emulator/pty.ts';
import { mosquittoAvailable } from '../venue/mosquitto.ts';
import { killCycles } from './cycles.ts';

const KILLS = process.env['GENKAN_FULL'] === '1' ? 500 : 50;

it.skipIf(!ptyAvailable() || !mosquittoAvailable())(
  `gateways killed ${KILLS} times under load, and a broker killed after its PUBACKs: every event is held once, in order`,
  async () => {
    const { events, visits, kills, brokerKills, pulses, duplicatesReceived, ...wrong } = await killCycles({
      kills: KILLS,
      seed: 20261125,
      venues: 2,
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
    for (const seen of [events, visits, brokerKills, pulses]) expect(seen).toBeGreaterThan(KILLS / 10);
    process.stdout.write(
      `${kills} kills, ${brokerKills} of the broker, ${visits} visits, ${duplicatesReceived} duplicates dropped by id\n`,
    );
  },
  KILLS * 20_000,
);
