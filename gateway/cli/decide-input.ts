import * as z from 'zod';
import { chargeFlagSchema } from '../../shared/contract/charge.ts';
import { doorSchema, publicKeySchema, venueSchema } from '../../shared/contract/config.ts';
import { presentedViaSchema } from '../../shared/contract/events.ts';
import { issuerSchema, type Member } from '../../shared/contract/member.ts';
import { entitlementSchema, reservationSchema } from '../../shared/contract/pass.ts';
import {
  instantTextSchema,
  opaqueIdSchema,
  sideSchema,
  slugSchema,
} from '../../shared/contract/primitives.ts';
import { parseInstant } from '../../shared/time.ts';
import type { CredentialProblem } from '../access/credential.ts';
import type { AccessState } from '../access/facts.ts';
import { STAY_STATES, type Stay } from '../access/stay.ts';
import type { SyncedReservation } from '../access/synced.ts';

const PROBLEMS = [
  'wrong-venue',
  'pass-expired',
  'pass-not-yet-valid',
  'pass-revoked',
  'proof-stale',
  'proof-missing',
  'not-present',
] as const satisfies readonly CredentialProblem[];

/** A credential as facts, for whoever has only the ledger and no code. */
const factsSchema = z.strictObject({
  /** Whose `sub` it is: all that is told is of this one member. */
  iss: issuerSchema.default('issuer'),
  sub: opaqueIdSchema,
  via: presentedViaSchema.default('scanner'),
  deviceBound: z.boolean().default(true),
  problems: z.array(z.enum(PROBLEMS)).default([]),
  entitlements: z.array(entitlementSchema).default([]),
  /** When the pass was issued. */
  issuedAt: instantTextSchema.exactOptional(),
});

const staySchema = z.strictObject({
  id: opaqueIdSchema.default('stay'),
  state: z.enum(STAY_STATES).default('open'),
  entitlement: entitlementSchema.refine((ent) => ent.kind !== 'staff', 'staff open no stay'),
  checkIn: instantTextSchema.nullable(),
  checkOut: instantTextSchema.nullable().default(null),
  /** Until when its holder may come back; left out: the reservation's end. */
  endsAt: instantTextSchema.exactOptional(),
  /** When its holder came back after the check-out and has not left since. */
  reentered: instantTextSchema.exactOptional(),
  flags: z.array(chargeFlagSchema).default([]),
});

/** What the gateway knew; what is left out is in order, and nobody is there. */
const stateSchema = z.strictObject({
  seenBefore: z.boolean().default(false),
  trustStale: z.boolean().default(false),
  clockRefused: z.boolean().default(false),
  storageWritable: z.boolean().default(true),
  controllerOnline: z.boolean().default(true),
  lockdown: z.boolean().default(false),
  /** The member's stays: open ones, and ended ones of the last 24 hours. */
  stays: z.array(staySchema).default([]),
  hostsInside: z.array(opaqueIdSchema).default([]),
  /** The end of a guest's reservation that its host has shortened, by the reservation's id. */
  guestEnds: z.record(opaqueIdSchema, instantTextSchema).default({}),
  ticketUses: z
    .array(
      z.strictObject({
        ticket: opaqueIdSchema,
        at: instantTextSchema,
        /** From when the issuer could count it; `null`: it cannot yet. Left out: from the use on. */
        known: instantTextSchema.nullable().exactOptional(),
      }),
    )
    .default([]),
  /** Seats taken now. */
  inside: z.int().min(0).default(0),
  heldSeats: z.int().min(0).default(0),
  /** The member's reservations as the cloud told them, in the order in which it did. */
  reservations: z
    .array(
      z.strictObject({
        reservation: reservationSchema,
        cancelledAt: instantTextSchema.nullable().default(null),
        toldAt: instantTextSchema.exactOptional(),
      }),
    )
    .default([]),
});

/** A line of `genkan decide`. */
export const decideRequestSchema = z.strictObject({
  /** The text of a QR, or its facts. */
  credential: z.union([z.string().min(1), factsSchema]),
  /** A door's id, or the door. */
  door: z.union([slugSchema, doorSchema.pick({ id: true, role: true, spaces: true })]),
  side: sideSchema,
  at: instantTextSchema,
  state: stateSchema.prefault({}),
  /** Left out: that of `--config`. */
  venue: venueSchema.exactOptional(),
  /** Who may issue passes; needed to read the text of a QR without `--config`. */
  issuers: z
    .array(z.strictObject({ iss: z.string().min(1), keys: z.array(publicKeySchema).min(1) }))
    .exactOptional(),
});
/** A scan, as it is described on the command line. */
export type DecideRequest = z.infer<typeof decideRequestSchema>;

/** The state of a request as the decision asks for it. */
export function accessStateOf({ state }: DecideRequest, member: Member): AccessState {
  return {
    seenBefore: state.seenBefore,
    trustStale: state.trustStale,
    clockRefused: state.clockRefused,
    storageWritable: state.storageWritable,
    controllerOnline: state.controllerOnline,
    lockdown: state.lockdown,
    stays: state.stays.map((stay) => stayOf(stay, member)),
    hostsInside: new Set(state.hostsInside),
    guestEnds: new Map(Object.entries(state.guestEnds).map(([id, end]) => [id, parseInstant(end)])),
    ticketUses: state.ticketUses.map(({ ticket, at, known = at }) => ({
      ticket,
      atMs: parseInstant(at),
      knownMs: known === null ? null : parseInstant(known),
    })),
    inside: state.inside,
    heldSeats: state.heldSeats,
  };
}

/** What the cloud had told, as the decision asks for it. */
export function syncedOf({ state }: DecideRequest, { iss, sub }: Member): readonly SyncedReservation[] {
  return state.reservations.map(({ reservation, cancelledAt, toldAt }, index) => ({
    iss,
    sub,
    version: index + 1,
    issuedMs: toldAt === undefined ? Infinity : parseInstant(toldAt),
    ...visitOf(state.stays, reservation.id),
    reservation,
    cancelledAtMs: cancelledAt === null ? null : parseInstant(cancelledAt),
  }));
}

/** What a visit has made of its reservation. */
function visitOf(
  stays: DecideRequest['state']['stays'],
  reservation: string,
): Pick<SyncedReservation, 'checkInMs' | 'freeFromMs'> {
  const told = stays.find(({ entitlement: { kind, id } }) => kind === 'reservation' && id === reservation);
  if (told === undefined || told.state === 'voided') return {};
  const endsAt = told.state === 'checked-out' ? told.endsAt : undefined;
  return {
    ...(told.checkIn !== null && { checkInMs: parseInstant(told.checkIn) }),
    ...(endsAt !== undefined && { freeFromMs: parseInstant(endsAt) }),
  };
}

function stayOf(told: DecideRequest['state']['stays'][number], { iss, sub }: Member): Stay {
  const { entitlement } = told;
  const optional = (text: string | null = null) => (text === null ? null : parseInstant(text));
  const reenteredMs = optional(told.reentered);
  return {
    id: told.id,
    iss,
    sub,
    state: told.state,
    grant: null,
    entitlement,
    checkInMs: optional(told.checkIn),
    checkOutMs: optional(told.checkOut),
    endsAtMs:
      optional(told.endsAt) ?? (entitlement.kind === 'reservation' ? parseInstant(entitlement.end) : null),
    ...(reenteredMs !== null && { reenteredMs }),
    flags: told.flags,
  };
}
