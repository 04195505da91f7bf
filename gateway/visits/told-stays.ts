import type { Logger } from 'pino';
import type { VenueConfig } from '../../shared/contract/config.ts';
import { isSameMember, type Member } from '../../shared/contract/member.ts';
import type { StayRecord } from '../../shared/contract/stays.ts';
import { adoptStay } from '../access/adopt.ts';
import { closingAtCheckIn } from '../access/close.ts';
import { nextStayState, type Stay } from '../access/stay.ts';
import type { Clock } from '../clock/clock.ts';
import type { Journal, JournalWriter } from '../journal/journal.ts';

export interface TellingOptions {
  readonly venue: VenueConfig;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The name under which a journal keeps the stays that were told before their reservations. */
const TOLD_AHEAD = 'staysToldAhead';

/**
 * Takes over a stay that the cloud tells of; one whose reservation is not known here is kept until it is. To be called
 * within a transaction of the journal.
 */
export function adoptTold(writer: JournalWriter, told: StayRecord, options: TellingOptions): void {
  const { venue, journal, clock, log } = options;
  const stay = journal.stays.get(told.stay);
  const { reservation } = told;
  const synced = reservation === null ? null : journal.synced.reservation(reservation, told);
  const entitlement = stay?.entitlement ?? synced?.reservation;
  if (entitlement === undefined) {
    log.info({ stay: told.stay }, 'an earlier stay of nothing that is known here');
    if (reservation !== null) putToldAhead(writer, [...others(toldAhead(journal), told), told]);
    return;
  }
  const other = reservation === null || stay !== null ? null : journal.stays.ofReservation(reservation, told);
  if (other !== null && !giveWay(writer, other, told, clock)) return;
  const isChargedHere = stay?.charge !== undefined && journal.isCharged(stay.id);
  const closing = entitlement.kind === 'reservation' && {
    closingMs: closingAtCheckIn(synced?.closingMs, entitlement, venue),
  };
  const adopted = adoptStay(told, { stay, entitlement, isChargedHere, ...closing });
  if (adopted === null) return;
  const reenteredMs = other?.state === 'open' ? other.checkInMs : null;
  writer.stays.put(reenteredMs === null ? adopted.stay : { ...adopted.stay, reenteredMs });
  for (const event of adopted.events) writer.append(event, clock.wallMs(), clock.trust());
}

/**
 * Takes over what was told of a reservation before the reservation itself. To be called within the transaction that keeps
 * the reservation, so that it is never without its stay.
 */
export function adoptToldAhead(
  writer: JournalWriter,
  reservation: string,
  member: Member,
  options: TellingOptions,
): void {
  const ahead = toldAhead(options.journal);
  const due = ahead.filter((told) => told.reservation === reservation && isSameMember(told, member));
  if (due.length === 0) return;
  putToldAhead(
    writer,
    ahead.filter((told) => !due.includes(told)),
  );
  for (const told of due) adoptTold(writer, told, options);
}

function toldAhead({ facts }: Pick<Journal, 'facts'>): readonly StayRecord[] {
  return JSON.parse(facts.get(TOLD_AHEAD) ?? '[]') as readonly StayRecord[];
}

function putToldAhead({ facts }: JournalWriter, ahead: readonly StayRecord[]): void {
  facts.put(TOLD_AHEAD, JSON.stringify(ahead));
}

function others(ahead: readonly StayRecord[], { stay }: StayRecord): readonly StayRecord[] {
  return ahead.filter((each) => each.stay !== stay);
}

/**
 * A reservation whose user came again before the cloud had said that the visit was over and charged: coming again opens
 * no new stay. @returns whether the earlier stay takes the place of the one that was begun here
 */
function giveWay(writer: JournalWriter, here: Stay, told: StayRecord, clock: Clock): boolean {
  if (here.state === 'voided') return true;
  if (told.charge === null || here.state !== 'open') return false;
  writer.stays.put({ ...here, state: nextStayState(here.state, 'void') });
  const { id: stay, iss, sub } = here;
  const data = { stay, iss, sub, reason: 'charged-before' } as const;
  writer.append({ name: 'stay.voided', subject: stay, data }, clock.wallMs(), clock.trust());
  return true;
}
