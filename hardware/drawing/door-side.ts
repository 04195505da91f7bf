import type { LockType, Wiring } from './descriptions.ts';
import { RAIL_RIGHT, FIELD_X, rowOf } from './layout.ts';
import { box, contact, from, joint, label, lines, resistor, wire } from './svg.ts';

/** The coil of K9, which the fire panel holds; its contacts stand at terminal 6 and in the lock's supply. */
function panelRelay(): readonly string[] {
  const [x, y] = [1440, rowOf(6) - 12];
  return [
    box([x, y - 16], 96, 54),
    label([x + 8, y + 4], '受信機 24 V', { size: 12 }),
    label([x + 8, y + 24], 'fire panel', { size: 12 }),
    wire(
      from([x + 96, y])
        .h(x + 150)
        .v(y + 4),
    ),
    box([x + 132, y + 4], 36, 16),
    label([x + 150, y + 17], 'K9', { size: 12, anchor: 'middle', bold: true }),
    wire(
      from([x + 150, y + 20])
        .v(y + 24)
        .h(x + 96),
    ),
    label([x + 174, y + 6], 'A1', { size: 10 }),
    label([x + 174, y + 24], 'A2', { size: 10 }),
    label([x - 24, y + 54], '≤ 100 m of 0.9 mm; held without fire', { size: 11 }),
  ];
}

/** What hangs at the signal terminals. */
export function field(wiring: Wiring, lock: LockType): readonly string[] {
  const pair = (
    number: number,
    name: string,
    text: string,
    closed: boolean,
    end?: Wiring['inputs'][number]['endOfLine'],
  ): string => {
    const [upper, lower] = [rowOf(number), rowOf(number + 1)];
    const standing = FIELD_X - 40;
    return [
      wire(
        from([RAIL_RIGHT, upper])
          .h(standing)
          .v(upper - 15)
          .h(standing + 20),
      ),
      wire(
        from([RAIL_RIGHT, lower])
          .h(standing + 90)
          .v(upper - 15)
          .h(standing + 80),
      ),
      contact([standing + 20, upper - 15], closed),
      ...(end === undefined
        ? []
        : end.how === 'parallel'
          ? [
              joint([standing, upper]),
              joint([standing + 90, upper]),
              wire(from([standing, upper]).h(standing + 90)),
              resistor([standing + 25, upper]),
              label([standing - 8, upper - 8], end.part, { size: 12, anchor: 'end' }),
            ]
          : [
              resistor([standing - 60, lower]),
              label([standing - 68, lower - 6], end.part, { size: 12, anchor: 'end' }),
            ]),
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
      ja: lock.ja.monitor,
      text: `${lock.monitor}: closed while locked and shut`,
    },
  ];
  const lampX = FIELD_X - 40;
  return [
    label([FIELD_X - 40, 60], 'AT THE DOOR  扉まわり', { bold: true, size: 16 }),
    ...panelRelay(),
    ...all.map((each) =>
      pair(
        each.terminal,
        `${each.label}  ${each.name}  ${each.ja}`,
        each.text,
        false,
        'endOfLine' in each ? each.endOfLine : undefined,
      ),
    ),
    box([lampX, rowOf(14) - 18], 330, rowOf(19) - rowOf(14) + 36),
    ...[14, 15, 16, 17, 18].map((number) => wire(from([RAIL_RIGHT, rowOf(number)]).h(lampX))),
    ...(
      [
        [14, 'H1  green lamp 緑ランプ: granted'],
        [15, 'H2  red lamp 赤ランプ: denied'],
        [16, 'H3  amber lamp 黄ランプ: wait'],
        [17, 'H4  buzzer ブザー, minus'],
        [18, 'H1 to H3 anodes, H4 plus (9 V)'],
        [19, '(19 spare, 0 V)'],
      ] as const
    ).map(([number, text]) => label([lampX + 12, rowOf(number) + 5], text)),
    label([lampX + 345, rowOf(14) + 5], '← at the readers', { size: 13 }),
    lines(
      [1420, rowOf(14) + 35],
      [
        'Contacts are drawn without power,',
        'unpressed, leaf open, lid off.',
        '',
        '',
        'Cables: shielded, 0.5 mm² for',
        'signals, 0.75 mm² for the lock',
        '(up to 20 m); shield to PE in',
        'the cabinet only.',
      ],
      { size: 12, pitch: 18 },
    ),
  ];
}
