import { UNIT_MS } from '../../shared/billing/units.ts';
import type { Reservation, Ticket } from '../../shared/contract/pass.ts';
import { civilDateAt, DAY_MS, formatInstant, parseInstant, SECOND_MS } from '../../shared/time.ts';
import type { Clock } from '../../gateway/clock/clock.ts';
import type { Issuer } from './issuer.ts';
import { MemberAccounts, type Account } from './member-accounts.ts';
import type { KnownVenue } from './wallet-answers.ts';

/** The accounts of the demo's issuer, and its one counter that sells seats. */
export interface DemoAccounts {
  readonly accounts: MemberAccounts;
  /** Books a seat for three hours from the half hour that has begun, unless the member has one now. */
  book(account: Account): void;
}

const PRICE_YEN = 500;
const UNITS = 6;

/** Uses that the ticket has made: from 26 on the member is told the rest. */
const TICKET_USED = 28;

export interface DemoAccountsOptions {
  readonly venue: KnownVenue;
  readonly issuer: Issuer;
  readonly clock: Clock;
  /** Where phones fetch passes. Default: at the venue's own origin. */
  readonly passesUrl?: string;
  /** Puts a reservation on the books of the billing service. */
  readonly onBooked: (sub: string, reservation: Reservation) => void;
  /** Told which phones others have taken the place of, all of them. */
  readonly onReplaced: (devices: readonly string[]) => void;
}

/** Makes the people who can sign in at the demo's issuer: a seat, a ticket near its last use, and nothing. */
export function createDemoAccounts({
  venue,
  issuer,
  clock,
  onBooked,
  onReplaced,
  passesUrl = `${venue.origin}/wallet/passes`,
}: DemoAccountsOptions): DemoAccounts {
  const seats = new Map<string, Reservation>();
  const ticket: Ticket = {
    kind: 'ticket',
    id: 't-suzuki',
    plan: 'basic',
    purchaseDate: civilDateAt(clock.wallMs() - 10 * DAY_MS),
    used: TICKET_USED,
    usedAt: Math.floor(clock.wallMs() / SECOND_MS),
  };
  const seatOf = (sub: string) => [...seats].flatMap(([owner, seat]) => (owner === sub ? [seat] : []));
  let booked = 0;
  const book = ({ sub }: Pick<Account, 'sub'>): void => {
    const [now] = seatOf(sub);
    if (now !== undefined && parseInstant(now.end) > clock.wallMs()) return;
    booked += 1;
    const startMs = Math.floor(clock.wallMs() / UNIT_MS) * UNIT_MS;
    const reservation: Reservation = {
      kind: 'reservation',
      id: `r-phone-${booked}`,
      venue: venue.id,
      space: { id: `seat-${13 + booked}`, kind: 'seat' },
      start: formatInstant(startMs),
      end: formatInstant(startMs + UNITS * UNIT_MS),
      yenPer30Min: PRICE_YEN,
      role: 'user',
    };
    seats.set(sub, reservation);
    onBooked(sub, reservation);
  };
  book({ sub: 'm-sato' });
  const accounts = new MemberAccounts({
    accounts: [
      { sub: 'm-sato', name: '佐藤 花', entitlements: () => seatOf('m-sato') },
      { sub: 'm-suzuki', name: '鈴木 健', entitlements: () => [...seatOf('m-suzuki'), ticket] },
      { sub: 'm-tanaka', name: '田中 陽', entitlements: () => seatOf('m-tanaka') },
    ],
    venues: [venue],
    issuer,
    clock,
    passesUrl,
    onReplaced: (_venue, devices) => onReplaced(devices),
  });
  return { accounts, book };
}
