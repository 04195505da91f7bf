import type { LockType, PinMap } from './descriptions.ts';
import { WIDTH, HEIGHT } from './layout.ts';
import { box, from, joint, label, lines, potential, resistor, wire, zeroVolt, suppressor } from './svg.ts';

/** Bottom middle: what N, T1 and K1 are inside. */
export function details(): readonly string[] {
  const x = 770;
  const y = 900;
  return [
    label([x, 862], 'INPUT CIRCUIT N1 … N6', { bold: true, size: 16 }),
    label([x, y + 46], 'terminal', { size: 12 }),
    wire(from([x, y + 55]).h(x + 170)),
    joint([x + 70, y + 55]),
    wire(from([x + 70, y + 55]).v(y + 48)),
    resistor([x + 70, y + 8], true),
    label([x + 82, y + 32], '2.2 kΩ', { size: 12 }),
    wire(
      from([x + 70, y + 8])
        .v(y - 8)
        .h(x + 84),
    ),
    potential([x + 84, y - 8], '5 V', 'right'),
    joint([x + 30, y + 55]),
    wire(from([x + 30, y + 55]).v(y + 110)),
    suppressor([x + 30, y + 85], false),
    zeroVolt([x + 30, y + 110]),
    label([x + 44, y + 90], 'P6KE6V8CA', { size: 12 }),
    resistor([x + 140, y + 55]),
    label([x + 142, y + 44], '1 kΩ', { size: 12 }),
    wire(from([x + 180, y + 55]).h(x + 250)),
    joint([x + 210, y + 55]),
    wire(from([x + 210, y + 55]).v(y + 78)),
    wire(from([x + 197, y + 78]).h(x + 223), 2.4),
    wire(from([x + 197, y + 86]).h(x + 223), 2.4),
    wire(from([x + 210, y + 86]).v(y + 110)),
    zeroVolt([x + 210, y + 110]),
    label([x + 229, y + 87], '100 nF', { size: 12 }),
    label([x + 238, y + 46], 'pin', { size: 12 }),
    lines(
      [x, y + 152],
      [
        'N7: L+ – 100 kΩ – A0 – 10 kΩ – 0 V, 100 nF at A0.',
        'T1: D12 – 1 kΩ – base of BC337; emitter to 0 V,',
        'collector to terminal 17, 1N4148 to 5 V.',
        'K1: IN – 470 Ω – PC817 – 0 V; its transistor drives',
        'BC337 and the 9 V coil of a G5V-2 with 1N4148',
        'across it. Two poles, moved by one armature.',
      ],
      { size: 12, pitch: 17 },
    ),
  ];
}

/** What whoever wires it has to know of this lock. */
export function notes(lock: LockType): readonly string[] {
  const wrapped = lock.notes.flatMap((note, index) => {
    const [first = '', ...rest] = wrap(note, 62);
    return [`${index + 1}  ${first}`, ...rest.map((line) => `    ${line}`)];
  });
  return [
    label([1150, 862], 'NOTES', { bold: true, size: 16 }),
    ...wrapped.map(
      (line, index) =>
        `<text x="1150" y="${884 + index * 18}" font-size="13" xml:space="preserve">${line}</text>`,
    ),
  ];
}

/** What the sheet is, and of which data it was made. */
export function titleBlock(pins: PinMap, lock: LockType): readonly string[] {
  const x = 1150;
  const y = 1066;
  const width = WIDTH - 14 - x;
  return [
    box([x, y], width, HEIGHT - 14 - y),
    wire(from([x, y + 62]).h(x + width)),
    wire(from([x + 330, y + 62]).v(HEIGHT - 14)),
    label([x + 12, y + 26], 'GENKAN DOOR CONTROLLER', { bold: true, size: 18 }),
    label([x + 12, y + 50], lock.title, { size: 16 }),
    label([x + 12, y + 82], pins.board, { size: 12 }),
    label([x + 12, y + 100], 'From pins.json, wiring.json, locks.json', { size: 12 }),
    label([x + 342, y + 82], `Sheet  wiring-${lock.id}`, { size: 12 }),
    label([x + 342, y + 100], 'A3, not to scale', { size: 12 }),
  ];
}

/** Breaks a text into lines of at most so many characters. */
function wrap(text: string, length: number): readonly string[] {
  const found: string[] = [];
  let current = '';
  for (const word of text.split(' ')) {
    if (current !== '' && current.length + word.length + 1 > length) {
      found.push(current);
      current = word;
    } else {
      current = current === '' ? word : `${current} ${word}`;
    }
  }
  return [...found, current];
}
