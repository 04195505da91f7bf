import type { ChargeInput } from '../../../shared/billing/charge.ts';

/** What the model says of a charge. */
interface Modelled {
  readonly unitsBeforeCap: number;
  readonly units: number;
  readonly yen: number;
}

/**
 * The rules once more, written from the document's prose and not from the table: it walks the half hours of a stay
 * one by one and asks of each whether it is paid for. It shares no code with `shared/billing`.
 */
export function modelCharge(input: ChargeInput): Modelled {
  const { startMs, yenPer30Min } = input;
  let unitsBeforeCap = 0;
  for (let unitMs = startMs; isPaid(input, unitMs); unitMs += 1_800_000) unitsBeforeCap += 1;
  let units = 0;
  let yen = 0;
  const cap = capOf(input);
  for (let unit = 1; unit <= unitsBeforeCap; unit += 1) {
    const isFullByTime = cap.minutes !== undefined && unit * 30 > cap.minutes;
    const isFullByMoney =
      cap.minutes === undefined && cap.yen !== undefined && yen === cap.yen && yenPer30Min > 0;
    if (isFullByTime || isFullByMoney) break;
    units = unit;
    yen += yenPer30Min;
    if (cap.yen !== undefined && yen > cap.yen) yen = cap.yen;
  }
  return { unitsBeforeCap, units, yen };
}

/** Whether the half hour that begins at the instant is charged, before any cap. */
function isPaid(input: ChargeInput, unitMs: number): boolean {
  const { venue, space, startMs, endMs, cancelledAtMs, checkInMs, checkOutMs, closingMs, policy } = input;
  const noticeMs = (policy?.cancelDeadlineMinutes ?? 0) * 60_000;
  if (cancelledAtMs !== null && cancelledAtMs + noticeMs < startMs && checkInMs === null) return false;
  if (unitMs === startMs) return true;
  const isReserved = unitMs < endMs;
  if (space === 'room' && !isReserved) return false;
  if (checkOutMs === null) {
    if (checkInMs === null || isReserved) return isReserved;
    if (closingMs !== null) return unitMs < closingMs;
    return policy?.forgottenCutoff === '24-hours' && unitMs - startMs < 86_400_000;
  }
  const out = new Date(checkOutMs);
  if (policy?.stamp === 'second') out.setUTCMilliseconds(0);
  else out.setUTCSeconds(0, 0);
  const outMs = out.getTime();
  const shortens = venue === 'h1t' && (space === 'seat' || policy?.h1tRoomShorten !== false);
  if (outMs < endMs) return isReserved && (!shortens || unitMs <= outMs);
  // Nobody is charged for hours in which the venue is shut.
  return isReserved || (unitMs < outMs && (closingMs === null || unitMs < closingMs));
}

function capOf({ space, cap, policy, simultaneousUse }: ChargeInput): {
  readonly minutes?: number;
  readonly yen?: number;
} {
  if (space === 'room' && policy?.capRooms !== true) return {};
  if (simultaneousUse === true && policy?.capOnSimultaneousUse === 'none') return {};
  return cap ?? {};
}
