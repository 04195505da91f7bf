import type { AccessRequest } from './facts.ts';
import type { Stay } from './stay.ts';

type Asked = Pick<AccessRequest, 'side' | 'stay'>;

/** Whether its holder wants to be let in; or wants out, at an exit or by checking out at an entrance. */
export const wantsIn = ({ side, stay }: Asked): boolean => side === 'entry' && stay === undefined;

/** Whether what is asked releases the door when it is granted: a check-out at an entrance does not. */
export const releasesDoor = (asked: Asked): boolean => asked.side === 'exit' || wantsIn(asked);

/**
 * The stay that a scan at the exit closes: the one that is named, or the open one that ends first. Of a seat for the day and a room for an hour,
 * the room is left first. Without an open one it is a forgotten one, which is checked out after its settlement.
 */
export function stayToCheckOut(stays: readonly Stay[], named?: string): Stay | null {
  const ended = stays.filter(
    (stay) => stay.state === 'forgotten' && stay.checkOutMs === null && isLastVisit(stay, stays),
  );
  const isMeant = ({ id }: Stay) => named === undefined || id === named;
  return (
    firstToEnd(stays.filter((stay) => isOpen(stay) && isMeant(stay))) ?? firstToEnd(ended.filter(isMeant))
  );
}

/**
 * The stay that somebody leaves who has checked out of it before: within the time that is paid for, or later where
 * there is evidence that they are still inside. `null` for everybody else, who leaves by the exit button.
 */
export function stayToLeave(stays: readonly Stay[], nowMs: number): Stay | null {
  const left = stays.filter(
    (stay) =>
      stay.state === 'checked-out' &&
      stay.endsAtMs !== null &&
      isLastVisit(stay, stays) &&
      (nowMs < stay.endsAtMs ||
        (stay.reenteredMs ?? null) !== null ||
        stay.flags.includes('checkout-not-left')),
  );
  return firstToEnd(left);
}

/**
 * The stays that can be checked out of at an entrance: open still, and their time is over. Who went out for a break and
 * came back too late is not let in to the exit's reader any more.
 */
export function leftOpen(stays: readonly Stay[], nowMs: number): Stay[] {
  return stays.filter((stay) => isOpen(stay) && stay.endsAtMs !== null && stay.endsAtMs <= nowMs);
}

/** Whether somebody is inside by this stay. */
export const isOpen = (stay: Stay): boolean => stay.state === 'open';

/** Whether its holder takes a seat now. A meeting room takes none, and a guest sits there. */
export function takesSeat({ state, entitlement }: Stay): boolean {
  if (state !== 'open') return false;
  return entitlement.kind === 'ticket' || (entitlement.space.kind === 'seat' && entitlement.role === 'user');
}

/** Whether the member has begun no other visit since this one ended: then a scan may still be about this one. */
function isLastVisit({ endsAtMs }: Stay, stays: readonly Stay[]): boolean {
  return !stays.some(
    ({ state, checkInMs }) => state !== 'voided' && checkInMs !== null && checkInMs > (endsAtMs ?? Infinity),
  );
}

function firstToEnd(stays: readonly Stay[]): Stay | null {
  const sorted = [...stays].sort(
    (a, b) => (a.endsAtMs ?? Infinity) - (b.endsAtMs ?? Infinity) || (a.checkInMs ?? 0) - (b.checkInMs ?? 0),
  );
  return sorted[0] ?? null;
}
