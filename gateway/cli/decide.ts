import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { problemLines } from '../../shared/contract/problem.ts';
import type { DoorConfig, GatewayConfig, VenueConfig } from '../../shared/contract/config.ts';
import type { DenialReason } from '../../shared/contract/denial.ts';
import { parseInstant } from '../../shared/time.ts';
import type { Credential } from '../access/credential.ts';
import { decideAccess } from '../access/decide.ts';
import type { Decision, Grant } from '../access/facts.ts';
import { entitlementsWith } from '../access/synced.ts';
import type { Clock } from '../clock/clock.ts';
import { ConfigError, loadConfig } from '../config.ts';
import { createGate } from '../credential/gate.ts';
import { loadIssuerKeys, NOTHING_REVOKED } from '../tokens/key-ring.ts';
import { createNonceSource } from '../credential/nonce.ts';
import { textsIn, type Language } from '../messages/catalogue.ts';
import type { Command, CommandIo } from './command.ts';
import { accessStateOf, decideRequestSchema, syncedOf, type DecideRequest } from './decide-input.ts';
import { answerRecords, InputError } from './records.ts';

const USAGE = `decide [--config FILE] [--lang ja|en] [file]

Reads a presented credential, a door, an instant and what the gateway knew as JSON from the file or from standard input
(one object, one object per line, or an array), and prints whether the door opens, with every check in order and its
result: the same decision as at the door. Exit code 0: every one is granted; 1: one is denied; 2: bad input.

  {"credential":{"sub":"u-1","entitlements":[{"kind":"reservation","id":"r-81","venue":"shibuya-1",
     "space":{"id":"seat-12","kind":"seat"},"start":"2026-11-24T09:00:00+09:00","end":"2026-11-24T12:00:00+09:00",
     "yenPer30Min":500,"role":"user"}]},
   "door":{"id":"front"},"side":"entry","at":"2026-11-24T08:59:59+09:00",
   "state":{"stays":[],"ticketUses":[],"hostsInside":[],"inside":0},
   "venue":{"id":"shibuya-1","name":"渋谷","kind":"h1t","hours":{"open":"07:00","close":"22:00"},"capacity":24}}

credential may be the text of a QR ("GK1.…"); its signatures are verified with the issuers of --config or of "issuers".
With --config, venue may be left out and door may be a door's id. --lang is the language of the texts, ja by default.
`;

/** `genkan decide`: support's answer to "why did the door refuse me". */
export const decideCommand: Command = {
  name: 'decide',
  summary: 'whether a door opens for a credential, and why not',
  usage: USAGE,
  run: async (io, args) => {
    const options = readOptions(io, args);
    if (options === null) return 2;
    const seen = { denied: false };
    const code = await answerRecords(io, options.rest, async (value) => {
      const decision = await explain(value, options.config);
      seen.denied ||= decision.outcome === 'denied';
      return JSON.stringify(tell(decision, options.language));
    });
    return code === 0 && seen.denied ? 1 : code;
  },
};

interface Options {
  readonly config: GatewayConfig | null;
  readonly language: Language;
  readonly rest: readonly string[];
}

function readOptions(io: CommandIo, args: readonly string[]): Options | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { config: { type: 'string' }, lang: { type: 'string', default: 'ja' } },
    });
    const { config, lang } = values;
    if (lang !== 'ja' && lang !== 'en') throw new InputError('--lang: must be ja or en');
    return {
      config: config === undefined ? null : loadConfig(config, {}),
      language: lang,
      rest: positionals,
    };
  } catch (error) {
    const isUsage = error instanceof InputError || error instanceof ConfigError || error instanceof TypeError;
    if (!isUsage) throw error;
    io.stderr(`${error.message}\n`);
    return null;
  }
}

async function explain(value: unknown, config: GatewayConfig | null): Promise<Decision> {
  const parsed = decideRequestSchema.safeParse(value);
  if (!parsed.success) throw new InputError(problemLines(decideRequestSchema, value).join('\n'));
  const request = parsed.data;
  const venue = request.venue ?? config?.venue;
  if (venue === undefined) throw new InputError('venue: missing, and there is no --config');
  const credential = await readCredential(request, venue, config);
  if (credential === null) {
    const checks = [{ check: 'unreadable', result: 'failed' }] as const;
    return { outcome: 'denied', reason: 'unreadable', stillOpen: [], checks };
  }
  const entitlements = entitlementsWith(credential, syncedOf(request, credential), venue);
  const presented = {
    credential: { ...credential, entitlements },
    door: doorOf(request, config),
    side: request.side,
  };
  return decideAccess(presented, venue, accessStateOf(request, credential), parseInstant(request.at));
}

/** `null` for a text that is no credential of ours. */
async function readCredential(
  { credential, issuers, at }: DecideRequest,
  venue: VenueConfig,
  config: GatewayConfig | null,
): Promise<Credential | null> {
  if (typeof credential !== 'string') {
    const { issuedAt, ...facts } = credential;
    const issued = issuedAt === undefined ? {} : { issuedMs: parseInstant(issuedAt) };
    return { ...facts, ...issued, identity: '0'.repeat(64), identityExpiresMs: 0, singleUse: true };
  }
  const trusted = issuers ?? config?.trust.issuers;
  if (trusted === undefined) throw new InputError('issuers: missing, and there is no --config');
  const clock = stoppedAt(parseInstant(at));
  const gate = createGate({
    venue: venue.id,
    issuerKeys: await loadIssuerKeys({ issuers: trusted, cloud: [] }),
    // What the cloud revoked is known to the running gateway alone.
    revocations: NOTHING_REVOKED,
    nonces: createNonceSource(randomBytes(32), clock),
    clock,
  });
  const verdict = await gate.scan(Buffer.from(credential));
  return verdict.kind === 'credential' ? verdict.credential : null;
}

function doorOf(
  { door }: DecideRequest,
  config: GatewayConfig | null,
): Pick<DoorConfig, 'id' | 'role' | 'spaces'> {
  if (typeof door !== 'string') return door;
  const found = config?.doors.find(({ id }) => id === door);
  if (config === null) throw new InputError('door: an id needs --config; else give {"id", "role", "spaces"}');
  if (found === undefined) throw new InputError(`door: ${door} is not in the configuration`);
  return found;
}

/** The instant that is asked about. */
function stoppedAt(atMs: number): Clock {
  return {
    wallMs: () => atMs,
    monotonicMs: () => 0,
    trust: () => 'trusted',
    after: () => () => undefined,
    errorBoundMs: () => 0,
    witness: () => undefined,
    onChange: () => () => undefined,
    watch: () => () => undefined,
  };
}

function tell(decision: Decision, language: Language) {
  const { granted, denied, checks: asked } = textsIn(language);
  const checks = decision.checks.map(({ check, result }) => ({ check, result, text: asked[check] }));
  if (decision.outcome === 'denied') {
    const reason: DenialReason = decision.reason;
    return { outcome: 'denied', reason, text: denied[reason], checks };
  }
  const { grant } = decision;
  const text = granted[grant.kind === 'leave' ? 'admit' : grant.kind];
  return { outcome: 'granted', grant: grantTold(grant), text, checks };
}

function grantTold(grant: Grant) {
  switch (grant.kind) {
    case 'check-in': {
      const { entitlement, closes, flags } = grant;
      return { kind: grant.kind, entitlement: entitlement.id, closes: closes?.id ?? null, flags };
    }
    case 're-entry':
    case 'check-out':
    case 'leave':
      return { kind: grant.kind, stay: grant.stay.id };
    case 'admit':
      return { kind: grant.kind };
  }
}
