import type * as z from 'zod';
import { reservationSchema, ticketSchema, type Entitlement } from '../../shared/contract/pass.ts';
import { problemLines } from '../../shared/contract/problem.ts';
import { formatInstant, truncateToSecond } from '../../shared/time.ts';
import { InputError } from './records.ts';

/** What a pass is to entitle to, as it is told on the command line. */
export interface EntitlementOptions {
  readonly venue?: readonly string[] | undefined;
  readonly reservation?: string | undefined;
  readonly seat?: string | undefined;
  readonly room?: string | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly yen?: string | undefined;
  readonly 'guest-of'?: string | undefined;
  readonly ticket?: string | undefined;
  readonly plan?: string | undefined;
  readonly bought?: string | undefined;
  readonly used?: string | undefined;
}

/** Options that say something about one that must be there too. */
const OF_RESERVATION = ['seat', 'room', 'start', 'end', 'yen', 'guest-of'] as const;
const OF_TICKET = ['plan', 'bought', 'used'] as const;

/**
 * The entitlements that are told: a reservation, a ticket, or both.
 *
 * @throws InputError naming each option that is wrong or missing
 */
export function entitlementsOf(options: EntitlementOptions, nowMs: number): readonly Entitlement[] {
  const { reservation, ticket } = options;
  if (reservation === undefined && ticket === undefined)
    throw new InputError('--reservation or --ticket: missing, what the pass entitles to');
  const alone = [
    ...(reservation === undefined ? OF_RESERVATION.map((option) => [option, 'reservation'] as const) : []),
    ...(ticket === undefined ? OF_TICKET.map((option) => [option, 'ticket'] as const) : []),
  ].filter(([option]) => options[option] !== undefined);
  if (alone.length > 0)
    throw new InputError(alone.map(([option, of]) => `--${option}: needs --${of}`).join('\n'));
  return [
    ...(reservation === undefined ? [] : [reservationOf(options, nowMs)]),
    ...(ticket === undefined ? [] : [ticketOf(options, nowMs)]),
  ];
}

function reservationOf(options: EntitlementOptions, nowMs: number): Entitlement {
  const { seat, room, start, end, yen, venue } = options;
  if ((seat === undefined) === (room === undefined))
    throw new InputError('--seat or --room: one of them, what is reserved');
  const host = options['guest-of'];
  const space = seat === undefined ? { id: room, kind: 'room' } : { id: seat, kind: 'seat' };
  return byOptions(
    reservationSchema,
    {
      kind: 'reservation',
      id: options.reservation,
      venue: venue?.[0],
      space,
      start: start ?? formatInstant(truncateToSecond(nowMs)),
      end,
      yenPer30Min: numberOf(yen),
      ...(host === undefined ? { role: 'user' } : { role: 'guest', host }),
    },
    {
      id: 'reservation',
      'space.id': space.kind,
      yenPer30Min: 'yen',
      host: 'guest-of',
    },
  );
}

function ticketOf({ ticket, plan, bought, used }: EntitlementOptions, nowMs: number): Entitlement {
  return byOptions(
    ticketSchema,
    {
      kind: 'ticket',
      id: ticket,
      plan,
      purchaseDate: bought,
      used: numberOf(used ?? '0'),
      usedAt: Math.floor(nowMs / 1000),
    },
    { id: 'ticket', purchaseDate: 'bought' },
  );
}

/**
 * What a schema makes of a value.
 *
 * @param options the option that each field comes from, where its name is another
 * @throws InputError naming the options instead of the fields
 */
export function byOptions<T>(
  schema: z.ZodType<T>,
  value: unknown,
  options: Readonly<Record<string, string>>,
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const lines = problemLines(schema, value).map((line) => {
    const end = line.indexOf(': ');
    const field = line.slice(0, end);
    return `--${options[field] ?? field}${line.slice(end)}`;
  });
  throw new InputError(lines.join('\n'));
}

/** The number in a text; the text itself where it is none, for the schema to refuse. */
function numberOf(text: string | undefined): number | string | undefined {
  return text !== undefined && /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
}
