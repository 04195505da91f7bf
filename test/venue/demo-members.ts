import type { Reservation, Ticket } from '../../shared/contract/pass.ts';
import type { Clock } from '../../gateway/clock/clock.ts';
import { UNIT_MS } from '../../shared/billing/units.ts';
import { civilDateAt, DAY_MS, formatInstant, SECOND_MS } from '../../shared/time.ts';
import { createIssuer } from './issuer.ts';
import type { Venue } from './venue.ts';
import { createWallet } from './wallet.ts';

/** Who can be sent to the demo's door. `photo` is somebody with a picture of the code that was shown last. */
export const DEMO_MEMBERS = ['seat', 'ticket', 'expired', 'forged', 'photo'] as const;
export type DemoMember = (typeof DEMO_MEMBERS)[number];

/** The people of the demo. */
export interface DemoMembers {
  /** The text of the code that the member shows now, or `null` for a photo of a code that nobody has shown yet. */
  codeOf(member: DemoMember): Promise<string | null>;
  /** Books the seat anew, from the half hour that has begun, for three hours. */
  book(): Promise<Reservation>;
  /** The reservation that is booked now. */
  readonly reservation: Reservation;
}

const PRICE_YEN = 500;
const UNITS = 6;

/** Uses that the ticket has made before the demo: from 26 on the member is told the rest. */
const TICKET_USED = 26;

/** How old the expired pass is, in seconds: it ended an hour ago. */
const EXPIRED_AGE_S = 25 * 3600;

/** Makes the members with their wallets and passes, at the venue's time. */
export async function createDemoMembers(venue: Venue): Promise<DemoMembers> {
  const { clock, id } = venue;
  const wallet = () => createWallet(id, clock);
  const [expiredWallet, forgedWallet, forger] = await Promise.all([
    wallet(),
    wallet(),
    // The same names, another key: nothing but the signature tells it from the venue's issuer.
    createIssuer({ venue: id, clock }),
  ]);
  let booked = 0;
  const newReservation = (): Reservation => {
    booked += 1;
    return venue.book(reservationFrom(clock, id, `r-${booked}`));
  };
  let reservation = newReservation();
  const seat = await venue.member('m-seat', [reservation]);
  const ticket = await venue.member('m-ticket', [ticketAt(clock)]);
  let last: string | null = null;

  const fresh = async (member: Exclude<DemoMember, 'photo'>): Promise<string> => {
    switch (member) {
      case 'seat':
        await seat.renew([reservation]);
        return seat.wallet.code();
      case 'ticket':
        await ticket.renew();
        return ticket.wallet.code();
      case 'expired': {
        const iat = Math.floor(clock.wallMs() / SECOND_MS) - EXPIRED_AGE_S;
        const { jkt } = expiredWallet;
        expiredWallet.keep(
          await venue.issuer.issue({ sub: 'm-expired', jkt, entitlements: [reservation], iat }),
        );
        return expiredWallet.code();
      }
      case 'forged': {
        const { jkt } = forgedWallet;
        forgedWallet.keep(await forger.issue({ sub: 'm-seat', jkt, entitlements: [reservation] }));
        return forgedWallet.code();
      }
    }
  };

  return {
    codeOf: async (member) => {
      if (member === 'photo') return last;
      last = await fresh(member);
      return last;
    },
    book: async () => {
      reservation = newReservation();
      await seat.renew([reservation]);
      return reservation;
    },
    get reservation() {
      return reservation;
    },
  };
}

function reservationFrom(clock: Clock, venue: string, id: string): Reservation {
  const startMs = Math.floor(clock.wallMs() / UNIT_MS) * UNIT_MS;
  return {
    kind: 'reservation',
    id,
    venue,
    space: { id: 'seat-12', kind: 'seat' },
    start: formatInstant(startMs),
    end: formatInstant(startMs + UNITS * UNIT_MS),
    yenPer30Min: PRICE_YEN,
    role: 'user',
  };
}

function ticketAt(clock: Clock): Ticket {
  const nowMs = clock.wallMs();
  return {
    kind: 'ticket',
    id: 't-7',
    plan: 'basic',
    purchaseDate: civilDateAt(nowMs - 10 * DAY_MS),
    used: TICKET_USED,
    usedAt: Math.floor(nowMs / SECOND_MS),
  };
}
