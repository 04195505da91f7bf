import * as z from 'zod';
import { instantTextSchema, opaqueIdSchema, slugSchema, ulidSchema } from './primitives.ts';

/** A gateway that is there says so again each 60 s, in milliseconds. */
export const HEARTBEAT_MS = 60_000;

/** A state whose `at` is older by the reader's clock says nothing any more, in seconds: two heartbeats were missed. */
export const STATE_AGE_S_MAX = 150;

/** Longest message at `gateway/state` that is read, in bytes. */
export const STATE_BYTES_MAX = 4096;

/**
 * Retained at `gateway/state`: the birth, said again with a new `at` each minute, and the broker's will when the session
 * dies. A bridge that is cut and a broker that died leave `online: true` behind: a reader calls the gateway unknown when
 * `at` is older than `STATE_AGE_S_MAX` by the reader's clock, and with it every door state.
 */
export const gatewayStateSchema = z.object({
  online: z.boolean().describe('Whether the gateway is there; the broker says `false` in its place.'),
  session: opaqueIdSchema.describe(
    'New with every connection. A retained door state of another session is unknown.',
  ),
  gateway: slugSchema.describe('The gateway, as its configuration names it.'),
  epoch: ulidSchema.describe('The epoch of its journal, a ULID.'),
  at: instantTextSchema
    .nullable()
    .describe(
      `When it was said, RFC 3339; \`null\` in the will. Older than ${STATE_AGE_S_MAX} s with \`online\`: unknown.`,
    ),
});
export type GatewayState = z.infer<typeof gatewayStateSchema>;

/** What is wanted of a door. `normal`: shut and locked, opened by grants. */
export const doorModeSchema = z
  .enum(['normal', 'hold-open', 'lockdown', 'fire-release'])
  .describe('What is wanted of the door. `normal`: shut and locked, opened by grants.');
export type DoorMode = z.infer<typeof doorModeSchema>;

/** Why it is wanted: the fire input, an operator's order, the door's open hours, or nothing in particular. */
export const modeSourceSchema = z
  .enum(['fire', 'operator', 'schedule', 'default'])
  .describe('Why it is wanted.');
export type ModeSource = z.infer<typeof modeSourceSchema>;

/** What is wrong at a door, for as long as it is. */
export const doorAlarmSchema = z.enum(['forced-open', 'held-open', 'lock-fault', 'tamper', 'fire']);
export type DoorAlarm = z.infer<typeof doorAlarmSchema>;

/**
 * Retained at `doors/<door>/state`. What is not known is `null`, never the last good value. Mode, lock, leaf and alarms
 * are four things: a secured lock may stand beside an open leaf. The lock is unknown too while it is at fault.
 */
export const doorStateSchema = z.strictObject({
  session: opaqueIdSchema.describe(
    'The gateway’s session. Unknown unless `gateway/state` is online with the same.',
  ),
  door: slugSchema.describe('The door’s name.'),
  controller: z.enum(['online', 'offline']).describe('Whether the door’s board answers.'),
  mode: doorModeSchema,
  modeSource: modeSourceSchema,
  lock: z.enum(['secured', 'released']).nullable().describe('The lock; `null` while nobody knows.'),
  leaf: z.enum(['open', 'closed']).nullable().describe('The leaf; `null` while nobody knows.'),
  alarms: z
    .array(doorAlarmSchema)
    .nullable()
    .describe('What is wrong at the door, for as long as it is; `null` while nobody knows.'),
  at: instantTextSchema.describe('When this was so, RFC 3339.'),
});
export type DoorState = z.infer<typeof doorStateSchema>;

/** Retained at `occupancy`: ○ vacant, △ few seats left, × full. Advisory; the door decides on the live count. */
export const occupancySchema = z.strictObject({
  inside: z.int().min(0).describe('Seats that are taken, 0 or more.'),
  capacity: z.int().min(0).describe('Seats in all, 0 or more.'),
  free: z.int().min(0).describe('Seats that are free, 0 or more.'),
  sign: z.enum(['○', '△', '×']).describe('○ vacant, △ few seats left, × full.'),
});
export type Occupancy = z.infer<typeof occupancySchema>;
