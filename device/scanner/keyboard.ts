/**
 * What a reader in keyboard mode types, read from its HID reports. Such a reader believes to be a keyboard of a certain
 * layout and presses the keys that would write the code there, so the same code comes as other keys from a US and from
 * a JIS reader. Nothing on the wire says which: it is a setting of the reader.
 *
 * Usage numbers: USB-IF "HID Usage Tables" 1.5, section 10 (Keyboard/Keypad page, 0x07). Report: "Device Class
 * Definition for HID" 1.11, appendix B.1: modifiers, a reserved byte, six keys. JIS: JIS X 6002, as on 106/109 keys.
 */

/** How the keys of a reader in keyboard mode are laid out. */
export type KeyboardLayout = 'us' | 'jis';

/** What the keyboard held after its last report. */
export interface KeyboardState {
  /** Usage numbers of the keys that are down; a key is typed when it goes down. */
  readonly down: readonly number[];
  /** Digits typed on the keypad while Alt is held: the number of a character, which is typed when Alt goes up. */
  readonly altDigits: string;
}

/** A keyboard’s report with no key pressed. */
export const NO_KEYS: KeyboardState = { down: [], altDigits: '' };

/** Characters of a key without and with shift; empty where there is none. */
type Key = readonly [plain: string, shifted: string];

const MODIFIER_SHIFT = 0x22;
const MODIFIER_CTRL = 0x11;
const MODIFIER_ALT = 0x44;
/** The Windows or Apple key: whatever is typed with it is no character. */
const MODIFIER_GUI = 0x88;
const LETTER_A = 0x04;
const LETTER_Z = 0x1d;
const KEYPAD_1 = 0x59;
const KEYPAD_0 = 0x62;
/** No reader writes the number of a character in more digits. */
const ALT_DIGITS_MAX = 4;
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
 * Readers type what their layout has no key for, or all they read, in two further ways, as keyboards of the IBM PC do:
 * Ctrl and a letter is the control character (a suffix of CR LF may come as Enter and Ctrl + J), and Alt held over
 * digits of the keypad is the character of that number, whatever the layout.
 *
 * @returns the text typed by this report, in ASCII, and what is held now
 */
export function typed(
  report: Uint8Array,
  before: KeyboardState,
  layout: KeyboardLayout,
): { readonly text: string; readonly state: KeyboardState } {
  const body = report.length === 9 ? report.subarray(1) : report;
  const down = [...body.subarray(2)].filter((usage) => usage !== 0);
  if (body.length !== 8 || down.some((usage) => usage <= ERROR_KEY_MAX)) return { text: '', state: before };
  const modifiers = body[0] ?? 0;
  const fresh = down.filter((usage) => !before.down.includes(usage));
  const held = modifiers & ~MODIFIER_SHIFT;
  if (held !== 0 && (held & ~MODIFIER_ALT) === 0) {
    const digits = fresh.map(keypadDigit).join('');
    return { text: '', state: { down, altDigits: (before.altDigits + digits).slice(0, ALT_DIGITS_MAX + 1) } };
  }
  const text = fresh.map((usage) => characterOf(usage, modifiers, layout)).join('');
  return { text: characterNumbered(before.altDigits) + text, state: { down, altDigits: '' } };
}

/** What a key writes into the number of a character; one that is no digit spoils the number. */
function keypadDigit(usage: number): string {
  return usage >= KEYPAD_1 && usage <= KEYPAD_0 ? String((usage - KEYPAD_1 + 1) % 10) : SUBSTITUTE;
}

function characterNumbered(digits: string): string {
  if (digits === '') return '';
  const number = digits.length > ALT_DIGITS_MAX ? NaN : Number(digits);
  return number > 0 && number < 0x7f ? String.fromCharCode(number) : SUBSTITUTE;
}

function characterOf(usage: number, modifiers: number, layout: KeyboardLayout): string {
  if (isSilent(usage)) return '';
  if ((modifiers & (MODIFIER_ALT | MODIFIER_GUI)) !== 0) return SUBSTITUTE;
  if ((modifiers & MODIFIER_CTRL) !== 0) {
    return usage >= LETTER_A && usage <= LETTER_Z ? String.fromCharCode(usage - LETTER_A + 1) : SUBSTITUTE;
  }
  const key = KEYS[layout].get(usage);
  const character = key?.[(modifiers & MODIFIER_SHIFT) === 0 ? 0 : 1] ?? '';
  return character === '' ? SUBSTITUTE : character;
}
