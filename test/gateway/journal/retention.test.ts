import { join } from 'node:path';
import pino from 'pino';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { provisionGatewayKey } from '../../../gateway/tokens/signing-key.ts';
import type { Journal } from '../../../gateway/journal/journal.ts';
import { Retention } from '../../../gateway/journal/retention.ts';
import { Sqlite } from '../../../gateway/journal/sqlite.ts';
import { openReadOnly, verifyLedger } from '../../../gateway/journal/verify.ts';
import { CHECKPOINT_TYPE } from '../../../shared/contract/checkpoint.ts';
import { ManualClock } from '../manual-clock.ts';
import { EPOCH, openJournal, temporaryFolder } from '../../temporary.ts';

const DAY_MS = 24 * 3600_000;
const DAYS = 90;

let path: string;
let journal: Journal;
let clock: ManualClock;
let retention: Retention;
beforeEach(() => {
  path = join(temporaryFolder(), 'journal.db');
  clock = new ManualClock('2025-10-20T10:00:00+09:00');
  journal = openJournal(path);
  onTestFinished(() => journal.close());
  const { key } = provisionGatewayKey(`${path}.key`);
  // A hundred events, ten a day, each tenth signed at the end of its day.
  for (let seq = 1; seq <= 100; seq += 1) {
    const atMs = clock.wallMs() + Math.ceil(seq / 10) * DAY_MS;
    const data = { door: 'front' };
    journal.write((writer) =>
      writer.append({ name: 'door.secured', subject: 'front', data }, atMs, 'trusted'),
    );
    if (seq % 10 !== 0) continue;
    const claims = {
      venue: 'shibuya-1',
      epoch: EPOCH,
      seq,
      head: journal.head,
      iat: Math.floor(atMs / 1000),
    };
    journal.write((writer) =>
      writer.signedHeads.put({ seq, atMs, token: key.sign(CHECKPOINT_TYPE, claims) }),
    );
  }
  retention = new Retention({
    venue: 'shibuya-1',
    journal,
    key,
    clock,
    days: DAYS,
    log: pino({ level: 'silent' }),
  });
});

const received = (seq: number) => journal.acceptCustody(seq, journal.headAt(seq) ?? '');

/** First number that is there. */
const first = () => journal.eventsAfter(0, 1)[0]?.seq;

function verdict() {
  const db = openReadOnly(path);
  const { seq, head } = journal.custody;
  const receipt = { epoch: EPOCH, seq, head: head ?? '' };
  try {
    return verifyLedger(db, { key: provisionGatewayKey(`${path}.key`).key.publicKey, receipt });
  } finally {
    db.close();
  }
}

/** Days after the first event's day. */
const after = (days: number) => clock.advance(days * DAY_MS);

describe('old rows of the journal', () => {
  it('stay for ninety days, and leave behind a signed anchor from which the rest is proved', async () => {
    received(60);
    await after(DAYS + 2);
    retention.look();
    expect(first()).toBe(11);
    expect(verdict()).toMatchObject({ ok: true, from: 11, to: 100, receivedTo: 60 });
    await after(1);
    retention.look();
    expect(first()).toBe(21);
    expect(verdict()).toMatchObject({ ok: true, from: 21, to: 100 });
  });

  it('never leave before the cloud has received them, however old they are', async () => {
    received(35);
    await after(1_000);
    retention.look();
    expect(first()).toBe(31);
    received(100);
    retention.look();
    // The newest row stays, and with it everything that only its checkpoint answers for.
    expect(first()).toBe(91);
    expect(verdict()).toMatchObject({ ok: true, from: 91, to: 100 });
  });

  it('stay while nobody vouches for the clock', async () => {
    received(60);
    await after(1_000);
    clock.trusted = 'untrusted';
    retention.look();
    expect(first()).toBe(1);
  });

  it('that somebody else removed are missed: the anchor answers for its own alone', async () => {
    received(60);
    await after(DAYS + 2);
    retention.look();
    const db = new Sqlite(path);
    db.exec('DELETE FROM events WHERE seq <= 20; DELETE FROM checkpoints WHERE seq <= 20');
    db.close();
    expect(verdict()).toMatchObject({ ok: false, fault: 'missing', seq: 11 });
  });

  it('leave a journal that goes on with the next number after a restart', async () => {
    received(100);
    await after(1_000);
    retention.look();
    journal.close();
    journal = openJournal(path);
    expect(journal).toMatchObject({ lastSeq: 100, epoch: EPOCH });
  });
});
