import { isUtf8 } from 'node:buffer';

/** Deepest nesting of a token's JSON. A pass needs five levels. */
const DEPTH_MAX = 8;

/**
 * Parses JSON that an attacker may have written: strict UTF-8 without a byte-order mark, no key twice in one
 * object, no `__proto__`, at most eight levels deep. Returns `undefined` for anything else; never throws.
 *
 * Why not `JSON.parse` alone: it takes the last of two equal keys, so that two parsers can read two different
 * tokens from the same signed bytes.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  if (!isUtf8(bytes)) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return hasUniqueKeys(text) ? value : undefined;
}

/** Walks text that is known to be JSON and checks depth and keys. */
function hasUniqueKeys(text: string): boolean {
  // Nearly always: then a string ends at the next quote, and is what is written.
  const isPlain = !text.includes('\\');
  /** One entry per open bracket: the keys seen so far, or `null` inside an array. */
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '{' || char === '[') {
      open.push(char === '{' ? new Set() : null);
      if (open.length > DEPTH_MAX) return false;
    } else if (char === '}' || char === ']') {
      open.pop();
    } else if (char === '"') {
      const end = isPlain ? text.indexOf('"', at + 1) + 1 : endOfString(text, at);
      const keys = open.at(-1);
      if (keys && isKey(text, end)) {
        // The parsed spelling, so that "a" and "\u0061" count as the same key.
        const key = isPlain ? text.slice(at + 1, end - 1) : (JSON.parse(text.slice(at, end)) as string);
        if (key === '__proto__' || keys.has(key)) return false;
        keys.add(key);
      }
      at = end - 1;
    }
  }
  return true;
}

/** Whether the next character that is not white space is a colon. */
function isKey(text: string, from: number): boolean {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return text[at] === ':';
}

/** The index after the closing quote of the string that starts at `from`. */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}
