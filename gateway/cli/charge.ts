import * as z from 'zod';
import { computeCharge } from '../../shared/billing/charge.ts';
import { computeCharges } from '../../shared/billing/charges.ts';
import { chargeInputOf, chargesToWire, chargeToWire } from '../../shared/billing/wire.ts';
import { chargeListRequestSchema, chargeRequestSchema } from '../../shared/contract/charge.ts';
import { problemLines } from '../../shared/contract/problem.ts';
import type { Command } from './command.ts';
import { answerRecords, InputError } from './records.ts';

const USAGE = `charge [file]

Reads reservations as JSON from the file or from standard input (one object, one object per line, or an array) and
prints the charge of each as one line of JSON. Stops at the first bad one with exit code 2; those before are answered.

  {"venue":"h1t","space":"seat","yenPer30Min":500,"cap":{"minutes":150},
   "reservation":{"start":"2025-06-02T09:00:00+09:00","end":"2025-06-02T12:00:00+09:00","cancelledAt":null},
   "checkIn":"2025-06-02T09:00:00+09:00","checkOut":"2025-06-02T10:30:00+09:00",
   "closing":"2025-06-02T22:00:00+09:00","policy":{}}

{"reservations":[…]} holds one user's reservations and gives {"perReservation":[…],"totalYen"}.
`;

/** `genkan charge`: what a reservation costs, by the same function that the gateway bills with. */
export const chargeCommand: Command = {
  name: 'charge',
  summary: 'what a reservation costs',
  usage: USAGE,
  run: (io, args) => answerRecords(io, args, answerCharge),
};

const oneSchema = z.compile(chargeRequestSchema);
const listSchema = z.compile(chargeListRequestSchema);

function answerCharge(value: unknown): string {
  try {
    return typeof value === 'object' && value !== null && 'reservations' in value
      ? answerList(value)
      : answerOne(value);
  } catch (error) {
    // Amounts above the exact integers: well-formed, and nothing that can be charged.
    throw error instanceof RangeError ? new InputError(`input: ${error.message}`) : error;
  }
}

function answerOne(value: unknown): string {
  const request = oneSchema.safeParse(value);
  if (!request.success) throw new InputError(problemLines(chargeRequestSchema, value).join('\n'));
  return JSON.stringify(chargeToWire(computeCharge(chargeInputOf(request.data))));
}

function answerList(value: object): string {
  const request = listSchema.safeParse(value);
  if (!request.success) throw new InputError(problemLines(chargeListRequestSchema, value).join('\n'));
  return JSON.stringify(chargesToWire(computeCharges(request.data.reservations.map(chargeInputOf))));
}
