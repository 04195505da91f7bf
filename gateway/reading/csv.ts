import type { ChargeRecord } from '../../shared/contract/charge.ts';

/**
 * Columns of an export: the envelope, what many events have in common, and all of the data as JSON. `yen` is what an event
 * adds to the bill, so that the column's sum is what is owed: a correction has the difference.
 */
const COLUMNS = [
  'sequence',
  'time',
  'type',
  'subject',
  'door',
  'side',
  'iss',
  'sub',
  'stay',
  'yen',
  'clock',
  'data',
] as const;

/** The first line, with the mark by which Excel knows UTF-8. */
export function csvHead(): string {
  return `\ufeff${COLUMNS.join(',')}\r\n`;
}

/** One event as a line (RFC 4180). */
export function csvRow(body: string): string {
  const event = JSON.parse(body) as Record<string, unknown> & { data: Record<string, unknown> };
  const cells = COLUMNS.map((column) =>
    column === 'data'
      ? event.data
      : column === 'yen'
        ? yenOf(event.data)
        : (event[column] ?? event.data[column]),
  );
  return `${cells.map(cellOf).join(',')}\r\n`;
}

/** A charge has `charge`, a correction of one `before` and `after`. */
function yenOf({ charge, before, after }: Record<string, unknown>): number | undefined {
  const [first, old, now] = [charge, before, after].map((one) => (one as ChargeRecord | undefined)?.yen);
  return first ?? (now === undefined ? undefined : now - (old ?? 0));
}

/** A cell that a spreadsheet would take for a formula is told to be text: a name comes from somebody else. */
function cellOf(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const text =
    value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
