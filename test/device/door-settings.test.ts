import { describe, expect, it } from 'vitest';
import { boardSettings, keeps } from '../../device/door/settings.ts';
import { doorSchema } from '../../shared/contract/config.ts';

const door = (fields: Readonly<Record<string, unknown>> = {}) =>
  doorSchema.parse({ id: 'front', controller: { path: '/dev/genkan-front' }, ...fields });

describe('the settings of a board', () => {
  it('are those of the door’s configuration, in the units of the protocol', () => {
    const fields = { exitButtonMs: 8_000, heldOpenMs: 45_000, egressSensing: 'handle-switch', buzzer: false };
    expect(boardSettings(door({ ...fields, lockToleranceMs: 2_000 }))).toEqual({
      exitButtonMs: 8_000,
      doorOpenS: 45,
      egressSensing: 'handle-switch',
      buzzer: false,
      monitored: ['contact', 'bolt', 'relay-readback'],
      lockToleranceMs: 2_000,
    });
  });

  it.each(['latch', 'none'])(
    'leave out a bolt that is %s: it says nothing of the lock that the board could judge',
    (boltSense) => {
      expect(boardSettings(door({ boltSense })).monitored).toEqual(['contact', 'relay-readback']);
    },
  );

  it('are kept by a board that has the same, in whatever order, and stored', () => {
    const wanted = boardSettings(door());
    const found = { ...wanted, monitored: [...wanted.monitored].reverse(), stored: true };
    expect(keeps(found, wanted)).toBe(true);
    expect(keeps({ ...found, stored: false }, wanted)).toBe(false);
    expect(keeps({ ...found, monitored: ['contact'] }, wanted)).toBe(false);
    for (const other of [
      { exitButtonMs: 5_001 },
      { doorOpenS: 31 },
      { egressSensing: 'none' },
      { buzzer: false },
      { lockToleranceMs: 999 },
    ] as const)
      expect(keeps({ ...found, ...other }, wanted)).toBe(false);
  });
});
