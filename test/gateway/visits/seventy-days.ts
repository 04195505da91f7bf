import { endOf, settleNoShow, settleStay } from '../../../gateway/access/settle.ts';
import { stayToCheckOut } from '../../../gateway/access/leaving.ts';
import { canonicalJson, type JsonValue } from '../../../shared/canonical.ts';
import { DAY_MS, formatInstant, MINUTE_MS } from '../../../shared/time.ts';
import { at, MEMBER, seat, stayOf, ticket, venueOf } from '../access/told.ts';

const VENUES = [
  {
    hours: {
      open: '07:00',
      close: '18:00',
      exceptions: [{ date: '2025-11-03' }, { date: '2025-12-31', open: '07:00', close: '12:00' }],
    },
  },
  { hours: { open: '10:00', close: '02:00' }, kind: 'standard' },
  { hours: null },
].map((over) => venueOf(over));

/** What is settled over 75 days, around every closing and across the year's end, one line of JSON each. */
export function settledLines(): readonly string[] {
  const lines: string[] = [];
  const print = (value: unknown) => lines.push(canonicalJson(JSON.parse(JSON.stringify(value)) as JsonValue));
  for (const venue of VENUES) {
    for (let day = 0; day < 75; day += 1) {
      const instant = (clock: string) => formatInstant(at(clock) + day * DAY_MS, 'UTC');
      const reservation = seat({ from: instant('09:00'), to: instant('12:00') });
      const stays = [
        stayOf(reservation, { checkInMs: at('09:05') + day * DAY_MS }),
        stayOf(ticket(), { checkInMs: at('23:55') + day * DAY_MS }),
      ];
      for (const stay of stays) {
        const { dueMs } = endOf(stay, venue);
        const context = {
          venue,
          nowMs: dueMs + (day % 10) * MINUTE_MS,
          online: false,
          clock: 'trusted' as const,
        };
        print({
          early: settleStay(stay, { ...context, nowMs: dueMs - 1 }) === null,
          settled: settleStay(stay, context),
        });
      }
      const nowMs = at('12:00') + day * DAY_MS;
      const known = { ...MEMBER, version: 1, issuedMs: 0, reservation, cancelledAtMs: null };
      print(
        settleNoShow(known, null, {
          venue,
          nowMs,
          online: false,
          clock: 'trusted',
          id: 'E-e1',
          wasTurnedAway: false,
        }),
      );
      print(stayToCheckOut(stays)?.id ?? null);
    }
  }
  return lines;
}
