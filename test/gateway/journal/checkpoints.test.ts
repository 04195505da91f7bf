import { createPublicKey, verify } from 'node:crypto';
import { join } from 'node:path';
import pino from 'pino';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { provisionGatewayKey } from '../../../gateway/tokens/signing-key.ts';
import { Checkpoints } from '../../../gateway/journal/checkpoints.ts';
import type { Journal } from '../../../gateway/journal/journal.ts';
import { checkpointClaimsSchema, checkpointHeaderSchema } from '../../../shared/contract/checkpoint.ts';
import { ManualClock, settled } from '../manual-clock.ts';
import { EPOCH, openJournal, temporaryFolder } from '../../temporary.ts';

const NOW = '2025-10-20T10:00:00+09:00';

let path: string;
let journal: Journal;
let clock: ManualClock;
let published: string[];
let checkpoints: Checkpoints;
beforeEach(() => {
  path = join(temporaryFolder(), 'journal.db');
  clock = new ManualClock(NOW);
  begin();
});

const keyOf = () => provisionGatewayKey(`${path}.key`).key;

function begin(): void {
  journal = openJournal(path);
  published = [];
  checkpoints = new Checkpoints({
    venue: 'shibuya-1',
    journal,
    key: keyOf(),
    clock,
    publish: (token) => published.push(token),
    log: pino({ level: 'silent' }),
  });
  checkpoints.start();
  onTestFinished(() => journal.close());
}

async function append(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const data = { door: 'front' };
    journal.write((writer) =>
      writer.append({ name: 'door.secured', subject: 'front', data }, clock.wallMs(), 'trusted'),
    );
    await settled();
  }
}

/** The claims of a token that the gateway's key has signed, its header checked. */
function claimsOf(token: string) {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const { publicKey } = keyOf();
  const key = createPublicKey({ key: { ...publicKey }, format: 'jwk' });
  expect(verify(null, Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))).toBe(
    true,
  );
  const jsonOf = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  expect(checkpointHeaderSchema.parse(jsonOf(header)).kid).toBe(publicKey.kid);
  return checkpointClaimsSchema.parse(jsonOf(payload));
}

describe('a checkpoint', () => {
  it('is signed at the hundredth event and not at the ninety-ninth', async () => {
    await append(99);
    expect(published).toEqual([]);
    await append(1);
    expect(published.map(claimsOf)).toEqual([
      {
        venue: 'shibuya-1',
        epoch: EPOCH,
        seq: 100,
        head: journal.headAt(100),
        iat: Math.floor(clock.wallMs() / 1000),
      },
    ]);
    await append(100);
    expect(published.map(claimsOf).map(({ seq }) => seq)).toEqual([100, 200]);
  });

  it('is signed a minute after the last where there was an event, and not where there was none', async () => {
    await append(1);
    await clock.advance(59_999);
    expect(published).toEqual([]);
    await clock.advance(1);
    expect(published.map(claimsOf).map(({ seq }) => seq)).toEqual([1]);
    await clock.advance(600_000);
    expect(published).toHaveLength(1);
  });

  it('is kept in the journal, and published again after a restart', async () => {
    await append(1);
    checkpoints.close();
    journal.close();
    const before = published;
    begin();
    expect(published).toEqual(before);
    expect(journal.signedHeads.newest()).toMatchObject({ seq: 1, token: before[0] });
  });
});
