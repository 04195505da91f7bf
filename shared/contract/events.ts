import * as z from 'zod';
import { chargeFlagSchema, chargeRecordSchema } from './charge.ts';
import { denialReasonSchema } from './denial.ts';
import { issuerSchema, memberFields } from './member.ts';
import { planSchema, spaceSchema } from './pass.ts';
import {
  digestSchema,
  instantTextSchema,
  opaqueIdSchema,
  sideSchema,
  slugSchema,
  ulidSchema,
} from './primitives.ts';

/** How a credential came to the gateway. */
export const presentedViaSchema = z
  .enum(['scanner', 'page', 'relay', 'operator'])
  .describe(
    'How it came: a code at a scanner, the door page, the same over the relay, or an operator’s order.',
  );
export type PresentedVia = z.infer<typeof presentedViaSchema>;

/** What a grant is for. `admit` opens a door and no stay: an inner door, or staff. */
export const grantKindSchema = z
  .enum(['check-in', 're-entry', 'check-out', 'admit'])
  .describe('What the grant is for. `admit` opens a door and no stay: an inner door, or staff.');
export type GrantKind = z.infer<typeof grantKindSchema>;

/** How far the gateway believes its wall clock. */
export const clockTrustSchema = z
  .enum(['trusted', 'holdover', 'untrusted'])
  .describe('How far the gateway believed its clock: synchronised, on its own since then, or not at all.');
export type ClockTrust = z.infer<typeof clockTrustSchema>;

/** Unsigned 32-bit; the grant's number in the journal. */
const grantIdSchema = z.int().min(1).describe('The grant’s number in the epoch, from 1.');
const stayIdSchema = opaqueIdSchema.describe('The stay: one visit, by the same name in every epoch.');
const reservationIdSchema = opaqueIdSchema.describe('The reservation, as its issuer names it.');
const grantOrNone = grantIdSchema
  .nullable()
  .describe('The grant’s number in the epoch, from 1; `null`: none had to do with it.');
const stayOrNone = stayIdSchema.nullable().describe('The grant’s stay; `null` where it has none (`admit`).');
const spaceOf = spaceSchema.describe('The seat or room of the reservation.');
const startOf = instantTextSchema.describe('The reservation’s start, RFC 3339.');
const endOf = instantTextSchema.describe('The reservation’s end, RFC 3339.');
const chargeFlagsSchema = z.array(chargeFlagSchema).describe('What is noteworthy about it; a closed list.');
const detailSchema = z.string().max(200).describe('What is known of it, for people, at most 200 characters.');
const whySchema = z
  .string()
  .max(500)
  .describe('Why, in the words of whoever did it, at most 500 characters.');
const orderedVia = z.enum(['cloud', 'console', 'local-bus']).describe('How the order came.');
const presentationSchema = digestSchema.describe(
  'SHA-256 of the credential’s `iss` and `jti`, 64 hexadecimal digits: enough to recognise it, nothing to copy.',
);

const atDoor = { door: slugSchema.describe('The door, as the configuration names it.') };
const atSide = { ...atDoor, side: sideSchema };
const inStay = { stay: stayIdSchema };

const ofReservation = {
  reservation: reservationIdSchema,
  ...memberFields,
  space: spaceOf,
  start: startOf,
  end: endOf,
};
const isActive = z.boolean().describe('`true` when it begins, `false` when it ends.');

/** What an operator may do: the commands of the contract, and what the console alone has. */
export const operatorActSchema = z
  .enum([
    'unlock',
    'hold-open',
    'secure',
    'lockdown',
    'resume',
    'check-out',
    'correct-stay',
    'sync',
    'replay',
    'sign-in',
    'sign-out',
    'acknowledge-alarm',
    'note-alarm',
  ])
  .describe('What was ordered: a command of the cloud, or what the console alone has.');
export type OperatorAct = z.infer<typeof operatorActSchema>;

const causeSchema = z
  .enum(['lease', 'exit-button', 'fire', 'hold-open'])
  .nullable()
  .describe('Why the lock was released then; `null`: no cause is known.');
const resetCauseSchema = z
  .enum(['power-on', 'brown-out', 'watchdog', 'watchdog-test', 'external', 'unknown'])
  .describe('Why the controller began anew, as its own register says.');

/** The data of every event, by the event's name. The compiler holds whoever writes; readers pass over what they do not know. */
export const EVENT_DATA = {
  'access.granted': z
    .object({
      ...atSide,
      iss: issuerSchema
        .nullable()
        .describe(
          'The issuer of the member’s passes, 1 to 256 characters; `null`: no member, but an operator, who is named by `sub`.',
        ),
      sub: opaqueIdSchema.describe('Who was let in or out: the member’s `sub`, or the operator.'),
      grant: grantIdSchema,
      kind: grantKindSchema,
      stay: stayOrNone,
      via: presentedViaSchema,
      presentation: presentationSchema,
      leaseMs: z
        .int()
        .min(200)
        .max(10_000)
        .describe('For how long the lock is released, in milliseconds, 200 to 10,000.'),
    })
    .describe('Somebody may pass a door. It was on disk before the lock was released.'),
  'access.denied': z
    .object({
      ...atSide,
      reason: denialReasonSchema,
      via: presentedViaSchema,
      iss: issuerSchema
        .nullable()
        .describe('The issuer, 1 to 256 characters; `null` before the signatures are verified.'),
      sub: opaqueIdSchema.nullable().describe('The member; `null` before the signatures are verified.'),
      presentation: digestSchema
        .nullable()
        .describe(
          'SHA-256 of the credential’s `iss` and `jti`, 64 hexadecimal digits; `null` for one that could not be read.',
        ),
      stillOpen: z
        .array(stayIdSchema)
        .min(1)
        .exactOptional()
        .describe(
          'At an entrance: the member’s stays whose time is over, and that can be checked out of there.',
        ),
      unrecorded: z
        .int()
        .min(1)
        .exactOptional()
        .describe(
          'How many refusals of the same source, from 1, went unrecorded since the one before, because they were too many.',
        ),
    })
    .describe('A door stayed shut for a credential.'),
  'access.taken': z
    .object({ ...atDoor, grant: grantIdSchema, stay: stayOrNone })
    .describe('The door was opened on a grant.'),
  'access.not-taken': z
    .object({
      ...atDoor,
      grant: grantIdSchema,
      stay: stayOrNone,
      reason: z
        .enum(['pulse-failed', 'not-opened'])
        .describe(
          '`pulse-failed`: no lease was ever acknowledged. `not-opened`: the lock was released, the door stayed shut.',
        ),
    })
    .describe('A grant came to nothing.'),
  'stay.checked-in': z
    .object({
      ...inStay,
      ...atDoor,
      ...memberFields,
      grant: grantIdSchema,
      checkIn: instantTextSchema.describe('When the member checked in, RFC 3339.'),
      flags: chargeFlagsSchema,
      visit: z
        .discriminatedUnion('kind', [
          z.object({
            kind: z.literal('reservation').describe('A reserved visit.'),
            reservation: reservationIdSchema,
            space: spaceOf,
            role: z.enum(['user', 'guest']).describe('Whether they have booked it or are invited to it.'),
            start: startOf,
            end: endOf,
          }),
          z.object({
            kind: z.literal('ticket').describe('A visit on a monthly ticket.'),
            ticket: opaqueIdSchema.describe('The ticket, as its issuer names it.'),
            plan: planSchema,
            used: z.int().min(1).describe('Uses of the period, from 1, this one included.'),
            remaining: z
              .int()
              .min(0)
              .nullable()
              .describe('Uses left in the period, 0 or more; `null` where the plan has no limit.'),
          }),
        ])
        .describe('What they came on.'),
    })
    .describe('A stay has begun. A ticket’s use is told here and costs no money.'),
  'stay.reentered': z
    .object({ ...inStay, ...atDoor, ...memberFields, grant: grantIdSchema })
    .describe('A member came back into an open stay.'),
  'stay.checked-out': z
    .object({
      ...inStay,
      door: slugSchema
        .nullable()
        .describe('The door; `null` where none was passed: closing time, or the next reservation.'),
      ...memberFields,
      grant: grantOrNone,
      checkOut: instantTextSchema.describe('When the member checked out, RFC 3339.'),
      by: z
        .enum(['member', 'next-reservation', 'closing', 'operator'])
        .describe('Who or what ended it. `closing`: a ticket’s or a guest’s visit that closing time ended.'),
      stillOpen: z
        .array(stayIdSchema)
        .exactOptional()
        .describe('Of a check-out at a door: the same member’s stays that are open still.'),
    })
    .describe('A stay has ended.'),
  'stay.forgotten': z
    .object({
      ...inStay,
      ...memberFields,
      closing: instantTextSchema
        .nullable()
        .describe('The closing at which it was settled, RFC 3339; `null` where nothing closes.'),
    })
    .describe('A member did not check out, and the stay was settled without.'),
  'stay.no-show': z
    .object({ ...inStay, ...memberFields, reservation: reservationIdSchema })
    .describe('A reservation ended, and nobody came.'),
  'stay.voided': z
    .object({
      ...inStay,
      ...memberFields,
      reason: z
        .enum(['pulse-failed', 'operator', 'charged-before'])
        .describe(
          '`pulse-failed`: the door was never released. `charged-before`: under an earlier epoch, and begun again before this one knew of it.',
        ),
    })
    .describe('A stay never was: no use, no charge.'),
  'stay.corrected': z
    .object({
      ...inStay,
      by: opaqueIdSchema.describe('The operator, or whoever the cloud’s command names.'),
      reason: whySchema,
      checkIn: instantTextSchema
        .nullable()
        .describe('The check-in as corrected, RFC 3339; `null`: it stands.'),
      checkOut: instantTextSchema
        .nullable()
        .describe('The check-out as corrected, RFC 3339; `null`: it stands.'),
    })
    .describe('The stamps of a stay were corrected; both are kept.'),
  'reservation.shortened': z
    .object({
      ...inStay,
      reservation: reservationIdSchema,
      space: spaceOf,
      freeFrom: instantTextSchema.describe('From when the space is free again, RFC 3339.'),
      freeUntil: instantTextSchema.describe(
        'Until when: the end that was reserved, RFC 3339, after `freeFrom`.',
      ),
    })
    .describe('The rest of a reservation was given back.'),
  'reservation.past-closing': z
    .object({
      ...ofReservation,
      closing: instantTextSchema
        .nullable()
        .describe('The closing of its day, RFC 3339; `null` on a day that is shut.'),
    })
    .describe('A reservation ends after the closing of its day. It is honoured.'),
  'reservation.unsettled': z
    .object({
      ...ofReservation,
      reason: z
        .enum(['journal-not-whole', 'second-gateway'])
        .describe(
          '`second-gateway`: another gateway spoke for the venue then. `journal-not-whole`: this gateway took over from a journal in part, and the cloud has not said what is missing.',
        ),
    })
    .describe(
      'A reservation has ended without a visit known here, and is not charged as a no-show: its user may have come while another journal was in use. The cloud or an operator decides.',
    ),
  'charge.computed': z
    .object({
      ...inStay,
      ...memberFields,
      reservation: reservationIdSchema,
      charge: chargeRecordSchema.describe('The charge, in force from now on.'),
    })
    .describe(
      'The first charge of a stay. Money is kept by stay over all epochs: one for a stay that is charged already takes the place of that charge, and is a mismatch to look into.',
    ),
  'charge.superseded': z
    .object({
      ...inStay,
      ...memberFields,
      reservation: reservationIdSchema,
      before: chargeRecordSchema.describe('The charge that was in force.'),
      after: chargeRecordSchema.describe('The charge that takes its place.'),
      reason: z.string().min(1).max(500).describe('Why it was computed again, 1 to 500 characters.'),
    })
    .describe('`after` takes the place of `before`, the charge in force, whichever epoch told that.'),
  'door.opened': z
    .object({ ...atDoor, grant: grantOrNone, cause: causeSchema })
    .describe('The leaf was opened.'),
  'door.closed': z
    .object({
      ...atDoor,
      openMs: z
        .int()
        .min(0)
        .nullable()
        .describe(
          'For how long it was open, in milliseconds, 0 or more; `null` where the opening was not seen.',
        ),
    })
    .describe('The leaf was closed.'),
  'door.forced-open': z.object(atDoor).describe('The leaf was opened while the lock was secured.'),
  'door.held-open': z
    .object({
      ...atDoor,
      openMs: z.int().min(0).describe('For how long it has been open, in milliseconds, 0 or more.'),
    })
    .describe('The leaf has been open for longer than the door’s `heldOpenMs`.'),
  'door.secured': z.object(atDoor).describe('The door is shut and locked again.'),
  'door.egress': z.object(atDoor).describe('Somebody pressed the exit button or the handle.'),
  'door.codes-taken': z
    .object({
      ...atSide,
      unspent: z.int().min(0).describe('Codes of the last 90 s that have opened nothing, 0 or more.'),
    })
    .describe('Somebody takes the rotating codes off a display and goes nowhere. Told when it begins.'),
  'door.tamper': z.object({ ...atDoor, active: isActive }).describe('The controller’s case is open.'),
  'door.fire-release': z
    .object({ ...atDoor, active: isActive })
    .describe('The fire input has released the door.'),
  'door.lock-fault': z
    .object({ ...atDoor, detail: detailSchema })
    .describe('The lock does not do what its output says.'),
  'controller.online': z
    .object({
      ...atDoor,
      firmware: z.string().max(64).describe('The version of the firmware, at most 64 characters.'),
      resetCause: resetCauseSchema,
    })
    .describe('The door’s controller answers.'),
  'controller.offline': z
    .object({ ...atDoor, detail: detailSchema })
    .describe('The door’s controller does not answer any more.'),
  'controller.reset': z
    .object({ ...atDoor, resetCause: resetCauseSchema })
    .describe('The door’s controller has begun anew.'),
  'scanner.online': z.object(atSide).describe('A reader is there.'),
  'scanner.offline': z
    .object({ ...atSide, detail: detailSchema })
    .describe('A reader is not there any more.'),
  'command.executed': z
    .object({
      command: opaqueIdSchema.describe('The command’s `jti`, or the console’s own name for the act.'),
      cmd: operatorActSchema,
      via: orderedVia,
      by: opaqueIdSchema.describe('Who ordered it.'),
      reason: whySchema,
      target: opaqueIdSchema
        .nullable()
        .describe('The door, stay, alarm or account that it was about; `null` where there is none.'),
      effect: z.string().max(200).describe('What came of it, at most 200 characters.'),
    })
    .describe('An order was carried out.'),
  'command.refused': z
    .object({
      command: opaqueIdSchema
        .nullable()
        .describe('The command’s `jti`; `null` for one that could not be read.'),
      cmd: operatorActSchema
        .nullable()
        .describe('What was ordered; `null`: unknown of what nobody of ours has signed.'),
      via: orderedVia,
      by: opaqueIdSchema.nullable().describe('Who ordered it; `null` where that is unknown.'),
      detail: detailSchema,
    })
    .describe('An order was not carried out.'),
  'gateway.started': z
    .object({
      version: z.string().max(64).describe('The version of the gateway, at most 64 characters.'),
      ruleset: z.string().max(64).describe('The edition of the billing rules, at most 64 characters.'),
      previousEpoch: ulidSchema
        .nullable()
        .describe('The epoch before this one, a ULID, where it is known; else `null`.'),
    })
    .describe('The gateway has started. The first event of every epoch.'),
  'gateway.clock-changed': z
    .object({
      before: clockTrustSchema,
      after: clockTrustSchema,
      stepMs: z
        .int()
        .describe('By how much the gateway’s wall time was set, in milliseconds; negative: backwards.'),
      hostStepMs: z
        .int()
        .describe(
          'By how much the host’s clock has jumped, in milliseconds, whether the gateway followed it or not.',
        ),
    })
    .describe('The gateway’s clock was set, or is believed more or less than before.'),
  'gateway.storage-degraded': z
    .object({ code: z.string().max(64).describe('The fault’s code, at most 64 characters.') })
    .describe('The disk has failed. Nobody is let in until it is well again.'),
  'gateway.receipt-returned': z
    .object({
      from: z.int().min(1).describe('The first number that goes again, from 1.'),
      to: z.int().min(1).describe('The last number that goes again, `from` or more.'),
    })
    .describe(
      'The cloud holds less than it had signed for, as after a restore from a backup: these events go again.',
    ),
  'gateway.trust-stale': z
    .object({
      version: z
        .int()
        .min(0)
        .describe('The version of the trust bundle in force; 0: only the configuration.'),
      ageHours: z.int().min(0).describe('Its age in whole hours, 0 or more.'),
    })
    .describe('The cloud’s word on keys and revocations is too old.'),
  'gateway.gap': z
    .object({
      epoch: ulidSchema
        .exactOptional()
        .describe('The epoch whose numbers do not come, a ULID; left out: this one.'),
      from: z.int().min(1).describe('The first number that does not come, from 1.'),
      to: z.int().min(1).describe('The last number that does not come, `from` or more.'),
    })
    .describe(
      'Numbers that do not come: of an earlier epoch, whose journal was damaged or of which an event was carried over that the broker will not take, or of this one. A consumer goes on behind them.',
    ),
} as const satisfies Record<string, z.ZodType>;

/** The name of an event. */
export type EventName = keyof typeof EVENT_DATA;
/** The data of an event of this name. */
export type EventData<N extends EventName> = z.infer<(typeof EVENT_DATA)[N]>;
/** The names of all events. */
export const EVENT_NAMES = Object.keys(EVENT_DATA) as readonly EventName[];

/** One thing that happened, before it has a number: what the core hands to the journal. */
export type DomainEvent = {
  [N in EventName]: { readonly name: N; readonly subject: string; readonly data: EventData<N> };
}[EventName];

/** What stands around the data of every event. */
export const envelopeFields = {
  specversion: z.literal('1.0').describe('The version of CloudEvents.'),
  id: z
    .string()
    .max(200)
    .describe('`<venue>:<epoch>:<seq>`, at most 200 characters: the same for every delivery of the event.'),
  source: z
    .string()
    .max(200)
    .describe('Who tells it: `/venues/<venue>/gateways/<gateway>`, at most 200 characters.'),
  subject: z
    .string()
    .max(200)
    .describe(
      'What it is about, at most 200 characters: the stay, or else the door, the reservation, the gateway or the venue.',
    ),
  time: instantTextSchema.describe('When it happened, RFC 3339 with the venue’s offset.'),
  datacontenttype: z.literal('application/json').describe('What `data` is.'),
  sequence: z
    .string()
    .regex(/^\d{12}$/)
    .describe('The number in the epoch, from 1, as twelve digits, so that text order is number order.'),
  clock: clockTrustSchema,
};

/** The envelope: CloudEvents 1.0, JSON, structured. Its bytes are what is journalled, hashed and published. */
const envelope = <N extends EventName>(name: N) =>
  z.object({
    ...envelopeFields,
    type: z.literal(`genkan.${name}.v1`).describe('The event’s name and the version of the contract.'),
    data: EVENT_DATA[name],
  });

/** The whole envelope's schema by event name. */
export const EVENT_SCHEMAS = Object.fromEntries(EVENT_NAMES.map((name) => [name, envelope(name)])) as {
  readonly [N in EventName]: ReturnType<typeof envelope<N>>;
};

/** An event as it is journalled and published: the envelope with its data. */
export type PublishedEvent = { [N in EventName]: z.infer<ReturnType<typeof envelope<N>>> }[EventName];

/** Content type of a published event (CloudEvents MQTT binding, structured mode). */
export const EVENT_CONTENT_TYPE = 'application/cloudevents+json';

/** Where an event stands in the ledger of a venue. */
export interface EventPosition {
  readonly venue: string;
  readonly gateway: string;
  /** ULID made with the journal. */
  readonly epoch: string;
  /** From 1, without gaps. */
  readonly seq: number;
}

/**
 * Serialises an event to the exact text that is journalled and published.
 *
 * @param timeText the instant with offset, in the venue's zone
 */
export function formatEvent(
  event: DomainEvent,
  at: EventPosition,
  timeText: string,
  clock: ClockTrust,
): string {
  return JSON.stringify({
    specversion: '1.0',
    id: formatEventId(at),
    source: `/venues/${at.venue}/gateways/${at.gateway}`,
    type: `genkan.${event.name}.v1`,
    subject: event.subject,
    time: timeText,
    datacontenttype: 'application/json',
    sequence: String(at.seq).padStart(12, '0'),
    clock,
    data: event.data,
  });
}

/** The id of an event: venue, epoch and number. The same for every delivery. */
export function formatEventId(at: Pick<EventPosition, 'venue' | 'epoch' | 'seq'>): string {
  return `${at.venue}:${at.epoch}:${at.seq}`;
}

/** An event of a type that is not known here, as a later gateway may write it: kept, counted in the chain, not understood. */
interface UnknownEvent {
  readonly name: 'unknown';
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A parsed event with its place in the ledger. */
export type LedgerEvent = (DomainEvent | UnknownEvent) & {
  readonly id: string;
  readonly venue: string;
  readonly epoch: string;
  readonly seq: number;
  readonly time: string;
  readonly clock: ClockTrust;
};

/** What every event has, also one of a type that is not known here. */
const anyEventSchema = z.object({
  ...envelopeFields,
  type: z.string().regex(/^genkan\.[a-z0-9.-]{1,64}\.v1$/, 'no event of version 1 of the contract'),
  data: z.record(z.string(), z.unknown()),
});

const NAME_OF_TYPE: ReadonlyMap<string, EventName> = new Map(
  EVENT_NAMES.map((name) => [`genkan.${name}.v1`, name]),
);

/**
 * Parses and checks a published event. Members that are not known here are passed over; of a
 * type that is not, `unknown`, the data is as it came.
 *
 * @throws z.ZodError naming the member that is wrong; Error for an id that disagrees
 */
export function parseEvent(body: unknown): LedgerEvent {
  const { type, id, sequence, subject, time, clock, data } = anyEventSchema.parse(body);
  const [venue, epochText, seqText] = id.split(':');
  const epoch = ulidSchema.parse(epochText);
  const seq = Number(sequence);
  if (venue === undefined || seqText !== String(seq)) throw new Error('id: disagrees with sequence');
  const name = NAME_OF_TYPE.get(type);
  const place = { id, venue, epoch, seq, time, clock };
  if (name === undefined) return { name: 'unknown', subject, data, ...place };
  // The schema was chosen by the name, so name and data belong together; the compiler cannot follow the look-up.
  return { name, subject, data: EVENT_SCHEMAS[name].parse(body).data, ...place } as LedgerEvent;
}
