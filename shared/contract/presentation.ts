/** Largest presentation that is looked at, in bytes. */
export const PRESENTATION_BYTES_MAX = 4096;

/** Largest code that a wallet may show, in bytes: what still scans from a phone at arm's length. */
export const QR_BYTES_MAX = 1200;

const PREFIX = 'GK1.';

/** The two tokens inside a QR; `proof` is `null` for a pass without a device key. Nothing is verified yet. */
export interface ScannedTokens {
  readonly pass: string;
  readonly proof: string | null;
}

/** Joins a pass and its proof to the text of a QR: `GK1.<pass>~<proof>`, the proof empty for a bearer pass. */
export function formatPresentation(tokens: ScannedTokens): string {
  return `${PREFIX}${tokens.pass}~${tokens.proof ?? ''}`;
}

/**
 * Splits the text of a QR. Returns `null` for anything that is not `GK1.<pass>~<proof>`; the tokens themselves
 * are not looked at.
 */
export function parsePresentation(text: string): ScannedTokens | null {
  if (!text.startsWith(PREFIX)) return null;
  const parts = text.slice(PREFIX.length).split('~');
  const [pass, proof] = parts;
  if (parts.length !== 2 || pass === undefined || proof === undefined || pass === '') return null;
  return { pass, proof: proof === '' ? null : proof };
}
