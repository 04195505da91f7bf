import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { canonicalJson } from '../../../shared/canonical.ts';
import {
  chargeListSchema,
  chargeRecordSchema,
  chargeRequestSchema,
} from '../../../shared/contract/charge.ts';
import { DEFAULT_POLICY, policyHash, policySchema } from '../../../shared/contract/policy.ts';
import { problemLines } from '../../../shared/contract/problem.ts';
import { sumYen, yenOf } from '../../../shared/money.ts';

describe('the policy', () => {
  test('its defaults are those of the rules', () => {
    expect(DEFAULT_POLICY).toEqual({
      stamp: 'minute',
      h1tRoomShorten: true,
      capRooms: false,
      capOnSimultaneousUse: 'own',
      cancelDeadlineMinutes: 0,
      gridMinutes: 30,
      forgottenCutoff: 'reservation',
    });
  });

  test('an unknown field is refused by name', () => {
    expect(problemLines(policySchema, { capRoom: true })).toEqual([
      'capRoom: unknown field; did you mean capRooms?',
    ]);
    expect(problemLines(policySchema, { gridMinutes: 7 })).toEqual([
      'gridMinutes: must be 5 or 10 or 15 or 30 or 60',
    ]);
  });

  test('its hash is SHA-256 of the canonical JSON, in whatever order the fields were written', () => {
    const expected = createHash('sha256').update(canonicalJson(DEFAULT_POLICY)).digest('hex');
    expect(policyHash(DEFAULT_POLICY)).toBe(expected);
    const shuffled = policySchema.parse({ forgottenCutoff: 'reservation', stamp: 'minute' });
    expect(policyHash(shuffled)).toBe(expected);
  });

  test('another policy has another hash', () => {
    expect(policyHash(policySchema.parse({ stamp: 'second' }))).not.toBe(policyHash(DEFAULT_POLICY));
  });
});

describe('canonical JSON', () => {
  test('keys are sorted by UTF-16 units, and nothing is spaced', () => {
    expect(canonicalJson({ b: [1, null, true], a: { é: 'x', '€': '"', '😀': 1e21, '\r': 0.1 } })).toBe(
      '{"a":{"\\r":0.1,"é":"x","€":"\\"","😀":1e+21},"b":[1,null,true]}',
    );
  });

  test.each([
    ['NaN', NaN],
    ['infinity', Infinity],
    ['a lone surrogate', '\ud800'],
    ['a lone surrogate in a key', { '\udc00': 1 }],
  ])('%s has no form', (_name, value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });
});

describe('the schemas', () => {
  test('a request has a JSON Schema that refuses unknown members, read as it comes and as it is used', () => {
    for (const io of ['input', 'output'] as const)
      expect(z.toJSONSchema(chargeRequestSchema, { io })).toMatchObject({
        type: 'object',
        additionalProperties: false,
      });
  });

  // What the gateway writes may have more members in a later version, and its readers keep what they know.
  test.each([
    ['a record', chargeRecordSchema],
    ['a list', chargeListSchema],
  ])('%s has a JSON Schema that lets unknown members pass', (_name, schema) => {
    const published = z.toJSONSchema(schema, { io: 'input' });
    expect(published).toMatchObject({ type: 'object' });
    expect(published.additionalProperties).not.toBe(false);
  });
});

describe('money', () => {
  test('a product above the exact integers is refused and never rounded', () => {
    expect(yenOf(6, 333)).toBe(1998);
    expect(() => yenOf(2, Number.MAX_SAFE_INTEGER)).toThrow(RangeError);
    expect(() => yenOf(1, 0.5)).toThrow(RangeError);
  });

  test('a sum above the exact integers is refused', () => {
    expect(sumYen([2500, 2000])).toBe(4500);
    expect(() => sumYen([Number.MAX_SAFE_INTEGER, 1])).toThrow(RangeError);
  });
});
