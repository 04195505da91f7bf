import * as z from 'zod';
import { keyIdSchema, signatureAlgorithmSchema } from './pass.ts';
import { instantTextSchema, numericDateSchema, opaqueIdSchema, slugSchema, yenSchema } from './primitives.ts';

/** `typ` of a command from the cloud. */
export const COMMAND_TYPE = 'door-command+jwt';

/** Longest life, `exp` − `iat` in seconds, of a command that opens something. */
export const OPENING_COMMAND_LIFETIME_S_MAX = 10;

export const commandHeaderSchema = z.strictObject({
  alg: signatureAlgorithmSchema,
  typ: z.literal(COMMAND_TYPE),
  kid: keyIdSchema,
});

const common = {
  jti: opaqueIdSchema,
  iat: numericDateSchema,
  exp: numericDateSchema,
  aud: slugSchema,
  by: opaqueIdSchema,
  reason: z.string().min(1).max(500),
};

/** Claims of a signed command, single use. */
export const commandClaimsSchema = z.discriminatedUnion('cmd', [
  z.strictObject({
    ...common,
    cmd: z.enum(['unlock', 'secure', 'lockdown', 'resume']),
    door: slugSchema,
  }),
  z.strictObject({
    ...common,
    cmd: z.literal('hold-open'),
    door: slugSchema,
    /** When it ends by itself. Left out: at `resume`, `secure` or `lockdown`. */
    until: instantTextSchema.exactOptional(),
  }),
  z.strictObject({ ...common, cmd: z.literal('check-out'), stay: opaqueIdSchema, at: instantTextSchema }),
  z.strictObject({
    ...common,
    cmd: z.literal('correct-stay'),
    stay: opaqueIdSchema,
    checkIn: instantTextSchema.exactOptional(),
    checkOut: instantTextSchema.exactOptional(),
  }),
  z.strictObject({ ...common, cmd: z.literal('sync') }),
  z.strictObject({ ...common, cmd: z.literal('replay'), fromSeq: z.int().min(1) }),
]);
export type CommandClaims = z.infer<typeof commandClaimsSchema>;

/** Commands that may open a door, and so must not be older than `OPENING_COMMAND_LIFETIME_S_MAX`. */
export const OPENING_COMMANDS: ReadonlySet<CommandClaims['cmd']> = new Set(['unlock', 'hold-open', 'resume']);

/**
 * What the door's sensors saw of a command. `opened`: released, and the leaf was pulled. `released`: released, and the
 * leaf stayed shut, or the lock is kept released. `secured`: shut off. `not-…`: the lock did not do it, or nobody knows.
 */
export const doorEffectSchema = z.enum(['opened', 'released', 'not-released', 'secured', 'not-secured']);
export type DoorEffectSeen = z.infer<typeof doorEffectSchema>;

/** What became of a command: on the MQTT 5 response topic, else on `command-results`. */
export const commandResultSchema = z.strictObject({
  /** The command's `jti`; `null` for one that could not be read. */
  command: opaqueIdSchema.nullable(),
  outcome: z.enum(['executed', 'refused']),
  /** The effect, or why there is none. */
  detail: z.string().max(200),
  /** Of a command to a door: what its sensors saw. */
  effect: doorEffectSchema.exactOptional(),
  /** The amount in force after a correction of a stay; left out where nothing is billed. */
  yen: yenSchema.exactOptional(),
});
export type CommandResult = z.infer<typeof commandResultSchema>;
