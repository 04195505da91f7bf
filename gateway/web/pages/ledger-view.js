import { element } from './dom.js';
import { words } from './language.js';
import { span, writer } from './venue-time.js';

/** @import { ChargeRecord } from '../../../shared/contract/charge.ts' */
/** @import { EventData, EventName, PublishedEvent } from '../../../shared/contract/events.ts' */

/** Rows that are kept on the page; the ledger itself keeps all. */
const ROWS_MAX = 60;

const clock = writer('sv', { timeStyle: 'medium' });

/**
 * What is told of an event beside its name. Members that a reader of this page has no use for are left out: what a driver
 * or a disk said of a fault is in the log, in English, and in the export.
 *
 * @type {{ [Name in EventName]?: (data: EventData<Name>) => readonly (string | null)[] }}
 */
const DETAILS = {
  'access.granted': ({ side, kind, sub }) => [words.sides[side], words.kinds[kind], sub],
  'access.denied': ({ side, reason, sub }) => [words.sides[side], words.reasons[reason], sub],
  'access.not-taken': ({ reason }) => [words.notTaken[reason]],
  'stay.checked-in': ({ sub, visit }) =>
    visit.kind === 'reservation'
      ? [sub, visit.space.id, span(visit.start, visit.end)]
      : [sub, words.uses(visit)],
  'stay.reentered': ({ sub }) => [sub],
  'stay.checked-out': ({ sub }) => [sub],
  'reservation.past-closing': ({ space, start, end }) => [space.id, span(start, end)],
  'reservation.unsettled': ({ space, start, end }) => [space.id, span(start, end)],
  'reservation.shortened': ({ space, freeFrom, freeUntil }) => [space.id, span(freeFrom, freeUntil)],
  'charge.computed': ({ sub, charge }) => [sub, ...chargeDetails(charge)],
  'charge.superseded': ({ sub, before, after, reason }) => [
    sub,
    `${words.yen(before.yen)} → ${words.yen(after.yen)}`,
    // An operator's reason is their own words.
    words.supersededBy[reason] ?? reason,
  ],
  'door.opened': ({ cause }) => [cause === null ? words.unknown : words.causes[cause]],
  'door.closed': ({ openMs }) => [openMs === null ? words.unknown : words.seconds(openMs)],
  'door.codes-taken': ({ side }) => [words.sides[side]],
  'door.tamper': ({ active }) => [active ? words.active.true : words.active.false],
  'door.fire-release': ({ active }) => [active ? words.active.true : words.active.false],
  'command.executed': ({ cmd, by, target, effect }) => [
    words.acts[cmd],
    target,
    by,
    words.results[effect] ?? effect,
  ],
  'command.refused': ({ cmd, by, detail }) => [cmd && words.acts[cmd], by, words.results[detail] ?? detail],
  'scanner.online': ({ side }) => [words.sides[side]],
  'scanner.offline': ({ side }) => [words.sides[side]],
};

/** @param {ChargeRecord} charge */
function chargeDetails({ yen, chargedFrom, chargedTo, online }) {
  const charged = chargedFrom === null || chargedTo === null ? [] : [span(chargedFrom, chargedTo)];
  return [words.yen(yen), ...charged, ...(online ? [] : [words.computedOffline])];
}

/**
 * Names of events that want to be seen at a glance.
 *
 * @type {Readonly<Partial<Record<EventName, 'good' | 'bad' | 'money'>>>}
 */
const TONES = {
  'access.granted': 'good',
  'access.denied': 'bad',
  'access.not-taken': 'bad',
  'charge.computed': 'money',
  'charge.superseded': 'money',
  'door.forced-open': 'bad',
  'door.codes-taken': 'bad',
  'door.tamper': 'bad',
  'door.fire-release': 'bad',
  'door.lock-fault': 'bad',
  'controller.offline': 'bad',
  'scanner.offline': 'bad',
  'gateway.storage-degraded': 'bad',
};

/**
 * What is told of an event: its name, its tone, and what there is to say beside it.
 *
 * @param {PublishedEvent} event
 */
export function describe(event) {
  const name = nameOf(event);
  const details = detailsOf(name, event.data).filter((text) => text !== null);
  return { name, tone: TONES[name] ?? 'plain', details };
}

/** @param {PublishedEvent} event */
const nameOf = ({ type }) => /** @type {EventName} */ (type.replace(/^genkan\.(.*)\.v\d+$/, '$1'));

/**
 * @template {EventName} Name
 * @param {Name} name
 * @param {EventData<Name>} data
 */
const detailsOf = (name, data) => DETAILS[name]?.(data) ?? [];

/**
 * Puts an event in its place, the newest at the top. One that is there already changes nothing.
 *
 * @param {HTMLElement} list
 * @param {PublishedEvent} event
 */
export function addToLedger(list, event) {
  const seq = Number(event.sequence);
  const next = [...list.querySelectorAll('li')].find((row) => row.value <= seq);
  if (next?.value === seq) return;
  const { name, tone, details } = describe(event);
  const row = element(
    'li',
    { value: String(seq), 'data-event': name, 'data-tone': tone },
    element('time', { datetime: event.time }, clock(event.time)),
    element('span', { class: 'ledger-name' }, words.events[name]),
    element('span', { class: 'ledger-details' }, details.join(' · ')),
    element('span', { class: 'ledger-seq', 'aria-hidden': 'true' }, `#${seq}`),
  );
  list.insertBefore(row, next ?? null);
  while (list.children.length > ROWS_MAX) list.lastElementChild?.remove();
}
