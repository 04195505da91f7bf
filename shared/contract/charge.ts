import * as z from 'zod';
import { parseInstant } from '../time.ts';
import { policySchema } from './policy.ts';
import { digestSchema, instantTextSchema, yenSchema } from './primitives.ts';

/** The edition of the rules: WORKUS 課金ルールについて, 2023年5月. Stored with every charge. */
export const RULESET = 'WORKUS-2023-05';

/** The rows of `shared/billing/rules.ts`, in the order in which they are tried. */
export const CHARGE_RULES = [
  'cancelled',
  'no-show-reserved',
  'forgotten-room-reserved',
  'forgotten-no-closing',
  'forgotten-seat-to-closing',
  'reserved',
  'h1t-shortened',
  'early-checkout-reserved',
  'late-seat',
  'late-room-reserved',
] as const;
const chargeRuleSchema = z.enum(CHARGE_RULES);
export type ChargeRule = z.infer<typeof chargeRuleSchema>;

/** What is noteworthy about a charge, in the order in which flags are listed. Closed. */
export const CHARGE_FLAGS = [
  'checkin-missing',
  'checkout-before-checkin',
  'checkout-before-start',
  'checkout-after-closing',
  'cancel-rejected',
  'cap-config-mismatch',
  'review',
  'double-cover',
  'offline-renewal-assumed',
  'settled-late',
  'checkout-not-left',
  'overstay',
  'clock-untrusted',
  'tailgating-suspected',
  'door-not-opened',
] as const;
/** What somebody should know about a charge. */
export const chargeFlagSchema = z.enum(CHARGE_FLAGS);
export type ChargeFlag = z.infer<typeof chargeFlagSchema>;

/** Readings of the document that were not billed; each is explained in `shared/billing/alternatives.ts`. */
export const CHARGE_READINGS = [
  'stamp-second',
  'bucket-at-the-end',
  'room-not-shortened',
  'h1t-reservation-at-most',
  'from-check-in',
  'cap-by-minutes-only',
  'cap-by-yen-only',
  'no-cap-on-simultaneous-use',
  'cancellation-accepted',
  'cancellation-ignored',
  'no-check-in-is-no-show',
  'clock-grid',
  'late-beyond-closing',
  'forgotten-at-posted-closing',
  'forgotten-to-posted-closing',
  'forgotten-to-whole-units',
  'forgotten-24-hours',
  'no-double-charge',
  'never-entered',
] as const;
const chargeReadingSchema = z.enum(CHARGE_READINGS);
export type ChargeReading = z.infer<typeof chargeReadingSchema>;

/** Whose rules the venue bills by. */
export const venueKindSchema = z.enum(['h1t', 'standard']).describe('Whose rules the venue bills by.');
export type VenueKind = z.infer<typeof venueKindSchema>;
/** A seat, or a meeting room. */
export const spaceKindSchema = z.enum(['seat', 'room']).describe('A seat, or a meeting room.');
export type SpaceKind = z.infer<typeof spaceKindSchema>;

/** Whole yen for 30 minutes. The bound is sanity: above it an amount could leave the exact integers. */
export const priceSchema = z
  .int()
  .min(0)
  .max(10_000_000)
  .describe('Whole yen for 30 minutes, 0 to 10,000,000.');

/** A cap (課金上限) as it is accepted: time on the 30-minute grid, money, or both. */
export const chargeCapSchema = z
  .strictObject({
    minutes: z
      .int()
      .min(30)
      .multipleOf(30)
      .exactOptional()
      .describe('The most time that is charged, in minutes: a multiple of 30.'),
    yen: z.int().min(1).exactOptional().describe('The most that is charged, in whole yen, from 1.'),
  })
  .refine((cap) => cap.minutes !== undefined || cap.yen !== undefined, 'needs minutes, yen or both');
export type ChargeCap = Readonly<z.infer<typeof chargeCapSchema>>;

const bookedSchema = z
  .strictObject({
    start: instantTextSchema.describe('The start, RFC 3339.'),
    end: instantTextSchema.describe('The end, RFC 3339, after `start`.'),
    cancelledAt: instantTextSchema
      .nullable()
      .exactOptional()
      .describe('Left out means the same as `null`: never cancelled.'),
  })
  .refine(({ start, end }) => parseInstant(end) > parseInstant(start), {
    path: ['end'],
    message: 'must be after reservation.start',
  });

/** One reservation with all that happened to it: a line of `genkan charge`. */
export const chargeRequestSchema = z.strictObject({
  venue: venueKindSchema,
  space: spaceKindSchema,
  yenPer30Min: priceSchema,
  cap: chargeCapSchema.nullable().describe('The cap (課金上限); `null`: none.'),
  reservation: bookedSchema.describe('What was reserved.'),
  checkIn: instantTextSchema.nullable().describe('The check-in, RFC 3339; `null`: none.'),
  checkOut: instantTextSchema.nullable().describe('The check-out, RFC 3339; `null`: none.'),
  closing: instantTextSchema
    .nullable()
    .describe(
      'The closing of the business day in which the reservation begins; `null` where nothing closes on that day.',
    ),
  policy: policySchema
    .exactOptional()
    .describe('The venue’s choices where the documents are silent. Left out: the defaults.'),
});
export type ChargeRequest = z.infer<typeof chargeRequestSchema>;

/** The reservations of one user, so that seats and rooms held at once are seen. */
export const chargeListRequestSchema = z.strictObject({
  reservations: z.array(chargeRequestSchema).max(1_000).describe('The reservations, at most 1,000.'),
});

const stampSchema = z.object({
  raw: instantTextSchema.describe('As the door stamped it, RFC 3339.'),
  truncated: instantTextSchema.describe('To the minute, as it is billed, RFC 3339.'),
});

/** The charge of one reservation. `chargedFrom` and `chargedTo` are `null` only where it was cancelled in time. */
export const chargeSchema = z.object({
  rule: chargeRuleSchema.describe('The row of the rules that applied.'),
  chargedFrom: instantTextSchema
    .nullable()
    .describe('From when is charged, RFC 3339; `null` where it was cancelled in time.'),
  chargedTo: instantTextSchema
    .nullable()
    .describe('`chargedFrom` + `unitsBeforeCap` × 30 minutes: the time charged before the cap.'),
  unitsBeforeCap: z.int().min(0).describe('Units of 30 minutes before the cap, 0 or more.'),
  units: z.int().min(0).describe('Units of 30 minutes that are charged, 0 or more.'),
  minutes: z.int().min(0).describe('The time that is charged in minutes: `units` × 30.'),
  yen: yenSchema.describe('The amount in whole yen, 0 or more.'),
  capApplied: z.boolean().describe('Whether the cap made it less.'),
  flags: z.array(chargeFlagSchema).describe('What is noteworthy about it.'),
  alternatives: z
    .array(
      z.object({
        reading: chargeReadingSchema.describe('A reading of the rules that was not billed.'),
        yen: yenSchema.describe('What it would have come to, in whole yen.'),
      }),
    )
    .describe('Where the rules can be read otherwise: what that would have come to.'),
  ruleset: z.literal(RULESET).describe('The edition of the rules.'),
  tariff: z
    .object({
      venue: venueKindSchema,
      space: spaceKindSchema,
      yenPer30Min: yenSchema.describe('Whole yen for 30 minutes.'),
      cap: z
        .object({
          minutes: z.int().exactOptional().describe('The most time that is charged, in minutes.'),
          yen: yenSchema.exactOptional().describe('The most that is charged, in whole yen.'),
        })
        .nullable()
        .describe('The cap (課金上限); `null` where there is none.'),
      policy: z.object(policySchema.shape).describe('The venue’s choices where the documents are silent.'),
      policyHash: digestSchema.describe('SHA-256 of the policy, lower-case hexadecimal.'),
      closing: instantTextSchema
        .nullable()
        .describe(
          'The closing that counts: of the business day in which the reservation begins; `null`: none.',
        ),
    })
    .describe('What the amount was computed with.'),
  stamps: z
    .object({
      checkIn: stampSchema.nullable().describe('The check-in; `null` where there was none.'),
      checkOut: stampSchema.nullable().describe('The check-out; `null` where there was none.'),
    })
    .describe('As the door stamped them, and as they were billed.'),
});
export type Charge = z.infer<typeof chargeSchema>;

/** The answer to a list of reservations. */
export const chargeListSchema = z.object({
  perReservation: z.array(chargeSchema).describe('The charge of each, in the order of the question.'),
  totalYen: yenSchema,
});
export type ChargeList = z.infer<typeof chargeListSchema>;

/** A charge as the ledger holds it: who computed it, and what that party could see then. */
export const chargeRecordSchema = chargeSchema.extend({
  computedBy: z.literal('gateway').describe('Who computed it.'),
  online: z.boolean().describe('`false` where the cloud could not see the visit at the time.'),
  clock: z
    .enum(['trusted', 'holdover', 'untrusted'])
    .describe('How far the gateway believed its clock at the time.'),
});
export type ChargeRecord = z.infer<typeof chargeRecordSchema>;
