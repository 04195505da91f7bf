import * as z from 'zod';
import { opaqueIdSchema } from './primitives.ts';

/** Who issues passes, as the `iss` of a pass names it (RFC 7519, section 4.1.1): 1 to 256 characters. */
export const issuerSchema = z
  .string()
  .min(1)
  .max(256)
  .describe('Who issues the member’s passes: the `iss` of the pass.');

/** The members of a schema that name somebody. */
export const memberFields = {
  iss: issuerSchema,
  sub: opaqueIdSchema.describe('The member, by the name that the issuer has given them.'),
};

/** Who somebody is: issuer and `sub` together. Two issuers may both have a `u-1`. */
export interface Member {
  readonly iss: string;
  readonly sub: string;
}

declare const isMemberKey: unique symbol;

/** A member in one text, for a `Map` or a `Set`. Made by `memberKey` alone. */
export type MemberKey = string & { readonly [isMemberKey]: true };

/** The one key of a member: a `sub` has no blank in it, so that no two members share one. */
export function memberKey({ iss, sub }: Member): MemberKey {
  return `${sub} ${iss}` as MemberKey;
}

export function isSameMember(a: Member, b: Member): boolean {
  return a.iss === b.iss && a.sub === b.sub;
}
