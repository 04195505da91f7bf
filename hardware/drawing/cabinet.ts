import type { LockType, PinMap, RailTerminal, Wiring } from './descriptions.ts';
import { BOARD, BOARD_RIGHT, RAIL_X, rowOf, network } from './layout.ts';
import {
  RED,
  box,
  from,
  joint,
  label,
  lines,
  potential,
  resistor,
  terminal,
  wire,
  zeroVolt,
  type Point,
} from './svg.ts';

/** Left column: the gateway with its clock and the readers. */
export function gateway(): readonly string[] {
  return [
    label([40, 60], 'GATEWAY  ゲートウェイ', { bold: true, size: 16 }),
    named([60, 92], 190, 120, 'A2  Raspberry Pi', [
      'runs Genkan',
      'no lock on its GPIO',
      'power: U2, 5 V (USB-C)',
    ]),
    wire(from([250, 170]).h(BOARD.x)),
    label([285, 160], 'USB', { anchor: 'middle', size: 13 }),
    label([285, 190], 'W1', { anchor: 'middle', size: 13 }),
    ...[80, 125, 170, 215].map((x) => wire(from([x, 212]).v(290))),
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
    wire(from([60, 150]).h(38).v(470)),
    joint([38, 410]),
    wire(from([38, 410]).h(60)),
    wire(from([38, 470]).h(60)),
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

/** The controller with what is wired to its pins. */
export function board(pins: PinMap, wiring: Wiring): readonly string[] {
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
    label([x, 60], 'A1  CONTROLLER  制御器', { bold: true, size: 16 }),
    label([x, 80], 'Arduino Uno R3 or Nano', { size: 13 }),
    label([x + 8, 174], 'USB', { size: 14 }),
    ...left.map(([name, row]) => label([x + 8, row + 5], name, { bold: true })),
    ...right.map(([name, row]) => label([x + width - 8, row + 5], name, { bold: true, anchor: 'end' })),
    label([x + width + 12, rowOf(4) - 8], 'and A1', { size: 11 }),
    label([x + width + 12, rowOf(6) - 8], 'and A2', { size: 11 }),
    lines([x + 12, 330], ['ATmega328P', '16 MHz', 'genkan.hex', 'no bootloader'], { size: 13 }),
    wire(from([x, 610]).h(x - 22)),
    potential([x - 22, 610], '9 V', 'left'),
    wire(from([x, 660]).h(x - 22)),
    potential([x - 22, 660], '0 V', 'left'),
    wire(from([x, 710]).h(x - 22)),
    potential([x - 22, 710], '5 V', 'left'),
    // The capacitor that takes the reset out of DTR, with the jumper that takes it away for flashing.
    wire(from([x, 760]).h(x - 60)),
    box([x - 100, 749], 40, 22, '#fff', true),
    label([x - 80, 765], 'J1', { anchor: 'middle', size: 13 }),
    wire(
      from([x - 100, 760])
        .h(x - 130)
        .v(778),
    ),
    wire(from([x - 145, 778]).h(x - 115), 2.4),
    wire(from([x - 145, 786]).h(x - 115), 2.4),
    wire(from([x - 130, 786]).v(806)),
    zeroVolt([x - 130, 806]),
    lines([x - 280, 775], ['C1  10 µF', 'J1 open only', 'while flashing'], { size: 13, pitch: 16 }),
  ];
}

/** K1 with its driver side left and its contacts right. */
export function relay(pins: PinMap, lock: LockType): readonly string[] {
  const x = 610;
  const width = 130;
  const closes = lock.contact === '14';
  const ink = lock.breaks.length > 0 ? RED : undefined;
  const partner = lock.readBack.contacts.slice(-2);
  const right = x + width;
  return [
    box([x, 104], width, 140),
    label([x, 60], 'K1  LOCK RELAY  施解錠リレー', { bold: true, size: 16 }),
    label([x + 8, 135], 'A2', { bold: true }),
    label([x + 8, 195], '21', { bold: true }),
    label([x + 8, 225], partner, { bold: true }),
    label([right - 8, 135], lock.contact, { bold: true, anchor: 'end' }),
    label([right - 8, 165], '11', { bold: true, anchor: 'end' }),
    label([right - 8, 195], lock.unused, { bold: true, anchor: 'end' }),
    label([x + width / 2 + 16, 237], closes ? '11–14 closes' : '11–12 opens', { anchor: 'middle', size: 11 }),
    // The coil's supply, on top.
    wire(
      from([x + 70, 104])
        .v(84)
        .h(x + 22),
    ),
    potential([x + 22, 84], '9 V', 'left'),
    resistor([x + 25, 84]),
    label([x + 76, 90], 'R3 22 Ω', { size: 12 }),
    label([x + 70, 119], 'A1', { bold: true, anchor: 'middle' }),
    // D4 with its pull-down.
    label([BOARD_RIGHT + 6, 124], pinName(pins, 'lockRelay'), { size: 11 }),
    wire(from([BOARD_RIGHT, 130]).h(x)),
    network([572, 130], 'T1'),
    joint([520, 130]),
    wire(from([520, 130]).v(140)),
    resistor([520, 140], true),
    wire(from([520, 180]).v(188)),
    zeroVolt([520, 188]),
    label([532, 165], 'R1 10 kΩ', { size: 13 }),
    // Read-back: the second pole.
    wire(from([x, 190]).h(x - 8)),
    potential([x - 8, 190], lock.readBack.to, 'left'),
    wire(from([BOARD_RIGHT, 220]).h(x)),
    network([530, 220], 'N6'),
    // The lock's pole.
    wire(from([right, 160]).h(right + 14), 1.6, ink),
    potential([right + 14, 160], 'L+', 'right'),
    wire(from([right, 190]).h(right + 14)),
    label([right + 18, 195], 'empty', { size: 12 }),
    wire(from([right, 130]).h(RAIL_X - 17), 1.6, ink),
  ];
}

/** The supply as the controller measures it. */
export function supplySense(): readonly string[] {
  return [
    wire(from([BOARD_RIGHT, 290]).h(724)),
    network([620, 290], 'N7'),
    potential([724, 290], 'L+', 'right'),
    label([620, 273], '100 kΩ / 10 kΩ', { anchor: 'middle', size: 12 }),
  ];
}

/** The terminal rail, with what stands between it and the controller. */
export function rail(wiring: Wiring): readonly string[] {
  const shown = wiring.terminals.filter((each) => each.terminal < 20);
  return [
    label([RAIL_X, 60], wiring.rail, { bold: true, size: 16, anchor: 'middle' }),
    `<rect x="${RAIL_X - 25}" y="100" width="50" height="${rowOf(19) - 100 + 24}" fill="#fdfaf0" stroke="#111" stroke-width="1.2"/>`,
    ...shown.flatMap((each) => {
      const row = rowOf(each.terminal);
      const parts = [between(each, row), terminal([RAIL_X, row], String(each.terminal))];
      if (each.inside === '0 V' || each.inside === '9 V') {
        parts.push(
          wire(from([RAIL_X - 17, row]).h(RAIL_X - 40)),
          potential([RAIL_X - 40, row], each.inside, 'left'),
        );
        if (each.inside === '9 V')
          parts.push(label([RAIL_X - 92, row + 5], 'R11, D4', { size: 12, anchor: 'end' }));
      }
      return parts;
    }),
    label([RAIL_X - 28, 86], '← cabinet 盤内', { size: 12, anchor: 'end' }),
    label([RAIL_X + 28, 86], 'door 扉側 →', { size: 12 }),
  ];
}

/** What stands in the wire between the controller's pin and a terminal. */
function between(each: RailTerminal, row: number): string {
  if (each.pin === undefined || each.through === undefined) return '';
  const through = [wire(from([BOARD_RIGHT, row]).h(RAIL_X - 17))];
  through.push(network([620, row], each.through));
  return through.join('');
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
