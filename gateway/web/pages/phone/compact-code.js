import { bytesOf } from './base64url.js';

/** The signs of a QR's alphanumeric mode, in the order of Base45 (RFC 9285). */
const SIGNS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

const NUL = new Uint8Array(1);

/**
 * The same code in the mode of a QR that takes fewer modules: what is inside the tokens, deflated, in Base45. `null`
 * where the browser cannot deflate so (before iOS 16.4 and Chrome 103, some of which throw at the format alone).
 *
 * @param {readonly string[]} tokens
 */
export async function compactCode(tokens) {
  /** @type {CompressionStream} */
  let deflate;
  try {
    deflate = new CompressionStream('deflate-raw');
  } catch {
    return null;
  }
  const parts = tokens.flatMap((token) => {
    const [header, claims, signature] = token.split('.').map(bytesOf);
    if (header === undefined || claims === undefined || signature === undefined) throw new Error('no token');
    return [header, NUL, claims, NUL, signature];
  });
  const stream = new Blob(parts).stream().pipeThrough(deflate);
  return `GK2.${base45(new Uint8Array(await new Response(stream).arrayBuffer()))}`;
}

/** @param {Uint8Array} bytes */
function base45(bytes) {
  let text = '';
  for (let at = 0; at < bytes.length; at += 2) {
    const [first = 0, second] = bytes.subarray(at, at + 2);
    const value = second === undefined ? first : first * 256 + second;
    text += SIGNS.charAt(value % 45) + SIGNS.charAt(Math.floor(value / 45) % 45);
    if (second !== undefined) text += SIGNS.charAt(Math.floor(value / 2025));
  }
  return text;
}
