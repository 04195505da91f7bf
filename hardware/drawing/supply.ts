import { WIDTH } from './layout.ts';
import { box, from, joint, label, lines, potential, terminal, wire } from './svg.ts';

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
  return [
    `<line x1="14" y1="838" x2="${WIDTH - 14}" y2="838" stroke="#111" stroke-width="1.2"/>`,
    label([40, 862], 'SUPPLY', { bold: true, size: 16 }),
    wire(from([40, 905]).h(100)),
    wire(from([40, 930]).h(100)),
    wire(from([40, 955]).h(100)),
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
    wire(from([125, 1025]).v(1060)),
    wire(from([190, 1025]).v(1060)),
    box([100, 1060], 170, 50),
    label([110, 1080], 'GB1  battery', { bold: true, size: 14 }),
    label([110, 1099], '12 V, 7 Ah, with F4 5 A', { size: 13 }),
    wire(from([270, 950]).h(plus)),
    terminal([303, 950], '20'),
    wire(from([plus, top + 15]).v(top + 155)),
    ...branch(top + 15, 'F1', '1 A T', [
      wire(from([430, top + 15]).h(470)),
      potential([470, top + 15], 'L+', 'right'),
      label([520, top + 20], 'lock, fused by itself', { size: 13 }),
    ]),
    ...branch(top + 85, 'F2', '0.5 A T', converter(top + 85, 'U1  converter', '13.8 V → 9 V, 0.5 A', '9 V')),
    ...branch(top + 155, 'F3', '3.15 A T', converter(top + 155, 'U2  converter', '13.8 V → 5 V, 5 A', 'A2')),
    wire(from([270, 1003]).h(286).v(1090).h(340)),
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
