import { civilDateOf, startOfDay } from '../../shared/hours.ts';
import { formatInstant } from '../../shared/time.ts';

/** One visit; instants are epoch milliseconds. */
export interface Visited {
  readonly inMs: number;
  readonly outMs: number | null;
}

/** Counts of a day or a span, for the console. */
export interface Statistics {
  /** Check-ins of today by hour, 24 of them. */
  readonly today: readonly number[];
  /** Check-ins by hour on an average of the days before, 24 of them. */
  readonly average: readonly number[];
  /** Visits and the most people at once, by civil day, oldest first. */
  readonly days: readonly { readonly date: string; readonly visits: number; readonly most: number }[];
}

/** Counts visits for the console's charts. Pure. @param days how many civil days, today included */
export function statisticsOf(
  visits: readonly Visited[],
  nowMs: number,
  days: number,
  timeZone: string,
): Statistics {
  const todayMs = startOfDay(nowMs, timeZone);
  const dates = Array.from({ length: days }, (_, back) => {
    const date = civilDateOf(nowMs, timeZone).subtract({ days: days - 1 - back });
    const fromMs = date.toZonedDateTime(timeZone).epochMilliseconds;
    const toMs = date.add({ days: 1 }).toZonedDateTime(timeZone).epochMilliseconds;
    return { date: date.toString(), fromMs, toMs };
  });
  // The hour that the venue's clocks show: a day on which they are changed has 23 or 25.
  const hourOf = ({ inMs }: Visited) => Number(formatInstant(inMs, timeZone).slice(11, 13));
  const today = new Array<number>(24).fill(0);
  const average = new Array<number>(24).fill(0);
  for (const visit of visits) {
    const hour = hourOf(visit);
    if (visit.inMs >= todayMs) today[hour] = (today[hour] ?? 0) + 1;
    else average[hour] = (average[hour] ?? 0) + 1 / Math.max(1, days - 1);
  }
  return {
    today,
    average: average.map((count) => Math.round(count * 10) / 10),
    days: dates.map(({ date, fromMs, toMs }) => {
      const there = visits.filter(({ inMs, outMs }) => inMs < toMs && (outMs ?? nowMs) > fromMs);
      return {
        date,
        visits: visits.filter(({ inMs }) => inMs >= fromMs && inMs < toMs).length,
        most: mostAtOnce(there, nowMs),
      };
    }),
  };
}

/** The most visits at one instant. Who leaves at an instant is gone when the next one comes at it. */
function mostAtOnce(visits: readonly Visited[], nowMs: number): number {
  const steps = visits
    .flatMap(({ inMs, outMs }) => [
      { atMs: inMs, by: 1 },
      { atMs: outMs ?? nowMs + 1, by: -1 },
    ])
    .sort((a, b) => a.atMs - b.atMs || a.by - b.by);
  let now = 0;
  let most = 0;
  for (const { by } of steps) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}
