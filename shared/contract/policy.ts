import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import * as z from 'zod';
import { canonicalJson } from '../canonical.ts';

/**
 * How a venue answers what the billing document leaves open. Every field has a default, an unknown field is refused,
 * and the whole is hashed into every charge. `shared/billing/README.md` tells an operator what each field is about.
 */
export const policySchema = z.strictObject({
  stamp: z
    .enum(['minute', 'second'])
    .default('minute')
    .describe(
      'What is left of a stamp before it is billed: 12:00:59 counts as 12:00 (`minute`) or as itself (`second`).',
    ),
  h1tRoomShorten: z
    .boolean()
    .default(true)
    .describe('Whether an early check-out shortens a meeting room at H1T as it shortens a seat.'),
  capRooms: z
    .boolean()
    .default(false)
    .describe(
      'Whether a cap that is set on a meeting room is applied. ※課金上限設定がある場合は適用されません。',
    ),
  capOnSimultaneousUse: z
    .enum(['own', 'none'])
    .default('own')
    .describe(
      'While a seat and a room are booked at once: each keeps the cap it has by itself, or neither has one.',
    ),
  cancelDeadlineMinutes: z
    .int()
    .min(0)
    .max(525_600)
    .default(0)
    .describe(
      'Minutes before the start by which a cancellation must have come; at 0 it must come before the start.',
    ),
  gridMinutes: z
    .literal([5, 10, 15, 30, 60])
    .default(30)
    .describe(
      'Minutes of the clock grid on which a reservation must begin and end. Off it, it is refused when synced.',
    ),
  forgottenCutoff: z
    .enum(['reservation', '24-hours'])
    .default('reservation')
    .describe(
      'What a forgotten check-out costs at a venue that never closes: the reservation, or 24 hours from its start.',
    ),
});
export type Policy = Readonly<z.infer<typeof policySchema>>;

/** The policy of a venue that sets nothing. */
export const DEFAULT_POLICY: Policy = Object.freeze(policySchema.parse({}));

/** A policy is made once and never changed, so its hash is too. */
const hashes = new WeakMap<Policy, string>();

/** SHA-256 of the policy's canonical JSON, all fields written out, as 64 hexadecimal digits in lower case. */
export function policyHash(policy: Policy): string {
  const known = hashes.get(policy);
  if (known !== undefined) return known;
  const hash = bytesToHex(sha256(utf8ToBytes(canonicalJson(policy))));
  hashes.set(policy, hash);
  return hash;
}
