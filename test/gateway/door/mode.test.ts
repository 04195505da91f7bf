import { describe, expect, it } from 'vitest';
import {
  DOOR_ORDERS,
  MODE_MEANING,
  MODE_ROWS,
  modeInForce,
  type DoorOrder,
  type StandingOrder,
} from '../../../gateway/access/mode.ts';

const standing = (order: DoorOrder, untilMs: number | null = null): StandingOrder => ({
  door: 'front',
  order,
  by: 'hanako',
  reason: 'r',
  sinceMs: 0,
  untilMs,
});

/** What the precedence says, written down once more: fire, lockdown, hold-open, secure, schedule. */
function expected(fire: boolean, order: DoorOrder | null, openHours: boolean): string {
  if (fire) return 'fire-release by fire';
  if (order === 'lockdown') return 'lockdown by operator';
  if (order === 'hold-open') return 'hold-open by operator';
  if (order === 'secure') return 'normal by operator';
  return openHours ? 'hold-open by schedule' : 'normal by default';
}

const PRODUCT = [false, true].flatMap((fire) =>
  [null, ...DOOR_ORDERS].flatMap((order) => [false, true].map((openHours) => ({ fire, order, openHours }))),
);

describe('the mode of a door', () => {
  it.each(PRODUCT)('with fire $fire, the order $order and open hours $openHours is one', (facts) => {
    const { fire, order, openHours } = facts;
    const { mode, source } = modeInForce({ fire, openHours, order: order && standing(order) }, 1_000);
    expect(`${mode} by ${source}`).toBe(expected(fire, order, openHours));
  });

  it('is the schedule’s again from the instant at which a hold-open ends', () => {
    const facts = { fire: false, openHours: false, order: standing('hold-open', 1_000) };
    expect(modeInForce(facts, 999).mode).toBe('hold-open');
    expect(modeInForce(facts, 1_000)).toEqual({ mode: 'normal', source: 'default' });
  });

  it('is reached by every row, and only lockdown denies entry', () => {
    expect(new Set(PRODUCT.map((facts) => expected(facts.fire, facts.order, facts.openHours))).size).toBe(
      MODE_ROWS.length,
    );
    const denies = Object.entries(MODE_MEANING).filter(([, { admits }]) => !admits);
    expect(denies.map(([mode]) => mode)).toEqual(['lockdown']);
  });
});
