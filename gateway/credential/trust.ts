import type { Logger } from 'pino';
import * as z from 'zod';
import type { GatewayConfig } from '../../shared/contract/config.ts';
import { memberKey, type MemberKey } from '../../shared/contract/member.ts';
import type { PassClaims } from '../../shared/contract/pass.ts';
import type { CloudRequest } from '../../shared/contract/receipt.ts';
import {
  TRUST_BYTES_MAX,
  TRUST_VERSION_STEP_MAX,
  trustClaimsSchema,
  trustHeaderSchema,
  type TrustClaims,
} from '../../shared/contract/trust.ts';
import { problemLines } from '../../shared/contract/problem.ts';
import { SECOND_MS } from '../../shared/time.ts';
import { every, type Clock } from '../clock/clock.ts';
import { readClaims, readToken } from '../tokens/jws.ts';
import {
  loadCloudKeys,
  loadIssuerKeys,
  type IssuerKeys,
  type KeyRing,
  type Revocations,
} from '../tokens/key-ring.ts';
import { readSigned } from '../tokens/signed.ts';
import { faultTold, tryWrite } from '../journal/fault.ts';
import type { Journal } from '../journal/journal.ts';

const HOUR_MS = 3600_000;

/** Up to this age a bundle is fresh: a venue on the line gets a new one every day. */
const FRESH_MS = 24 * HOUR_MS;

/** Up to this age a bundle is stale and used with a warning; then the venue's policy decides. */
const STALE_MS = 30 * 24 * HOUR_MS;

/** How often the age is looked at, and a stale bundle asked for again. */
const LOOK_EVERY_MS = HOUR_MS;

/** How often a stale bundle is journalled. */
const WARN_EVERY_MS = 24 * HOUR_MS;

/** How far a cloud's clock may be ahead of a gateway's that is synchronised, in milliseconds, beside its error. */
const AHEAD_MS = 5 * 60_000;

/** As many faults of a bundle are logged. */
const PROBLEMS_MAX = 5;

/** Where the newest bundle is kept in the journal. */
const FACT = 'trust';

/** How old what is known of keys and revocations is. */
export type TrustStage = 'fresh' | 'stale' | 'ended';

export interface TrustOptions {
  readonly config: GatewayConfig['trust'];
  readonly venue: string;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Logger;
  /** A bundle of the cloud was older than the one in force. Default: nobody counts. */
  readonly onOld?: () => void;
}

interface Known {
  readonly version: number;
  /** When it was signed; `null` for the configuration, which has no age. */
  readonly issuedMs: number | null;
  readonly issuers: IssuerKeys;
  readonly cloud: KeyRing;
  readonly passes: ReadonlySet<string>;
  readonly devices: ReadonlySet<string>;
  /** Epoch seconds before which a member's passes are revoked. */
  readonly members: ReadonlyMap<MemberKey, number>;
}

/**
 * Which keys hold at this venue, and what is revoked: the configuration's keys until a first signed bundle comes, then
 * the newest bundle. It is kept in the journal with its version, so that no older bundle ever takes its place, and in
 * force from the moment it is on disk.
 */
export class Trust implements Revocations {
  readonly issuerKeys: IssuerKeys;
  readonly cloudKeys: KeyRing = { get: (kid) => this.#known.cloud.get(kid) };
  readonly #options: TrustOptions;
  #known: Known;
  #warnedAtMs = -Infinity;
  #cancel: (() => void) | null = null;

  private constructor(options: TrustOptions, known: Known) {
    this.#options = options;
    this.#known = known;
    const inForce = () => this.#known.issuers;
    this.issuerKeys = {
      get: (kid) => inForce().get(kid),
      get issuers() {
        return inForce().issuers;
      },
    };
  }

  /** @throws Error for a key of the configuration that is no point of its curve */
  static async open(options: TrustOptions): Promise<Trust> {
    const { config, journal, log } = options;
    const configured = await knownOf(null, config);
    const token = journal.facts.get(FACT);
    const kept = token === null ? null : readToken(token, trustHeaderSchema);
    if (kept === null) return new Trust(options, configured);
    const content = readClaims(kept, z.unknown());
    const claims = claimsIn(content, log);
    if (claims !== null) return new Trust(options, await knownOf(claims, claims));
    // A program that knows of more published keys than the one that took it: its revocations and its version stand.
    const rest = withoutKeysSchema.safeParse(content);
    return new Trust(options, rest.success ? await knownOf(rest.data, config) : configured);
  }

  /** The version in force; 0 for the configuration's keys. */
  get version(): number {
    return this.#known.version;
  }

  /** What was never told has no age: keys that only the operator changes do not end by themselves. */
  get stage(): TrustStage {
    const ageMs = this.#ageMs();
    if (ageMs <= FRESH_MS) return 'fresh';
    return ageMs <= STALE_MS ? 'stale' : 'ended';
  }

  /** Hours since the bundle in force was signed, where that is too long; else `null`. */
  get staleHours(): number | null {
    return this.stage === 'fresh' ? null : Math.floor(this.#ageMs() / HOUR_MS);
  }

  /** Whether nobody is let in any more, by the venue's policy on what is too old. */
  get isRefused(): boolean {
    return this.stage === 'ended' && this.#options.config.whenTooOld === 'refuse';
  }

  isRevoked({ jti, iss, sub, iat, cnf }: Pick<PassClaims, 'jti' | 'iss' | 'sub' | 'iat' | 'cnf'>): boolean {
    const { passes, devices, members } = this.#known;
    return (
      passes.has(jti) ||
      (cnf !== undefined && devices.has(cnf.jkt)) ||
      iat < (members.get(memberKey({ iss, sub })) ?? -Infinity)
    );
  }

  /** The question for what is newer than the bundle in force. */
  question(): CloudRequest {
    return { need: 'trust', have: this.#known.version };
  }

  /** @param ask puts a question to the cloud */
  start(ask: (request: CloudRequest) => void): void {
    this.#look();
    this.#cancel = every(this.#options.clock, LOOK_EVERY_MS, () => {
      if (this.stage !== 'fresh') ask(this.question());
      this.#look();
    });
  }

  close(): void {
    this.#cancel?.();
  }

  /**
   * Takes a bundle as it came; the next one when this one is done, so that of two the newer one stays. `refused`: it is
   * not the cloud's, not for this venue, or cannot be used or kept; the log says which.
   */
  async take(text: string): Promise<'applied' | 'old' | 'refused'> {
    const { venue, log, onOld } = this.#options;
    const signed = await readSigned(text, trustHeaderSchema, z.unknown(), this.cloudKeys, TRUST_BYTES_MAX);
    const claims = claimsIn(signed, log);
    if (claims?.venue !== venue) {
      if (signed === null || claims !== null)
        log.warn('a trust bundle that is not signed by the cloud, or not for this venue, was ignored');
      return 'refused';
    }
    const tooFar = this.#tooFar(claims);
    if (tooFar !== null) {
      log.error({ version: claims.version, iat: claims.iat }, tooFar);
      return 'refused';
    }
    this.#options.clock.witness(claims.iat * SECOND_MS);
    if (claims.version < this.#known.version) {
      const { version } = claims;
      log.warn({ version, inForce: this.version }, 'a trust bundle older than the one in force was ignored');
      onOld?.();
    }
    if (claims.version <= this.#known.version) return 'old';
    let known: Known;
    try {
      // Before it is kept: a bundle with a key that cannot be loaded must not lock the venue at the next start.
      known = await knownOf(claims, claims);
    } catch (error) {
      log.warn({ err: error, version: claims.version }, 'a trust bundle with an unusable key was ignored');
      return 'refused';
    }
    return this.#keep(known, text);
  }

  #keep(known: Known, text: string): 'applied' | 'refused' {
    const { journal, log } = this.#options;
    return tryWrite(
      () => {
        journal.write((writer) => writer.facts.put(FACT, text));
        this.#known = known;
        this.#warnedAtMs = -Infinity;
        log.info({ version: known.version }, 'trust bundle in force');
        return 'applied';
      },
      (fault) => {
        faultTold(log, 'a trust bundle is not kept')(fault);
        return 'refused';
      },
    );
  }

  /**
   * Why a bundle of the cloud goes further than one may; `null`: it does not. Either would be final: no version above it
   * would be left, or it would stay fresh for years.
   */
  #tooFar({ version, iat }: TrustClaims): string | null {
    const { clock } = this.#options;
    if (version - this.#known.version > TRUST_VERSION_STEP_MAX)
      return `a trust bundle whose version is more than ${TRUST_VERSION_STEP_MAX} above the one in force is refused`;
    // By a clock that nobody vouches for, ahead may be now.
    const isAhead = iat * SECOND_MS - clock.wallMs() > AHEAD_MS + clock.errorBoundMs();
    return isAhead && clock.trust() === 'trusted'
      ? 'a trust bundle that is dated ahead of the time is refused'
      : null;
  }

  #ageMs(): number {
    const { issuedMs } = this.#known;
    return issuedMs === null ? 0 : this.#options.clock.wallMs() - issuedMs;
  }

  /** Journals a bundle that is too old, at once and then every day. */
  #look(): void {
    const { journal, clock, venue, log } = this.#options;
    if (this.stage === 'fresh' || clock.monotonicMs() - this.#warnedAtMs < WARN_EVERY_MS) return;
    const data = { version: this.version, ageHours: this.staleHours ?? 0 };
    log.warn(data, 'keys and revocations are old');
    const event = { name: 'gateway.trust-stale', subject: venue, data } as const;
    tryWrite(
      () => {
        journal.write((writer) => writer.append(event, clock.wallMs(), clock.trust()));
        this.#warnedAtMs = clock.monotonicMs();
      },
      faultTold(log, 'a warning is not journalled'),
    );
  }
}

/** What a bundle says beside its keys. */
const withoutKeysSchema = z.object(trustClaimsSchema.pick({ version: true, iat: true, revoked: true }).shape);

/** The claims of a bundle that the cloud has signed; `null` where they are of no use, and the log says why. */
function claimsIn(content: unknown, log: Logger): TrustClaims | null {
  if (content === null) return null;
  const claims = trustClaimsSchema.safeParse(content);
  if (claims.success) return claims.data;
  const problems = problemLines(trustClaimsSchema, content).slice(0, PROBLEMS_MAX);
  log.error({ problems }, 'a trust bundle that the cloud has signed is refused as a whole');
  return null;
}

async function knownOf(
  bundle: Pick<TrustClaims, 'version' | 'iat' | 'revoked'> | null,
  keys: Pick<TrustClaims, 'issuers' | 'cloud'>,
): Promise<Known> {
  const [issuers, cloud] = await Promise.all([loadIssuerKeys(keys), loadCloudKeys(keys)]);
  return {
    version: bundle?.version ?? 0,
    issuedMs: bundle === null ? null : bundle.iat * SECOND_MS,
    issuers,
    cloud,
    passes: new Set(bundle?.revoked.passes),
    devices: new Set(bundle?.revoked.devices),
    members: new Map(
      bundle?.revoked.members.flatMap(({ iss, sub, before }) =>
        (iss === undefined ? issuers.issuers : [iss]).map(
          (by) => [memberKey({ iss: by, sub }), before] as const,
        ),
      ),
    ),
  };
}
