import { createHash, randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';
import * as z from 'zod';
import { BEARER_PASS_LIFETIME_S_MAX, type Entitlement } from '../../shared/contract/pass.ts';
import { deviceKeySchema, DPOP_TYPE } from '../../shared/contract/proof.ts';
import type { Clock } from '../../gateway/clock/clock.ts';
import type { Issuer } from './issuer.ts';
import type { IssuedPass, KnownVenue } from './wallet-answers.ts';

/** Somebody with an account at the issuer. */
export interface Account {
  readonly sub: string;
  readonly name: string;
  /** What the member has booked or bought now. */
  readonly entitlements: () => readonly Entitlement[];
}

/** A request that is not granted; `code` is the code of the problem details. */
export class AccountProblem extends Error {
  readonly statusCode: number;
  readonly code: string;

  constructor(statusCode: number, code: string, message: string) {
    super(message);
    this.statusCode = statusCode;
    this.code = code;
  }
}

export interface MemberAccountsOptions {
  readonly accounts: readonly Account[];
  readonly venues: readonly KnownVenue[];
  readonly issuer: Issuer;
  readonly clock: Clock;
  /** The URL of the endpoint that passes are fetched from: what a phone's proof must name. */
  readonly passesUrl: string;
  /** Told with every enrolment: thumbprints of all phones that another has taken the place of at that venue. */
  readonly onReplaced: (venue: string, devices: readonly string[]) => void;
}

interface Enrolment {
  readonly sub: string;
  readonly venue: string;
  readonly jkt: string;
  readonly endsMs: number;
}

/** How long a member may take from the issuer back to the door, in milliseconds. */
const ENROLMENT_MS = 120_000;

/** How far a phone's clock may be off, in seconds. */
const SKEW_S_MAX = 300;

const proofClaimsSchema = z.object({
  htm: z.literal('POST'),
  htu: z.string(),
  iat: z.int(),
  jti: z.string().min(8).max(128),
});

/**
 * The accounts of a development issuer: who is signed in, which phone is whose, and the passes that are bound to it.
 * A member has one active phone for each venue; enrolling another replaces it. Everything lives in memory.
 */
export class MemberAccounts {
  readonly #options: MemberAccountsOptions;
  readonly #sessions = new Map<string, string>();
  readonly #enrolments = new Map<string, Enrolment>();
  /** The active phone's thumbprint, by member and venue. */
  readonly #devices = new Map<string, string>();
  /** Who once enrolled a phone, by thumbprint and venue: tells a replaced phone from a strange one. */
  readonly #owners = new Map<string, string>();
  readonly #usedProofs = new Map<string, number>();

  constructor(options: MemberAccountsOptions) {
    this.#options = options;
  }

  get accounts(): readonly Account[] {
    return this.#options.accounts;
  }

  get venues(): readonly KnownVenue[] {
    return this.#options.venues;
  }

  /** The time by which passes are dated. */
  nowMs(): number {
    return this.#options.clock.wallMs();
  }

  /** Signs a demo member in; there is no password to know. @returns the session, not to be guessed */
  signIn(sub: string): string {
    this.#account(sub);
    const session = randomBytes(18).toString('base64url');
    this.#sessions.set(session, sub);
    return session;
  }

  signOut(session: string | undefined): void {
    if (session !== undefined) this.#sessions.delete(session);
  }

  /** Who is signed in, or `null`. */
  signedIn(session: string | undefined): Account | null {
    const sub = session === undefined ? undefined : this.#sessions.get(session);
    return sub === undefined ? null : this.#account(sub);
  }

  /** The thumbprint of the member's active phone at a venue, or `null`. */
  deviceOf(sub: string, venue: string): string | null {
    return this.#devices.get(`${sub} ${venue}`) ?? null;
  }

  /**
   * Lets a phone be enrolled once, after its member has agreed. The code goes to a venue's page or to our own and
   * nowhere else, and is worth nothing without the key whose thumbprint is named here (RFC 9449 section 10): a link
   * with somebody else's thumbprint enrols nobody.
   *
   * @returns where the browser goes now
   */
  enrol(account: Account, request: { venue: string; jkt: string; back: string }, ownOrigin: string): string {
    const venue = this.#venue(request.venue);
    const back = URL.canParse(request.back) ? new URL(request.back) : null;
    if (back === null || ![venue.origin, ownOrigin].includes(back.origin)) {
      throw new AccountProblem(400, 'foreign-return', 'return: is no address of that venue');
    }
    const code = randomBytes(18).toString('base64url');
    const { sub } = account;
    const endsMs = this.#options.clock.monotonicMs() + ENROLMENT_MS;
    this.#enrolments.set(code, { sub, venue: venue.id, jkt: request.jkt, endsMs });
    back.hash = `enrolled=${code}`;
    return back.href;
  }

  /**
   * A pass for the phone that made the proof. With the code of an enrolment the phone becomes the member's; without
   * one it must be the member's already.
   *
   * @throws AccountProblem `invalid-proof`, `enrolment-ended`, `device-replaced` or `device-unknown`
   */
  async pass(proof: string, { venue: id, code }: { venue: string; code?: string }): Promise<IssuedPass> {
    const jkt = await this.#provenKey(proof);
    const venue = this.#venue(id);
    const device = `${jkt} ${id}`;
    if (code !== undefined) {
      const enrolment = this.#enrolments.get(code);
      this.#enrolments.delete(code);
      const isGood =
        enrolment?.venue === id &&
        enrolment.jkt === jkt &&
        enrolment.endsMs > this.#options.clock.monotonicMs();
      if (!isGood)
        throw new AccountProblem(403, 'enrolment-ended', 'This enrolment has ended or is not yours.');
      this.#devices.set(`${enrolment.sub} ${id}`, jkt);
      this.#owners.set(device, enrolment.sub);
      this.#options.onReplaced(id, this.#replacedAt(id));
    }
    const sub = this.#owners.get(device);
    if (sub === undefined) throw new AccountProblem(403, 'device-unknown', 'This phone is not enrolled.');
    if (this.deviceOf(sub, id) !== jkt) {
      throw new AccountProblem(403, 'device-replaced', 'Another phone was enrolled since.');
    }
    const account = this.#account(sub);
    const pass = await this.#options.issuer.issue({
      sub,
      jkt,
      aud: [id],
      entitlements: account.entitlements(),
    });
    return { pass, member: account.name, venue };
  }

  /** A pass that names no phone and lives a minute and a half: for a member whose browser keeps no key. */
  shortPass({ sub, entitlements }: Account, venue: string): Promise<string> {
    return this.#options.issuer.issue({
      sub,
      aud: [this.#venue(venue).id],
      entitlements: entitlements(),
      lifetimeS: BEARER_PASS_LIFETIME_S_MAX,
    });
  }

  #replacedAt(venue: string): readonly string[] {
    return [...this.#owners].flatMap(([device, sub]) => {
      const [jkt = '', at] = device.split(' ');
      return at === venue && this.deviceOf(sub, venue) !== jkt ? [jkt] : [];
    });
  }

  #account(sub: string): Account {
    const found = this.#options.accounts.find((account) => account.sub === sub);
    if (found === undefined) throw new AccountProblem(404, 'no-such-member', 'There is no such member.');
    return found;
  }

  #venue(id: string): KnownVenue {
    const found = this.#options.venues.find((venue) => venue.id === id);
    if (found === undefined) throw new AccountProblem(404, 'no-such-venue', 'There is no such venue.');
    return found;
  }

  /** The thumbprint of the key that made a good and fresh proof (RFC 9449 section 4.3). */
  async #provenKey(proof: string): Promise<string> {
    const refuse = () => new AccountProblem(401, 'invalid-proof', 'The proof of the phone is not good.');
    const { clock, passesUrl } = this.#options;
    const verified = await jwtVerify(proof, EmbeddedJWK, {
      typ: DPOP_TYPE,
      algorithms: ['ES256'],
      currentDate: new Date(clock.wallMs()),
    }).catch(() => {
      throw refuse();
    });
    const claims = proofClaimsSchema.safeParse(verified.payload);
    const jwk = deviceKeySchema.safeParse(verified.protectedHeader.jwk);
    const nowS = clock.wallMs() / 1000;
    if (!claims.success || !jwk.success || claims.data.htu !== passesUrl) throw refuse();
    if (Math.abs(nowS - claims.data.iat) > SKEW_S_MAX) throw refuse();
    const jkt = await calculateJwkThumbprint(jwk.data);
    const identity = createHash('sha256').update(`${jkt} ${claims.data.jti}`).digest('base64url');
    for (const [used, endsS] of this.#usedProofs) if (endsS < nowS) this.#usedProofs.delete(used);
    if (this.#usedProofs.has(identity)) throw refuse();
    this.#usedProofs.set(identity, claims.data.iat + 2 * SKEW_S_MAX);
    return jkt;
  }
}
