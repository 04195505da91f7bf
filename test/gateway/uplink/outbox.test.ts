import { describe, expect, it } from 'vitest';
import { Outbox, WINDOW } from '../../../gateway/uplink/outbox.ts';
import { PublishRefused } from '../../../gateway/uplink/refusal.ts';
import { ManualClock, settled } from '../manual-clock.ts';

/** An outbox over a ledger of so many events; `sent` tells the number and the time of each. */
function outboxOver(
  events: number,
  eventsPerSecond: number,
  acknowledge: (seq: number) => Promise<void> = () => Promise.resolve(),
  window?: number,
) {
  const clock = new ManualClock('2025-10-20T10:00:00+09:00');
  const startMs = clock.monotonicMs();
  const sent: { seq: number; atMs: number }[] = [];
  const pages: number[] = [];
  const refusals: ({ seq: number; reasonCode: number } | null)[] = [];
  const outbox = new Outbox(0, {
    read: (afterSeq, limit) => {
      pages.push(limit);
      const count = Math.max(0, Math.min(limit, events - afterSeq));
      return Array.from({ length: count }, (_, index) => ({
        seq: afterSeq + index + 1,
        body: String(afterSeq + index + 1),
      }));
    },
    publish: (body) => {
      sent.push({ seq: Number(body), atMs: clock.monotonicMs() - startMs });
      return acknowledge(Number(body));
    },
    onRefused: (refused) => refusals.push(refused),
    ...(window !== undefined && { window }),
    monotonicMs: () => clock.monotonicMs(),
    after: (delayMs, task) => clock.after(delayMs, task),
    eventsPerSecond,
  });
  return { clock, outbox, sent, pages, refusals };
}

describe('the outbox', () => {
  it('drains 2,000 events at 90 a second in order, and in no second more than the 100 of AWS IoT', async () => {
    const { clock, outbox, sent } = outboxOver(2_000, 90);
    outbox.pump();
    await clock.advance(30_000);
    expect(sent.map(({ seq }) => seq)).toEqual(Array.from({ length: 2_000 }, (_, index) => index + 1));
    const most = Math.max(
      ...sent.map(
        ({ atMs }) => sent.filter((other) => other.atMs >= atMs && other.atMs < atMs + 1_000).length,
      ),
    );
    expect(most).toBeLessThanOrEqual(100);
    expect(most).toBeGreaterThanOrEqual(85);
    expect(sent.at(-1)?.atMs).toBeLessThan(25_000);
  });

  it('never has more than its window without an acknowledgement, and refills it one by one', async () => {
    const waiting: (() => void)[] = [];
    const { outbox, sent } = outboxOver(
      1_000,
      100_000,
      () => new Promise((resolve) => waiting.push(resolve)),
    );
    outbox.pump();
    expect(sent).toHaveLength(WINDOW);
    waiting.shift()?.();
    await settled();
    expect(sent).toHaveLength(WINDOW + 1);
    expect(outbox.sentSeq).toBe(WINDOW + 1);
  });

  it('sends nothing more once a publish has failed: the next connection starts at the receipt', async () => {
    let connected = true;
    const { outbox, sent, clock } = outboxOver(1_000, 100_000, () =>
      connected ? Promise.resolve() : Promise.reject(new Error('cut')),
    );
    connected = false;
    outbox.pump();
    await settled();
    const before = sent.length;
    connected = true;
    outbox.pump();
    await clock.advance(60_000);
    expect(sent).toHaveLength(before);
  });

  it('sends nothing more once it was stopped, though a token falls due', async () => {
    const { outbox, sent, clock } = outboxOver(1_000, 10);
    outbox.pump();
    expect(sent).toHaveLength(1);
    outbox.stop();
    await clock.advance(60_000);
    expect(sent).toHaveLength(1);
  });

  it('reads pages of 200, so that a live decision waits for no long read', async () => {
    const { outbox, pages, clock, sent } = outboxOver(1_000, 100_000);
    outbox.pump();
    await clock.advance(1_000);
    expect(sent).toHaveLength(1_000);
    expect(new Set(pages)).toEqual(new Set([200]));
  });

  it('never has more on the way than the broker has said that it takes', () => {
    const { outbox, sent } = outboxOver(1_000, 100_000, () => new Promise(() => undefined), 20);
    outbox.pump();
    expect(sent).toHaveLength(20);
  });

  it('waits after a refusal, twice as long after the next, and goes on with the same event in order', async () => {
    let left = 2;
    const { outbox, sent, clock, refusals } = outboxOver(4, 100_000, (seq) => {
      if (seq !== 2 || left === 0) return Promise.resolve();
      left -= 1;
      return Promise.reject(new PublishRefused(0x97));
    });
    outbox.pump();
    await clock.advance(60_000);
    const offered = sent.filter(({ seq }) => seq === 2).map(({ atMs }) => atMs);
    expect(offered).toEqual([0, 1_000, 3_000]);
    expect(sent.slice(-3).map(({ seq }) => seq)).toEqual([2, 3, 4]);
    expect(refusals).toEqual([{ seq: 2, reasonCode: 0x97 }, { seq: 2, reasonCode: 0x97 }, null]);
  });

  it('passes over the one event that is at fault itself, without a pause', async () => {
    const { outbox, sent, clock, refusals } = outboxOver(4, 100_000, (seq) =>
      seq === 2 ? Promise.reject(new PublishRefused(0x95)) : Promise.resolve(),
    );
    outbox.pump();
    await clock.advance(500);
    expect(sent.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(refusals).toEqual([{ seq: 2, reasonCode: 0x95 }]);
  });

  it('knows no reason code that stops it for ever', async () => {
    for (let reasonCode = 0x80; reasonCode <= 0xff; reasonCode += 1) {
      let refused = false;
      const { outbox, sent, clock } = outboxOver(2, 100_000, () => {
        if (refused) return Promise.resolve();
        refused = true;
        return Promise.reject(new PublishRefused(reasonCode));
      });
      outbox.pump();
      await clock.advance(1_000);
      expect(sent.at(-1)?.seq).toBe(2);
    }
  });
});
