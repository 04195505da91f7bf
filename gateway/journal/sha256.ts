import { createHash } from 'node:crypto';

/** SHA-256 of the concatenation of the parts, a text being its UTF-8, by the platform: what the ledger is chained with. */
export function sha256(...parts: readonly (Uint8Array | string)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
