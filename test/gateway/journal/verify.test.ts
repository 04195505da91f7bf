import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { provisionGatewayKey } from '../../../gateway/tokens/signing-key.ts';
import { Sqlite } from '../../../gateway/journal/sqlite.ts';
import { openReadOnly, verifyLedger, type ReceivedHead } from '../../../gateway/journal/verify.ts';
import { CHECKPOINT_TYPE } from '../../../shared/contract/checkpoint.ts';
import { Seeded } from '../../seeded.ts';
import { trials } from '../../trials.ts';
import { EPOCH, openJournal, temporaryFolder } from '../../temporary.ts';
import { MUTATION_KINDS, randomMutation } from './mutations.ts';

const TRIALS = trials(10_000);

/** Events of the ledger that is lied about; a tail of it is neither signed nor received. */
const EVENTS = 60;
const SIGNED = [10, 25, 40, 50] as const;
const RECEIVED = 45;

let path: string;
let receipt: ReceivedHead;
beforeEach(() => {
  path = join(temporaryFolder(), 'journal.db');
  const journal = openJournal(path);
  const { key } = provisionGatewayKey(`${path}.key`);
  for (let n = 1; n <= EVENTS; n += 1) {
    const data = { door: `door-${n}` };
    journal.write((writer) =>
      writer.append({ name: 'door.secured', subject: data.door, data }, n * 1000, 'trusted'),
    );
  }
  for (const seq of SIGNED) {
    const claims = { venue: 'shibuya-1', epoch: EPOCH, seq, head: journal.headAt(seq) ?? '', iat: seq };
    journal.write((writer) =>
      writer.signedHeads.put({ seq, atMs: seq * 1000, token: key.sign(CHECKPOINT_TYPE, claims) }),
    );
  }
  receipt = { epoch: EPOCH, seq: RECEIVED, head: journal.headAt(RECEIVED) ?? '' };
  journal.acceptCustody(receipt.seq, receipt.head);
  journal.close();
});

const keyOf = (file = `${path}.key`) => provisionGatewayKey(file).key.publicKey;

function verifyFile(given: ReceivedHead | null = receipt, key = keyOf()) {
  const db = openReadOnly(path);
  try {
    return verifyLedger(db, { key, receipt: given });
  } finally {
    db.close();
  }
}

function edit(sql: string): void {
  const db = new Sqlite(path);
  db.exec(sql);
  db.close();
}

describe('a journal that nobody touched', () => {
  it('is good: it says up to where the gateway signed and the cloud received', () => {
    expect(verifyFile()).toMatchObject({
      ok: true,
      epoch: EPOCH,
      from: 1,
      to: 60,
      signedTo: 50,
      receivedTo: 45,
    });
  });

  it('is good without a receipt', () => {
    expect(verifyFile(null)).toMatchObject({ ok: true, signedTo: 50, receivedTo: 0 });
  });

  it('cannot be changed by who verifies it', () => {
    const db = openReadOnly(path);
    onTestFinished(() => void db.close());
    expect(() => db.exec('DELETE FROM events')).toThrow('readonly');
  });
});

describe('a lie at or before the last receipt', () => {
  it(
    `is found in ${TRIALS} of ${TRIALS} random mutations, and its row is named`,
    { timeout: 600_000 },
    () => {
      const random = new Seeded(6);
      const key = keyOf();
      const db = new Sqlite(path);
      onTestFinished(() => void db.close());
      const tried = new Set<string>();
      const missed: string[] = [];
      for (let n = 0; n < TRIALS; n += 1) {
        const mutation = randomMutation(RECEIVED, () => random.next());
        tried.add(mutation.kind);
        db.exec('BEGIN');
        mutation.apply(db);
        const verdict = verifyLedger(db, { key, receipt });
        db.exec('ROLLBACK');
        const named =
          !verdict.ok &&
          (mutation.exact
            ? verdict.seq === mutation.seq
            : verdict.after < mutation.seq && mutation.seq <= verdict.seq);
        if (!named) missed.push(`${mutation.kind} at ${mutation.seq}: ${JSON.stringify(verdict)}`);
      }
      expect(missed).toEqual([]);
      expect([...tried].sort()).toEqual([...MUTATION_KINDS].sort());
      expect(verifyLedger(db, { key, receipt }).ok).toBe(true);
    },
  );
});

describe('a journal', () => {
  it('whose end was cut off with its signatures is found out by the receipt alone', () => {
    edit('DELETE FROM events WHERE seq > 40; DELETE FROM checkpoints WHERE seq > 40');
    expect(verifyFile(null)).toMatchObject({ ok: true, to: 40 });
    expect(verifyFile()).toMatchObject({ ok: false, fault: 'truncated', seq: 41, after: 40 });
  });

  it('of another gateway is not good by this one’s key', () => {
    const other = keyOf(`${path}.other.key`);
    expect(verifyFile(receipt, other)).toMatchObject({ ok: false, fault: 'checkpoint', seq: 50 });
  });

  it('of another epoch than the receipt’s is a fork', () => {
    const elsewhere = { ...receipt, epoch: '01JD0000000000000000000001' };
    expect(verifyFile(elsewhere)).toMatchObject({ ok: false, fault: 'forked', seq: 1 });
  });

  it('with a forged checkpoint is not good, though every row is', () => {
    edit(`UPDATE checkpoints SET token = (SELECT token FROM checkpoints WHERE seq = 40) WHERE seq = 50`);
    expect(verifyFile()).toMatchObject({ ok: false, fault: 'checkpoint', seq: 50 });
  });

  it('whose file is damaged is corrupt', () => {
    edit('PRAGMA journal_mode = DELETE; VACUUM');
    const size = new Sqlite(path, { readonly: true }).pragma('page_size', { simple: true }) as number;
    const db = new Sqlite(path, { readonly: true });
    const { root } = db
      .prepare<[], { root: number }>(`SELECT rootpage AS root FROM sqlite_schema WHERE name = 'events'`)
      .get() ?? { root: 0 };
    db.close();
    damage(path, (root - 1) * size);
    expect(verifyFile()).toMatchObject({ ok: false, fault: 'corrupt', seq: 1 });
  });
});

function damage(file: string, at: number): void {
  const fs = new Sqlite(file, { readonly: true }).serialize();
  fs.fill(0xff, at, at + 64);
  writeFileSync(file, fs);
}
