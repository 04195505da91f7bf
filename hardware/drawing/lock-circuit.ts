import type { LockType } from './descriptions.ts';
import { FIELD_X, RAIL_RIGHT, rowOf } from './layout.ts';
import { RED, box, contact, from, joint, label, lines, wire, suppressor } from './svg.ts';

/** From K1 through everything that can break the lock's supply, to the lock and back. */
export function lockCircuit(lock: LockType): readonly string[] {
  const [forth, back] = [rowOf(2), rowOf(3)];
  const lockX = 1420;
  const ink = lock.breaks.length > 0 ? RED : undefined;
  const fire = lock.breaks.find(({ place }) => place === 'panel');
  const atDoor = lock.breaks.filter(({ place }) => place === 'door');
  const parts = fire === undefined ? bridge() : firePanel(fire);
  let at = RAIL_RIGHT + (fire === undefined ? 0 : 26);
  // At the door the wire goes on from terminal 2.
  atDoor.forEach((each, index) => {
    const x = FIELD_X - 60 + index * 150;
    parts.push(
      wire(from([at, forth]).h(x), 1.6, ink),
      contact([x, forth], each.contacts.endsWith('2'), false, ink),
      label([x + 30, forth + 22], `${each.label}  ${each.contacts}`, { bold: true, anchor: 'middle' }),
      label([x + 30, forth + 40], `${each.name} ${each.ja}`, { anchor: 'middle', size: 11 }),
    );
    at = x + 60;
  });
  const suppressorX = lockX - 36;
  parts.push(
    wire(from([at, forth]).h(lockX), 1.6, ink),
    wire(from([RAIL_RIGHT, back]).h(lockX)),
    joint([suppressorX, forth]),
    joint([suppressorX, back]),
    wire(from([suppressorX, forth]).v(back)),
    suppressor([suppressorX, (forth + back) / 2], lock.suppressor.polarised),
    label([suppressorX - 14, forth + 27], lock.suppressor.label, { anchor: 'end', bold: true, size: 13 }),
    label([suppressorX - 14, forth + 44], lock.suppressor.part, { anchor: 'end', size: 12 }),
    box([lockX, forth - 26], 220, 112, '#fdf0ee'),
    label([lockX + 8, forth + 5], '+', { bold: true, size: 16 }),
    label([lockX + 8, back + 5], '−', { bold: true, size: 16 }),
    label([lockX + 30, forth - 4], lock.lock.label, { bold: true, size: 15 }),
    label([lockX + 30, forth + 16], lock.lock.name, { size: 13 }),
    lines([lockX + 30, forth + 36], lock.lock.text, { size: 12, pitch: 17 }),
  );
  if (lock.breaks.length > 0) {
    parts.push(
      label(
        [FIELD_X - 20, forth - 44],
        'HARD-WIRED WAY OUT: each contact alone takes the lock’s power away',
        { bold: true, size: 13, fill: '#a01010' },
      ),
    );
  } else {
    parts.push(
      label([FIELD_X - 60, forth - 44], 'WAY OUT: the handle inside, mechanical', {
        bold: true,
        size: 13,
        fill: '#a01010',
      }),
    );
  }
  return parts;
}

/** Terminals 1 and 2 where no panel stands between them. */
function bridge(): string[] {
  const [out, forth] = [rowOf(1), rowOf(2)];
  return [
    wire(
      from([RAIL_RIGHT, out])
        .h(RAIL_RIGHT + 26)
        .v(forth)
        .h(RAIL_RIGHT),
      3,
    ),
    label([RAIL_RIGHT + 36, (out + forth) / 2 + 5], 'bridge', { size: 14 }),
  ];
}

function firePanel({ label: sign, contacts, name, ja }: LockType['breaks'][number]): string[] {
  const [out, forth] = [rowOf(1), rowOf(2)];
  return [
    wire(from([RAIL_RIGHT, out]).h(RAIL_RIGHT + 40), 1.6, RED),
    contact([RAIL_RIGHT + 40, out], contacts.endsWith('2'), true, RED),
    wire(from([RAIL_RIGHT + 40, forth]).h(RAIL_RIGHT), 1.6, RED),
    joint([RAIL_RIGHT + 26, forth]),
    label([RAIL_RIGHT + 58, out + 20], `${sign}  ${contacts}`, { bold: true }),
    label([RAIL_RIGHT + 58, out + 38], `${name} ${ja}`, { size: 13 }),
  ];
}
