import type { LockType, PinMap, Wiring } from './descriptions.ts';
import { WIDTH, HEIGHT } from './layout.ts';
import { box, from, joint, label, lines, potential, resistor, wire, zeroVolt, suppressor } from './svg.ts';

/** Bottom middle: what N, T1 and A4 are inside. */
export function details(): readonly string[] {
  const x = 745;
  const y = 905;
  const capacitor = (at: number, top: number): readonly string[] => [
    wire(from([at, y + 55]).v(top)),
    wire(from([at - 13, top]).h(at + 13), 2.4),
    wire(from([at - 13, top + 8]).h(at + 13), 2.4),
    wire(from([at, top + 8]).v(y + 110)),
    zeroVolt([at, y + 110]),
  ];
  return [
    label([x, 862], 'INPUT CIRCUIT N1 … N5  入力回路', { bold: true, size: 16 }),
    label([x, y + 46], 'terminal', { size: 12 }),
    wire(from([x, y + 55]).h(x + 130)),
    joint([x + 30, y + 55]),
    wire(from([x + 30, y + 55]).v(y + 110)),
    suppressor([x + 30, y + 85], false),
    zeroVolt([x + 30, y + 110]),
    label([x + 44, y + 90], 'V2', { size: 12 }),
    joint([x + 80, y + 55]),
    wire(from([x + 80, y + 55]).v(y + 48)),
    resistor([x + 80, y + 8], true),
    label([x + 90, y + 32], 'R4', { size: 12 }),
    wire(
      from([x + 80, y + 8])
        .v(y - 8)
        .h(x + 284),
    ),
    potential([x + 284, y - 8], '5 V', 'right'),
    resistor([x + 130, y + 55]),
    label([x + 150, y + 76], 'R5', { size: 12, anchor: 'middle' }),
    wire(from([x + 170, y + 55]).h(x + 320)),
    joint([x + 200, y + 55]),
    wire(from([x + 200, y + 55]).v(y - 8)),
    joint([x + 200, y - 8]),
    suppressor([x + 200, y + 24], true),
    wire(from([x + 200, y + 55]).v(y + 110)),
    suppressor([x + 200, y + 82], true),
    zeroVolt([x + 200, y + 110]),
    label([x + 214, y + 30], 'D3', { size: 12 }),
    label([x + 214, y + 88], 'D3', { size: 12 }),
    joint([x + 260, y + 55]),
    ...capacitor(x + 260, y + 78),
    label([x + 279, y + 87], 'C2', { size: 12 }),
    label([x + 300, y + 46], 'pin', { size: 12 }),
    lines(
      [x, y + 144],
      [
        'R4 2.2 kΩ, R5 3.3 kΩ, C2 100 nF, D3 2 × BAT85, V2 P6KE18CA.',
        'N6: R8 390 Ω to the other side, R14 1 kΩ, C2.',
        'N7: R12, R13, C2.  T1: R2 1 kΩ, BC337; D2 across K1’s coil.',
        'A4: ULN2003A, C4 10 nF at each output; R9 470 Ω,',
        'R10 100 Ω; V2 at each of their terminals. 0 V is common.',
        'R6 100 Ω, R7 10 kΩ are for A1 and A2, which this firmware',
        'does not read: a short of the fire loop is found by the',
        'test of its contact, every six months.',
        'K9: coil 24 V, held by the panel, ≤ 100 m of 0.9 mm.',
      ],
      { size: 11, pitch: 15 },
    ),
  ];
}

/** Left, under the readers: T1 with its base resistor, K1's coil and what is across it. */
export function relayDriver(): readonly string[] {
  const x = 150;
  return [
    label([40, 604], 'DRIVER T1  リレー駆動', { bold: true, size: 14 }),
    wire(
      from([x + 15, 628])
        .h(x)
        .v(632),
    ),
    potential([x + 15, 628], '9 V', 'right'),
    resistor([x, 632], true),
    label([x + 10, 656], 'R3', { size: 12 }),
    wire(from([x, 672]).v(680)),
    box([x - 18, 680], 36, 22),
    label([x, 696], 'K1', { size: 13, anchor: 'middle', bold: true }),
    label([x - 24, 684], 'A1', { size: 10, anchor: 'end' }),
    label([x - 24, 704], 'A2', { size: 10, anchor: 'end' }),
    joint([x, 676]),
    joint([x, 706]),
    wire(
      from([x, 676])
        .h(x + 45)
        .v(706)
        .h(x),
    ),
    suppressor([x + 45, 691], true),
    label([x + 60, 695], 'D2', { size: 12 }),
    // T1: collector, base, emitter.
    wire(from([x, 702]).v(714)),
    wire(from([x, 714]).to([x - 12, 722])),
    wire(from([x - 12, 716]).v(740), 2.4),
    wire(from([x - 12, 734]).to([x, 742])),
    `<polygon points="${x},742 ${x - 8},741 ${x - 4},735" fill="#111"/>`,
    wire(from([x, 742]).v(750)),
    zeroVolt([x, 750]),
    label([x + 10, 734], 'T1', { size: 12 }),
    wire(from([x - 12, 728]).h(62)),
    resistor([78, 728]),
    label([98, 718], 'R2', { size: 12, anchor: 'middle' }),
    label([40, 732], 'D4', { size: 12 }),
  ];
}

/** What whoever wires it has to know of this lock. */
export function notes(lock: LockType): readonly string[] {
  const wrapped = lock.notes.flatMap((note, index) => {
    const [first = '', ...rest] = wrap(note, 62);
    return [`${index + 1}  ${first}`, ...rest.map((line) => `    ${line}`)];
  });
  return [
    label([1150, 862], 'NOTES  注記', { bold: true, size: 16 }),
    ...wrapped.map(
      (line, index) =>
        `<text x="1150" y="${884 + index * 17}" font-size="13" xml:space="preserve">${line}</text>`,
    ),
  ];
}

/** What the sheet is, of which data it was made, and who answers for it. */
export function titleBlock(pins: PinMap, { sheet }: Wiring, lock: LockType): readonly string[] {
  const x = 1150;
  const y = 1056;
  const width = WIDTH - 14 - x;
  const bottom = HEIGHT - 14;
  const cells = [
    ['Revision 改訂', sheet.revision],
    ['Date 日付', sheet.date],
    ['Approved 承認', sheet.approved],
  ] as const;
  return [
    box([x, y], width, bottom - y),
    wire(from([x, y + 54]).h(x + width)),
    wire(from([x, y + 86]).h(x + width)),
    wire(from([x + 330, y + 86]).v(bottom)),
    label([x + 12, y + 22], 'GENKAN DOOR CONTROLLER', { bold: true, size: 17 }),
    label([x + 12, y + 44], `${lock.title}  ${lock.ja.title}`, { size: 14 }),
    ...cells.flatMap(([name, value], index) => [
      ...(index === 0 ? [] : [wire(from([x + index * 172, y + 54]).v(y + 86))]),
      label([x + 8 + index * 172, y + 67], name, { size: 10 }),
      label([x + 8 + index * 172, y + 82], value, { size: 13, bold: true }),
    ]),
    label([x + 12, y + 102], pins.board, { size: 11 }),
    label([x + 12, y + 115], 'From pins.json, wiring.json, locks.json', { size: 11 }),
    label([x + 342, y + 102], `Sheet  wiring-${lock.id}`, { size: 11 }),
    label([x + 342, y + 115], 'A3, not to scale', { size: 11 }),
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
