/** SHA-256 of the concatenation of the parts; injected, so that each side may use its platform's fast one. */
export type Sha256 = (...parts: readonly Uint8Array[]) => Uint8Array;

const encoder = new TextEncoder();

/** What the first event of an epoch is chained to: the epoch's name, so that two ledgers share no head. */
export function chainGenesis(sha256: Sha256, epoch: string): Uint8Array {
  return sha256(encoder.encode(`genkan-ledger-v1:${epoch}`));
}

/** The head after one more event: SHA-256(previous head ‖ the event's published bytes). */
export function chainNext(sha256: Sha256, head: Uint8Array, body: string): Uint8Array {
  return sha256(head, encoder.encode(body));
}
