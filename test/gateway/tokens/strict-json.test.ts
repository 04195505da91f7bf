import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStrictJson } from '../../../gateway/tokens/strict-json.ts';

const parse = (text: string): unknown => parseStrictJson(Buffer.from(text));

describe('strict JSON refuses', () => {
  it.each([
    ['one key twice', '{"a":1,"a":1}'],
    ['one key twice with white space before the colon', '{"a" :1,"a"\n\t\r :2}'],
    ['one key twice, once escaped', '{"a":1,"\\u0061":2}'],
    ['one key twice in an object of an array', '[[{"a":1,"b":[],"a":2}]]'],
    ['the empty key twice', '{"":1,"":2}'],
    ['__proto__ as a key', '{"__proto__":null}'],
    ['__proto__ escaped', '{"__\\u0070roto__":null}'],
    ['nine open brackets', '[[[[[[[[[]]]]]]]]]'],
    ['a byte-order mark', '\uFEFF{}'],
    ['a comment', '{}//'],
    ['a trailing comma', '[1,]'],
    ['NaN', 'NaN'],
    ['nothing', ''],
  ])('%s', (_, text) => {
    expect(parse(text)).toBeUndefined();
  });

  it.each([
    ['a lone continuation byte', [0x22, 0x80, 0x22]],
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['a surrogate in UTF-8', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['half a character', [0x22, 0xe3, 0x81]],
  ])('%s', (_, bytes) => {
    expect(parseStrictJson(Uint8Array.from(bytes))).toBeUndefined();
  });
});

describe('strict JSON takes', () => {
  it.each([
    ['equal keys of different objects', '[{"a":1},{"a":{"a":2}}]'],
    ['equal strings that are no keys', '{"a":"a","b":["a","a"]}'],
    ['quotes, brackets and colons inside strings', '{"a\\"{[:":"}]\\\\","b":":"}'],
    ['__proto__ as a value', '{"a":"__proto__"}'],
    ['eight open brackets', '[[[[[[[[]]]]]]]]'],
  ])('%s', (_, text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  it('every JSON text without such things as JSON.parse takes it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        fc.pre(!text.includes('__proto__'));
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });
});
