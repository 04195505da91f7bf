import { statSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { GatewayConfig } from '../../shared/contract/config.ts';
import type { HostClock } from './clock.ts';

/**
 * For how long one synchronisation speaks for the clock, in milliseconds: three of the longest pauses that
 * systemd-timesyncd makes between two (`PollIntervalMaxSec`, 2,048 s).
 */
const SYNCHRONISED_FOR_MS = 3 * 2_048_000;

/**
 * The clock of the host that the gateway runs on.
 *
 * @param config `host`: the operator vouches for it. `timesyncd`: it is synchronised for some time after each touch of
 *   `syncMark`, which systemd-timesyncd gives it on every successful synchronisation (systemd-timesyncd.service(8))
 */
export function hostClock({
  source,
  syncMark,
}: Pick<GatewayConfig['clock'], 'source' | 'syncMark'>): HostClock {
  let touched: { readonly mtimeMs: number; readonly seenMs: number } | null = null;
  return {
    wallMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    after: (delayMs, task) => {
      const timer = setTimeout(task, delayMs);
      return () => {
        clearTimeout(timer);
      };
    },
    isSynchronised() {
      if (source === 'host') return true;
      const mtimeMs = statSync(syncMark, { throwIfNoEntry: false })?.mtimeMs;
      if (mtimeMs === undefined) return false;
      const nowMs = performance.now();
      // The wall tells the age of a mark that was there before us; of a later touch we know it by ourselves.
      const ageMs = touched === null ? Math.max(0, Date.now() - mtimeMs) : 0;
      if (touched?.mtimeMs !== mtimeMs) touched = { mtimeMs, seenMs: nowMs - ageMs };
      return nowMs - touched.seenMs < SYNCHRONISED_FOR_MS;
    },
  };
}
