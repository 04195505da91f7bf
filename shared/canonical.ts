/** Data that JSON can carry. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * The one spelling of a JSON value: keys in the order of their UTF-16 units, no white space, numbers as ECMAScript
 * writes them (RFC 8785). Equal values give equal text on every machine, so the text may be hashed.
 *
 * @throws TypeError for NaN, infinities, lone surrogates and members that are `undefined`
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('JSON has no such number');
  if (typeof value === 'string') return text(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${text(key)}:${canonicalJson(member)}`).join(',')}}`;
}

/** `Array.isArray` for read-only arrays, which the built-in signature does not narrow to. */
function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function text(value: string): string {
  if (/[\uD800-\uDFFF]/u.test(value)) throw new TypeError('a lone surrogate has no UTF-8 form');
  return JSON.stringify(value);
}
