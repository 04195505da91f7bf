/**
 * What a reader in keyboard mode types, read from its HID reports. Such a reader believes to be a keyboard of a certain
 * layout and presses the keys that would write the code there, so the same code comes as other keys from a US and from
 * a JIS reader. Nothing on the wire says which: it is a setting of the reader.
 *
 * Usage numbers: USB-IF "HID Usage Tables" 1.5, section 10 (Keyboard/Keypad page, 0x07). Report: "Device Class
 * Definition for HID" 1.11, appendix B.1: modifiers, a reserved byte, six keys. JIS: JIS X 6002, as on 106/109 keys.
 */

export type KeyboardLayout = 'us' | 'jis';

/** Keys that were down in the last report; a key is typed when it goes down. */
export type KeysDown = readonly number[];

export const NO_KEYS: KeysDown = [];

/** Characters of a key without and with shift; empty where there is none. */
type Key = readonly [plain: string, shifted: string];

const MODIFIER_SHIFT = 0x22;
/** Ctrl, Alt and GUI: whatever is typed with them is no character. */
const MODIFIER_OTHER = 0xdd;
/** ErrorRollOver to ErrorUndefined: the report says nothing of its keys. */
const ERROR_KEY_MAX = 0x03;
/** Stands for a key that writes nothing here, so that the code is unreadable and not merely shorter. */
const SUBSTITUTE = '\x1a';
/** Keys that write nothing on purpose: Esc, Backspace, the locks and what lies above the letters. */
const isSilent = (usage: number): boolean =>
  usage === 0x29 || usage === 0x2a || usage === 0x39 || (usage >= 0x3a && usage <= 0x53);

const LETTERS: readonly (readonly [number, Key])[] = Array.from({ length: 26 }, (_, index) => {
  const letter = String.fromCharCode(0x61 + index);
  return [0x04 + index, [letter, letter.toUpperCase()]];
});

/** Keys that both layouts have: Enter, Tab, space and the keypad. */
const COMMON: readonly (readonly [number, Key])[] = [
  [0x28, ['\r', '\r']],
  [0x2b, ['\t', '\t']],
  [0x2c, [' ', ' ']],
  [0x54, ['/', '/']],
  [0x55, ['*', '*']],
  [0x56, ['-', '-']],
  [0x57, ['+', '+']],
  [0x58, ['\r', '\r']],
  ...Array.from('1234567890').map((digit, index) => [0x59 + index, [digit, digit]] as const),
  [0x63, ['.', '.']],
];

/** Shifted characters of the keys 1 to 0, in their order, and the keys that differ. */
const digits = (shifted: string): readonly (readonly [number, Key])[] =>
  Array.from('1234567890').map((digit, index) => [0x1e + index, [digit, shifted[index] ?? '']]);

/** What each key writes, by its usage number. */
export const KEYS: Readonly<Record<KeyboardLayout, ReadonlyMap<number, Key>>> = {
  us: new Map([
    ...LETTERS,
    ...COMMON,
    ...digits('!@#$%^&*()'),
    [0x2d, ['-', '_']],
    [0x2e, ['=', '+']],
    [0x2f, ['[', '{']],
    [0x30, [']', '}']],
    [0x31, ['\\', '|']],
    [0x32, ['\\', '|']],
    [0x33, [';', ':']],
    [0x34, ["'", '"']],
    [0x35, ['`', '~']],
    [0x36, [',', '<']],
    [0x37, ['.', '>']],
    [0x38, ['/', '?']],
  ]),
  jis: new Map([
    ...LETTERS,
    ...COMMON,
    ...digits('!"#$%&\'()'),
    [0x2d, ['-', '=']],
    [0x2e, ['^', '~']],
    [0x2f, ['@', '`']],
    [0x30, ['[', '{']],
    // The key right of it is 0x31 on some keyboards and 0x32 on others.
    [0x31, [']', '}']],
    [0x32, [']', '}']],
    [0x33, [';', '+']],
    [0x34, [':', '*']],
    [0x36, [',', '<']],
    [0x37, ['.', '>']],
    [0x38, ['/', '?']],
    // International1 and 3: ろ and ¥, which is written as the backslash that it is in JIS X 0201.
    [0x87, ['\\', '_']],
    [0x89, ['\\', '|']],
  ]),
};

/**
 * Reads one report. Pure. A report of nine bytes begins with its id. Any other length, and one in which the keyboard
 * says that it lost count, changes nothing.
 *
 * @returns the text typed by this report, in ASCII, and the keys that are down now
 */
export function typed(
  report: Uint8Array,
  before: KeysDown,
  layout: KeyboardLayout,
): { readonly text: string; readonly down: KeysDown } {
  const body = report.length === 9 ? report.subarray(1) : report;
  const keys = [...body.subarray(2)].filter((usage) => usage !== 0);
  if (body.length !== 8 || keys.some((usage) => usage <= ERROR_KEY_MAX)) return { text: '', down: before };
  const modifiers = body[0] ?? 0;
  const text = keys
    .filter((usage) => !before.includes(usage))
    .map((usage) => characterOf(usage, modifiers, layout))
    .join('');
  return { text, down: keys };
}

function characterOf(usage: number, modifiers: number, layout: KeyboardLayout): string {
  if (isSilent(usage)) return '';
  if ((modifiers & MODIFIER_OTHER) !== 0) return SUBSTITUTE;
  const key = KEYS[layout].get(usage);
  const character = key?.[(modifiers & MODIFIER_SHIFT) === 0 ? 0 : 1] ?? '';
  return character === '' ? SUBSTITUTE : character;
}
