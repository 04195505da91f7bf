import * as z from 'zod';
import { instantTextSchema, opaqueIdSchema } from './primitives.ts';

/** How old a relayed request may be, in milliseconds, before the clock's error bound is added. */
export const ENTRY_AGE_MS_MAX = 10_000;

/** Longest text of a relayed request, in bytes. */
export const ENTRY_BYTES_MAX = 16 * 1024;

/** What a phone may ask over the relay: the door's own requests and the member's own visits, and nothing else. */
export const RELAYED_PATH =
  /^\/api\/(?:doors\/[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?\/(?:presence|entry|exit)|stays\/preview|me\/visits)$/;

const headerSchema = z.string().max(8 * 1024);

/**
 * A phone's request as the relay carries it to the gateway, on `entries`. The relay vouches for nothing: the gateway
 * verifies pass and proof as on the venue's network, and takes the request at a door with a rotating code only.
 */
export const entryRequestSchema = z.strictObject({
  id: opaqueIdSchema.describe('Made by the relay; its answer carries it.'),
  at: instantTextSchema.describe('When the phone asked, by the relay’s clock.'),
  method: z.enum(['GET', 'POST']).describe('Its method.'),
  path: z
    .string()
    .regex(RELAYED_PATH, 'not a path that is relayed')
    .describe('Its path: of a door, `/api/stays/preview` or `/api/me/visits`.'),
  from: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'base64url, at most 64 characters')
    .exactOptional()
    .describe(
      'What the relay tells its phones apart by, such as a keyed digest of the network address, base64url, 1 to 64 characters. Each has its own share of what may be asked; left out: all share one.',
    ),
  authorization: headerSchema
    .exactOptional()
    .describe('Its `Authorization`: `DPoP <pass>`, at most 8,192 characters.'),
  dpop: headerSchema.exactOptional().describe('Its `DPoP`: the proof, at most 8,192 characters.'),
  acceptLanguage: z
    .string()
    .max(256)
    .exactOptional()
    .describe('Its `Accept-Language`, at most 256 characters.'),
  body: z.record(z.string(), z.unknown()).exactOptional().describe('The JSON body.'),
});
export type EntryRequest = z.infer<typeof entryRequestSchema>;

/** The gateway's answer on `entry-results`: what the phone would have got by HTTP. */
export const entryResultSchema = z.strictObject({
  id: opaqueIdSchema.describe('Of the request.'),
  status: z.int().min(200).max(599).describe('The status of HTTP, 200 to 599.'),
  nonce: z.string().nullable().describe('`DPoP-Nonce`; `null`: none.'),
  challenge: z.string().nullable().describe('`WWW-Authenticate`; `null`: none.'),
  body: z
    .record(z.string(), z.unknown())
    .describe('JSON; problem details (RFC 9457) where the status says so.'),
});
export type EntryResult = z.infer<typeof entryResultSchema>;
