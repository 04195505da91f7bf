import type { Charge, ChargeList, ChargeRequest } from '../contract/charge.ts';
import { formatInstant, JAPAN, parseInstant } from '../time.ts';
import type { ChargeInput, ComputedCharge, Stamp } from './charge.ts';
import type { ComputedCharges } from './charges.ts';

/** A request that has passed `chargeRequestSchema`, with its instants as epoch milliseconds. */
export function chargeInputOf(request: ChargeRequest): ChargeInput {
  const { reservation, policy } = request;
  return {
    venue: request.venue,
    space: request.space,
    yenPer30Min: request.yenPer30Min,
    cap: request.cap,
    startMs: parseInstant(reservation.start),
    endMs: parseInstant(reservation.end),
    cancelledAtMs: optionalInstant(reservation.cancelledAt ?? null),
    checkInMs: optionalInstant(request.checkIn),
    checkOutMs: optionalInstant(request.checkOut),
    closingMs: optionalInstant(request.closing),
    ...(policy === undefined ? undefined : { policy }),
  };
}

/**
 * A charge in the contract's form: instants as text with offset.
 *
 * @param zone the venue's zone; it changes the spelling of the instants and nothing else
 */
export function chargeToWire(charge: ComputedCharge, zone = JAPAN): Charge {
  const { chargedFromMs, chargedToMs } = charge;
  const { closingMs, ...tariff } = charge.tariff;
  return {
    rule: charge.rule,
    chargedFrom: chargedFromMs === null ? null : formatInstant(chargedFromMs, zone),
    chargedTo: chargedToMs === null ? null : formatInstant(chargedToMs, zone),
    unitsBeforeCap: charge.unitsBeforeCap,
    units: charge.units,
    minutes: charge.minutes,
    yen: charge.yen,
    capApplied: charge.capApplied,
    flags: [...charge.flags],
    alternatives: [...charge.alternatives],
    ruleset: charge.ruleset,
    tariff: { ...tariff, closing: closingMs === null ? null : formatInstant(closingMs, zone) },
    stamps: {
      checkIn: stampToWire(charge.stamps.checkIn, zone),
      checkOut: stampToWire(charge.stamps.checkOut, zone),
    },
  };
}

/** The charges of a list in the contract's form. */
export function chargesToWire({ perReservation, totalYen }: ComputedCharges, zone = JAPAN): ChargeList {
  return { perReservation: perReservation.map((charge) => chargeToWire(charge, zone)), totalYen };
}

function optionalInstant(text: string | null): number | null {
  return text === null ? null : parseInstant(text);
}

function stampToWire(stamp: Stamp | null, zone: string): Charge['stamps']['checkIn'] {
  if (stamp === null) return null;
  const truncated = formatInstant(stamp.truncatedMs, zone);
  return { raw: stamp.rawMs === stamp.truncatedMs ? truncated : formatInstant(stamp.rawMs, zone), truncated };
}
