import * as z from 'zod';
import { opaqueIdSchema } from './primitives.ts';

/**
 * `c` of a printed sheet. It is the same everywhere: a sheet names the door and proves nothing, so presence must come
 * from elsewhere.
 */
export const STATIC_CODE = 'sheet';

/** How long a presence ticket is good for, in seconds. */
export const PRESENCE_LIFETIME_S = 90;

/** What a posted code is. `static`: a printed sheet. `rotating`: a display at the door, a new code every 15 s. */
export const codeKindSchema = z
  .enum(['static', 'rotating'])
  .describe(
    'What is posted: a printed sheet (`static`), or a display with a new code every 15 s (`rotating`).',
  );
export type CodeKind = z.infer<typeof codeKindSchema>;

/** Body of `POST /api/doors/<door>/presence`: `c` of the opened address, and the side that it stood at. */
export const presenceRequestSchema = z.strictObject({
  c: z.string().min(1).max(64).describe('`c` of the address that was posted, 1 to 64 characters.'),
  side: z.enum(['entry', 'exit']).describe('The side of the door that it was posted at.'),
});

/** The answer: a ticket to be sent with the request that opens the door, and with none else. */
export const presenceGrantSchema = z.strictObject({
  presence: z.string().min(1).max(64).describe('The ticket, 1 to 64 characters, good for one grant.'),
  expiresInS: z.int().min(1).describe('For how long it is good, in seconds from now.'),
});
export type PresenceGrant = z.infer<typeof presenceGrantSchema>;

/** Why a code is not taken. Stable: a page's texts hang on it. */
export const CODE_REFUSALS = ['code-unknown', 'code-expired', 'code-used'] as const;
/** Why a code from the entrance is not taken. */
export type CodeRefusal = (typeof CODE_REFUSALS)[number];

/** Body of `POST /api/doors/<door>/<side>`. May be left out where the posted code is static. */
export const doorRequestSchema = z.strictObject({
  presence: z
    .string()
    .min(1)
    .max(64)
    .exactOptional()
    .describe('The ticket of this side of the door. Not looked at where the posted code is a printed sheet.'),
  stay: opaqueIdSchema
    .exactOptional()
    .describe(
      'At an exit: which of several open stays is checked out; left out: the one that ends first. At an entrance: the stay to check out of there, which opens no door; one of the refusal’s `stillOpen`.',
    ),
});

/** The address behind a posted code: what a phone's camera opens. */
export function postedUrl(publicOrigin: string, door: string, side: string, code: string): string {
  return `${publicOrigin}/d/${door}/${side}?c=${code}`;
}

/** `event: code` of `GET /display/<door>/codes`: what a screen at the door shows, until the next one comes. */
export interface ShownCode {
  /** SVG */
  readonly qr: string;
  readonly remainingMs: number;
}
