import { expect, it } from 'vitest';
import { needs } from '../needs.ts';
import { trials } from '../trials.ts';
import { killCycles } from './cycles.ts';

const KILLS = trials(500, 10);

/** The gateway is built and started for the first time, and at last everything is healed. */
const STARTED_WITHIN_MS = 180_000;

it(
  `gateways killed ${KILLS} times under load, and a broker killed after its PUBACKs: every event is held once, in order`,
  { ...needs('socat', 'mosquitto'), timeout: STARTED_WITHIN_MS + KILLS * 20_000 },
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
);
