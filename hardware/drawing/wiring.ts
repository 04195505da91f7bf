import type { LockType, PinMap, RailTerminal, Wiring } from './descriptions.ts';
import {
  box,
  contact,
  joint,
  label,
  lines,
  potential,
  resistor,
  sheet,
  terminal,
  wire,
  zeroVolt,
  type Point,
} from './svg.ts';

/** The sheet is A3, landscape: 420 mm are 1,680 units, so a unit is 0.25 mm and 14 units of text are 3.5 mm. */
const WIDTH = 1680;
const HEIGHT = 1188;

/** Where things stand: the controller, what is between it and the rail, the rail, and the field right of it. */
const BOARD = { x: 320, y: 92, width: 150, height: 730 } as const;
const BOARD_RIGHT = BOARD.x + BOARD.width;
const RAIL_X = 870;
const FIELD_X = 1110;
const ROW_PITCH = 30;

/** The lock circuit has its terminals farther apart than the signals. */
const LOCK_ROWS: Readonly<Record<number, number>> = { 1: 130, 2: 190, 3: 250 };
const FIRST_SIGNAL_ROW = 340;

function rowOf(number: number): number {
  return LOCK_ROWS[number] ?? FIRST_SIGNAL_ROW + (number - 4) * ROW_PITCH;
}

/** One lock's wiring as an SVG sheet. Pure; the same data give the same bytes. */
export function wiringDrawing(pins: PinMap, wiring: Wiring, lock: LockType): string {
  return sheet(
    WIDTH,
    HEIGHT,
    `Genkan door controller: ${lock.title}`,
    `Wiring of the controller, relay K1, terminal rail ${wiring.rail} and what hangs at it. The same as a table: terminals.generated.md.`,
    [
      box([14, 14], WIDTH - 28, HEIGHT - 28),
      ...gateway(),
      ...board(pins, wiring),
      ...relay(pins, lock),
      ...supplySense(),
      ...rail(wiring),
      ...lockCircuit(lock),
      ...field(wiring, lock),
      ...supply(),
      ...details(),
      ...notes(lock),
      ...titleBlock(pins, lock),
    ],
  );
}

function pinName(pins: PinMap, name: string): string {
  const pin = pins.pins.find((each) => each.name === name);
  if (pin === undefined) throw new Error(`pins.json has no ${name}`);
  return pin.arduino;
}

function named([x, y]: Point, width: number, height: number, name: string, texts: readonly string[]): string {
  return [
    box([x, y], width, height),
    label([x + 10, y + 20], name, { bold: true, size: 15 }),
    lines([x + 10, y + 40], texts, { size: 13, pitch: 17 }),
  ].join('');
}

/** Left column: the gateway with its clock and the readers. */
function gateway(): readonly string[] {
  return [
    label([40, 60], 'GATEWAY', { bold: true, size: 16 }),
    named([60, 92], 190, 120, 'A2  Raspberry Pi', [
      'runs Genkan',
      'no lock on its GPIO',
      'power: U2, 5 V (USB-C)',
    ]),
    wire([
      [250, 170],
      [BOARD.x, 170],
    ]),
    label([285, 160], 'USB', { anchor: 'middle', size: 13 }),
    label([285, 190], 'W1', { anchor: 'middle', size: 13 }),
    ...[80, 125, 170, 215].map((x) =>
      wire([
        [x, 212],
        [x, 290],
      ]),
    ),
    ...(
      [
        [80, '1'],
        [125, '3'],
        [170, '5'],
        [215, '9'],
      ] as const
    ).map(([x, pin]) => label([x + 5, 230], pin, { size: 13 })),
    ...(
      [
        [80, 'VCC'],
        [125, 'SDA'],
        [170, 'SCL'],
        [215, 'GND'],
      ] as const
    ).map(([x, pin]) => label([x + 5, 284], pin, { size: 12 })),
    named([60, 290], 190, 66, 'A3  DS3231 clock', ['with its own coin cell']),
    wire([
      [60, 150],
      [38, 150],
      [38, 470],
    ]),
    joint([38, 410]),
    wire([
      [38, 410],
      [60, 410],
    ]),
    wire([
      [38, 470],
      [60, 470],
    ]),
    named([60, 382], 190, 48, 'B1  entry reader', ['USB']),
    named([60, 446], 190, 48, 'B2  exit reader', ['USB']),
    lines(
      [40, 530],
      [
        'W1 and the readers: USB cables of',
        'at most 3 m. Names of the ports by',
        'serial number: 70-genkan.rules.',
      ],
      { size: 13, pitch: 18 },
    ),
  ];
}

function board(pins: PinMap, wiring: Wiring): readonly string[] {
  const { x, y, width, height } = BOARD;
  const left = [
    ['VIN', 610],
    ['GND', 660],
    ['5V', 710],
    ['RESET', 760],
  ] as const;
  const right = [
    ...wiring.terminals.flatMap((each) =>
      each.pin === undefined ? [] : ([[pinName(pins, each.pin), rowOf(each.terminal)]] as const),
    ),
    [pinName(pins, 'lockRelay'), 130],
    [pinName(pins, 'relayReadback'), 220],
    [pinName(pins, 'supplySense'), 290],
  ] as const;
  return [
    box([x, y], width, height),
    label([x, 60], 'A1  CONTROLLER', { bold: true, size: 16 }),
    label([x, 80], 'Arduino Uno R3 or Nano', { size: 13 }),
    label([x + 8, 174], 'USB', { size: 14 }),
    ...left.map(([name, row]) => label([x + 8, row + 5], name, { bold: true })),
    ...right.map(([name, row]) => label([x + width - 8, row + 5], name, { bold: true, anchor: 'end' })),
    lines([x + 12, 330], ['ATmega328P', '16 MHz', 'genkan.hex', 'no bootloader'], { size: 13 }),
    wire([
      [x, 610],
      [x - 22, 610],
    ]),
    potential([x - 22, 610], '9 V', 'left'),
    wire([
      [x, 660],
      [x - 22, 660],
    ]),
    potential([x - 22, 660], '0 V', 'left'),
    wire([
      [x, 710],
      [x - 22, 710],
    ]),
    potential([x - 22, 710], '5 V', 'left'),
    // The capacitor that takes the reset out of DTR, with the jumper that takes it away for flashing.
    wire([
      [x, 760],
      [x - 60, 760],
    ]),
    box([x - 100, 749], 40, 22, '#fff', true),
    label([x - 80, 765], 'J1', { anchor: 'middle', size: 13 }),
    wire([
      [x - 100, 760],
      [x - 130, 760],
      [x - 130, 778],
    ]),
    wire(
      [
        [x - 145, 778],
        [x - 115, 778],
      ],
      2.4,
    ),
    wire(
      [
        [x - 145, 786],
        [x - 115, 786],
      ],
      2.4,
    ),
    wire([
      [x - 130, 786],
      [x - 130, 806],
    ]),
    zeroVolt([x - 130, 806]),
    lines([x - 280, 775], ['C1  10 µF', 'J1 open only', 'while flashing'], { size: 13, pitch: 16 }),
  ];
}

/** K1 with its driver side left and its contacts right. */
function relay(pins: PinMap, lock: LockType): readonly string[] {
  const x = 610;
  const width = 130;
  const closes = lock.contact === '14';
  const right = x + width;
  return [
    box([x, 104], width, 140),
    label([x, 60], 'K1  LOCK RELAY', { bold: true, size: 16 }),
    label([x + 8, 135], 'IN', { bold: true }),
    label([x + 8, 225], '24', { bold: true }),
    label([x + 8, 195], '21', { bold: true }),
    label([right - 8, 135], lock.contact, { bold: true, anchor: 'end' }),
    label([right - 8, 165], '11', { bold: true, anchor: 'end' }),
    label([right - 8, 195], lock.unused, { bold: true, anchor: 'end' }),
    label([x + width / 2 + 16, 237], closes ? '11–14 closes' : '11–12 opens', { anchor: 'middle', size: 11 }),
    // Supply of the coil, on top.
    wire([
      [x + 35, 104],
      [x + 35, 84],
      [x + 22, 84],
    ]),
    potential([x + 22, 84], '9 V', 'left'),
    label([x + 40, 118], '+', { size: 13, anchor: 'middle' }),
    wire([
      [x + 95, 104],
      [x + 95, 84],
      [x + 108, 84],
    ]),
    potential([x + 108, 84], '0 V', 'right'),
    label([x + 90, 118], '−', { size: 13, anchor: 'middle' }),
    // D4 with its pull-down.
    label([BOARD_RIGHT + 6, 124], pinName(pins, 'lockRelay'), { size: 11 }),
    wire([
      [BOARD_RIGHT, 130],
      [x, 130],
    ]),
    joint([520, 130]),
    wire([
      [520, 130],
      [520, 140],
    ]),
    resistor([520, 140], true),
    wire([
      [520, 180],
      [520, 188],
    ]),
    zeroVolt([520, 188]),
    label([532, 165], 'R1 10 kΩ', { size: 13 }),
    // Read-back: the second pole.
    wire([
      [x, 190],
      [x - 8, 190],
    ]),
    potential([x - 8, 190], '0 V', 'left'),
    wire([
      [BOARD_RIGHT, 220],
      [x, 220],
    ]),
    network([530, 220], 'N6'),
    // The lock's pole.
    wire([
      [right, 160],
      [right + 14, 160],
    ]),
    potential([right + 14, 160], 'L+', 'right'),
    wire([
      [right, 190],
      [right + 14, 190],
    ]),
    label([right + 18, 195], 'empty', { size: 12 }),
    wire([
      [right, 130],
      [RAIL_X - 17, 130],
    ]),
  ];
}

function network([x, y]: Point, name: string): string {
  return [
    box([x - 24, y - 11], 48, 22, '#eef6ea'),
    label([x, y + 5], name, { anchor: 'middle', size: 13 }),
  ].join('');
}

function supplySense(): readonly string[] {
  return [
    wire([
      [BOARD_RIGHT, 290],
      [724, 290],
    ]),
    network([620, 290], 'N7'),
    potential([724, 290], 'L+', 'right'),
    label([620, 273], '100 kΩ / 10 kΩ', { anchor: 'middle', size: 12 }),
  ];
}

/** What stands in the wire between the controller's pin and a terminal. */
function between(each: RailTerminal, row: number): string {
  if (each.pin === undefined || each.through === undefined) return '';
  const through = [
    wire([
      [BOARD_RIGHT, row],
      [RAIL_X - 17, row],
    ]),
  ];
  if (each.through.includes('Ω')) {
    through.push(resistor([600, row]), label([646, row - 5], each.through, { size: 12 }));
  } else {
    through.push(network([620, row], each.through));
  }
  return through.join('');
}

function rail(wiring: Wiring): readonly string[] {
  const shown = wiring.terminals.filter((each) => each.terminal < 20);
  return [
    label([RAIL_X, 60], wiring.rail, { bold: true, size: 16, anchor: 'middle' }),
    `<rect x="${RAIL_X - 25}" y="100" width="50" height="${rowOf(19) - 100 + 24}" fill="#fdfaf0" stroke="#111" stroke-width="1.2"/>`,
    ...shown.flatMap((each) => {
      const row = rowOf(each.terminal);
      const parts = [between(each, row), terminal([RAIL_X, row], String(each.terminal))];
      if (each.inside === '0 V' || each.inside === '5 V') {
        parts.push(
          wire([
            [RAIL_X - 17, row],
            [RAIL_X - 40, row],
          ]),
          potential([RAIL_X - 40, row], each.inside, 'left'),
        );
      }
      return parts;
    }),
    label([RAIL_X - 36, 60], '← cabinet', { size: 13, anchor: 'end' }),
    label([RAIL_X + 36, 60], 'door →', { size: 13 }),
  ];
}

/** From K1 through everything that can break the lock's supply, to the lock and back. */
function lockCircuit(lock: LockType): readonly string[] {
  const [out, forth, back] = [rowOf(1), rowOf(2), rowOf(3)];
  const right = RAIL_X + 17;
  const lockX = 1420;
  const parts: string[] = [];
  const panel = lock.breaks.filter(({ place }) => place === 'panel');
  const atDoor = lock.breaks.filter(({ place }) => place === 'door');
  const [fire] = panel;
  if (fire === undefined) {
    parts.push(
      wire(
        [
          [right, out],
          [right + 26, out],
          [right + 26, forth],
          [right, forth],
        ],
        3,
      ),
      label([right + 36, (out + forth) / 2 + 5], 'bridge', { size: 14 }),
    );
  } else {
    parts.push(
      wire([
        [right, out],
        [right + 40, out],
      ]),
      contact([right + 40, out], true, true),
      wire([
        [right + 40, forth],
        [right, forth],
      ]),
      joint([right + 26, forth]),
      label([right + 58, out + 20], `${fire.label}  ${fire.contacts}`, { bold: true }),
      label([right + 58, out + 38], `${fire.name}, opens on fire`, { size: 13 }),
    );
  }
  let at = right + (fire === undefined ? 0 : 26);
  // At the door the wire goes on from terminal 2.
  atDoor.forEach((each, index) => {
    const x = FIELD_X - 60 + index * 150;
    parts.push(
      wire([
        [at, forth],
        [x, forth],
      ]),
      contact([x, forth], true),
      label([x + 30, forth + 22], `${each.label}  ${each.contacts}`, { bold: true, anchor: 'middle' }),
      label([x + 30, forth + 40], each.name, { anchor: 'middle', size: 13 }),
    );
    at = x + 60;
  });
  const suppressorX = lockX - 36;
  parts.push(
    wire([
      [at, forth],
      [lockX, forth],
    ]),
    wire([
      [right, back],
      [lockX, back],
    ]),
    joint([suppressorX, forth]),
    joint([suppressorX, back]),
    wire([
      [suppressorX, forth],
      [suppressorX, back],
    ]),
    suppressor([suppressorX, (forth + back) / 2], lock.suppressor.polarised),
    label([suppressorX - 14, forth + 27], lock.suppressor.label, { anchor: 'end', bold: true, size: 13 }),
    label([suppressorX - 14, forth + 44], lock.suppressor.part, { anchor: 'end', size: 12 }),
    box([lockX, forth - 26], 220, 112, '#fdf0ee'),
    label([lockX + 8, forth + 5], '+', { bold: true, size: 16 }),
    label([lockX + 8, back + 5], '−', { bold: true, size: 16 }),
    label([lockX + 30, forth - 4], lock.lock.label, { bold: true, size: 15 }),
    label([lockX + 30, forth + 16], lock.lock.name, { size: 14 }),
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

/** A diode with its ring upwards, to plus; or a bidirectional TVS. */
function suppressor([x, y]: Point, polarised: boolean): string {
  const triangle = (points: readonly Point[]): string =>
    `<polygon points="${points.map(([px, py]) => `${px},${py}`).join(' ')}" fill="#fff" stroke="#111" stroke-width="1.6"/>`;
  const bar = (at: number): string =>
    wire(
      [
        [x - 9, at],
        [x + 9, at],
      ],
      2.4,
    );
  if (polarised) {
    return (
      triangle([
        [x - 9, y + 8],
        [x + 9, y + 8],
        [x, y - 8],
      ]) + bar(y - 8)
    );
  }
  return (
    triangle([
      [x - 9, y + 14],
      [x + 9, y + 14],
      [x, y],
    ]) +
    triangle([
      [x - 9, y - 14],
      [x + 9, y - 14],
      [x, y],
    ]) +
    bar(y)
  );
}

/** What hangs at the signal terminals. */
function field(wiring: Wiring, lock: LockType): readonly string[] {
  const right = RAIL_X + 17;
  const pair = (number: number, name: string, text: string, closed: boolean): string => {
    const [upper, lower] = [rowOf(number), rowOf(number + 1)];
    const standing = FIELD_X - 40;
    return [
      wire([
        [right, upper],
        [standing, upper],
        [standing, upper - 15],
        [standing + 20, upper - 15],
      ]),
      wire([
        [right, lower],
        [standing + 90, lower],
        [standing + 90, upper - 15],
        [standing + 80, upper - 15],
      ]),
      contact([standing + 20, upper - 15], closed),
      label([standing + 105, upper - 2], name, { bold: true }),
      label([standing + 105, upper + 18], text, { size: 13 }),
    ].join('');
  };
  const all = [
    ...wiring.inputs,
    {
      terminal: 10,
      label: lock.lock.label,
      name: 'Lock monitor',
      text: `${lock.monitor}: closed while locked and shut`,
    },
  ];
  const lampX = FIELD_X - 40;
  return [
    label([FIELD_X - 40, 60], 'AT THE DOOR', { bold: true, size: 16 }),
    ...all.map((each) => pair(each.terminal, `${each.label}  ${each.name}`, each.text, each.label === 'K9')),
    box([lampX, rowOf(14) - 18], 330, rowOf(19) - rowOf(14) + 36),
    ...[14, 15, 16, 17, 18, 19].map((number) =>
      wire([
        [right, rowOf(number)],
        [lampX, rowOf(number)],
      ]),
    ),
    ...(
      [
        [14, 'H1  green lamp: granted'],
        [15, 'H2  red lamp: denied'],
        [16, 'H3  amber lamp: wait, host lost'],
        [17, 'H4  buzzer, minus'],
        [18, 'H4  buzzer, plus (5 V, self-sounding)'],
        [19, 'H1 to H3, common cathode'],
      ] as const
    ).map(([number, text]) => label([lampX + 12, rowOf(number) + 5], text)),
    label([lampX + 345, rowOf(14) + 5], '← at the readers', { size: 13 }),
    lines(
      [1420, rowOf(14) + 35],
      [
        'Contacts are drawn without power,',
        'unpressed, no fire, leaf open,',
        'lid off.',
        '',
        'Cables: shielded, 0.5 mm² for',
        'signals, 0.75 mm² for the lock',
        '(up to 20 m); shield to PE in',
        'the cabinet only.',
      ],
      { size: 13, pitch: 18 },
    ),
  ];
}

/** Bottom left: mains, battery, fuses, converters. */
function supply(): readonly string[] {
  const top = 880;
  const plus = 330;
  const branch = (y: number, fuse: string, rating: string, then: readonly string[]): readonly string[] => [
    joint([plus, y]),
    wire([
      [plus, y],
      [380, y],
    ]),
    box([380, y - 8], 50, 16),
    wire([
      [380, y],
      [430, y],
    ]),
    label([405, y - 13], `${fuse}  ${rating}`, { anchor: 'middle', size: 12, bold: true }),
    ...then,
  ];
  const converter = (y: number, name: string, text: string, out: string): readonly string[] => [
    wire([
      [430, y],
      [470, y],
    ]),
    box([470, y - 20], 170, 40),
    label([480, y - 3], name, { bold: true, size: 13 }),
    label([480, y + 13], text, { size: 12 }),
    wire([
      [640, y],
      [660, y],
    ]),
    potential([660, y], out, 'right'),
  ];
  return [
    `<line x1="14" y1="838" x2="${WIDTH - 14}" y2="838" stroke="#111" stroke-width="1.2"/>`,
    label([40, 862], 'SUPPLY', { bold: true, size: 16 }),
    wire([
      [40, 905],
      [100, 905],
    ]),
    wire([
      [40, 930],
      [100, 930],
    ]),
    wire([
      [40, 955],
      [100, 955],
    ]),
    label([42, 900], 'L', { size: 13 }),
    label([42, 925], 'N', { size: 13 }),
    label([42, 950], 'PE', { size: 13 }),
    label([40, 980], '100 V~', { size: 13 }),
    box([100, 885], 170, 140),
    label([110, 905], 'PS1  with charger', { bold: true, size: 14 }),
    label([110, 924], '13.8 V DC, backed', { size: 13 }),
    label([262, 955], '+', { bold: true, anchor: 'end' }),
    label([262, 1008], '−', { bold: true, anchor: 'end' }),
    label([110, 1018], 'BAT+', { size: 12 }),
    label([170, 1018], 'BAT−', { size: 12 }),
    wire([
      [125, 1025],
      [125, 1060],
    ]),
    wire([
      [190, 1025],
      [190, 1060],
    ]),
    box([100, 1060], 170, 50),
    label([110, 1080], 'GB1  battery', { bold: true, size: 14 }),
    label([110, 1099], '12 V, 7 Ah, with F4 5 A', { size: 13 }),
    wire([
      [270, 950],
      [plus, 950],
    ]),
    terminal([303, 950], '20'),
    wire([
      [plus, top + 15],
      [plus, top + 155],
    ]),
    ...branch(top + 15, 'F1', '1 A T', [
      wire([
        [430, top + 15],
        [470, top + 15],
      ]),
      potential([470, top + 15], 'L+', 'right'),
      label([520, top + 20], 'lock, fused by itself', { size: 13 }),
    ]),
    ...branch(top + 85, 'F2', '0.5 A T', converter(top + 85, 'U1  converter', '13.8 V → 9 V, 0.5 A', '9 V')),
    ...branch(top + 155, 'F3', '3.15 A T', converter(top + 155, 'U2  converter', '13.8 V → 5 V, 5 A', 'A2')),
    wire([
      [270, 1003],
      [286, 1003],
      [286, 1090],
      [340, 1090],
    ]),
    terminal([303, 1090], '21'),
    potential([340, 1090], '0 V', 'right'),
    lines([410, 1086], ['0 V of U1 and U2 joined here.', 'V1 (P6KE18A) from L+ to 0 V, ring to L+.'], {
      size: 12,
      pitch: 16,
    }),
    lines(
      [40, 1138],
      ['Mains side by a licensed electrician. PE to the cabinet and to the metal of the door frame.'],
      { size: 13 },
    ),
  ];
}

/** Bottom middle: what N, T1 and K1 are inside. */
function details(): readonly string[] {
  const x = 770;
  const y = 900;
  return [
    label([x, 862], 'INPUT CIRCUIT N1 … N6', { bold: true, size: 16 }),
    label([x, y + 46], 'terminal', { size: 12 }),
    wire([
      [x, y + 55],
      [x + 170, y + 55],
    ]),
    joint([x + 70, y + 55]),
    wire([
      [x + 70, y + 55],
      [x + 70, y + 48],
    ]),
    resistor([x + 70, y + 8], true),
    label([x + 82, y + 32], '2.2 kΩ', { size: 12 }),
    wire([
      [x + 70, y + 8],
      [x + 70, y - 8],
      [x + 84, y - 8],
    ]),
    potential([x + 84, y - 8], '5 V', 'right'),
    joint([x + 30, y + 55]),
    wire([
      [x + 30, y + 55],
      [x + 30, y + 110],
    ]),
    suppressor([x + 30, y + 85], false),
    zeroVolt([x + 30, y + 110]),
    label([x + 44, y + 90], 'P6KE6V8CA', { size: 12 }),
    resistor([x + 140, y + 55]),
    label([x + 142, y + 44], '1 kΩ', { size: 12 }),
    wire([
      [x + 180, y + 55],
      [x + 250, y + 55],
    ]),
    joint([x + 210, y + 55]),
    wire([
      [x + 210, y + 55],
      [x + 210, y + 78],
    ]),
    wire(
      [
        [x + 197, y + 78],
        [x + 223, y + 78],
      ],
      2.4,
    ),
    wire(
      [
        [x + 197, y + 86],
        [x + 223, y + 86],
      ],
      2.4,
    ),
    wire([
      [x + 210, y + 86],
      [x + 210, y + 110],
    ]),
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

function notes(lock: LockType): readonly string[] {
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

function titleBlock(pins: PinMap, lock: LockType): readonly string[] {
  const x = 1150;
  const y = 1066;
  const width = WIDTH - 14 - x;
  return [
    box([x, y], width, HEIGHT - 14 - y),
    wire([
      [x, y + 62],
      [x + width, y + 62],
    ]),
    wire([
      [x + 330, y + 62],
      [x + 330, HEIGHT - 14],
    ]),
    label([x + 12, y + 26], 'GENKAN DOOR CONTROLLER', { bold: true, size: 18 }),
    label([x + 12, y + 50], lock.title, { size: 16 }),
    label([x + 12, y + 82], pins.board, { size: 12 }),
    label([x + 12, y + 100], 'From pins.json, wiring.json, locks.json', { size: 12 }),
    label([x + 342, y + 82], `Sheet  wiring-${lock.id}`, { size: 12 }),
    label([x + 342, y + 100], 'A3, not to scale', { size: 12 }),
  ];
}
