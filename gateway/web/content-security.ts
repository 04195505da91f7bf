/** What a page needs beyond its own scripts, styles, pictures and events. */
export interface PageNeeds {
  /** Origins that it asks, beside its own. */
  readonly connect?: readonly string[];
}

/** The policy of a page (CSP level 3): nothing from elsewhere, nothing inline, in nobody's frame. */
export function contentSecurityPolicy({ connect = [] }: PageNeeds = {}): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${["'self'", ...connect].join(' ')}`,
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
