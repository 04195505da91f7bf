import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Places in the sources, and what stands there instead. */
export interface Plant {
  /** What the bug is called. */
  readonly name: string;
  readonly file: string;
  readonly of: string;
  readonly instead: string;
  /** Whether it stands there more than once, and everywhere is meant. Default: `false`. */
  readonly everywhere?: boolean;
}

/** One bug of each class that the simulation is there to find. */
export const PLANTS: readonly Plant[] = [
  {
    name: 'commit after pulse',
    file: 'gateway/door/decisions.ts',
    of: '      return row;\n    });',
    instead: `      const { grants } = this.#options as unknown as { grants: { offer(grant: StoredDecision): void } };
      if (answer.granted) grants.offer(row);
      return row;\n    });`,
  },
  {
    name: 'outbox row dropped on PUBACK',
    file: 'gateway/uplink/delivery.ts',
    of: 'await connection.publish({ topic, body, contentType: EVENT_CONTENT_TYPE });',
    instead: `await connection.publish({ topic, body, contentType: EVENT_CONTENT_TYPE });
        const seq = Number((JSON.parse(body) as { sequence: string }).sequence);
        journal.acceptCustody(seq, journal.headAt(seq) ?? '');`,
  },
  {
    name: 'double settle',
    file: 'gateway/visits/settlement.ts',
    of: 'const settled = settleNoShow(known, before, {',
    instead: 'const settled = settleNoShow(known, null, {',
  },
  {
    name: 'chain not checked',
    file: 'gateway/journal/journal.ts',
    of: 'if (this.headAt(seq) !== head) return false;',
    instead: '',
  },
  {
    name: 'wall clock used for a duration',
    file: 'gateway/door/leases.ts',
    of: 'clock.monotonicMs()',
    instead: 'clock.wallMs()',
    everywhere: true,
  },
  {
    name: 'retry billed twice',
    file: 'gateway/door/attendant.ts',
    of: 'if (first !== null) {',
    instead: 'if (first !== null && first.id < 0) {',
  },
  {
    name: 'void missing',
    file: 'gateway/door/outcomes.ts',
    of: 'return [notTaken, voided];',
    instead: 'return [notTaken]; void voided;',
  },
  {
    name: 'use forgotten by a later pass',
    file: 'gateway/access/ticket.ts',
    of: '(knownMs === null || knownMs >= ticket.usedAt * SECOND_MS)',
    instead: 'atMs >= ticket.usedAt * SECOND_MS',
  },
  {
    name: 'closing of another day',
    file: 'gateway/access/close.ts',
    of: '  const nowMs = closingOfDay(hours, timeZone, parseInstant(start));',
    instead: `  const endMs = parseInstant((arguments[1] as { end: string }).end);
  const days = [0, 1, 2, 3].map((day) => closingOfDay(hours, timeZone, endMs + day * 86_400_000));
  if (hours !== null) return days.find((closingMs) => closingMs !== null && closingMs > endMs) ?? null;
  const nowMs = closingOfDay(hours, timeZone, parseInstant(start));`,
  },
  {
    name: 'hanging grant billed nothing',
    file: 'gateway/door/outcomes.ts',
    of: "if (stay.entitlement.kind === 'reservation') writer.synced.unsettle(",
    instead: 'if (journal.isNew && !journal.isNew) writer.synced.unsettle(',
  },
  {
    name: 'takeover settles what was charged',
    file: 'gateway/journal/takeover.ts',
    of: 'const isWhole = !isCopy && damaged.size === 0 && carried.isWhole;',
    instead: 'const isWhole = true;',
  },
  {
    name: 'members told apart by sub',
    file: 'gateway/journal/stays.ts',
    of: "SELECT * FROM stays WHERE iss = @iss AND sub = @sub AND state = 'open'",
    instead: "SELECT * FROM stays WHERE sub = @sub AND state = 'open'",
  },
];

/**
 * The file of a plant with the bug in it. Throws if the place is not to be found: then the
 * plant has to follow the sources.
 */
export function planted({ file, of, instead, everywhere = false }: Plant): string {
  const text = readFileSync(join(root, file), 'utf8');
  const places = text.split(of).length - 1;
  if (everywhere ? places === 0 : places !== 1) throw new Error(`${file} holds ${places} times: ${of}`);
  return text.replaceAll(of, () => instead);
}
