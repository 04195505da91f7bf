/**
 * SHA-256 of the concatenation of the parts, a text being its UTF-8; injected, so that each side may use its platform's
 * fast one.
 */
export type Sha256 = (...parts: readonly (Uint8Array | string)[]) => Uint8Array;

/** What the first event of an epoch is chained to: the epoch's name, so that two ledgers share no head. */
export function chainGenesis(sha256: Sha256, epoch: string): Uint8Array {
  return sha256(`genkan-ledger-v1:${epoch}`);
}

/**
 * The head after one more event: SHA-256(previous head ‖ SHA-256(body)). It is over the body's hash, so that a chain can
 * still be walked where a body is gone and its hash is kept.
 *
 * @param body the event's published bytes
 */
export function chainNext(sha256: Sha256, head: Uint8Array, body: Uint8Array | string): Uint8Array {
  return sha256(head, sha256(body));
}
