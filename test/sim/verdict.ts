import type { DoorConfig, GatewayConfig } from '../../shared/contract/config.ts';
import { parseInstant } from '../../shared/time.ts';
import { modelCharge } from '../shared/billing/model.ts';
import type { SimBroker } from './broker.ts';
import { NEXT_DAY_MS, type Calendar } from './calendar.ts';
import type { Cloud } from './cloud.ts';
import type { Board } from './controller.ts';
import { readLedger, type Reading, type Told } from './judge.ts';
import type { Machine } from './machine.ts';
import { RETRY_WITHIN_MS, type Oracle } from './oracle.ts';
import type { Day, Sold } from './scenario.ts';

export interface Evidence {
  readonly oracle: Oracle;
  readonly cloud: Cloud;
  readonly machine: Machine;
  readonly board: Board;
  readonly broker: SimBroker;
  readonly door: DoorConfig;
  readonly config: GatewayConfig;
  readonly calendar: Calendar;
  readonly day: Day;
}

/** Judges a day that is over and healed. What is not as it must be is complained of to the oracle. */
export function judge(evidence: Evidence): void {
  const { oracle, cloud, machine, board, door, day } = evidence;
  oracle.judgeReleases(board.releases, door.pulseMs);
  if (!judgeDelivery(evidence)) return;
  const reading = readLedger(cloud.events(), oracle.presentations, day);
  // What an older copy does not know and the cloud never heard is gone: then only the money is judged.
  if (machine.restoredMs === null) {
    for (const fault of reading.faults) oracle.complain(fault);
    judgePromises(oracle, reading);
    judgeReleased(evidence, reading);
  }
  for (const sold of day.sold) judgeBill(evidence, reading, sold);
  for (const told of reading.stays.values()) {
    if (told.isOpen && machine.restoredMs === null && !lastsOn(told, evidence.calendar))
      oracle.complain(`${told.stay} is open when the day is over`);
    if (told.bills > 1) oracle.complain(`${told.stay} is billed ${told.bills} times`);
    if ((told.ticket !== null || told.role === 'guest') && told.bills > 0)
      oracle.complain(`${told.stay} of ${told.sub} costs nothing and is billed`);
  }
}

/** Where nothing closes, a ticket's visit ends with its civil day: one of the next morning with the next. */
function lastsOn({ ticket, checkInMs }: Told, { closingMs }: Calendar): boolean {
  return ticket !== null && closingMs === null && (checkInMs ?? 0) >= NEXT_DAY_MS;
}

/** Every event of the journal is in the common store, once, in order, byte by byte, and the gateway knows it. */
function judgeDelivery({ oracle, cloud, machine, broker, config }: Evidence): boolean {
  const { journal, core } = machine;
  const before = oracle.violations.length;
  if (journal === null || core === null) {
    oracle.complain('the gateway does not run when everything is well');
    return false;
  }
  if (!core.line.isOnline) oracle.complain('the line is down when everything is well');
  for (const id of cloud.conflicts) oracle.complain(`${id}: two bodies under one number`);
  for (const { epoch, from, to } of cloud.store.gaps())
    if (!machine.abandonedEpochs.includes(epoch)) oracle.complain(`events ${from} to ${to} never came`);
  const held = cloud.store.after(config.venue.id, journal.epoch, 0);
  const written = journal.eventsAfter(0, journal.lastSeq);
  if (held.length !== written.length)
    oracle.complain(`the consumer holds ${held.length} events of ${written.length}`);
  const differs = written.find(({ body }, index) => held[index]?.body.toString('utf8') !== body);
  if (differs !== undefined) oracle.complain(`event ${differs.seq} is another one at the consumer`);
  // This cloud never loses what it holds: a word that it holds less tells that more was believed once.
  for (const { seq, body } of written)
    if ((JSON.parse(body) as { type: string }).type.includes('gateway.receipt-returned'))
      oracle.complain(`event ${seq}: what the cloud did not hold counted as received`);
  if (journal.custody.seq !== journal.lastSeq)
    oracle.complain(`receipts stand at ${journal.custody.seq}, the journal at ${journal.lastSeq}`);
  const kept = broker.retained.get(`genkan/v1/${config.venue.id}/gateway/state`) ?? '{}';
  if ((JSON.parse(kept) as { online?: boolean }).online !== true)
    oracle.complain('the gateway is on line and its retained state says otherwise');
  return oracle.violations.length === before;
}

/** What a member was told is in the ledger: nothing that was acknowledged is lost. */
function judgePromises(oracle: Oracle, { granted }: Reading): void {
  const grants = [...granted.values()];
  for (const shown of oracle.presentations) {
    if (shown.told !== 'granted' || shown.isLetOut || granted.has(shown.identity)) continue;
    const isRetry = grants.some(
      ({ data, time }) =>
        data.sub === shown.sub &&
        data.side === shown.side &&
        Math.abs(parseInstant(time) - shown.wallMs) <= RETRY_WITHIN_MS,
    );
    if (!isRetry) oracle.complain(`${shown.sub} was told "granted", and the ledger knows nothing of it`);
  }
}

/** A visit is one whose lock was released for it; and whoever was let in visits. */
function judgeReleased({ oracle, board }: Evidence, { stays, voids }: Reading): void {
  const released = new Set(board.releases.map(({ leaseId }) => oracle.grantOf(leaseId)));
  for (const told of stays.values()) {
    if (told.checkInMs === null || told.isVoided) continue;
    if (!told.grants.some((grant) => released.has(grant)))
      oracle.complain(`${told.stay} of ${told.sub} counts, and the lock was never released for it`);
  }
  const heard = new Set(
    [...oracle.acknowledgements]
      // A gateway that dies as it hears is not one that heard.
      .filter(([, { life, atMs }]) => life.endedMs !== atMs)
      .map(([leaseId]) => oracle.grantOf(leaseId)),
  );
  for (const { data } of voids) {
    const told = stays.get(data.stay);
    if (told?.grants.some((grant) => heard.has(grant)) === true)
      oracle.complain(
        `${data.stay} of ${data.sub} is voided, and the gateway knew that the lock was released`,
      );
  }
}

/** What a reservation costs, by the model: once, whatever the ledger went through. */
function judgeBill(
  { oracle, config, calendar, machine }: Evidence,
  { stays, left }: Reading,
  sold: Sold,
): void {
  const { reservation, sub, cancelledAtMs } = sold;
  const own = [...stays.values()].filter(
    (told) => told.reservation === reservation.id && told.sub === sub && told.role === 'user',
  );
  const visits = own.filter((told) => !told.isVoided);
  const billings = own.filter(({ yen }) => yen !== null && yen > 0);
  if (billings.length > 1)
    oracle.complain(`${reservation.id} is billed as ${billings.map(({ stay }) => stay).join(' and as ')}`);
  if (machine.restoredMs !== null && left.has(reservation.id)) return;
  const billed = own.reduce((sum, { yen }) => sum + (yen ?? 0), 0);
  // A visit that began after the copy was made may be nobody's any more: what was billed of it stands above.
  if (visits.length > 1 && machine.restoredMs !== null) return;
  if (visits.length > 1) {
    oracle.complain(
      `${reservation.id} is visited ${visits.length} times: ${visits.map(({ stay }) => stay).join()}`,
    );
    return;
  }
  const [visit] = visits;
  const wanted = closingsOf(calendar, visit, machine).map((closingMs) =>
    wantedYen(config, sold, visit, closingMs),
  );
  if (!wanted.includes(billed))
    oracle.complain(`${reservation.id} of ${sub} is billed ${billed} yen, not ${wanted.join(' or ')}`);
  if (visit === undefined && cancelledAtMs === null)
    oracle.complain(`${reservation.id} of ${sub} was neither visited nor settled`);
}

/** How long before a change of the hours a check-in was surely before it, whatever the gateway's clock said. */
const SURELY_BEFORE_MS = 10 * 60_000;

/**
 * The closings that may count: of the hours at the check-in, and where it came after they were changed those at booking.
 * Events tell no hours: of a visit that only they tell of, when the hours had been changed before a copy was restored,
 * nobody knows them.
 */
function closingsOf(
  calendar: Calendar,
  visit: Told | undefined,
  { restoredMs, copiedMs }: Machine,
): readonly (number | null)[] {
  const { change, closingMs, changedClosingMs } = calendar;
  const checkInMs = visit?.checkInMs ?? null;
  const isForgotten =
    change !== null &&
    (restoredMs ?? 0) > change.atMs &&
    (checkInMs ?? 0) > (copiedMs ?? 0) - SURELY_BEFORE_MS;
  const isBefore = change !== null && checkInMs !== null && checkInMs < change.atMs - SURELY_BEFORE_MS;
  if (change === null || (isBefore && !isForgotten)) return [closingMs];
  return [closingMs, changedClosingMs];
}

function wantedYen(
  { venue }: GatewayConfig,
  { reservation, cancelledAtMs }: Sold,
  visit: Told | undefined,
  closingMs: number | null,
): number {
  const endMs = parseInstant(reservation.end);
  return modelCharge({
    venue: venue.kind,
    space: reservation.space.kind,
    yenPer30Min: reservation.yenPer30Min,
    cap: reservation.cap ?? null,
    startMs: parseInstant(reservation.start),
    endMs,
    cancelledAtMs,
    checkInMs: visit?.checkInMs ?? null,
    checkOutMs: visit?.checkOutMs ?? null,
    closingMs,
    policy: venue.policy,
  }).yen;
}
