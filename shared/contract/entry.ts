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
  /** Made by the relay; its answer carries it. */
  id: opaqueIdSchema,
  /** When the phone asked, by the relay's clock. */
  at: instantTextSchema,
  method: z.enum(['GET', 'POST']),
  path: z.string().regex(RELAYED_PATH, 'not a path that is relayed'),
  authorization: headerSchema.exactOptional(),
  dpop: headerSchema.exactOptional(),
  acceptLanguage: z.string().max(256).exactOptional(),
  /** The JSON body. */
  body: z.record(z.string(), z.unknown()).exactOptional(),
});
export type EntryRequest = z.infer<typeof entryRequestSchema>;

/** The gateway's answer on `entry-results`: what the phone would have got by HTTP. */
export const entryResultSchema = z.strictObject({
  /** Of the request. */
  id: opaqueIdSchema,
  status: z.int().min(200).max(599),
  /** `DPoP-Nonce` and `WWW-Authenticate`, where there are any. */
  nonce: z.string().nullable(),
  challenge: z.string().nullable(),
  /** JSON; problem details (RFC 9457) where the status says so. */
  body: z.record(z.string(), z.unknown()),
});
export type EntryResult = z.infer<typeof entryResultSchema>;
