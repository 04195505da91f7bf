import { hashPassword } from '../../../gateway/operators/password.ts';
import type { Role } from '../../../gateway/operators/accounts.ts';
import type { Reservation } from '../../../shared/contract/pass.ts';
import { parseInstant } from '../../../shared/time.ts';
import { openVenue, type Venue, type VenueOptions } from '../../venue/venue.ts';

export const PASSWORD = 'correct horse battery';

/** A venue as in production: nobody looks without a sign-in. It is 9:00. */
export async function openConsole(options: Partial<VenueOptions> = {}): Promise<Venue> {
  const startMs = parseInstant('2026-11-24T09:00:00+09:00');
  const venue = await openVenue({ startMs, signIn: true, ...options });
  const password = await hashPassword(PASSWORD);
  const account = (name: string, role: Role) =>
    venue.gateway.operators.accounts.put({ name, role, password, createdAt: '2026-11-24T09:00:00+09:00' });
  account('hanako', 'operator');
  account('taro', 'viewer');
  return venue;
}

/** A seat of a morning, at 500 yen. @param day of November; default: the day on which the console opens */
export function seatOf(venue: Venue, number: number, day = 24): Reservation {
  return {
    kind: 'reservation',
    id: `r-${number}`,
    venue: venue.id,
    space: { id: `seat-${number}`, kind: 'seat' },
    start: `2026-11-${day}T09:00:00+09:00`,
    end: `2026-11-${day}T12:00:00+09:00`,
    yenPer30Min: 500,
    role: 'user',
  };
}
