import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import * as z from 'zod';
import { THUMBPRINTS } from './published-thumbprints.ts';

/** The members of a public JWK that say which key it is: of Ed25519 there is no `y`. */
export interface KeyMembers {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly y?: string | undefined;
}

/** What RFC 7638 hashes with SHA-256 for a key's thumbprint: the required members in the order of their names. */
export function thumbprintInput({ crv, kty, x, y }: KeyMembers): string {
  return JSON.stringify(y === undefined ? { crv, kty, x } : { crv, kty, x, y });
}

const sources: ReadonlyMap<string, string> = new Map(
  Object.entries(THUMBPRINTS).flatMap(([source, thumbprints]) =>
    thumbprints
      .trim()
      .split(/\s+/)
      .map((thumbprint) => [thumbprint, source] as const),
  ),
);

/** Every thumbprint that is refused, with its source. */
export function publishedThumbprints(): ReadonlyMap<string, string> {
  return sources;
}

/**
 * Where a key is published whose signature proves nothing, because anybody may have its private half: test keys of
 * RFCs and of test suites, and Ed25519 points of small order, for which a signature is made without a key.
 *
 * @param thumbprint RFC 7638, SHA-256, base64url
 * @returns the source, or `null`: not known to be published
 */
export function publishedAs(thumbprint: string): string | null {
  return sources.get(thumbprint) ?? null;
}

/** Why a published key is refused, as a fault's message after the name of the field. */
export function publishedProblem(source: string): string {
  return `a published key (${source}), whose private half is no secret`;
}

/** A check for the schema of a public key: one that is published is refused with its source. */
export function refusePublished({ value, issues }: z.core.ParsePayload<KeyMembers>): void {
  const digest = sha256(utf8ToBytes(thumbprintInput(value)));
  const source = publishedAs(z.core.util.uint8ArrayToBase64url(digest));
  if (source === null) return;
  const message = `${publishedProblem(source)}; put a key of your own here`;
  issues.push({ code: 'custom', message, input: value });
}
