import type * as z from 'zod';
import { CHECKPOINT_TYPE } from '../checkpoint.ts';
import {
  COMMAND_LIFETIME_S_MAX,
  COMMAND_TYPE,
  OPENING_COMMAND_LIFETIME_S_MAX,
  OPENING_COMMANDS,
} from '../command.ts';
import { ENTRY_AGE_MS_MAX, ENTRY_BYTES_MAX } from '../entry.ts';
import { EVENT_DATA, EVENT_NAMES } from '../events.ts';
import { BEARER_PASS_LIFETIME_S_MAX, PASS_LIFETIME_S_MAX, PASS_TYPE } from '../pass.ts';
import { PRESENTATION_BYTES_MAX, QR_BYTES_MAX } from '../presentation.ts';
import { DOOR_PROOF_AGE_S_MAX, DOOR_PROOF_AHEAD_S_MAX, DOOR_PROOF_TYPE, DPOP_TYPE } from '../proof.ts';
import { RECEIPT_TYPE, requestSchema } from '../receipt.ts';
import { HEARTBEAT_MS, STATE_AGE_S_MAX, STATE_BYTES_MAX } from '../state.ts';
import { STAY_RECORDS_MAX, STAY_RECORDS_TYPE } from '../stays.ts';
import { CHANGES_MAX, DELTA_BYTES_MAX, RESERVATION_DELTA_TYPE, USAGE_DELTA_TYPE } from '../sync.ts';
import { venueTopics, type VenueTopics } from '../topics.ts';
import { TRUST_BYTES_MAX, TRUST_TYPE } from '../trust.ts';
import { TOPICS } from './asyncapi.ts';

type Row = readonly string[];

/** The parts of `SPEC.md` that the code makes, by the name in their marks. */
const PARTS: Readonly<Record<string, () => string>> = {
  topics: () => {
    const topics = venueTopics('<venue>');
    const keys = Object.keys(TOPICS) as (keyof VenueTopics)[];
    return table(
      ['topic', 'who writes', 'QoS', 'retained', 'what'],
      keys.map((key) => {
        const { writer, qos, retained, summary } = TOPICS[key];
        const topic = key === 'doorState' ? topics.doorState('<door>') : topics[key];
        return [`\`${topic}\``, writer, String(qos), retained ? 'yes' : 'no', summary];
      }),
    );
  },
  events: () =>
    table(
      ['event', 'what'],
      EVENT_NAMES.map((name) => [`\`${name}\``, EVENT_DATA[name].description ?? '']),
    ),
  requests: () =>
    table(
      ['`need`', '`have`', 'what `have` says'],
      requestSchema.options.flatMap(({ shape: { need, have } }) =>
        [...('options' in need ? need.options : need.values)].map((name) => [
          `\`${name}\``,
          formOf(have),
          have.description ?? '',
        ]),
      ),
    ),
  tokens: () =>
    table(['token', '`typ`', 'signed by', 'bytes at most', 'seconds from `iat` to `exp`'], TOKENS),
  limits: () => table(['limit', 'value', 'unit'], LIMITS),
};

const ISSUER = 'issuer: EdDSA or ES256';
const CLOUD = 'cloud: EdDSA or ES256';
const DEVICE = 'device: ES256';

const TOKENS: readonly Row[] = [
  ['pass', code(PASS_TYPE), ISSUER, figure(PRESENTATION_BYTES_MAX), figure(PASS_LIFETIME_S_MAX)],
  ['proof at a scanner', code(DOOR_PROOF_TYPE), DEVICE, figure(PRESENTATION_BYTES_MAX), 'none'],
  ['proof at the page', code(DPOP_TYPE), DEVICE, figure(PRESENTATION_BYTES_MAX), 'none'],
  [
    'command that may open',
    code(COMMAND_TYPE),
    CLOUD,
    figure(PRESENTATION_BYTES_MAX),
    figure(OPENING_COMMAND_LIFETIME_S_MAX),
  ],
  [
    'any other command',
    code(COMMAND_TYPE),
    CLOUD,
    figure(PRESENTATION_BYTES_MAX),
    figure(COMMAND_LIFETIME_S_MAX),
  ],
  ['receipt', code(RECEIPT_TYPE), CLOUD, figure(PRESENTATION_BYTES_MAX), 'none'],
  ['delta of reservations', code(RESERVATION_DELTA_TYPE), CLOUD, figure(DELTA_BYTES_MAX), 'none'],
  ['delta of ticket uses', code(USAGE_DELTA_TYPE), CLOUD, figure(DELTA_BYTES_MAX), 'none'],
  ['last word on stays', code(STAY_RECORDS_TYPE), CLOUD, figure(DELTA_BYTES_MAX), 'none'],
  ['trust bundle', code(TRUST_TYPE), CLOUD, figure(TRUST_BYTES_MAX), 'none'],
  ['checkpoint', code(CHECKPOINT_TYPE), 'gateway: EdDSA', 'none', 'none'],
];

const LIMITS: readonly Row[] = [
  ['life of a pass', figure(PASS_LIFETIME_S_MAX), 's'],
  ['life of a pass without `cnf`, but a guest’s', figure(BEARER_PASS_LIFETIME_S_MAX), 's'],
  ['age of a proof at a scanner', figure(DOOR_PROOF_AGE_S_MAX), 's'],
  ['a proof at a scanner ahead of the gateway’s clock', figure(DOOR_PROOF_AHEAD_S_MAX), 's'],
  [
    `life of a command that may open (${[...OPENING_COMMANDS].map(code).join(', ')})`,
    figure(OPENING_COMMAND_LIFETIME_S_MAX),
    's',
  ],
  ['life of any other command', figure(COMMAND_LIFETIME_S_MAX), 's'],
  ['age of a relayed request', figure(ENTRY_AGE_MS_MAX), 'ms'],
  ['a relayed request', figure(ENTRY_BYTES_MAX), 'bytes'],
  ['what a scanner reads; a receipt; a command', figure(PRESENTATION_BYTES_MAX), 'bytes'],
  ['a code that a wallet shows', figure(QR_BYTES_MAX), 'bytes'],
  ['a delta; a message of stays', figure(DELTA_BYTES_MAX), 'bytes'],
  ['changes in one delta', figure(CHANGES_MAX), 'changes'],
  ['stays in one message', figure(STAY_RECORDS_MAX), 'stays'],
  ['a trust bundle', figure(TRUST_BYTES_MAX), 'bytes'],
  ['a message at `gateway/state`', figure(STATE_BYTES_MAX), 'bytes'],
  ['how often `gateway/state` is said again', figure(HEARTBEAT_MS), 'ms'],
  ['age of `gateway/state` beyond which the gateway is unknown', figure(STATE_AGE_S_MAX), 's'],
];

function code(text: string): string {
  return `\`${text}\``;
}

function figure(count: number): string {
  return count.toLocaleString('en');
}

/** A number, or the members of an object. */
function formOf(have: z.ZodInt | z.ZodObject): string {
  return 'shape' in have ? `{ ${Object.keys(have.shape).map(code).join(', ')} }` : 'a whole number';
}

/** A table of Markdown in the form that the formatter gives it. */
function table(heads: Row, rows: readonly Row[]): string {
  const widths = heads.map((head, column) =>
    Math.max(3, ...[head, ...rows.map((row) => row[column] ?? '')].map((cell) => cell.length)),
  );
  const line = (cells: Row): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [heads, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('\n');
}

/**
 * The specification with every generated part as the code has it now; what stands around them is kept.
 *
 * @throws Error for a mark that names no part, and for a part without a mark
 */
export function specificationFrom(text: string): string {
  const filled = new Set<string>();
  const whole = text.replaceAll(
    /(<!-- generated: (\w+) -->\n)[^]*?(<!-- \/generated -->)/g,
    (_, begin: string, name: string, end: string) => {
      const part = PARTS[name];
      if (part === undefined) throw new Error(`SPEC.md: no part is called ${name}`);
      filled.add(name);
      return `${begin}\n${part()}\n\n${end}`;
    },
  );
  const missing = Object.keys(PARTS).filter((name) => !filled.has(name));
  if (missing.length > 0) throw new Error(`SPEC.md: no mark for ${missing.join(', ')}`);
  return whole;
}
