import { box, label, type Point } from './svg.ts';

/** The sheet is A3, landscape: 420 mm are 1,680 units, so a unit is 0.25 mm and 14 units of text are 3.5 mm. */
export const WIDTH = 1680;
/** Height of the drawing, in its units. */
export const HEIGHT = 1188;

/** Where things stand: the controller, what is between it and the rail, the rail, and the field right of it. */
export const BOARD = { x: 320, y: 92, width: 150, height: 730 } as const;
/** The right edge of the board. */
export const BOARD_RIGHT = BOARD.x + BOARD.width;
/** Where the rail of terminals stands. */
export const RAIL_X = 870;
/** Where the wires to the door begin: the right edge of a terminal. */
export const RAIL_RIGHT = RAIL_X + 17;
/** Where the field wiring begins. */
export const FIELD_X = 1110;
const ROW_PITCH = 30;

/** The lock circuit has its terminals farther apart than the signals. */
const LOCK_ROWS: Readonly<Record<number, number>> = { 1: 130, 2: 190, 3: 250 };
const FIRST_SIGNAL_ROW = 340;

/** The height of a terminal on the sheet. */
export function rowOf(number: number): number {
  return LOCK_ROWS[number] ?? FIRST_SIGNAL_ROW + (number - 4) * ROW_PITCH;
}

/** A small circuit that is drawn once, among the details. */
export function network([x, y]: Point, name: string): string {
  const width = Math.max(48, name.length * 9);
  return [
    box([x - width / 2, y - 11], width, 22, '#eef6ea'),
    label([x, y + 5], name, { anchor: 'middle', size: 13 }),
  ].join('');
}
