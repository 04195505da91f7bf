import * as z from 'zod';
import { RENEWAL_INDEX_MAX, ticketPeriod } from '../../shared/billing/ticket.ts';
import { problemLines } from '../../shared/contract/problem.ts';
import { parseCivilDate } from '../../shared/time.ts';
import type { Command } from './command.ts';
import { answerRecords, InputError } from './records.ts';

const USAGE = `ticket [file]

Reads ticket periods as JSON from the file or from standard input (one object, one object per line, or an array) and
prints the first and last day of each as one line of JSON. Stops at the first bad one with exit code 2.

  {"purchaseDate":"2025-10-31","renewalIndex":0,"renewalAnchor":"purchase-day"}

renewalIndex 0 is the month that was bought. renewalAnchor may be left out; the other value is "chain".
`;

/** A line of `genkan ticket`. */
const requestSchema = z.strictObject({
  purchaseDate: z.string().check((context) => {
    try {
      parseCivilDate(context.value);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      context.issues.push({ code: 'custom', message, input: context.value });
    }
  }),
  renewalIndex: z.int().min(0).max(RENEWAL_INDEX_MAX),
  renewalAnchor: z.enum(['purchase-day', 'chain']).default('purchase-day'),
});

/** `genkan ticket`: when a period of a monthly ticket begins and ends. */
export const ticketCommand: Command = {
  name: 'ticket',
  summary: 'when a period of a monthly ticket begins and ends',
  usage: USAGE,
  run: (io, args) => answerRecords(io, args, answerTicket),
};

function answerTicket(value: unknown): string {
  const request = requestSchema.safeParse(value);
  if (!request.success) throw new InputError(problemLines(requestSchema, value).join('\n'));
  const { firstDay, lastDay, validUntilExclusive, days } = ticketPeriod(request.data);
  return JSON.stringify({ firstDay, lastDay, validUntilExclusive, days });
}
