import { beforeEach, describe, expect, it } from 'vitest';
import { Sqlite } from '../../../gateway/journal/sqlite.ts';
import type { Ticket } from '../../../shared/contract/pass.ts';
import { at, ticket } from '../access/told.ts';
import { Cloud, use } from '../cloud.ts';

/** A ticket with so many uses, as its issuer counted them at an instant. */
const counted = (used: number, clock: string, over: Partial<Ticket> = {}) =>
  ticket({ used, usedAt: at(clock) / 1000, ...over });

let cloud: Cloud;
beforeEach(async () => {
  cloud = await Cloud.over();
});

/** A visit of half an hour. @returns what came of the scan at the entry */
async function visit(from: string, to: string, shown: Ticket): Promise<string> {
  await cloud.evening.until(from);
  const answer = await cloud.evening.scan('u-1', [shown]);
  await cloud.evening.until(to);
  if (answer === 'check-in') await cloud.evening.scan('u-1', [shown], 'exit');
  return answer;
}

/** The uses that visits of this epoch have told, oldest first. */
const told = () =>
  cloud.evening.all('stay.checked-in').map((stay) => (stay.visit.kind === 'ticket' ? stay.visit.used : null));

describe('a use that the cloud has not received', () => {
  it('is not forgotten: the 32nd is refused though the pass was issued after the 31st', async () => {
    expect(await visit('09:00', '09:30', counted(30, '06:00'))).toBe('check-in');
    expect(await visit('10:00', '10:30', counted(30, '09:45'))).toBe('limit-31');
    expect(told()).toEqual([31]);
  });

  it('is counted on top of every later pass: two visits never both say 31 used', async () => {
    const plan = 'corporate';
    await visit('09:00', '09:30', counted(30, '06:00', { plan }));
    await visit('10:00', '10:30', counted(30, '09:45', { plan }));
    await visit('11:00', '11:30', counted(30, '10:45', { plan }));
    expect(told()).toEqual([31, 32, 33]);
  });

  it('is not forgotten by a power cut: the 32nd is refused after it', async () => {
    await visit('09:00', '09:30', counted(30, '06:00'));
    await cloud.restart('09:40');
    expect(await visit('10:00', '10:30', counted(30, '09:45'))).toBe('limit-31');
  });

  it('that lies behind the receipt is on top, the one before it is not: 29, 30, then 31', async () => {
    await visit('09:00', '09:30', counted(28, '06:00'));
    await cloud.receive();
    await visit('10:00', '10:30', counted(29, '09:45'));
    await visit('11:00', '11:30', counted(29, '10:45'));
    expect(told()).toEqual([29, 30, 31]);
    expect(await visit('12:00', '12:30', counted(29, '11:45'))).toBe('limit-31');
  });

  it('counts once, on top, when the cloud tells the same stay back', async () => {
    await visit('09:00', '09:30', counted(29, '06:00'));
    const [{ stay } = { stay: '' }] = cloud.evening.all('stay.checked-in');
    await cloud.uses(cloud.usage(0, 1, [use(1, at('09:00'), { stay })]));
    expect(await visit('10:00', '10:30', counted(29, '09:45'))).toBe('check-in');
    expect(told()).toEqual([30, 31]);
  });
});

describe('a use that the cloud has received', () => {
  it('before the pass was issued counts once: 29, then 30', async () => {
    await visit('09:00', '09:30', counted(28, '06:00'));
    await cloud.receive();
    await visit('10:00', '10:30', counted(29, '09:45'));
    expect(told()).toEqual([29, 30]);
  });

  it.each([
    ['09:39:59', 30, 'a second before the receipt'],
    ['09:40:00', 30, 'in the second of the receipt'],
    ['09:40:01', 29, 'a second after the receipt'],
  ])('at 09:40: with 28 uses counted at %s, the next is use %i, %s', async (clock, next) => {
    await visit('09:00', '09:40', counted(28, '06:00'));
    await cloud.receive();
    await visit('10:00', '10:30', counted(28, clock));
    expect(told()).toEqual([29, next]);
  });

  it('is received from the first receipt on that covers it, whatever later ones say, and after a power cut', async () => {
    await visit('09:00', '09:30', counted(28, '06:00'));
    await cloud.receive();
    await cloud.evening.until('10:00');
    await cloud.receive();
    await cloud.restart('10:05');
    await cloud.receive();
    await visit('10:10', '10:30', counted(29, '09:45'));
    expect(told()).toEqual([29, 30]);
  });

  it('by a receipt with another chain head than ours is not received: the 32nd is refused', async () => {
    await visit('09:00', '09:30', counted(30, '06:00'));
    await cloud.receive({ ...cloud.ledgerEnd, head: 'ab'.repeat(32) });
    expect(await visit('10:00', '10:30', counted(30, '09:45'))).toBe('limit-31');
  });
});

describe('a use in a journal of the version before', () => {
  it('is on top where the cloud has not received it, and counts from the use on where it has: 27, 28, then 29', async () => {
    await visit('09:00', '09:20', counted(26, '06:00'));
    await cloud.receive();
    await visit('09:30', '09:50', counted(26, '06:00'));
    cloud.evening.walk.crash();
    const db = new Sqlite(cloud.evening.walk.path);
    db.exec('DROP INDEX stays_unreceived; ALTER TABLE stays DROP COLUMN told_seq');
    db.exec('ALTER TABLE stays DROP COLUMN received_ms');
    db.pragma(`user_version = ${(db.pragma('user_version', { simple: true }) as number) - 1}`);
    db.close();
    await cloud.restart('10:00');
    await visit('10:10', '10:30', counted(27, '10:05'));
    expect(told()).toEqual([27, 28, 29]);
  });
});

describe('a use of an earlier epoch', () => {
  it('that is carried is on top until the receipt of its own epoch: 27, 28, 29, then 30', async () => {
    await visit('09:00', '09:30', counted(26, '06:00'));
    const end = cloud.ledgerEnd;
    await cloud.evening.beginAnew();
    await cloud.connect();
    await visit('10:00', '10:30', counted(26, '09:45'));
    await cloud.receive();
    await visit('11:00', '11:30', counted(27, '10:45'));
    await cloud.receive(end);
    await cloud.receive();
    await visit('12:00', '12:30', counted(29, '11:45'));
    expect(told()).toEqual([28, 29, 30]);
  });

  it('that was received before the succession stays so: 29, then 30', async () => {
    await visit('09:00', '09:30', counted(28, '06:00'));
    await cloud.receive();
    await cloud.evening.beginAnew();
    await visit('10:00', '10:30', counted(29, '09:45'));
    expect(told()).toEqual([30]);
  });
});
