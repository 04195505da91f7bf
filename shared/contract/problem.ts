import type * as z from 'zod';
import { nearestField } from './known-fields.ts';

/**
 * Tells what is wrong with an input in one line per fault, each beginning with the field's name as its writer knows
 * it: `reservations[1].reservation.end: must be after reservation.start`. An unknown field is told with the one that
 * was probably meant.
 */
export function problemLines(schema: z.ZodType, input: unknown): readonly string[] {
  // Parsed once more, with plain words: the first parse is the fast one and keeps no inputs.
  const result = schema.safeParse(input, { error: plainWords });
  return result.success ? [] : result.error.issues.flatMap((issue) => linesOf(schema, issue));
}

function linesOf(schema: z.ZodType, issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code !== 'unrecognized_keys') return [`${fieldName(issue.path)}: ${issue.message}`];
  return issue.keys.map((key) => {
    const meant = nearestField(schema, issue.path, key);
    const hint = meant === null ? '' : `; did you mean ${meant}?`;
    return `${fieldName([...issue.path, key])}: unknown field${hint}`;
  });
}

/** `['reservations', 1, 'cap']` → `reservations[1].cap`; the input as a whole is `input`. */
export function fieldName(path: readonly PropertyKey[]): string {
  const name = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return name === '' ? 'input' : name.replace(/^\./, '');
}

/** Words for the faults that zod describes in its own terms. `undefined` leaves zod's message. */
function plainWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined) return 'missing';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPE_WORDS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'too_small':
      return issue.origin === 'array'
        ? `must hold at least ${issue.minimum}`
        : `must be at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'array'
        ? `must hold at most ${issue.maximum}`
        : `must be at most ${issue.maximum}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'custom':
    case 'invalid_format':
    case 'invalid_key':
    case 'invalid_element':
    case 'invalid_union':
    case 'unrecognized_keys':
      return undefined;
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
};
