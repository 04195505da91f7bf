import type { NotificationsConfig } from '../../shared/contract/config.ts';
import { formatInstant } from '../../shared/time.ts';

/** Whether it is a quiet hour of the venue. `from` is in it, `to` is not; it may reach over midnight. */
export function isQuiet(quiet: NotificationsConfig['quietHours'], nowMs: number, timeZone: string): boolean {
  if (quiet === null) return false;
  const now = formatInstant(nowMs, timeZone).slice(11, 16);
  const { from, to } = quiet;
  return from < to ? from <= now && now < to : now >= from || now < to;
}
