import type { Member } from '../../shared/contract/member.ts';
import type { Entitlement, Reservation, Ticket } from '../../shared/contract/pass.ts';
import { formatInstant } from '../../shared/time.ts';
import type { Seeded } from '../seeded.ts';
import type { Calendar } from './calendar.ts';
import type { Cloud } from './cloud.ts';
import { nameOf, OTHER_ISSUER, Person, type Place, type Plan } from './people.ts';
import type { World } from './world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3600_000;

/** What is sold to whom, beside what its holder means to do. */
export interface Sold {
  /** Whose it is: the name of a person. */
  readonly sub: string;
  readonly reservation: Reservation;
  /** Epoch milliseconds; `null` while it stands. */
  readonly cancelledAtMs: number | null;
}

export interface Day {
  readonly people: readonly Person[];
  readonly sold: readonly Sold[];
  readonly tickets: ReadonlyMap<string, number>;
  /** Just before somebody comes in the last seconds of a reservation, epoch milliseconds. */
  readonly lastMinute: readonly number[];
}

/** Sends the members of a day into the world. @param openMs opening of the venue, epoch milliseconds */
export function planDay(place: Place, cloud: Cloud, openMs: number, calendar: Calendar): Day {
  const random = place.world.stream('day');
  const people: Person[] = [];
  const sold: Sold[] = [];
  const tickets = new Map<string, number>();
  const lastMinute: number[] = [];
  const count = random.between(5, 11);
  for (let number = 1; number <= count; number += 1) {
    if (random.chance(0.3)) {
      const ticket = ticketOf(number, random);
      tickets.set(ticket.id, ticket.used);
      const comesMs = openMs + random.between(5, 13 * 60) * MINUTE_MS + random.between(0, 59_999);
      const person = new Person(place, number, [ticket]);
      const leavesMs = comesMs + random.between(10, 300) * MINUTE_MS;
      person.live(visitOf(ticket, comesMs, leavesMs, random));
      // Comes again: another use where the first visit is over.
      if (random.chance(0.5)) {
        const againMs = leavesMs + random.between(5, 90) * MINUTE_MS;
        person.live(visitOf(ticket, againMs, againMs + random.between(10, 90) * MINUTE_MS, random));
      }
      people.push(person);
      continue;
    }
    const own = reservationsOf(place.venue, number, openMs, calendar, random);
    const person = new Person(place, number, own);
    people.push(person);
    for (const reservation of own)
      sold.push(sell(place.world, cloud, person.member, reservation, openMs, random));
    lastMinute.push(...liveReservations(person, own, sold, random));
    const [first] = own;
    if (first !== undefined && random.chance(0.15)) {
      const member = { iss: OTHER_ISSUER, sub: person.member.sub };
      const theirs = {
        ...first,
        id: `${first.id}-other`,
        space: { ...first.space, id: `${first.space.id}-other` },
      };
      const namesake = new Person(place, 200 + number, [theirs], member);
      people.push(namesake);
      sold.push(sell(place.world, cloud, member, theirs, openMs, random));
      lastMinute.push(...liveReservations(namesake, [theirs], sold, random));
    }
    if (first?.space.kind === 'room' && random.chance(0.5)) {
      const guest = new Person(place, 100 + number, [{ ...first, role: 'guest', host: person.member.sub }]);
      const comesMs = Date.parse(first.start) + random.between(-5, 20) * MINUTE_MS;
      guest.live(visitOf(first, comesMs, Date.parse(first.end) - random.between(-5, 20) * MINUTE_MS, random));
      people.push(guest);
    }
  }
  for (const person of people) {
    if (!random.chance(0.15)) continue;
    const atMs = openMs + random.between(60, 15 * 60) * MINUTE_MS;
    place.world.after(atMs - place.world.nowMs, () => person.showOldCode(random.pick(['entry', 'exit'])));
  }
  return { people, sold, tickets, lastMinute };
}

function ticketOf(number: number, random: Seeded): Ticket {
  return {
    kind: 'ticket',
    id: `t-${number}`,
    plan: random.pick(['basic', 'premium']),
    purchaseDate: '2026-10-27',
    used: random.chance(0.5) ? random.between(0, 24) : random.between(28, 31),
    usedAt: 1_795_478_400 - 10 * 86_400,
  };
}

/** One reservation, or two in a row, or a seat with a room at the same time; where nothing shuts, one on the next morning. */
function reservationsOf(
  venue: string,
  number: number,
  openMs: number,
  { hours }: Calendar,
  random: Seeded,
): Reservation[] {
  const halfHours = random.between(1, 8);
  const startMs = openMs + random.between(0, 30 - halfHours) * 30 * MINUTE_MS;
  const endMs = startMs + halfHours * 30 * MINUTE_MS;
  const kind = random.chance(0.75) ? 'seat' : 'room';
  const first = reservation(venue, `r-${number}`, kind, startMs, endMs, random);
  if (hours === null && random.chance(0.4)) {
    const morningMs = openMs + random.between(20, 21) * HOUR_MS;
    return [first, reservation(venue, `r-${number}b`, kind, morningMs, morningMs + 1.5 * HOUR_MS, random)];
  }
  if (random.chance(0.12) && halfHours > 1) {
    const other = kind === 'seat' ? 'room' : 'seat';
    const fromMs = startMs + random.between(0, halfHours - 1) * 30 * MINUTE_MS;
    const toMs = fromMs + random.between(1, 3) * 30 * MINUTE_MS;
    return [first, reservation(venue, `r-${number}b`, other, fromMs, toMs, random)];
  }
  const room = openMs + 15 * HOUR_MS - endMs;
  if (random.chance(0.15) && room >= HOUR_MS)
    return [first, reservation(venue, `r-${number}b`, kind, endMs, endMs + HOUR_MS, random)];
  return [first];
}

function reservation(
  venue: string,
  id: string,
  kind: 'seat' | 'room',
  startMs: number,
  endMs: number,
  random: Seeded,
): Reservation {
  const yenPer30Min = random.pick([0, 300, 500, 750]);
  const minutes = random.pick([60, 150, 300]);
  return {
    kind: 'reservation',
    id,
    venue,
    space: { id: `${kind}-${id}`, kind },
    start: formatInstant(startMs),
    end: formatInstant(endMs),
    yenPer30Min,
    ...(random.chance(0.3) && { cap: { minutes } }),
    role: 'user',
  };
}

/** Booked the day before, or five minutes ago; a few are cancelled in time, and a few told once more when they are over. */
function sell(
  world: World,
  cloud: Cloud,
  member: Member,
  reservation: Reservation,
  openMs: number,
  random: Seeded,
): Sold {
  const startMs = Date.parse(reservation.start);
  const bookedMs = random.chance(0.5)
    ? world.nowMs + random.between(0, 60_000)
    : Math.max(world.nowMs, startMs - random.between(5, 120) * MINUTE_MS);
  world.after(bookedMs - world.nowMs, () => cloud.book(member, reservation));
  const cancelledAtMs = startMs - random.between(1, 50) * MINUTE_MS;
  const isCancelled = random.chance(0.08) && cancelledAtMs > Math.max(bookedMs, openMs);
  if (isCancelled)
    world.after(cancelledAtMs - world.nowMs, () => cloud.book(member, reservation, cancelledAtMs));
  else if (random.chance(0.2)) {
    const toldAtMs = Date.parse(reservation.end) + random.between(2, 60) * MINUTE_MS;
    world.after(toldAtMs - world.nowMs, () => cloud.book(member, reservation));
  }
  return { sub: nameOf(member), reservation, cancelledAtMs: isCancelled ? cancelledAtMs : null };
}

function liveReservations(
  person: Person,
  own: readonly Reservation[],
  sold: readonly Sold[],
  random: Seeded,
): readonly number[] {
  const lastMinute: number[] = [];
  for (const one of own) {
    const { cancelledAtMs } = sold.find(({ reservation }) => reservation === one) ?? { cancelledAtMs: null };
    if (cancelledAtMs !== null || random.chance(0.1)) continue;
    const startMs = Date.parse(one.start);
    const endMs = Date.parse(one.end);
    if (random.chance(0.06)) {
      const comesMs = endMs - random.between(1, 9) * 1_000;
      lastMinute.push(comesMs - 1);
      person.live(visitOf(one, comesMs, endMs + random.between(0, 30) * MINUTE_MS, random));
      continue;
    }
    const comesMs = random.chance(0.15)
      ? startMs - random.between(1, 20) * MINUTE_MS
      : startMs +
        random.between(0, Math.max(1, (endMs - startMs) / MINUTE_MS - 2)) *
          MINUTE_MS *
          random.pick([0, 0.1, 0.5]);
    const stayMs = endMs - comesMs;
    const leavesMs = random.chance(0.65)
      ? comesMs + stayMs * random.next()
      : endMs + random.between(0, 150) * MINUTE_MS * random.pick([0, 0.05, 1]);
    const at = random.between(0, 59_999);
    const plan = visitOf(one, comesMs + at, leavesMs + at, random);
    // A break from which its user comes back when the reservation is over.
    const outMs = endMs - random.between(1, 8) * MINUTE_MS;
    person.live(random.chance(0.12) && outMs > comesMs ? { ...plan, goesOutMs: outMs } : plan);
    // Early: comes again when it has begun.
    if (comesMs < startMs)
      person.live(visitOf(one, startMs + random.between(0, 600_000), endMs - 60_000, random));
  }
  return lastMinute;
}

function visitOf(ent: Entitlement, comesMs: number, leavesMs: number, random: Seeded): Plan {
  return {
    ent,
    comesMs,
    leavesMs: Math.max(leavesMs, comesMs + MINUTE_MS),
    leavesBy: random.chance(0.75) ? 'exit' : 'button',
    goesOutMs: random.chance(0.15) ? comesMs + (leavesMs - comesMs) * random.next() * 0.8 : null,
  };
}
