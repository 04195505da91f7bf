import { createHash, createPublicKey, randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import encodeQR from 'qr';
import {
  BEARER_PASS_LIFETIME_S_MAX,
  keyIdSchema,
  PASS_LIFETIME_S_MAX,
  PASS_TYPE,
  passClaimsSchema,
  type Entitlement,
} from '../../shared/contract/pass.ts';
import { formatPresentation, QR_BYTES_MAX, type ScannedTokens } from '../../shared/contract/presentation.ts';
import { thumbprintSchema } from '../../shared/contract/primitives.ts';
import { deviceKeySchema, DOOR_PROOF_TYPE } from '../../shared/contract/proof.ts';
import { publishedAs, publishedProblem } from '../../shared/contract/published-keys.ts';
import { formatCompactCode } from '../credential/compact-code.ts';
import {
  createKeyFile,
  KeyError,
  loadSigningKey,
  publicKeyOf,
  signCompact,
  type SigningKey,
} from '../tokens/signing-key.ts';
import type { Command, CommandIo, ExitCode } from './command.ts';
import { byOptions, entitlementsOf } from './pass-entitlement.ts';
import { InputError } from './records.ts';

/** How long a pass lives that names a device key and says nothing else, in seconds. */
const LIFETIME_S = 24 * 3600;

/** The spellings of what a scanner reads. */
const CODES = new Map([
  ['gk1', formatPresentation],
  ['gk2', formatCompactCode],
]);

const USAGE = `pass issue --key FILE --iss URL --venue ID --sub ID
                  (--reservation ID (--seat ID | --room ID) --end TIME --yen N [--start TIME] [--guest-of SUB])
                  (--ticket ID --plan basic|premium|corporate --bought DATE [--used N])
                  [--device FILE | --jkt THUMBPRINT] [--seconds N] [--kid KID] [--code gk1|gk2] [--qr]

Issues a member's pass, as an issuer of your own would, and prints it: a compact JWS, or with --code the text that a
scanner at a door reads, or with --qr that text as a QR for the terminal.

  --key          the issuer's private key, PKCS #8 PEM, Ed25519 or P-256, mode 600 (genkan keys make issuer)
  --iss          the issuer, as trust.issuers names it
  --venue        the venue that the pass is for; several, and the first is that of the reservation and of the code
  --sub          the member
  --reservation  a reservation's id. --start: default now; --end: RFC 3339; --yen: for 30 minutes; --guest-of: the host
  --ticket       a ticket's id. --bought: YYYY-MM-DD; --used: uses in this period, default 0. It may stand beside a
                 reservation
  --device       the member's device key, P-256; made there where there is none. A code of it carries a proof that is good
                 for 15 s
  --jkt          in its place the RFC 7638 thumbprint of a key that stays in the member's phone
  --seconds      how long it is good: at most ${PASS_LIFETIME_S_MAX}, default ${LIFETIME_S}; without a device key ${BEARER_PASS_LIFETIME_S_MAX}, but for a guest's
  --kid          the key's name where it is not its thumbprint
  --code         gk1: GK1.<pass>~<proof>; gk2: the same in a smaller symbol

  npm run -s genkan -- pass issue --key keys/issuer.key --iss https://pass.example.jp --venue shibuya-1 --sub m-1 \\
    --reservation r-1 --seat seat-12 --end "$(date -Iseconds -d '+2 hours')" --yen 500 --qr
`;

/** `genkan pass`: a member's pass, and what a scanner reads of it. */
export const passCommand: Command = {
  name: 'pass',
  summary: 'issues a member’s pass, and the code that a scanner reads',
  usage: USAGE,
  run: (io, args) => {
    try {
      issue(io, args);
      return Promise.resolve<ExitCode>(0);
    } catch (error) {
      if (!(error instanceof Error) || !isTold(error)) throw error;
      io.stderr(error.message.replaceAll(/^/gm, 'pass: ') + '\n');
      return Promise.resolve<ExitCode>(2);
    }
  },
};

function isTold(error: Error): boolean {
  return error instanceof InputError || ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
}

/** What is asked for. */
type Wish = ReturnType<typeof wishOf>;

function wishOf(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...{ key: text, kid: text, iss: text, sub: text, device: text, jkt: text, seconds: text, code: text },
      ...{ reservation: text, seat: text, room: text, start: text, end: text, yen: text, 'guest-of': text },
      ...{ ticket: text, plan: text, bought: text, used: text },
      venue: { type: 'string', multiple: true },
      qr: { type: 'boolean', default: false },
    },
  });
  if (positionals.length !== 1 || positionals[0] !== 'issue') throw new InputError('expected pass issue');
  return values;
}

function issue(io: CommandIo, args: readonly string[]): void {
  const wish = wishOf(args);
  const spell = spellingOf(wish);
  const nowMs = Date.now();
  const ent = entitlementsOf(wish, nowMs);
  const iat = Math.floor(nowMs / 1000);
  const unbound = byOptions(
    passClaimsSchema,
    {
      iss: wish.iss,
      sub: wish.sub,
      aud: wish.venue ?? [undefined],
      iat,
      exp: iat + lifetimeOf(wish, ent),
      jti: randomBytes(9).toString('base64url'),
      ent,
    },
    { 'aud[0]': 'venue', aud: 'venue' },
  );
  const issuer = keyAt('key', wish.key);
  const kid = kidOf(wish, issuer);
  // Last of all: a device key is made where there is none.
  const device = deviceOf(wish);
  const claims = device === null ? unbound : { ...unbound, cnf: { jkt: device.jkt } };
  const pass = signCompact(issuer, { typ: PASS_TYPE, kid }, claims);
  if (spell === null) {
    io.stdout(`${pass}\n`);
    return;
  }
  const [venue = ''] = claims.aud;
  const proof = device?.key ? proofOf(device.key, { pass, venue, iat }) : null;
  const code = spell({ pass, proof });
  if (code.length > QR_BYTES_MAX)
    throw new InputError(`--code: the code has ${code.length} bytes, a QR at a door holds ${QR_BYTES_MAX}`);
  io.stdout(`${wish.qr ? encodeQR(code, 'ascii', { ecc: 'low' }) : code}\n`);
}

/** How the code is spelt that is printed; `null` for the pass alone. */
function spellingOf({ code, qr, jkt, device }: Wish): ((tokens: ScannedTokens) => string) | null {
  if (jkt !== undefined && device !== undefined)
    throw new InputError('--jkt: not beside --device, which has a thumbprint');
  if (code === undefined && !qr) return null;
  const spell = CODES.get(code ?? 'gk2');
  if (spell === undefined)
    throw new InputError(`--code: ${[...CODES.keys()].join(' or ')}, not ${code ?? ''}`);
  if (jkt !== undefined)
    throw new InputError(
      `--${code === undefined ? 'qr' : 'code'}: needs --device: the member’s phone signs it`,
    );
  return spell;
}

function lifetimeOf({ seconds, device, jkt }: Wish, ent: readonly Entitlement[]): number {
  const isBound = device !== undefined || jkt !== undefined;
  const isGuests = ent.every((each) => each.kind === 'reservation' && each.role === 'guest');
  const most = isBound || isGuests ? PASS_LIFETIME_S_MAX : BEARER_PASS_LIFETIME_S_MAX;
  if (seconds === undefined) return Math.min(LIFETIME_S, most);
  if (!/^\d+$/.test(seconds) || Number(seconds) < 1 || Number(seconds) > most)
    throw new InputError(
      `--seconds: a whole number, 1 to ${most}${isBound || isGuests ? '' : ' without --device or --jkt: whoever has such a pass may use it'}`,
    );
  return Number(seconds);
}

function keyAt(option: string, path: string | undefined): SigningKey {
  if (path === undefined) throw new InputError(`--${option}: missing`);
  try {
    return loadSigningKey(path);
  } catch (error) {
    throw error instanceof KeyError ? new InputError(`--${option}: ${error.message}`) : error;
  }
}

function kidOf({ kid }: Wish, { key }: SigningKey): string {
  if (kid !== undefined && !keyIdSchema.safeParse(kid).success)
    throw new InputError('--kid: 1 to 64 letters, digits, hyphens and underscores');
  return kid ?? publicKeyOf(createPublicKey(key)).kid;
}

/** The device that the pass is bound to; without its key where that is in the member's phone. */
function deviceOf({ device, jkt }: Wish): { readonly jkt: string; readonly key: SigningKey | null } | null {
  if (jkt !== undefined) {
    if (!thumbprintSchema.safeParse(jkt).success)
      throw new InputError('--jkt: an RFC 7638 SHA-256 thumbprint has 43 characters of base64url');
    const source = publishedAs(jkt);
    if (source !== null) throw new InputError(`--jkt: ${publishedProblem(source)}`);
    return { jkt, key: null };
  }
  if (device === undefined) return null;
  try {
    createKeyFile(device, 'ES256');
  } catch (error) {
    throw error instanceof KeyError ? new InputError(`--device: ${error.message}`) : error;
  }
  const key = keyAt('device', device);
  if (key.alg !== 'ES256') throw new InputError(`--device: ${device}: must be a P-256 key`);
  return { jkt: publicKeyOf(createPublicKey(key.key)).kid, key };
}

/** What the member's phone signs for a scanner. */
function proofOf(
  device: SigningKey,
  { pass, venue, iat }: { readonly pass: string; readonly venue: string; readonly iat: number },
): string {
  const { kty, crv, x, y } = createPublicKey(device.key).export({ format: 'jwk' });
  return signCompact(
    device,
    { typ: DOOR_PROOF_TYPE, jwk: deviceKeySchema.parse({ kty, crv, x, y }) },
    {
      aud: venue,
      iat,
      jti: randomBytes(9).toString('base64url'),
      ath: createHash('sha256').update(pass).digest('base64url'),
    },
  );
}
