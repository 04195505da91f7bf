import { element } from './dom.js';
import { words } from './language.js';

/** Rows that are kept on the page; the ledger itself keeps all. */
const ROWS_MAX = 60;

/** What is told of an event beside its name. Members that a reader of this page has no use for are left out. */
const DETAILS = {
  'access.granted': ({ side, kind, sub }) => [words.sides[side], words.kinds[kind], sub],
  'access.denied': ({ side, reason, sub }) => [words.sides[side], words.reasons[reason], sub],
  'access.not-taken': ({ reason }) => [words.notTaken[reason]],
  'stay.checked-in': ({ sub, visit }) =>
    visit.kind === 'reservation'
      ? [sub, visit.space.id, words.span(visit.start, visit.end)]
      : [sub, words.uses(visit)],
  'stay.reentered': ({ sub }) => [sub],
  'stay.checked-out': ({ sub }) => [sub],
  'reservation.past-closing': ({ space, start, end }) => [space.id, words.span(start, end)],
  'reservation.shortened': ({ space, from, to }) => [space.id, words.span(to, from)],
  'charge.computed': ({ charge }) => chargeDetails(charge),
  'charge.superseded': ({ before, after, reason }) => [
    `${words.yen(before.yen)} → ${words.yen(after.yen)}`,
    // An operator's reason is their own words.
    words.supersededBy[reason] ?? reason,
  ],
  'door.opened': ({ cause }) => [words.causes[cause] ?? words.unknown],
  'door.closed': ({ openMs }) => [openMs === null ? words.unknown : words.seconds(openMs)],
  'door.tamper': ({ active }) => [words.active[active]],
  'door.fire-release': ({ active }) => [words.active[active]],
  'command.executed': ({ cmd, by, target, effect }) => [words.acts[cmd] ?? cmd, target, by, effect],
  'command.refused': ({ cmd, by, detail }) => [words.acts[cmd] ?? cmd, by, detail],
  'controller.offline': ({ detail }) => [detail],
  'scanner.online': ({ side }) => [words.sides[side]],
  'scanner.offline': ({ side, detail }) => [words.sides[side], detail],
  'gateway.storage-degraded': ({ code }) => [code],
};

function chargeDetails(charge) {
  const span = charge.chargedFrom === null ? [] : [words.span(charge.chargedFrom, charge.chargedTo)];
  return [words.yen(charge.yen), ...span, ...(charge.online ? [] : [words.computedOffline])];
}

/** Names of events that want to be seen at a glance. */
const TONES = {
  'access.granted': 'good',
  'access.denied': 'bad',
  'access.not-taken': 'bad',
  'charge.computed': 'money',
  'charge.superseded': 'money',
  'door.forced-open': 'bad',
  'door.tamper': 'bad',
  'door.fire-release': 'bad',
  'door.lock-fault': 'bad',
  'controller.offline': 'bad',
  'scanner.offline': 'bad',
  'gateway.storage-degraded': 'bad',
};

/** What is told of an event: its name, its tone, and what there is to say beside it. */
export function describe(event) {
  const name = event.type.replace(/^genkan\.(.*)\.v\d+$/, '$1');
  const details = (DETAILS[name]?.(event.data) ?? []).filter((text) => text !== null && text !== undefined);
  return { name, tone: TONES[name] ?? 'plain', details };
}

/** Puts an event in its place, the newest at the top. One that is there already changes nothing. */
export function addToLedger(list, event) {
  const seq = Number(event.sequence);
  const next = [...list.children].find((row) => row.value <= seq);
  if (next?.value === seq) return;
  const { name, tone, details } = describe(event);
  const row = element(
    'li',
    { value: String(seq), 'data-event': name, 'data-tone': tone },
    element('time', { datetime: event.time }, event.time.slice(11, 19)),
    element('span', { class: 'ledger-name' }, words.events[name] ?? name),
    element('span', { class: 'ledger-details' }, details.join(' · ')),
    element('span', { class: 'ledger-seq', 'aria-hidden': 'true' }, `#${seq}`),
  );
  list.insertBefore(row, next ?? null);
  while (list.children.length > ROWS_MAX) list.lastElementChild.remove();
}
