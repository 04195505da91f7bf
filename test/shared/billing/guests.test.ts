import { describe, expect, test } from 'vitest';
import { refuseReservation } from '../../../shared/billing/reservation.ts';
import { DEFAULT_POLICY } from '../../../shared/contract/policy.ts';
import { parseInstant } from '../../../shared/time.ts';

const book = (space: 'seat' | 'room') => ({
  space,
  startMs: parseInstant('2025-06-02T09:00:00+09:00'),
  endMs: parseInstant('2025-06-02T12:00:00+09:00'),
});

describe('guests are brought', () => {
  test.each([
    ['to a seat: never (座席…ゲスト利用不可)', 'seat', 1, true, 'guest-not-allowed-on-seat'],
    ['to a room of a venue that takes them', 'room', 1, true, null],
    ['to a room of a venue that takes none', 'room', 1, false, 'guest-not-allowed-at-venue'],
    ['by nobody, anywhere', 'seat', 0, false, null],
  ] as const)('%s', (_, space, guests, venueAllowsGuests, refusal) => {
    expect(refuseReservation(book(space), [], DEFAULT_POLICY, { guests, venueAllowsGuests })).toBe(refusal);
  });

  test('and a guest is refused before the grid and the overlap are looked at', () => {
    const company = { guests: 2, venueAllowsGuests: true };
    expect(refuseReservation(book('seat'), [book('seat')], DEFAULT_POLICY, company)).toBe(
      'guest-not-allowed-on-seat',
    );
  });
});
