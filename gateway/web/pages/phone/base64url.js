/** @param {Uint8Array} bytes */
export function base64url(bytes) {
  const binary = String.fromCharCode(...bytes);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** @param {unknown} value as JSON in UTF-8 */
export const base64urlJson = (value) => base64url(new TextEncoder().encode(JSON.stringify(value)));

/** Random bytes as a name that nobody guesses. */
export const randomName = (bytes = 9) => base64url(crypto.getRandomValues(new Uint8Array(bytes)));

/** @param {string} text */
export async function sha256Base64url(text) {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))));
}

/** The bytes inside base64url. @param {string} encoded */
export function bytesOf(encoded) {
  const binary = atob(encoded.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (sign) => sign.charCodeAt(0));
}

/**
 * The JSON inside base64url, such as a part of a token. Nothing is verified.
 *
 * @param {string} encoded
 * @returns {unknown}
 */
export const jsonOf = (encoded) => JSON.parse(new TextDecoder().decode(bytesOf(encoded)));
