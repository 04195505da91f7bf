import { computeCharge } from '../../shared/billing/charge.ts';
import { chargeToWire } from '../../shared/billing/wire.ts';
import { canonicalJson, type JsonValue } from '../../shared/canonical.ts';
import type {
  Charge,
  ChargeCap,
  ChargeReading,
  ChargeRecord,
  SpaceKind,
} from '../../shared/contract/charge.ts';
import type { VenueConfig } from '../../shared/contract/config.ts';
import type { EventData } from '../../shared/contract/events.ts';
import { MINUTE_MS, parseInstant } from '../../shared/time.ts';

/** What the billing service knows of a venue by itself. */
export type VenueTerms = Pick<VenueConfig, 'kind' | 'timeZone' | 'hours' | 'policy'>;

/** What the billing service knows of a reservation by itself: it was sold here. */
export interface Booking {
  readonly space: { readonly kind: SpaceKind };
  readonly start: string;
  readonly end: string;
  readonly yenPer30Min: number;
  readonly cap?: ChargeCap | null;
  /** When it was cancelled; `null`: it was not. Absent where these books do not say: then the gateway's word has to do. */
  readonly cancelledAt?: string | null;
}

/** What the ledger says of a stay, as far as its charge follows from it. */
export interface AuditedStay {
  readonly checkIn: string | null;
  readonly checkOut: string | null;
  readonly visit: EventData<'stay.checked-in'>['visit'] | null;
}

/**
 * Computes a charge from what the service knows and what the ledger says of the stay.
 *
 * @returns what differs, a line each
 */
export function auditCharge(
  stay: AuditedStay,
  charge: ChargeRecord,
  terms: VenueTerms | undefined,
  booking: Booking | undefined,
): readonly string[] {
  if (terms === undefined) return ['the venue is unknown here'];
  const booked = booking ?? bookingFromLedger(stay, charge);
  if (booked === null) return ['the reservation is unknown here'];
  // Whether the user holds a room beside the seat is known to whoever sold both; here either is right.
  const [alone = [], beside = []] = [false, true].map((simultaneousUse) =>
    differingMembers(charge, recompute(stay, booked, charge, terms, simultaneousUse)),
  );
  return beside.length === 0 ? [] : alone;
}

/** Where the service sold no such reservation, the gateway's word on its price and times has to do. */
function bookingFromLedger({ visit }: AuditedStay, { tariff }: ChargeRecord): Booking | null {
  if (visit?.kind !== 'reservation') return null;
  const { space, start, end } = visit;
  return { space, start, end, yenPer30Min: tariff.yenPer30Min, cap: tariff.cap };
}

function recompute(
  stay: AuditedStay,
  booked: Booking,
  charge: ChargeRecord,
  terms: VenueTerms,
  simultaneousUse: boolean,
): Charge {
  const endMs = parseInstant(booked.end);
  const computed = computeCharge({
    venue: terms.kind,
    space: booked.space.kind,
    yenPer30Min: booked.yenPer30Min,
    cap: booked.cap ?? null,
    startMs: parseInstant(booked.start),
    endMs,
    cancelledAtMs: cancelledAtMsOf(booked, charge, terms),
    checkInMs: stay.checkIn === null ? null : parseInstant(stay.checkIn),
    checkOutMs: stay.checkOut === null ? null : parseInstant(stay.checkOut),
    closingMs: closingOnDayOf(booked.start, terms),
    policy: terms.policy,
    simultaneousUse,
    // What only the door can have seen is taken over; what follows from the stamps must be there.
    flags: charge.flags,
  });
  return chargeToWire(computed, terms.timeZone);
}

/** Where the books do not say, a cancellation that the gateway tells of was in time, or too late, as it says. */
function cancelledAtMsOf(
  { start, cancelledAt }: Booking,
  { rule, flags }: ChargeRecord,
  { policy }: VenueTerms,
): number | null {
  if (cancelledAt !== undefined) return cancelledAt === null ? null : parseInstant(cancelledAt);
  const deadlineMs = parseInstant(start) - policy.cancelDeadlineMinutes * MINUTE_MS;
  if (rule === 'cancelled') return deadlineMs - 1;
  return flags.includes('cancel-rejected') ? deadlineMs : null;
}

/**
 * The closing that counts for a booking, worked out from the venue's calendar alone and not with the gateway's own code:
 * a row for each day about it, of which the one that the booking's start stands in is taken. A night that ends on the
 * next day belongs to the day on which it began; a day that has closed already keeps its closing.
 */
function closingOnDayOf(start: string, { hours, timeZone }: VenueTerms): number | null {
  if (hours === null) return null;
  const startMs = Date.parse(start);
  const days = [-1, 0].map((offset) => {
    const day = dateIn(timeZone, startMs + offset * 86_400_000);
    const { open, close } = hours.exceptions.find(({ date }) => date === day) ?? hours;
    if (open === undefined || close === undefined) return null;
    const endsNextDay = close <= open;
    return Date.parse(
      zoned(endsNextDay ? dateIn(timeZone, Date.parse(`${day}T12:00:00Z`) + 86_400_000) : day, close, start),
    );
  });
  const [yesterdays = null, todays = null] = days;
  return yesterdays !== null && startMs < yesterdays ? yesterdays : todays;
}

/** By time zone: to make one costs as much as a hundred charges. */
const calendars = new Map<string, Intl.DateTimeFormat>();

function dateIn(timeZone: string, atMs: number): string {
  const calendar = calendars.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone });
  calendars.set(timeZone, calendar);
  return calendar.format(atMs);
}

/** A time of day on a date, at the offset that an instant of that day is written with; 24:00 is the next midnight. */
function zoned(date: string, time: string, like: string): string {
  const offset = like.endsWith('Z') ? 'Z' : like.slice(-6);
  if (time !== '24:00') return `${date}T${time}:00${offset}`;
  const next = new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  return `${next}T00:00:00${offset}`;
}

/** Readings that follow from the user's other reservations, which are not all known here. */
const OF_OTHERS: readonly ChargeReading[] = ['no-cap-on-simultaneous-use', 'no-double-charge'];

function differingMembers(charge: ChargeRecord, own: Charge): readonly string[] {
  const text = (value: JsonValue) => canonicalJson(value);
  const [told, computed] = [withoutOthers(charge), withoutOthers(own)];
  return (Object.keys(own) as (keyof Charge)[])
    .filter((member) => text(told[member]) !== text(computed[member]))
    .map((member) => `${member}: ${text(told[member])} should be ${text(computed[member])}`);
}

function withoutOthers<C extends Charge>(charge: C): C {
  const alternatives = charge.alternatives.filter(({ reading }) => !OF_OTHERS.includes(reading));
  return { ...charge, alternatives };
}
