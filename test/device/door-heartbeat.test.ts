import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Heartbeat } from '../../device/door/heartbeat.ts';

afterEach(() => vi.useRealTimers());

describe('the heartbeat', () => {
  let asked: number;
  let silent: number;
  let heartbeat: Heartbeat;
  beforeEach(() => {
    asked = 0;
    silent = 0;
    heartbeat = new Heartbeat({ ask: () => (asked += 1), silent: () => (silent += 1) });
  });
  afterEach(() => heartbeat.stop());

  it('asks every 500 ms while it is answered', () => {
    vi.useFakeTimers();
    heartbeat.start(1000);
    for (let at = 0; at < 5000; at += 50) {
      vi.advanceTimersByTime(50);
      heartbeat.heard();
      heartbeat.answered();
    }
    expect(asked).toBe(10);
    expect(silent).toBe(0);
  });

  it('asks again after 250 ms without an answer, and is silent once, 1,000 ms after the last word', () => {
    vi.useFakeTimers();
    heartbeat.start(1000);
    vi.advanceTimersByTime(999);
    expect([asked, silent]).toEqual([2, 0]);
    vi.advanceTimersByTime(1);
    expect(silent).toBe(1);
    vi.advanceTimersByTime(5000);
    expect(silent).toBe(1);
    expect(asked).toBeLessThanOrEqual(3);
  });

  it('only waits where the board is still being greeted', () => {
    vi.useFakeTimers();
    heartbeat.await(3000);
    vi.advanceTimersByTime(2999);
    expect([asked, silent]).toEqual([0, 0]);
    vi.advanceTimersByTime(1);
    expect(silent).toBe(1);
  });

  it('takes a process that stood still for no silence of the board', async () => {
    heartbeat.await(50);
    const until = performance.now() + 300;
    while (performance.now() < until);
    // The overdue timer runs in this turn of the loop; what the board sent is read in the next.
    await new Promise((resolve) => setTimeout(resolve, 0));
    await new Promise((resolve) => setImmediate(resolve));
    expect(silent).toBe(0);
  });
});
