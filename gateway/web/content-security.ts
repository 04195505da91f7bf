/** What a page needs beyond its own scripts, styles, pictures and events. */
export interface PageNeeds {
  /** Origins that it asks, beside its own. */
  readonly connect?: readonly string[];
  /** Origins that it shows in a frame. */
  readonly frame?: readonly string[];
  /** Origins whose pages may show it in a frame. */
  readonly ancestors?: readonly string[];
}

/** The policy of a page (CSP level 3): nothing from elsewhere, nothing inline, in nobody's frame that is not named. */
export function contentSecurityPolicy({ connect = [], frame = [], ancestors = [] }: PageNeeds = {}): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${["'self'", ...connect].join(' ')}`,
    `frame-src ${sources(frame)}`,
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${sources(ancestors)}`,
  ].join('; ');
}

const sources = (origins: readonly string[]): string => (origins.length === 0 ? "'none'" : origins.join(' '));
