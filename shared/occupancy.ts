import type { Occupancy } from './contract/state.ts';

/** The seats of a venue at one moment. */
export interface Seats {
  readonly capacity: number;
  /** Taken by whoever is checked in. */
  readonly inside: number;
  /** Reserved now, and nobody sits there. */
  readonly held: number;
}

/**
 * How full a venue is, and its sign: ○ vacant, △ few seats left, × full. Advisory: the door decides on the live count.
 *
 * @param fewFree △ from so few free seats on; 0 shows no △
 */
export function occupancyOf({ capacity, inside, held }: Seats, fewFree: number): Occupancy {
  const free = Math.max(0, capacity - inside - held);
  return { inside, capacity, free, sign: free === 0 ? '×' : free <= fewFree ? '△' : '○' };
}
