import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { beginEpoch } from '../../../gateway/journal/successor.ts';
import { parseEvent } from '../../../shared/contract/events.ts';
import { EPOCH, openJournal, temporaryFolder } from '../../temporary.ts';
import { ManualClock } from '../manual-clock.ts';
import { needs } from '../../needs.ts';
import { startMosquitto } from './brokers.ts';
import { Listener, numbersOf, startLine, topics, type Line } from './cloud.ts';
import { until } from '../../venue/until.ts';

/** An event of about a kilobyte: an operator's reason may have 500 characters. */
function appendLarge({ journal, clock }: Pick<Line, 'journal' | 'clock'>): void {
  const data = {
    command: 'c-1',
    cmd: 'check-out',
    via: 'console',
    by: 'operator-7',
    reason: '理'.repeat(300),
    target: 's-1',
    effect: 'checked-out',
  } as const;
  journal.write((writer) =>
    writer.append({ name: 'command.executed', subject: 'shibuya-1', data }, clock.wallMs(), 'trusted'),
  );
}

describe('a broker that takes packets of 800 bytes', needs('mosquitto'), () => {
  it('gets everything that fits, and is told once of what does not', async () => {
    const broker = await startMosquitto(undefined, ['max_packet_size 800']);
    const line = await startLine(broker);
    const listener = await Listener.join(broker);
    line.append(1);
    appendLarge(line);
    line.append(1);
    line.uplink.start();
    expect(numbersOf(await listener.until(topics.events, 3))).toEqual([1, 3, 4]);
    const gap = JSON.parse(listener.on(topics.events)[2]?.text ?? '') as object;
    expect(gap).toMatchObject({ type: 'genkan.gateway.gap.v1', data: { from: 2, to: 2 } });
    expect(line.uplink.refusal).toBe('packet-too-large');
    expect(line.uplink.isOnline).toBe(true);
    // Sent again for want of a receipt: no second gap.
    await line.clock.advance(15_000);
    expect(numbersOf(await listener.until(topics.events, 6))).toEqual([1, 3, 4, 1, 3, 4]);
    expect(line.journal.lastSeq).toBe(4);
  });

  it('is told of the second of three events that an earlier epoch left by that epoch and its number 2, and takes the new epoch', async () => {
    const NEXT = '01JD1111111111111111111111';
    const broker = await startMosquitto(undefined, ['max_packet_size 800']);
    const line = await startLine(
      broker,
      {},
      {
        prepare: (path) => {
          const journal = openJournal(path);
          const data = { door: 'front' };
          const small = () =>
            journal.write((writer) =>
              writer.append({ name: 'door.secured', subject: 'front', data }, 0, 'trusted'),
            );
          small();
          appendLarge({ journal, clock: new ManualClock('2025-10-20T10:00:00+09:00') });
          small();
          journal.close();
          beginEpoch({ path, from: path, aside: `${path}.aside`, birth: { epoch: NEXT, leaseBase: 1 } });
        },
      },
    );
    const listener = await Listener.join(broker);
    line.append(1);
    line.uplink.start();
    const heard = await listener.until(topics.events, 4);
    const events = heard.map(({ text }) => parseEvent(JSON.parse(text)));
    expect(events.map(({ epoch, seq }) => [epoch, seq])).toEqual([
      [EPOCH, 1],
      [EPOCH, 3],
      [NEXT, 1],
      [NEXT, 2],
    ]);
    expect(events[3]).toMatchObject({ name: 'gateway.gap', data: { epoch: EPOCH, from: 2, to: 2 } });
    // Sent again for want of a receipt: no second gap.
    await line.clock.advance(15_000);
    await listener.until(topics.events, 8);
    expect(line.journal.lastSeq).toBe(2);
  });

  it('gets it by the next connection that takes it', async () => {
    const broker = await startMosquitto(undefined, ['max_packet_size 800']);
    const line = await startLine(broker);
    appendLarge(line);
    line.uplink.start();
    await vi.waitFor(() => expect(line.uplink.refusal).toBe('packet-too-large'));
    await broker.kill();
    await vi.waitFor(() => expect(line.uplink.isOnline).toBe(false));
    const listener = await Listener.join(await startMosquitto(broker.port));
    await line.clock.advance(1_000);
    expect(numbersOf(await listener.until(topics.events, 2))).toEqual([1, 2]);
    expect(line.uplink.refusal).toBeNull();
  });
});

describe('a broker that lets this account publish no events', needs('mosquitto'), () => {
  it('is asked again at growing pauses, the line stands, and the events go in order once it does', async () => {
    const acl = join(temporaryFolder(), 'acl');
    const others = ['gateway/state', 'requests', 'receipts'].map(
      (topic) => `topic readwrite genkan/v1/+/${topic}`,
    );
    writeFileSync(acl, [...others, 'topic read genkan/v1/#', ''].join('\n'));
    const broker = await startMosquitto(undefined, [`acl_file ${acl}`]);
    const line = await startLine(broker);
    line.append(3);
    line.uplink.start();
    await vi.waitFor(() => expect(line.uplink.refusal).toBe('not-authorised'));
    expect(line.uplink.isOnline).toBe(true);
    // Somebody mends the rules; Mosquitto reads them again on SIGHUP.
    writeFileSync(acl, 'topic readwrite genkan/v1/#\n');
    broker.reload();
    const listener = await Listener.join(broker);
    await vi.waitFor(
      async () => {
        await line.clock.advance(1_000);
        expect(line.uplink.refusal).toBeNull();
      },
      { timeout: 20_000 },
    );
    expect(new Set(numbersOf(await listener.until(topics.events, 3)))).toEqual(new Set([1, 2, 3]));
  });
});

describe('without receipts', needs('mosquitto'), () => {
  it('the ledger is sent again after 15, 30 and 60 seconds, and the receipt is asked for each time', async () => {
    const broker = await startMosquitto();
    const { uplink, clock, append } = await startLine(broker);
    const listener = await Listener.join(broker);
    append(1);
    uplink.start();
    await listener.until(topics.events, 1);
    for (const [waitMs, heard] of [
      [15_000, 2],
      [29_999, 2],
      [1, 3],
      [60_000, 4],
    ] as const) {
      await clock.advance(waitMs);
      await listener.until(topics.events, heard);
    }
    expect(listener.on(topics.events)).toHaveLength(4);
    expect(await listener.until(topics.requests, 4)).toHaveLength(4);
  });

  it('a replay sends from its number on, though the cloud holds it already', async () => {
    const broker = await startMosquitto();
    const { uplink, journal, append, receipt } = await startLine(broker);
    const listener = await Listener.join(broker);
    append(4);
    uplink.start();
    await listener.until(topics.events, 4);
    await listener.publish(topics.receipts, receipt(4), false);
    await vi.waitFor(() => expect(journal.custody.seq).toBe(4));
    expect(uplink.replay(3)).toBe(true);
    append(1);
    expect(numbersOf(await listener.until(topics.events, 7))).toEqual([1, 2, 3, 4, 3, 4, 5]);
  });

  it('a sync puts the questions of a birth again', async () => {
    const broker = await startMosquitto();
    const { uplink } = await startLine(broker);
    uplink.askAtBirth(() => ({ need: 'reservations', have: 7 }));
    const listener = await Listener.join(broker);
    uplink.start();
    await listener.until(topics.requests, 2);
    // The questions are out; the line is up with the broker's last acknowledgement of the birth.
    await until('the line is up', () => uplink.isOnline);
    expect(uplink.sync()).toBe(true);
    const asked = await listener.until(topics.requests, 4);
    expect(asked.slice(2).map(({ text }) => JSON.parse(text) as object)).toEqual(
      asked.slice(0, 2).map(({ text }) => JSON.parse(text) as object),
    );
  });
});
