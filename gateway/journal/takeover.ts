import type Database from 'better-sqlite3';
import { receivedPlace, walkChain } from './chain.ts';
import { factsOf, quietly, readable } from './damaged-file.ts';
import { inheritance } from './inheritance.ts';

/** What a new journal is born with. */
export interface Birth {
  /** A ULID. */
  readonly epoch: string;
  /** A random base of lease ids, 1 to 2^31 − 1. */
  readonly leaseBase: number;
}

/** Numbers of an earlier epoch that nobody can send any more. */
export interface LostEvents {
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
}

/** The base of the lease ids of grants that were taken over, and the newest of them. */
export interface InheritedLeases {
  readonly base: number;
  readonly upTo: number;
}

/** The name under which a journal keeps its `InheritedLeases`; without, none were taken over. */
export const INHERITED_LEASES = 'inheritedLeases';
/** Nothing is known of the leases of an earlier epoch. */
export const NO_LEASES: InheritedLeases = { base: 0, upTo: 0 };

/** Tables whose rows a new journal takes over as they are. */
const TAKEN_OVER = [
  'decisions',
  'presentations',
  'stays',
  'reservations',
  'ticket_uses',
  'commands',
  'door_orders',
  'alarms',
] as const;

/** What a journal knows of itself: of no use to another one. */
const OWN_FACTS = new Set([
  'epoch',
  'leaseBase',
  'previousEpoch',
  'custodySeq',
  'custodyHead',
  'receipt',
  'anchor',
  'commits',
  'opened',
  'lost',
  'setAside',
  'successor',
]);

/** What the new journal is begun with. */
export interface TakeoverOptions {
  readonly birth: Birth;
  /** The old one is a copy, and its journal went on: what came after it may be known to the cloud alone. */
  readonly isCopy: boolean;
}

/**
 * Writes into a new journal what can be read of an old one.
 *
 * @param old `null` where nothing of it can be
 */
export function takeOver(
  old: Database.Database | null,
  to: Database.Database,
  { birth: { epoch, leaseBase }, isCopy }: TakeoverOptions,
) {
  const facts = old === null ? new Map<string, string>() : factsOf(old);
  const setFact = to.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)');
  const previousEpoch = facts.get('epoch') ?? null;
  const taken = old === null ? [] : TAKEN_OVER.map((table) => ({ table, ...takeTable(old, to, table) }));
  const damaged = new Set(taken.filter(({ isWhole }) => !isWhole).map(({ table }) => table));
  // What the cloud told and is gone is asked for again from the beginning.
  if (damaged.has('reservations')) facts.delete('reservationsVersion');
  if (damaged.has('ticket_uses')) facts.delete('usageVersion');
  for (const [name, value] of facts) if (!OWN_FACTS.has(name)) setFact.run(name, value);
  setFact.run('epoch', epoch);
  setFact.run('successor', 'unseen');
  setFact.run('leaseBase', String(leaseBase));
  if (previousEpoch !== null) setFact.run('previousEpoch', previousEpoch);
  inheritLeases(facts, to, (inherited) => setFact.run(INHERITED_LEASES, JSON.stringify(inherited)));
  const carried =
    old === null || previousEpoch === null ? NOTHING_CARRIED : carryEvents(old, to, facts, previousEpoch);
  const { events, lost } = carried;
  const told = JSON.parse(facts.get('lost') ?? '[]') as readonly LostEvents[];
  const untold = lost === null ? told : [...told, lost];
  if (untold.length > 0) setFact.run('lost', JSON.stringify(untold));
  if (previousEpoch !== null) {
    const isWhole = !isCopy && damaged.size === 0 && carried.isWhole;
    const upTo = { epoch: previousEpoch, seq: damaged.has('stays') ? 0 : carried.seq, before: epoch };
    for (const [name, value] of inheritance(facts, upTo, isWhole)) setFact.run(name, value);
  }
  const carriedRows = taken.reduce((sum, { changes }) => sum + changes, 0);
  return { previousEpoch, carriedRows, carriedEvents: events, lost };
}

/** The controller knows the leases that it obeyed by the ids that they had. */
function inheritLeases(
  facts: ReadonlyMap<string, string>,
  to: Database.Database,
  set: (inherited: InheritedLeases) => void,
): void {
  const base = facts.get('leaseBase');
  const known = JSON.parse(facts.get(INHERITED_LEASES) ?? JSON.stringify(NO_LEASES)) as InheritedLeases;
  const upTo = newestGrant(to);
  if (base !== undefined && upTo > known.upTo) set({ base: Number(base), upTo });
}

const NOTHING_CARRIED = { events: 0, seq: 0, lost: null, isWhole: false };

/** Takes over what the cloud has not received, of the old epoch and of those before it. `seq`: the last that is known. */
function carryEvents(
  old: Database.Database,
  to: Database.Database,
  facts: ReadonlyMap<string, string>,
  epoch: string,
) {
  const events = unreceivedOf(old, facts);
  const carry = to.prepare('INSERT INTO carried VALUES (?, ?, ?, ?, ?)');
  const earlier = readable<CarriedRow>(old, 'carried');
  const all = [...earlier.rows, ...events.map((row) => ({ ...row, epoch }))];
  all.forEach((row, index) => carry.run(index - all.length, row.epoch, row.seq, row.body, row.head));
  const lost = lostOf(old, facts, epoch, events);
  const seq = events.at(-1)?.seq ?? receivedPlace(facts).seq;
  return { events: all.length, seq, lost, isWhole: earlier.isWhole && lost === null };
}

interface EventRow {
  readonly seq: number;
  readonly body: string;
  readonly head: Buffer;
}

interface CarriedRow extends EventRow {
  readonly epoch: string;
}

/** Events that the cloud has not received, as far as they chain. */
function unreceivedOf(old: Database.Database, facts: ReadonlyMap<string, string>): readonly EventRow[] {
  const from = receivedPlace(facts);
  const sound: EventRow[] = [];
  for (const { row, is } of walkChain(readable<EventRow>(old, 'events', from.seq).rows, from))
    if (is === 'sound') sound.push(row);
  return sound;
}

/**
 * What lies between the last event that can be sent and the last one that is known to have been. A number is believed
 * only where its row says the same: a bad page holds any. Where nothing behind it can be read, the first is named alone.
 */
function lostOf(
  old: Database.Database,
  facts: ReadonlyMap<string, string>,
  epoch: string,
  sound: readonly { readonly seq: number }[],
): LostEvents | null {
  const from = (sound.at(-1)?.seq ?? Number(facts.get('custodySeq') ?? 0)) + 1;
  const events = lastOf(old, `SELECT seq, body AS text FROM events WHERE seq >= ${from}`, (body) =>
    Number((JSON.parse(body) as { sequence?: unknown }).sequence),
  );
  const checkpoints = lastOf(
    old,
    `SELECT seq, token AS text FROM checkpoints WHERE seq >= ${from}`,
    (token) =>
      Number(
        (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { seq?: unknown }).seq,
      ),
  );
  const to = Math.max(events.seq, checkpoints.seq, events.isWhole ? 0 : from);
  return to < from ? null : { epoch, from, to };
}

/** The highest number of a table that its own row bears out, and whether all of its rows can be read. */
function lastOf(old: Database.Database, sql: string, saidBy: (text: string) => number) {
  let seq = 0;
  const look = (order: 'ASC' | 'DESC') =>
    quietly(() => {
      const rows = old.prepare<[], { seq: number; text: unknown }>(`${sql} ORDER BY seq ${order}`).iterate();
      for (const row of rows) if (row.seq > seq && bearsOut(row, saidBy)) seq = row.seq;
      return true;
    }) === true;
  // From both ends: a bad page hides what is behind it.
  const isWhole = look('ASC');
  if (!isWhole) look('DESC');
  return { seq, isWhole };
}

function bearsOut({ seq, text }: { seq: number; text: unknown }, saidBy: (text: string) => number): boolean {
  try {
    return typeof text === 'string' && saidBy(text) === seq;
  } catch {
    // Bytes of a bad page are no JSON.
    return false;
  }
}

function newestGrant(to: Database.Database): number {
  return to.prepare<[], { id: number | null }>('SELECT max(id) AS id FROM decisions').get()?.id ?? 0;
}

function takeTable(old: Database.Database, to: Database.Database, table: (typeof TAKEN_OVER)[number]) {
  const { rows, isWhole } = readable<Record<string, unknown>>(old, table);
  const names = Object.keys(rows[0] ?? {});
  if (names.length === 0) return { changes: 0, isWhole };
  const insert = to.prepare(
    `INSERT OR IGNORE INTO ${table} (${names.join()}) VALUES (${names.map(() => '?').join()})`,
  );
  const changes = rows.reduce((sum, row) => sum + insert.run(...Object.values(row)).changes, 0);
  return { changes, isWhole };
}
