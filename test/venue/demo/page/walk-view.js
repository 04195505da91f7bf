import { byId, element } from '/pages/dom.js';
import { gatewayWords, words } from './words.js';

const { node: says } = words;
let lastStored = 0;
let lastRows = 0;

/** Board, gateway, line and cloud, each by its own word. A dead one says nothing: its facts are unknown. */
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
    ...(status === null || status.storage === null ? [] : [[says.storage, status.storage, 'bad']]),
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

function doorSaid({ controller, lock, leaf, alarms }) {
  if (controller !== 'online') return gatewayWords.unknown;
  const parts = [
    words.doorFacts[lock] ?? gatewayWords.unknown,
    words.doorFacts[leaf] ?? gatewayWords.unknown,
  ];
  return [...parts, ...(alarms ?? []).map((alarm) => gatewayWords.events[`door.${alarm}`] ?? alarm)].join(
    ' · ',
  );
}

function toneOf(report) {
  return report?.controller !== 'online' || (report.alarms ?? []).length > 0 ? 'bad' : 'plain';
}

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
  place.querySelector('dl').replaceChildren(...rows);
}

/** A dot runs along the wire whenever something has gone over it. */
function wire(id, isWhole, moved) {
  const place = byId(id);
  place.dataset.whole = String(isWhole);
  if (!moved) return;
  place.classList.remove('moving');
  void place.offsetWidth;
  place.classList.add('moving');
}
