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
export const presentedViaSchema = z.enum(['scanner', 'page', 'relay', 'operator']);
export type PresentedVia = z.infer<typeof presentedViaSchema>;

/** What a grant is for. `admit` opens a door and no stay: an inner door, or staff. */
export const grantKindSchema = z.enum(['check-in', 're-entry', 'check-out', 'admit']);
export type GrantKind = z.infer<typeof grantKindSchema>;

/** How far the gateway believes its wall clock. */
export const clockTrustSchema = z.enum(['trusted', 'holdover', 'untrusted']);
export type ClockTrust = z.infer<typeof clockTrustSchema>;

/** Unsigned 32-bit; the grant's number in the journal. */
const grantIdSchema = z.int().min(1);
const stayIdSchema = opaqueIdSchema;

const atDoor = { door: slugSchema };
const inStay = { stay: stayIdSchema };

/** What an operator may do: the commands of the contract, and what the console alone has. */
export const operatorActSchema = z.enum([
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
]);
export type OperatorAct = z.infer<typeof operatorActSchema>;

const cause = z.enum(['lease', 'exit-button', 'fire', 'hold-open']);
const resetCause = z.enum(['power-on', 'brown-out', 'watchdog', 'watchdog-test', 'external', 'unknown']);

/** The data of every event, by the event's name. Strict: a consumer may rely on these members and no others. */
export const EVENT_DATA = {
  'access.granted': z.strictObject({
    ...atDoor,
    side: sideSchema,
    /** `null`: no member, but an operator, who is named by `sub`. */
    iss: issuerSchema.nullable(),
    sub: opaqueIdSchema,
    grant: grantIdSchema,
    kind: grantKindSchema,
    stay: stayIdSchema.nullable(),
    via: presentedViaSchema,
    /** SHA-256 of the credential's `iss` and `jti`: enough to recognise it, nothing to copy. */
    presentation: digestSchema,
    leaseMs: z.int().min(200).max(10_000),
  }),
  'access.denied': z.strictObject({
    ...atDoor,
    side: sideSchema,
    reason: denialReasonSchema,
    via: presentedViaSchema,
    /** Unknown before the signatures are verified. */
    iss: issuerSchema.nullable(),
    sub: opaqueIdSchema.nullable(),
    presentation: digestSchema.nullable(),
    /** At an entrance: the member's stays whose time is over, and that can be checked out of there. */
    stillOpen: z.array(stayIdSchema).min(1).exactOptional(),
    /** Refusals of the same source since the one before, where they were too many to be recorded one by one. */
    unrecorded: z.int().min(1).exactOptional(),
  }),
  'access.taken': z.strictObject({ ...atDoor, grant: grantIdSchema, stay: stayIdSchema.nullable() }),
  'access.not-taken': z.strictObject({
    ...atDoor,
    grant: grantIdSchema,
    stay: stayIdSchema.nullable(),
    /** `pulse-failed`: no lease was ever acknowledged. `not-opened`: the lock was released, the door stayed shut. */
    reason: z.enum(['pulse-failed', 'not-opened']),
  }),
  'stay.checked-in': z.strictObject({
    ...inStay,
    ...atDoor,
    ...memberFields,
    grant: grantIdSchema,
    checkIn: instantTextSchema,
    flags: z.array(chargeFlagSchema),
    visit: z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('reservation'),
        reservation: opaqueIdSchema,
        space: spaceSchema,
        role: z.enum(['user', 'guest']),
        start: instantTextSchema,
        end: instantTextSchema,
      }),
      z.strictObject({
        kind: z.literal('ticket'),
        ticket: opaqueIdSchema,
        plan: planSchema,
        /** Uses of the period, this one included. */
        used: z.int().min(1),
        /** Uses left in the period; `null` where the plan has no limit. */
        remaining: z.int().min(0).nullable(),
      }),
    ]),
  }),
  'stay.reentered': z.strictObject({ ...inStay, ...atDoor, ...memberFields, grant: grantIdSchema }),
  'stay.checked-out': z.strictObject({
    ...inStay,
    /** `null` where no door was passed: closing time, or the next reservation. */
    door: slugSchema.nullable(),
    ...memberFields,
    grant: grantIdSchema.nullable(),
    checkOut: instantTextSchema,
    /** `closing`: a ticket's or a guest's visit that closing time ended. */
    by: z.enum(['member', 'next-reservation', 'closing', 'operator']),
    /** Of a check-out at a door: the same member's stays that are open still. */
    stillOpen: z.array(stayIdSchema).exactOptional(),
  }),
  'stay.forgotten': z.strictObject({ ...inStay, ...memberFields, closing: instantTextSchema.nullable() }),
  'stay.no-show': z.strictObject({ ...inStay, ...memberFields, reservation: opaqueIdSchema }),
  'stay.voided': z.strictObject({
    ...inStay,
    ...memberFields,
    /** `charged-before`: under an earlier epoch, and begun again before this one knew of it. */
    reason: z.enum(['pulse-failed', 'operator', 'charged-before']),
  }),
  'stay.corrected': z.strictObject({
    ...inStay,
    by: opaqueIdSchema,
    reason: z.string().max(500),
    checkIn: instantTextSchema.nullable(),
    checkOut: instantTextSchema.nullable(),
  }),
  'reservation.shortened': z.strictObject({
    ...inStay,
    reservation: opaqueIdSchema,
    space: spaceSchema,
    /** `[to, from)` is free again. */
    from: instantTextSchema,
    to: instantTextSchema,
  }),
  /** A reservation that ends after the closing of its day is honoured; `closing`: that closing, `null` on a shut day. */
  'reservation.past-closing': z.strictObject({
    reservation: opaqueIdSchema,
    ...memberFields,
    space: spaceSchema,
    start: instantTextSchema,
    end: instantTextSchema,
    closing: instantTextSchema.nullable(),
  }),
  /**
   * A reservation that has ended without a visit known here, and is not charged as a no-show: its user may have come while
   * another journal was in use. `second-gateway`: another gateway spoke for the venue then. `journal-not-whole`: one that this gateway took over from in part, and of which the cloud
   * has not said what is missing. The cloud or an operator decides.
   */
  'reservation.unsettled': z.strictObject({
    reservation: opaqueIdSchema,
    ...memberFields,
    space: spaceSchema,
    start: instantTextSchema,
    end: instantTextSchema,
    reason: z.enum(['journal-not-whole', 'second-gateway']),
  }),
  'charge.computed': z
    .strictObject({
      ...inStay,
      ...memberFields,
      reservation: opaqueIdSchema,
      charge: chargeRecordSchema,
    })
    .describe(
      'The first charge of a stay. Money is kept by stay over all epochs: one for a stay that is charged already takes the place of that charge, and is a mismatch to look into.',
    ),
  'charge.superseded': z
    .strictObject({
      ...inStay,
      ...memberFields,
      reservation: opaqueIdSchema,
      before: chargeRecordSchema,
      after: chargeRecordSchema,
      reason: z.string().min(1).max(500),
    })
    .describe('`after` takes the place of `before`, the charge in force, whichever epoch told that.'),
  'door.opened': z.strictObject({ ...atDoor, grant: grantIdSchema.nullable(), cause: cause.nullable() }),
  'door.closed': z.strictObject({ ...atDoor, openMs: z.int().min(0).nullable() }),
  'door.forced-open': z.strictObject(atDoor),
  'door.held-open': z.strictObject({ ...atDoor, openMs: z.int().min(0) }),
  'door.secured': z.strictObject(atDoor),
  'door.egress': z.strictObject(atDoor),
  'door.tamper': z.strictObject({ ...atDoor, active: z.boolean() }),
  'door.fire-release': z.strictObject({ ...atDoor, active: z.boolean() }),
  'door.lock-fault': z.strictObject({ ...atDoor, detail: z.string().max(200) }),
  'controller.online': z.strictObject({ ...atDoor, firmware: z.string().max(64), resetCause }),
  'controller.offline': z.strictObject({ ...atDoor, detail: z.string().max(200) }),
  'controller.reset': z.strictObject({ ...atDoor, resetCause }),
  'scanner.online': z.strictObject({ ...atDoor, side: sideSchema }),
  'scanner.offline': z.strictObject({ ...atDoor, side: sideSchema, detail: z.string().max(200) }),
  'command.executed': z.strictObject({
    command: opaqueIdSchema,
    cmd: operatorActSchema,
    via: z.enum(['cloud', 'console', 'local-bus']),
    by: opaqueIdSchema,
    reason: z.string().max(500),
    /** The door, stay, alarm or account that it was about; `null` where there is none. */
    target: opaqueIdSchema.nullable(),
    effect: z.string().max(200),
  }),
  'command.refused': z.strictObject({
    command: opaqueIdSchema.nullable(),
    /** Unknown of what nobody of ours has signed. */
    cmd: operatorActSchema.nullable(),
    via: z.enum(['cloud', 'console', 'local-bus']),
    by: opaqueIdSchema.nullable(),
    detail: z.string().max(200),
  }),
  'gateway.started': z.strictObject({
    version: z.string().max(64),
    ruleset: z.string().max(64),
    previousEpoch: ulidSchema.nullable(),
  }),
  'gateway.clock-changed': z.strictObject({
    before: clockTrustSchema,
    after: clockTrustSchema,
    /** By how much the gateway's wall time was set. */
    stepMs: z.int(),
    /** By how much the host's clock has jumped, whether the gateway followed it or not. */
    hostStepMs: z.int(),
  }),
  'gateway.storage-degraded': z.strictObject({ code: z.string().max(64) }),
  /** The cloud holds less than it had signed for, as after a restore from a backup: the events from `from` to `to` go again. */
  'gateway.receipt-returned': z.strictObject({ from: z.int().min(1), to: z.int().min(1) }),
  'gateway.trust-stale': z.strictObject({ version: z.int().min(0), ageHours: z.int().min(0) }),
  /**
   * Numbers that do not come, each by its own epoch: of an earlier one, whose journal was damaged or of which an event was
   * carried over that the broker will not take; or of this one (`epoch` is absent then).
   */
  'gateway.gap': z.strictObject({
    epoch: ulidSchema.exactOptional(),
    from: z.int().min(1),
    to: z.int().min(1),
  }),
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

/** The envelope: CloudEvents 1.0, JSON, structured. Its bytes are what is journalled, hashed and published. */
const envelope = <N extends EventName>(name: N) =>
  z.strictObject({
    specversion: z.literal('1.0'),
    id: z.string().max(200),
    source: z.string().max(200),
    type: z.literal(`genkan.${name}.v1`),
    subject: z.string().max(200),
    time: instantTextSchema,
    datacontenttype: z.literal('application/json'),
    /** The number in the epoch, twelve digits so that text order is number order (CloudEvents sequence extension). */
    sequence: z.string().regex(/^\d{12}$/),
    /** How far the gateway believed `time`. */
    clock: clockTrustSchema,
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

/** A parsed event with its place in the ledger. */
export type LedgerEvent = DomainEvent & {
  readonly id: string;
  readonly venue: string;
  readonly epoch: string;
  readonly seq: number;
  readonly time: string;
  readonly clock: ClockTrust;
};

/** What every event has. */
const typedSchema = z.looseObject({ type: z.string() });

const NAME_OF_TYPE: ReadonlyMap<string, EventName> = new Map(
  EVENT_NAMES.map((name) => [`genkan.${name}.v1`, name]),
);

/**
 * Parses and checks a published event.
 *
 * @throws z.ZodError naming the member that is wrong; Error for an unknown type or an id that disagrees
 */
export function parseEvent(body: unknown): LedgerEvent {
  const { type } = typedSchema.parse(body);
  const name = NAME_OF_TYPE.get(type);
  if (name === undefined) throw new Error(`type: unknown event ${type}`);
  const event = EVENT_SCHEMAS[name].parse(body);
  const [venue, epochText, seqText] = event.id.split(':');
  const epoch = ulidSchema.parse(epochText);
  const seq = Number(event.sequence);
  if (venue === undefined || seqText !== String(seq)) throw new Error('id: disagrees with sequence');
  // The schema was chosen by the name, so name and data belong together; the compiler cannot follow the look-up.
  const domain = { name, subject: event.subject, data: event.data } as DomainEvent;
  return { ...domain, id: event.id, venue, epoch, seq, time: event.time, clock: event.clock };
}
