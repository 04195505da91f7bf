import { byId, element } from '/pages/dom.js';
import { gatewayWords, words } from './words.js';

const { node: says } = words;
/**
 * @import { DoorAlarm, DoorState } from '../../../../shared/contract/state.ts'
 * @import { DemoState } from '../shown.ts'
 *
 * @typedef {[label: string, text: string | null, tone: 'good' | 'bad' | 'plain', name?: string]} Fact
 * @typedef {Omit<DoorState, 'session'>} Report
 */

let lastStored = 0;
let lastRows = 0;

/**
 * Board, gateway, line and cloud, each by its own word. A dead one says nothing: its facts are unknown.
 *
 * @param {DemoState} state
 */
export function showWalk({ door, gateway, line, cloud }) {
  const { status } = gateway;
  fill('node-board', door.life, [
    [says.power, says[door.life], door.life === 'on' ? 'good' : 'bad'],
    [says.relay, door.pins === null ? null : door.pins.lockRelay ? says.high : says.low, 'plain', 'relay'],
    [says.usb, door.plugged.board ? says.plugged : says.unplugged, door.plugged.board ? 'plain' : 'bad'],
  ]);
  const [report] = status?.doors ?? [];
  fill('node-gateway', gateway.life, [
    [says.power, says[gateway.life], gateway.life === 'on' ? 'good' : 'bad'],
    [says.says, report === undefined ? null : doorSaid(report), toneOf(report), 'believes'],
    [says.journal, status && says.rows(status.last), 'plain', 'journal'],
    [
      says.outbox,
      status && says.waiting(status.last - status.receipted),
      status !== null && status.last === status.receipted ? 'good' : 'plain',
      'outbox',
    ],
    [says.clock, status && says.trust[status.clock], status?.clock === 'trusted' ? 'plain' : 'bad'],
    [says.inside, status && String(status.inside), 'plain', 'inside'],
    ...storageFact(status?.storage ?? null),
  ]);
  fill('node-cloud', 'on', [
    [says.line, line.cut ? says.down : says.up, line.cut ? 'bad' : 'good', 'line'],
    [says.stored, String(cloud.stored), 'plain', 'stored'],
    [says.receipt, String(cloud.receipt), 'plain', 'receipt'],
    [says.gaps, String(cloud.gaps), cloud.gaps > 0 ? 'bad' : 'plain', 'gaps'],
    [says.doubles, String(cloud.duplicates), 'plain'],
    [
      says.agrees,
      cloud.mismatches === 0 ? says.agreed : says.differs(cloud.mismatches),
      cloud.mismatches === 0 ? 'good' : 'bad',
      'agrees',
    ],
  ]);
  wire(
    'wire-usb',
    door.plugged.board && door.life === 'on' && gateway.life === 'on',
    (status?.last ?? 0) > lastRows,
  );
  wire('wire-line', !line.cut && gateway.life === 'on', cloud.stored > lastStored);
  lastStored = cloud.stored;
  lastRows = status?.last ?? lastRows;
}

/** @param {string | null} storage what is wrong with the journal's disk @returns {Fact[]} */
const storageFact = (storage) => (storage === null ? [] : [[says.storage, storage, 'bad']]);

/** A fire is told by the event of its input. @param {DoorAlarm} alarm */
const alarmName = (alarm) =>
  gatewayWords.events[alarm === 'fire' ? 'door.fire-release' : /** @type {const} */ (`door.${alarm}`)];

/** @param {Report} report */
function doorSaid({ controller, lock, leaf, alarms }) {
  if (controller !== 'online') return gatewayWords.unknown;
  const parts = [
    lock === null ? gatewayWords.unknown : words.doorFacts[lock],
    leaf === null ? gatewayWords.unknown : words.doorFacts[leaf],
  ];
  return [...parts, ...(alarms ?? []).map((alarm) => alarmName(alarm))].join(' · ');
}

/** @param {Report | undefined} report */
function toneOf(report) {
  return report?.controller !== 'online' || (report.alarms ?? []).length > 0 ? 'bad' : 'plain';
}

/**
 * @param {string} id
 * @param {DemoState['door']['life']} life
 * @param {readonly Fact[]} facts
 */
function fill(id, life, facts) {
  const place = byId(id);
  place.dataset.life = life;
  const rows = facts.flatMap(([label, text, tone, name]) => [
    element('dt', {}, label),
    element(
      'dd',
      { 'data-tone': text === null ? 'unknown' : tone, ...(name === undefined ? {} : { 'data-fact': name }) },
      text ?? gatewayWords.unknown,
    ),
  ]);
  place.querySelector('dl')?.replaceChildren(...rows);
}

/**
 * A dot runs along the wire whenever something has gone over it.
 *
 * @param {string} id
 * @param {boolean} isWhole
 * @param {boolean} moved
 */
function wire(id, isWhole, moved) {
  const place = byId(id);
  place.dataset.whole = String(isWhole);
  if (!moved) return;
  place.classList.remove('moving');
  // Reading its box starts the movement anew.
  place.getBoundingClientRect();
  place.classList.add('moving');
}
