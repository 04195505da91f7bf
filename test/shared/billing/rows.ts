import type { ChargeRow } from './visit.ts';

/** What the document prints (課金ルールについて, 2023年5月), one row per printed figure or rule. */
export const PRINTED: readonly ChargeRow[] = [
  [
    'a check-in 40 minutes late is charged from the start of the reservation',
    { in: '09:40', out: '12:00', closing: '18:00' },
    { rule: 'reserved', n: 6, yen: 3000, to: '12:00' },
  ],
  [
    'one hour used of three reserved is charged three hours: 3,000 and not 1,000',
    { in: '10:00', out: '11:00', closing: '18:00' },
    { rule: 'early-checkout-reserved', n: 6, yen: 3000, to: '12:00' },
  ],
  [
    'an H1T check-out at exactly 10:30 is charged to 11:00',
    { h1t: true, out: '10:30' },
    { rule: 'h1t-shortened', n: 4, yen: 2000, to: '11:00' },
  ],
  [
    'an H1T check-out at 10:59 is charged to 11:00',
    { h1t: true, out: '10:59' },
    { rule: 'h1t-shortened', n: 4, yen: 2000, to: '11:00' },
  ],
  [
    'an H1T check-out at exactly 11:00 is charged to 11:30',
    { h1t: true, out: '11:00' },
    { rule: 'h1t-shortened', n: 5, yen: 2500, to: '11:30' },
  ],
  [
    'an H1T check-out at 11:29 is charged to 11:30',
    { h1t: true, out: '11:29' },
    { rule: 'h1t-shortened', n: 5, yen: 2500, to: '11:30' },
  ],
  [
    'an H1T check-out at exactly 11:30 is charged to the end, by the shortening rule',
    { h1t: true, out: '11:30' },
    { rule: 'h1t-shortened', n: 6, yen: 3000, to: '12:00' },
  ],
  [
    'an H1T check-out at 11:59 is charged to 12:00',
    { h1t: true, out: '11:59' },
    { rule: 'h1t-shortened', n: 6, yen: 3000, to: '12:00' },
  ],
  [
    'a seat left an hour late is charged four hours: 4,000 and not 3,000',
    { out: '13:00', closing: '18:00' },
    { rule: 'late-seat', n: 8, yen: 4000, to: '13:00' },
  ],
  [
    'a cap of 2.5 hours and 2,500 yen holds for a seat left late',
    { cap: { minutes: 150, yen: 2500 }, out: '13:00', closing: '18:00' },
    { rule: 'late-seat', n: 8, yen: 2500, to: '13:00', cappedTo: 5 },
  ],
  [
    'a room left an hour late is charged its reservation only',
    { room: true, out: '13:00', closing: '18:00' },
    { rule: 'late-room-reserved', n: 6, yen: 3000, to: '12:00' },
  ],
  [
    'a cap that is set on a room is not applied: 3,000 and not 2,500',
    { room: true, cap: { minutes: 150, yen: 2500 }, out: '13:00', closing: '18:00' },
    { rule: 'late-room-reserved', n: 6, yen: 3000, to: '12:00' },
  ],
  [
    'a forgotten check-out of a seat is charged to closing: 9,000 and not 3,000',
    { out: null, closing: '18:00' },
    { rule: 'forgotten-seat-to-closing', n: 18, yen: 9000, to: '18:00' },
  ],
  [
    'a cap holds for a forgotten check-out',
    { cap: { minutes: 150, yen: 2500 }, out: null, closing: '18:00' },
    { rule: 'forgotten-seat-to-closing', n: 18, yen: 2500, to: '18:00', cappedTo: 5 },
  ],
  [
    'a reservation that nobody came to is charged in full',
    { in: null, out: null, closing: '18:00' },
    { rule: 'no-show-reserved', n: 6, yen: 3000, to: '12:00' },
  ],
  [
    'fifteen minutes late is a started unit: 3,500 and not 3,000',
    { out: '12:15', closing: '18:00' },
    { rule: 'late-seat', n: 7, yen: 3500, to: '12:30' },
  ],
  [
    'a cap holds where a late stay was rounded up to a unit',
    { cap: { minutes: 150, yen: 2500 }, out: '12:15', closing: '18:00' },
    { rule: 'late-seat', n: 7, yen: 2500, to: '12:30', cappedTo: 5 },
  ],
  [
    'a room with guests costs what the room costs',
    { room: true, booked: '13:00-15:00', in: '13:00', out: '15:00', closing: '18:00' },
    { rule: 'reserved', n: 4, yen: 2000, to: '15:00' },
  ],
];

/** Standard venues: what the printed rules imply at their edges. */
export const STANDARD: readonly ChargeRow[] = [
  [
    'a check-out one second after the end counts as at the end',
    { out: '12:00:01' },
    { rule: 'reserved', n: 6, yen: 3000, to: '12:00' },
  ],
  [
    'a check-out in the last second of the end minute counts as at the end',
    { out: '12:00:59' },
    { rule: 'reserved', n: 6, yen: 3000, to: '12:00' },
  ],
  [
    'a check-out in the first late minute costs one more unit',
    { out: '12:01' },
    { rule: 'late-seat', n: 7, yen: 3500, to: '12:30' },
  ],
  [
    'a check-out in the last second of the first late unit costs that unit',
    { out: '12:29:59' },
    { rule: 'late-seat', n: 7, yen: 3500, to: '12:30' },
  ],
  [
    'a check-out at 12:30:30 counts as 12:30, which begins no unit for the late rule',
    { out: '12:30:30' },
    { rule: 'late-seat', n: 7, yen: 3500, to: '12:30' },
  ],
  [
    'an early check-in is never charged',
    { in: '08:45', out: '12:00' },
    { rule: 'reserved', n: 6, yen: 3000, to: '12:00' },
  ],
  [
    'leaving before the start costs the reservation and is flagged',
    { in: '08:45', out: '08:55' },
    { rule: 'early-checkout-reserved', n: 6, yen: 3000, to: '12:00', flags: ['checkout-before-start'] },
  ],
  [
    'a closing off the units rounds the forgotten stay up',
    { out: null, closing: '21:45' },
    { rule: 'forgotten-seat-to-closing', n: 26, yen: 13000, to: '22:00' },
  ],
  [
    'leaving just before a closing off the units costs what forgetting costs',
    { out: '21:40', closing: '21:45' },
    { rule: 'late-seat', n: 26, yen: 13000, to: '22:00' },
  ],
  [
    'a check-out in the minute of closing is in time',
    { booked: '09:00-18:00', out: '18:00:59', closing: '18:00' },
    { rule: 'reserved', n: 18, yen: 9000, to: '18:00' },
  ],
  [
    'a scan after closing is billed as forgotten where the reservation ends at closing',
    { booked: '09:00-18:00', out: '18:05', closing: '18:00' },
    { rule: 'forgotten-seat-to-closing', n: 18, yen: 9000, to: '18:00', flags: ['checkout-after-closing'] },
  ],
  [
    'a scan after closing is billed as forgotten, and not by the scan',
    { out: '18:05', closing: '18:00' },
    { rule: 'forgotten-seat-to-closing', n: 18, yen: 9000, to: '18:00', flags: ['checkout-after-closing'] },
  ],
  [
    'a check-out without a check-in is billed by the check-out and flagged',
    { in: null, out: '11:00' },
    { rule: 'early-checkout-reserved', n: 6, yen: 3000, to: '12:00', flags: ['checkin-missing'] },
  ],
  [
    'a forgotten check-out at a venue that never closes costs the reservation and asks for review',
    { booked: '22:00-02:00+1', in: '22:00', out: null, closing: null },
    { rule: 'forgotten-no-closing', n: 8, yen: 4000, to: '02:00+1', flags: ['review'] },
  ],
  [
    'units are counted from a start at 09:10 and not from the clock',
    { booked: '09:10-12:10', in: '09:10', out: '12:25' },
    { rule: 'late-seat', n: 7, yen: 3500, to: '12:40' },
  ],
  [
    'units are counted from a start at 09:15: 12:40 is charged to 12:45',
    { booked: '09:15-12:15', in: '09:15', out: '12:40' },
    { rule: 'late-seat', n: 7, yen: 3500, to: '12:45' },
  ],
  [
    'a cancellation one second before the start is free',
    { cancelled: '08:59:59', in: null, out: null },
    { rule: 'cancelled', n: 0, yen: 0, to: null },
  ],
  [
    'a cancellation at the start is too late and flagged',
    { cancelled: '09:00', in: null, out: null },
    { rule: 'no-show-reserved', n: 6, yen: 3000, to: '12:00', flags: ['cancel-rejected'] },
  ],
  [
    'an odd price stays whole yen',
    { yen: 333, out: '12:10' },
    { rule: 'late-seat', n: 7, yen: 2331, to: '12:30' },
  ],
  [
    'a closing before the end never makes a forgotten stay cheaper than its reservation',
    { booked: '09:00-18:00', out: null, closing: '17:00' },
    { rule: 'forgotten-seat-to-closing', n: 18, yen: 9000, to: '18:00' },
  ],
];

/** H1T venues: the shortening at its edges. */
export const H1T: readonly ChargeRow[] = [
  [
    'an H1T check-out after five minutes is charged one unit',
    { h1t: true, out: '09:05' },
    { rule: 'h1t-shortened', n: 1, yen: 500, to: '09:30' },
  ],
  [
    'an H1T check-out at 09:29:59 is charged one unit',
    { h1t: true, out: '09:29:59' },
    { rule: 'h1t-shortened', n: 1, yen: 500, to: '09:30' },
  ],
  [
    'an H1T check-out at 09:59:59 is charged two units',
    { h1t: true, out: '09:59:59' },
    { rule: 'h1t-shortened', n: 2, yen: 1000, to: '10:00' },
  ],
  [
    'an H1T check-out at exactly 10:00 is charged to 10:30',
    { h1t: true, out: '10:00' },
    { rule: 'h1t-shortened', n: 3, yen: 1500, to: '10:30' },
  ],
  [
    'an H1T check-out at 10:30:00 is charged to 11:00',
    { h1t: true, out: '10:30' },
    { rule: 'h1t-shortened', n: 4, yen: 2000, to: '11:00' },
  ],
  [
    'an H1T check-out at 10:59:59 is charged to 11:00',
    { h1t: true, out: '10:59:59' },
    { rule: 'h1t-shortened', n: 4, yen: 2000, to: '11:00' },
  ],
  [
    'an H1T check-out in the last second is charged to the end',
    { h1t: true, out: '11:59:59' },
    { rule: 'h1t-shortened', n: 6, yen: 3000, to: '12:00' },
  ],
  [
    'an H1T check-out exactly at the end is the reservation and not 12:30',
    { h1t: true, out: '12:00' },
    { rule: 'reserved', n: 6, yen: 3000, to: '12:00' },
  ],
  [
    'an H1T seat left late is charged by the late rule',
    { h1t: true, out: '12:01' },
    { rule: 'late-seat', n: 7, yen: 3500, to: '12:30' },
  ],
  [
    'an H1T seat left at 12:31 is charged to 13:00',
    { h1t: true, out: '12:31' },
    { rule: 'late-seat', n: 8, yen: 4000, to: '13:00' },
  ],
  [
    'an H1T stay is shortened first and capped then',
    { h1t: true, cap: { minutes: 150, yen: 2500 }, out: '11:59' },
    { rule: 'h1t-shortened', n: 6, yen: 2500, to: '12:00', cappedTo: 5 },
  ],
  [
    'an H1T stay shortened below the cap does not meet it',
    { h1t: true, cap: { minutes: 150, yen: 2500 }, out: '10:45' },
    { rule: 'h1t-shortened', n: 4, yen: 2000, to: '11:00' },
  ],
  [
    'a forgotten check-out at H1T is charged to closing',
    { h1t: true, out: null },
    { rule: 'forgotten-seat-to-closing', n: 26, yen: 13000, to: '22:00' },
  ],
  [
    'a forgotten check-out at H1T is capped',
    { h1t: true, cap: { minutes: 150, yen: 2500 }, out: null },
    { rule: 'forgotten-seat-to-closing', n: 26, yen: 2500, to: '22:00', cappedTo: 5 },
  ],
  [
    'nobody came to an H1T reservation: nothing shortens it',
    { h1t: true, in: null, out: null },
    { rule: 'no-show-reserved', n: 6, yen: 3000, to: '12:00' },
  ],
  [
    'a cap holds where nobody came',
    { h1t: true, cap: { minutes: 150, yen: 2500 }, in: null, out: null },
    { rule: 'no-show-reserved', n: 6, yen: 2500, to: '12:00', cappedTo: 5 },
  ],
  [
    'an H1T check-out before the start costs one unit and never less',
    { h1t: true, in: '07:50', out: '08:10' },
    { rule: 'h1t-shortened', n: 1, yen: 500, to: '09:30', flags: ['checkout-before-start'] },
  ],
  [
    'late in and early out at H1T shortens the end only',
    { h1t: true, in: '10:20', out: '10:40' },
    { rule: 'h1t-shortened', n: 4, yen: 2000, to: '11:00' },
  ],
  [
    'early in at H1T is not charged',
    { h1t: true, in: '08:45', out: '10:40' },
    { rule: 'h1t-shortened', n: 4, yen: 2000, to: '11:00' },
  ],
  [
    'an H1T check-out without a check-in shortens all the same',
    { h1t: true, in: null, out: '10:40' },
    { rule: 'h1t-shortened', n: 4, yen: 2000, to: '11:00', flags: ['checkin-missing'] },
  ],
  [
    'H1T units are counted from a start at 09:15: 10:20 is charged to 10:45',
    { h1t: true, booked: '09:15-12:15', in: '09:15', out: '10:20' },
    { rule: 'h1t-shortened', n: 3, yen: 1500, to: '10:45' },
  ],
  [
    'H1T units are counted from a start at 09:15: 10:35 is charged to 10:45',
    { h1t: true, booked: '09:15-12:15', in: '09:15', out: '10:35' },
    { rule: 'h1t-shortened', n: 3, yen: 1500, to: '10:45' },
  ],
  [
    'an H1T shortening never exceeds the rounded-up reservation',
    { h1t: true, booked: '09:00-11:45', out: '11:35' },
    { rule: 'h1t-shortened', n: 6, yen: 3000, to: '12:00' },
  ],
  [
    'leaving late inside the last, rounded-up unit costs nothing more',
    { h1t: true, booked: '09:00-11:45', out: '11:50' },
    { rule: 'late-seat', n: 6, yen: 3000, to: '12:00' },
  ],
  [
    'an H1T check-out at exactly midnight is charged to 00:30',
    { h1t: true, booked: '22:00-02:00+1', in: '22:00', out: '00:00+1', closing: null },
    { rule: 'h1t-shortened', n: 5, yen: 2500, to: '00:30+1' },
  ],
  [
    'a forgotten check-out at an H1T venue that never closes costs the reservation',
    { h1t: true, booked: '22:00-02:00+1', in: '22:00', out: null, closing: null },
    { rule: 'forgotten-no-closing', n: 8, yen: 4000, to: '02:00+1', flags: ['review'] },
  ],
  [
    'a check-out stamped before the check-in is billed by the rule and flagged',
    { h1t: true, in: '09:10', out: '09:05' },
    { rule: 'h1t-shortened', n: 1, yen: 500, to: '09:30', flags: ['checkout-before-checkin'] },
  ],
  [
    'an H1T reservation of one unit costs one unit',
    { h1t: true, booked: '09:00-09:30', out: '09:29' },
    { rule: 'h1t-shortened', n: 1, yen: 500, to: '09:30' },
  ],
];

/** Meeting rooms and caps. */
export const ROOMS_AND_CAPS: readonly ChargeRow[] = [
  [
    'a standard room left early is charged in full',
    { room: true, yen: 3000, out: '10:10' },
    { rule: 'early-checkout-reserved', n: 6, yen: 18000, to: '12:00' },
  ],
  [
    'a room left thirty seconds late counts as at the end',
    { room: true, yen: 3000, out: '12:00:30' },
    { rule: 'reserved', n: 6, yen: 18000, to: '12:00' },
  ],
  [
    'a forgotten check-out of a room costs the reservation',
    { room: true, yen: 3000, out: null },
    { rule: 'forgotten-room-reserved', n: 6, yen: 18000, to: '12:00' },
  ],
  [
    'an H1T room is not shortened where the venue says so',
    { h1t: true, room: true, yen: 3000, out: '10:30', policy: { h1tRoomShorten: false } },
    { rule: 'early-checkout-reserved', n: 6, yen: 18000, to: '12:00' },
  ],
  [
    'a charge of exactly the cap is not capped',
    { cap: { minutes: 150 }, booked: '09:00-11:30', out: '11:30' },
    { rule: 'reserved', n: 5, yen: 2500, to: '11:30' },
  ],
  [
    'one unit above the cap is capped',
    { cap: { minutes: 150 }, booked: '09:00-11:30', out: '11:31' },
    { rule: 'late-seat', n: 6, yen: 2500, to: '12:00', cappedTo: 5 },
  ],
  [
    'a cap whose yen are lower than its hours takes the yen and is flagged',
    { yen: 600, cap: { minutes: 150, yen: 2500 }, out: '12:00' },
    { rule: 'reserved', n: 6, yen: 2500, to: '12:00', cappedTo: 5, flags: ['cap-config-mismatch'] },
  ],
  [
    'a cap whose hours are lower than its yen takes the hours and is flagged',
    { yen: 400, cap: { minutes: 150, yen: 2500 }, out: '12:00' },
    { rule: 'reserved', n: 6, yen: 2000, to: '12:00', cappedTo: 5, flags: ['cap-config-mismatch'] },
  ],
  [
    'a cap of one unit leaves one unit',
    { cap: { minutes: 30, yen: 500 }, out: '12:00' },
    { rule: 'reserved', n: 6, yen: 500, to: '12:00', cappedTo: 1 },
  ],
  [
    'a charge below the cap is not capped',
    { cap: { minutes: 150, yen: 2500 }, booked: '09:00-11:00', out: '11:00' },
    { rule: 'reserved', n: 4, yen: 2000, to: '11:00' },
  ],
];

/** Where the rules meet each other, and where a stamp or a closing is off the minute. */
export const MEETING_RULES: readonly ChargeRow[] = [
  [
    'a scan after closing without a check-in is billed as forgotten, or a later scan would cost less',
    { in: null, out: '22:05' },
    {
      rule: 'forgotten-seat-to-closing',
      n: 26,
      yen: 13000,
      to: '22:00',
      flags: ['checkin-missing', 'checkout-after-closing'],
    },
  ],
  [
    'a scan of a room after closing is billed as forgotten, which costs the reservation',
    { room: true, out: '22:05' },
    { rule: 'forgotten-room-reserved', n: 6, yen: 3000, to: '12:00', flags: ['checkout-after-closing'] },
  ],
  [
    'a forgotten room at a venue that never closes costs the reservation and needs no review',
    { room: true, out: null, closing: null },
    { rule: 'forgotten-room-reserved', n: 6, yen: 3000, to: '12:00' },
  ],
  [
    'leaving between a closing moved forward and the end is leaving early',
    { h1t: true, booked: '09:00-18:00', out: '17:10', closing: '17:00' },
    { rule: 'h1t-shortened', n: 17, yen: 8500, to: '17:30' },
  ],
  [
    'a scan after the end where closing was before it is billed as forgotten',
    { booked: '09:00-18:00', out: '18:05', closing: '17:00' },
    { rule: 'forgotten-seat-to-closing', n: 18, yen: 9000, to: '18:00', flags: ['checkout-after-closing'] },
  ],
  [
    'a closing inside a minute lets the whole minute be in time',
    { out: '21:45:50', closing: '21:45:30' },
    { rule: 'late-seat', n: 26, yen: 13000, to: '22:00' },
  ],
  [
    'a late check-out at a venue that never closes is charged however late',
    { out: '09:00+1', closing: null },
    { rule: 'late-seat', n: 48, yen: 24000, to: '09:00+1' },
  ],
  [
    'a cancellation in time is void for somebody who came all the same',
    { cancelled: '08:00', out: '12:00' },
    { rule: 'reserved', n: 6, yen: 3000, to: '12:00', flags: ['cancel-rejected'] },
  ],
  [
    'a cancelled reservation stays free where there is only a scan out',
    { cancelled: '08:00', in: null, out: '12:00' },
    { rule: 'cancelled', n: 0, yen: 0, to: null, flags: ['checkin-missing'] },
  ],
  [
    'a check-out before start and check-in carries both flags',
    { in: '08:50', out: '08:40' },
    {
      rule: 'early-checkout-reserved',
      n: 6,
      yen: 3000,
      to: '12:00',
      flags: ['checkout-before-checkin', 'checkout-before-start'],
    },
  ],
  [
    'a cap of money alone that the price divides is a cap of units',
    { cap: { yen: 2500 }, out: '12:00' },
    { rule: 'reserved', n: 6, yen: 2500, to: '12:00', cappedTo: 5 },
  ],
  [
    'a cap of money alone that the price does not divide keeps the unit it has begun to pay',
    { yen: 600, cap: { yen: 2500 }, out: '13:00' },
    { rule: 'late-seat', n: 8, yen: 2500, to: '13:00', cappedTo: 5 },
  ],
  [
    'a cap of money below one unit leaves one unit at that money',
    { cap: { yen: 300 }, out: '12:00' },
    { rule: 'reserved', n: 6, yen: 300, to: '12:00', cappedTo: 1 },
  ],
  [
    'a free space is charged its time and no money',
    { yen: 0, cap: { yen: 100 }, out: '12:00' },
    { rule: 'reserved', n: 6, yen: 0, to: '12:00' },
  ],
  [
    'in and out in the instant of the start is neither before the check-in nor before the start',
    { h1t: true, out: '09:00' },
    { rule: 'h1t-shortened', n: 1, yen: 500, to: '09:30' },
  ],
  [
    'a mismatched cap is no matter of a cancelled reservation',
    { yen: 600, cap: { minutes: 150, yen: 2500 }, cancelled: '08:00', in: null, out: null },
    { rule: 'cancelled', n: 0, yen: 0, to: null },
  ],
];

/** The venue's policy away from its defaults. */
export const POLICIES: readonly ChargeRow[] = [
  [
    'with stamps to the second a check-out one second late costs one more unit',
    { out: '12:00:01', policy: { stamp: 'second' } },
    { rule: 'late-seat', n: 7, yen: 3500, to: '12:30' },
  ],
  [
    'with stamps to the second a scan one second after closing is after closing',
    { booked: '09:00-18:00', out: '18:00:01', closing: '18:00', policy: { stamp: 'second' } },
    { rule: 'forgotten-seat-to-closing', n: 18, yen: 9000, to: '18:00', flags: ['checkout-after-closing'] },
  ],
  [
    'with a deadline of 60 minutes a cancellation 61 minutes before is free',
    { cancelled: '07:59', in: null, out: null, policy: { cancelDeadlineMinutes: 60 } },
    { rule: 'cancelled', n: 0, yen: 0, to: null },
  ],
  [
    'with a deadline of 60 minutes a cancellation 60 minutes before is too late',
    { cancelled: '08:00', in: null, out: null, policy: { cancelDeadlineMinutes: 60 } },
    { rule: 'no-show-reserved', n: 6, yen: 3000, to: '12:00', flags: ['cancel-rejected'] },
  ],
  [
    'with caps on rooms a room is capped',
    { room: true, cap: { minutes: 150 }, out: '12:00', policy: { capRooms: true } },
    { rule: 'reserved', n: 6, yen: 2500, to: '12:00', cappedTo: 5 },
  ],
  [
    'with the 24-hour cut-off a forgotten check-out at a venue that never closes costs 24 hours',
    { out: null, closing: null, policy: { forgottenCutoff: '24-hours' } },
    { rule: 'forgotten-no-closing', n: 48, yen: 24000, to: '09:00+1', flags: ['review'] },
  ],
  [
    'a reservation longer than 24 hours is never cut by the 24-hour cut-off',
    { booked: '09:00-15:00+1', out: null, closing: null, policy: { forgottenCutoff: '24-hours' } },
    { rule: 'forgotten-no-closing', n: 60, yen: 30000, to: '15:00+1', flags: ['review'] },
  ],
];
