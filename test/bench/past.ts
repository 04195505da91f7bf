import type { Journal, JournalWriter } from '../../gateway/journal/journal.ts';
import { VENUE } from './rig.ts';

/** Events written in one transaction. */
const BATCH = 2_000;

/** One visit to so many events, as at a door with contact and bolt sense. */
const EVENTS_PER_VISIT = 8;

const DAY_MS = 24 * 3600_000;

/** Writes a past of so many events into a journal: visits that are over, with all they leave behind. What was presented is forgotten after a day. */
export function fill(journal: Journal, rows: number, nowMs: number): void {
  for (let written = 0; written < rows; written += BATCH) {
    journal.write((writer) => {
      for (let number = written; number < Math.min(written + BATCH, rows); number += 1) {
        if (number % EVENTS_PER_VISIT === 0) writeVisit(writer, journal.epoch, number, nowMs);
        const data = { door: 'front', openMs: 2_300 };
        writer.append({ name: 'door.closed', subject: 'front', data }, nowMs - rows + number, 'trusted');
      }
    });
  }
}

function writeVisit(writer: JournalWriter, epoch: string, number: number, nowMs: number): void {
  const id = writer.decisions.nextId();
  const sub = `past-${number}`;
  const atMs = nowMs - 40 * DAY_MS;
  const stay = `${epoch}-${id}`;
  const at = { door: 'front', side: 'entry' } as const;
  writer.decisions.insert({
    id,
    atMs,
    ...at,
    iss: 'https://issuer.example',
    sub,
    answer: {
      granted: true,
      kind: 'check-in',
      stay,
      space: 'seat-12',
      until: null,
      uses: null,
      yen: null,
      stillOpen: [],
    },
    stay,
    state: 'taken',
  });
  writer.stays.put({
    id: stay,
    iss: 'https://issuer.example',
    sub,
    state: 'checked-out',
    grant: id,
    entitlement: {
      kind: 'reservation',
      id: `past-${number}`,
      venue: VENUE,
      space: { id: 'seat-12', kind: 'seat' },
      start: '2026-01-05T09:00:00+09:00',
      end: '2026-01-05T12:00:00+09:00',
      yenPer30Min: 500,
      role: 'user',
    },
    checkInMs: atMs,
    checkOutMs: atMs + 3600_000,
    endsAtMs: atMs + 3 * 3600_000,
    flags: [],
  });
}
