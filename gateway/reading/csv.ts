/** Columns of an export: the envelope, what many events have in common, and all of the data as JSON. */
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
    column === 'data' ? event.data : (event[column] ?? event.data[column]),
  );
  return `${cells.map(cellOf).join(',')}\r\n`;
}

/** A cell that a spreadsheet would take for a formula is told to be text: a name comes from somebody else. */
function cellOf(value: unknown): string {
  const text =
    value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
