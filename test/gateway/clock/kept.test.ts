import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ClockChange, HostClock } from '../../../gateway/clock/clock.ts';
import { hostClock } from '../../../gateway/clock/host.ts';
import { KeptClock } from '../../../gateway/clock/kept.ts';
import { ManualClock } from '../manual-clock.ts';
import { temporaryFolder } from '../../temporary.ts';

const START = '2026-11-24T12:00:00+09:00';

function kept(markMs: number | null, options: ConstructorParameters<typeof KeptClock>[1] = {}) {
  const time = new ManualClock(START);
  const host: HostClock = {
    wallMs: () => time.wallMs(),
    monotonicMs: () => time.monotonicMs(),
    after: (delayMs, task) => time.after(delayMs, task),
    isSynchronised: () => true,
  };
  const clock = new KeptClock(host, options);
  const changes: (ClockChange & { readonly toldMs: number })[] = [];
  const startMs = time.monotonicMs();
  clock.onChange((change) => changes.push({ ...change, toldMs: time.monotonicMs() - startMs }));
  const saved: number[] = [];
  const stop = clock.watch({ load: () => markMs, save: (mark) => saved.push(mark) });
  return { time, clock, changes, saved, stop };
}

describe("the gateway's clock", () => {
  it('tells a jump within a second, and does not follow it', async () => {
    const { time, clock, changes, stop } = kept(null);
    await time.advance(10_250);
    time.jumpTo('2099-01-01T00:00:00+09:00');
    await time.advance(1_000);
    expect(changes).toHaveLength(1);
    expect(changes[0]?.toldMs).toBeLessThanOrEqual(11_250);
    expect(clock.wallMs()).toBe(Date.parse(START) + 11_250);
    stop();
  });

  it('keeps the mark every ten minutes and at its end, never below what it was', async () => {
    const { time, saved, stop } = kept(null);
    await time.advance(25 * 60_000);
    expect(saved.length).toBe(3);
    stop();
    expect(saved).toHaveLength(4);
    expect(saved).toEqual(saved.toSorted((a, b) => a - b));
    expect(saved.at(-1)).toBe(Date.parse(START) + 25 * 60_000);
  });

  it('starts untrusted before the mark, and trusted where an operator has looked', () => {
    const markMs = Date.parse(START) + 3600_000;
    expect(kept(markMs).clock.trust()).toBe('untrusted');
    expect(kept(markMs).clock.wallMs()).toBe(markMs);
    const { clock } = kept(markMs, { accept: true });
    expect(clock.trust()).toBe('trusted');
    expect(clock.wallMs()).toBe(Date.parse(START));
  });
});

describe("the host's clock", () => {
  it('is synchronised while the mark of the time service is young, and not without one', () => {
    const syncMark = join(temporaryFolder(), 'timesync', 'synchronized');
    const isSynchronised = () => hostClock({ source: 'timesyncd', syncMark }).isSynchronised();
    expect(isSynchronised()).toBe(false);
    mkdirSync(join(syncMark, '..'));
    writeFileSync(syncMark, '');
    expect(isSynchronised()).toBe(true);
    const twoHoursAgo = Date.now() / 1000 - 7200;
    utimesSync(syncMark, twoHoursAgo, twoHoursAgo);
    expect(isSynchronised()).toBe(false);
    expect(hostClock({ source: 'host', syncMark }).isSynchronised()).toBe(true);
  });
});
