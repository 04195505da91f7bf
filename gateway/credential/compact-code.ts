import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { PRESENTATION_BYTES_MAX, type ScannedTokens } from '../../shared/contract/presentation.ts';

const PREFIX = 'GK2.';

/** The signs of a QR's alphanumeric mode, in the order of Base45 (RFC 9285). */
const SIGNS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

const NUL = Buffer.of(0);

/** Bytes of a signature, of Ed25519 and of P-256 alike. */
const SIGNATURE_BYTES = 64;

/** What the tokens hold in bytes at most, so that their text is no longer than any other presentation. */
const INSIDE_BYTES_MAX = (PRESENTATION_BYTES_MAX * 3) / 4;

/**
 * Reads the compact spelling of a QR: `GK2.` and, in Base45, the deflated (RFC 1951) bytes of pass and proof; of each
 * token the header, NUL, the claims, NUL, and the signature. A symbol of it has 93 modules a side where that of
 * `GK1.<pass>~<proof>` has 117, and is read at an angle where the other is not. The tokens come out as they were signed.
 *
 * @returns `null` for anything else
 */
export function parseCompactCode(text: string): ScannedTokens | null {
  const deflated = text.startsWith(PREFIX) ? bytesOfBase45(text.slice(PREFIX.length)) : null;
  const inside = deflated && inflated(deflated);
  const pass = inside && tokenAt(inside, 0);
  if (!pass) return null;
  if (pass.end === inside.length) return { pass: pass.text, proof: null };
  const proof = tokenAt(inside, pass.end);
  return proof?.end === inside.length ? { pass: pass.text, proof: proof.text } : null;
}

/** The compact spelling of the tokens, which are whole. */
export function formatCompactCode({ pass, proof }: ScannedTokens): string {
  const inside = [pass, ...(proof === null ? [] : [proof])].flatMap((token) => {
    const [header = '', claims = '', signature = ''] = token.split('.');
    return [bytesOf(header), NUL, bytesOf(claims), NUL, bytesOf(signature)];
  });
  return `${PREFIX}${base45Of(deflateRawSync(Buffer.concat(inside)))}`;
}

function bytesOf(part: string): Buffer {
  return Buffer.from(part, 'base64url');
}

function inflated(deflated: Buffer): Buffer | null {
  try {
    return inflateRawSync(deflated, { maxOutputLength: INSIDE_BYTES_MAX });
  } catch {
    // Not deflated, or to more than a code may hold.
    return null;
  }
}

function tokenAt(bytes: Buffer, at: number): { readonly text: string; readonly end: number } | null {
  const headerEnd = bytes.indexOf(0, at);
  const claimsEnd = headerEnd < 0 ? -1 : bytes.indexOf(0, headerEnd + 1);
  const end = claimsEnd + 1 + SIGNATURE_BYTES;
  if (claimsEnd < 0 || end > bytes.length) return null;
  const parts = [
    bytes.subarray(at, headerEnd),
    bytes.subarray(headerEnd + 1, claimsEnd),
    bytes.subarray(claimsEnd + 1, end),
  ];
  return { text: parts.map((part) => part.toString('base64url')).join('.'), end };
}

function base45Of(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 2) {
    const [first = 0, second] = bytes.subarray(at, at + 2);
    let value = second === undefined ? first : first * 256 + second;
    for (let signs = second === undefined ? 2 : 3; signs > 0; signs -= 1, value = Math.floor(value / 45))
      text += SIGNS.charAt(value % 45);
  }
  return text;
}

/** Three signs are two bytes, two at the end are one. `null` for anything that no encoder writes. */
function bytesOfBase45(text: string): Buffer | null {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += 3) {
    const values = Array.from(text.slice(at, at + 3), (sign) => SIGNS.indexOf(sign));
    const value = values.reduceRight((sum, digit) => sum * 45 + digit, 0);
    const isPair = values.length === 3;
    if (values.length < 2 || values.includes(-1) || value > (isPair ? 0xffff : 0xff)) return null;
    bytes.push(...(isPair ? [value >> 8, value & 0xff] : [value]));
  }
  return Buffer.from(bytes);
}
