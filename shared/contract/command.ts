import * as z from 'zod';
import { keyIdSchema, signatureAlgorithmSchema } from './pass.ts';
import { instantTextSchema, numericDateSchema, opaqueIdSchema, slugSchema, yenSchema } from './primitives.ts';

/** `typ` of a command from the cloud. */
export const COMMAND_TYPE = 'door-command+jwt';

/** Longest life, `exp` − `iat` in seconds, of a command that opens something. */
export const OPENING_COMMAND_LIFETIME_S_MAX = 10;

/** Longest life of any other, in seconds: a day's corrections may wait with the broker. */
export const COMMAND_LIFETIME_S_MAX = 24 * 3600;

/** The header of a signed command. */
export const commandHeaderSchema = z.strictObject({
  alg: signatureAlgorithmSchema,
  typ: z.literal(COMMAND_TYPE).describe('What it is: a command.'),
  kid: keyIdSchema,
});

const common = {
  jti: opaqueIdSchema.describe('The command’s id: it is carried out once.'),
  iat: numericDateSchema.describe('When it was signed, in seconds since the epoch.'),
  exp: numericDateSchema.describe(
    'Until when it holds, in seconds since the epoch: at most 10 after `iat` where it may open something.',
  ),
  aud: slugSchema.describe('The venue that it is for.'),
  by: opaqueIdSchema.describe('Who ordered it, for the ledger.'),
  reason: z.string().min(1).max(500).describe('Why, for the ledger, 1 to 500 characters.'),
};

const doorSchema = slugSchema.describe('The door’s name.');
const staySchema = opaqueIdSchema.describe('The stay’s id.');

/** Claims of a signed command, single use. */
export const commandClaimsSchema = z.discriminatedUnion('cmd', [
  z.strictObject({
    ...common,
    cmd: z
      .enum(['unlock', 'secure', 'lockdown', 'resume'])
      .describe(
        '`unlock`: releases the lock once. `secure`: keeps it locked. `lockdown`: admits nobody. `resume`: ends an order.',
      ),
    door: doorSchema,
  }),
  z.strictObject({
    ...common,
    cmd: z.literal('hold-open').describe('Keeps the lock released.'),
    door: doorSchema,
    until: instantTextSchema
      .exactOptional()
      .describe('When it ends by itself, RFC 3339. Left out: at `resume`, `secure` or `lockdown`.'),
  }),
  z.strictObject({
    ...common,
    cmd: z.literal('check-out').describe('Checks an open stay out.'),
    stay: staySchema,
    at: instantTextSchema.describe('When its member left, RFC 3339.'),
  }),
  z.strictObject({
    ...common,
    cmd: z.literal('correct-stay').describe('Corrects the check-in or the check-out of a stay.'),
    stay: staySchema,
    checkIn: instantTextSchema.exactOptional().describe('The right check-in, RFC 3339. Left out: it stands.'),
    checkOut: instantTextSchema
      .exactOptional()
      .describe('The right check-out, RFC 3339. Left out: it stands.'),
  }),
  z.strictObject({
    ...common,
    cmd: z.literal('sync').describe('Asks the cloud for the reservations again.'),
  }),
  z.strictObject({
    ...common,
    cmd: z.literal('replay').describe('Sends events to the cloud again.'),
    fromSeq: z.int().min(1).describe('The number of the first of them, from 1.'),
  }),
]);
export type CommandClaims = z.infer<typeof commandClaimsSchema>;

/** Commands that may open a door, and so must not be older than `OPENING_COMMAND_LIFETIME_S_MAX`. */
export const OPENING_COMMANDS: ReadonlySet<CommandClaims['cmd']> = new Set(['unlock', 'hold-open', 'resume']);

/**
 * What the door's sensors saw of a command. `opened`: released, and the leaf was pulled. `released`: released, and the
 * leaf stayed shut, or the lock is kept released. `secured`: shut off. `…-open`: the same, and the leaf stood open: a
 * lock that is secured holds nothing then. `not-…`: the lock did not do it, or nobody knows.
 */
export const doorEffectSchema = z.enum([
  'opened',
  'released',
  'released-open',
  'not-released',
  'secured',
  'secured-open',
  'not-secured',
]);
export type DoorEffectSeen = z.infer<typeof doorEffectSchema>;

/** What became of a command: on the MQTT 5 response topic below `command-results`, else on `command-results`. */
export const commandResultSchema = z.strictObject({
  command: opaqueIdSchema.nullable().describe('The command’s `jti`; `null` for one that could not be read.'),
  outcome: z.enum(['executed', 'refused']).describe('Whether it was carried out.'),
  detail: z.string().max(200).describe('The effect, or why there is none, at most 200 characters.'),
  effect: doorEffectSchema.exactOptional().describe('Of a command to a door: what its sensors saw.'),
  yen: yenSchema
    .exactOptional()
    .describe('The amount in force after a correction, in whole yen; left out where nothing is billed.'),
});
export type CommandResult = z.infer<typeof commandResultSchema>;
