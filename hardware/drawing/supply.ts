import { WIDTH } from './layout.ts';
import { box, from, joint, label, lines, potential, suppressor, terminal, wire, zeroVolt } from './svg.ts';

/** Bottom left: mains, battery, fuses, converters. */
export function supply(): readonly string[] {
  const top = 880;
  const plus = 330;
  const branch = (y: number, fuse: string, rating: string, then: readonly string[]): readonly string[] => [
    joint([plus, y]),
    wire(from([plus, y]).h(380)),
    box([380, y - 8], 50, 16),
    wire(from([380, y]).h(430)),
    label([405, y - 13], `${fuse}  ${rating}`, { anchor: 'middle', size: 12, bold: true }),
    ...then,
  ];
  const converter = (y: number, name: string, text: string, out: string): readonly string[] => [
    wire(from([430, y]).h(470)),
    box([470, y - 20], 170, 40),
    label([480, y - 3], name, { bold: true, size: 13 }),
    label([480, y + 13], text, { size: 12 }),
    wire(from([640, y]).h(660)),
    potential([660, y], out, 'right'),
  ];
  // D5 and C3 before U1: a short at the lock pulls the supply down until F1 has blown.
  const hold = (y: number, name: string, text: string, out: string): readonly string[] => [
    wire(from([430, y]).h(520)),
    wire(from([446, y - 9]).v(y + 9)),
    `<polygon points="446,${y - 9} 446,${y + 9} 462,${y}" fill="#fff" stroke="#111" stroke-width="1.6"/>`,
    wire(from([462, y - 9]).v(y + 9), 2.4),
    label([454, y + 23], 'D5', { size: 12, anchor: 'middle' }),
    joint([490, y]),
    wire(from([490, y]).v(y + 18)),
    wire(from([477, y + 18]).h(503), 2.4),
    wire(from([477, y + 24]).h(503), 2.4),
    wire(from([490, y + 24]).v(y + 34)),
    zeroVolt([490, y + 34]),
    label([508, y + 36], 'C3  2,200 µF', { size: 12 }),
    box([520, y - 20], 150, 40),
    label([530, y - 3], name, { bold: true, size: 13 }),
    label([530, y + 13], text, { size: 12 }),
    wire(from([670, y]).h(684)),
    potential([684, y], out, 'right'),
  ];
  return [
    `<line x1="14" y1="838" x2="${WIDTH - 14}" y2="838" stroke="#111" stroke-width="1.2"/>`,
    label([40, 862], 'SUPPLY  電源', { bold: true, size: 16 }),
    ...(
      [
        ['L', 905],
        ['N', 930],
      ] as const
    ).flatMap(([name, y]) => [
      wire(from([30, y]).h(48)),
      wire(from([48, y]).to([66, y - 10]), 2.2),
      wire(from([68, y]).h(100)),
      label([22, y - 4], name, { size: 12 }),
    ]),
    label([57, 886], 'Q1', { size: 12, anchor: 'middle', bold: true }),
    wire(from([30, 955]).h(100)),
    label([22, 950], 'PE', { size: 12 }),
    joint([70, 955]),
    wire(from([70, 955]).v(966)),
    zeroVolt([70, 966]),
    label([22, 998], '100 V~, PE', { size: 12 }),
    label([22, 1014], 'to cabinet', { size: 12 }),
    box([100, 885], 170, 140),
    label([110, 905], 'PS1  with charger', { bold: true, size: 14 }),
    label([110, 924], '13.8 V DC, 2.8 A', { size: 13 }),
    label([262, 955], '+', { bold: true, anchor: 'end' }),
    label([262, 1008], '−', { bold: true, anchor: 'end' }),
    label([110, 1018], 'BAT+', { size: 12 }),
    label([170, 1018], 'BAT−', { size: 12 }),
    wire(from([125, 1025]).v(1060)),
    box([119, 1030], 12, 24),
    label([98, 1046], 'F4 5 A', { size: 12, anchor: 'end', bold: true }),
    wire(from([190, 1025]).v(1060)),
    box([100, 1060], 170, 50),
    label([110, 1080], 'GB1  battery', { bold: true, size: 14 }),
    label([110, 1099], '12 V 7.2 Ah  蓄電池', { size: 13 }),
    wire(from([270, 950]).h(plus)),
    terminal([303, 950], '20'),
    wire(from([plus, top + 15]).v(top + 155)),
    ...branch(top + 15, 'F1', '1 A T', [
      wire(from([430, top + 15]).h(470)),
      potential([470, top + 15], 'L+', 'right'),
      label([512, top + 30], 'lock', { size: 13 }),
      wire(from([446, top + 15]).v(top + 24)),
      joint([446, top + 15]),
      suppressor([446, top + 32], true),
      wire(from([446, top + 40]).v(top + 46)),
      zeroVolt([446, top + 46]),
      label([462, top + 46], 'V1  P6KE18A', { size: 12 }),
    ]),
    ...branch(top + 85, 'F2', '0.63 A T', hold(top + 85, 'U1  converter', '13.8 V → 9 V, 0.6 A', '9 V')),
    ...branch(top + 155, 'F3', '3.15 A T', converter(top + 155, 'U2  converter', '13.8 V → 5 V, 5 A', 'A2')),
    wire(from([270, 1003]).h(286).v(1090).h(340)),
    terminal([303, 1090], '21'),
    potential([340, 1090], '0 V', 'right'),
    lines(
      [410, 1080],
      [
        '0 V of U1 and U2 joined here.',
        'Q1: mains isolator; 30 mA residual current',
        'protection ahead of it.',
      ],
      {
        size: 12,
        pitch: 16,
      },
    ),
    lines(
      [40, 1138],
      [
        'Mains side by a licensed electrician (電気工事士).',
        'PE to the cabinet and to the metal of the door frame.',
      ],
      { size: 13, pitch: 17 },
    ),
  ];
}
