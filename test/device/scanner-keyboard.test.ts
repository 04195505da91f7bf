import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { ScannerEvent } from '../../device/ports.ts';
import { hidScanner } from '../../device/scanner/hid.ts';
import type { HidDevice } from '../../device/scanner/hid.ts';
import { KEYS, NO_KEYS, typed } from '../../device/scanner/keyboard.ts';
import type { KeyboardLayout } from '../../device/scanner/keyboard.ts';
import { Heard } from './listening.ts';

/** Reports as hexadecimal, written out from the usage tables: modifiers, 00, six keys. A space between reports. */
const reports = (hex: string): Uint8Array[] => hex.split(' ').map((each) => Buffer.from(each, 'hex'));

/** `GK1.a_Z~-9` and Enter as a US keyboard types it: `_` is shift + 2d, `~` shift + 35. */
const TYPED_US = reports(
  [
    '02000a0000000000 0000000000000000 02000e0000000000 0000000000000000',
    '00001e0000000000 0000000000000000 0000370000000000 0000000000000000',
    '0000040000000000 0000000000000000 02002d0000000000 0000000000000000',
    '02001d0000000000 0000000000000000 0200350000000000 0000000000000000',
    '00002d0000000000 0000000000000000 0000260000000000 0000000000000000',
    '0000280000000000 0000000000000000',
  ].join(' '),
);

/** The same code from a JIS keyboard: `_` is shift + 87 (ろ), `~` shift + 2e. */
const TYPED_JIS = reports(
  [
    '20000a0000000000 0000000000000000 20000e0000000000 0000000000000000',
    '00001e0000000000 0000000000000000 0000370000000000 0000000000000000',
    '0000040000000000 0000000000000000 2000870000000000 0000000000000000',
    '20001d0000000000 0000000000000000 20002e0000000000 0000000000000000',
    '00002d0000000000 0000000000000000 0000260000000000 0000000000000000',
    '0000280000000000 0000000000000000',
  ].join(' '),
);

/** Alt over 8 and 3, one key after the other. */
const ALT_83 = '0400000000000000 0400600000000000 0400000000000000 04005b0000000000 0000000000000000';

function textOf(recorded: readonly Uint8Array[], layout: KeyboardLayout): string {
  let state = NO_KEYS;
  return recorded
    .map((report) => {
      const step = typed(report, state, layout);
      state = step.state;
      return step.text;
    })
    .join('');
}

describe('reports of a keyboard', () => {
  it('of both layouts decode to the same code', () => {
    expect(textOf(TYPED_US, 'us')).toBe('GK1.a_Z~-9\r');
    expect(textOf(TYPED_JIS, 'jis')).toBe('GK1.a_Z~-9\r');
  });

  it('taken for the other layout give another code, never the same: it is refused, not guessed', () => {
    expect(textOf(TYPED_US, 'jis')).toBe('GK1.a=Z\x1a-9\r');
    expect(textOf(TYPED_JIS, 'us')).toBe('GK1.a\x1aZ+-9\r');
  });

  it.each(['us', 'jis'] as const)('%s has a key for every character of a code', (layout) => {
    const characters = new Set([...KEYS[layout].values()].flat());
    const code = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~\r');
    expect(code.filter((character) => !characters.has(character))).toEqual([]);
  });

  it.each(['us', 'jis'] as const)('%s writes printable ASCII, Tab and Enter, and nothing else', (layout) => {
    for (const character of [...KEYS[layout].values()].flat())
      expect(character).toMatch(/^[\t\r\x20-\x7e]?$/);
  });

  it.each(['us', 'jis'] as const)('%s writes every printable ASCII character', (layout) => {
    const characters = new Set([...KEYS[layout].values()].flat());
    const missing = Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index)).filter(
      (character) => !characters.has(character),
    );
    expect(missing).toEqual([]);
  });

  it.each([
    ['a key that is held is typed once', '0000040000000000 0000040000000000', 'a'],
    [
      'the same key twice, let go between, is typed twice',
      '0000040000000000 0000000000000000 0000040000000000',
      'aa',
    ],
    [
      'keys that roll over one another are typed in order',
      '0000040000000000 0000040500000000 0000050000000000',
      'ab',
    ],
    ['two keys in one report are typed in order', '0000040500000000', 'ab'],
    [
      'a keyboard that lost count says nothing, and its keys stay down',
      '0000040000000000 0000010101010101 0000040000000000',
      'a',
    ],
    ['nine bytes begin with a report id', '010000040000000000', 'a'],
    ['other lengths are ignored', '00000400000000', ''],
    ['Caps Lock and function keys write nothing', '0000390000000000 00003a0000000000', ''],
    ['Ctrl and a letter write a control character', '0100040000000000', '\x01'],
    ['Ctrl and a digit make the code unreadable', '01001e0000000000', '\x1a'],
    ['a key with the Windows key makes the code unreadable', '0800040000000000', '\x1a'],
    ['Alt and digits of the keypad write the character of that number when Alt goes up', ALT_83, 'S'],
    ['Alt and five digits make the code unreadable', `040062625a5a5a00 ${ALT_83}`, '\x1a'],
    ['Alt and a letter make the code unreadable', '0400040000000000 0000000000000000', '\x1a'],
    [
      'Alt and the number of no ASCII character make the code unreadable',
      '0400595a60000000 0000000000000000',
      '\x1a',
    ],
    ['the shift of 0 on a US keyboard is a bracket', '0200270000000000', ')'],
  ])('%s', (_name, hex, text) => {
    expect(textOf(reports(hex), 'us')).toBe(text);
  });

  it('shift and 0 write nothing on a JIS keyboard, so the code is unreadable', () => {
    expect(textOf(reports('0200270000000000'), 'jis')).toBe('\x1a');
  });
});

class Keyboard extends EventEmitter implements HidDevice {
  close(): Promise<void> {
    return Promise.resolve();
  }
}

describe('a scanner in keyboard mode', () => {
  it.each([
    ['us', TYPED_US],
    ['jis', TYPED_JIS],
  ] as const)(
    '%s reads a code, and takes the keyboard among the reader’s interfaces',
    async (layout, recorded) => {
      const keyboard = new Keyboard();
      const opened: string[] = [];
      const id = { vendorId: 0x0c2e, productId: 0x0b61, serialNumber: 'A1' };
      const scanner = hidScanner({
        ...{ door: 'front', side: 'entry', mode: 'keyboard', layout },
        ...id,
        loadHid: () =>
          Promise.resolve({
            devices: () =>
              Promise.resolve([
                { ...id, path: '1-2:1.1', usagePage: 0xff00 },
                { ...id, path: '1-2:1.0', usagePage: 0x01 },
              ]),
            open: (path) => {
              opened.push(path);
              return Promise.resolve(keyboard);
            },
          }),
      });
      const heard = new Heard<ScannerEvent>();
      scanner.onEvent(heard.listener);
      scanner.start();
      await heard.first((event) => event.kind === 'online');
      for (const report of recorded) keyboard.emit('data', report);
      expect(heard.events.at(-1)).toEqual({
        kind: 'code',
        bytes: new Uint8Array(Buffer.from('GK1.a_Z~-9')),
      });
      expect(opened).toEqual(['1-2:1.0']);
      await scanner.close();
    },
  );
});

/** The same code from a reader in HID-POS mode, in the layout of the Access-IS LSR118 product manual, appendix B.1. */
const SHOWN_POS = [
  Buffer.concat([Buffer.from('020a5d5131474b312e615f5a7e2d39', 'hex'), Buffer.alloc(64 - 15)]),
] as const;

describe('one code', () => {
  it.each([
    ['in HID-POS mode', { mode: 'pos' }, SHOWN_POS],
    ['in keyboard mode, US', { mode: 'keyboard', layout: 'us' }, TYPED_US],
    ['in keyboard mode, JIS', { mode: 'keyboard', layout: 'jis' }, TYPED_JIS],
  ] as const)(
    'is the same from a reader %s, which is an event when it is unplugged, and comes back',
    async (_name, how, recorded) => {
      let plugged = new Keyboard();
      const id = { vendorId: 0x0c2e, productId: 0x0b61 };
      const scanner = hidScanner({
        ...{ door: 'front', side: 'entry', reopenMs: 1 },
        ...{ ...how, ...id },
        loadHid: () =>
          Promise.resolve({
            devices: () => Promise.resolve([{ ...id, path: '1-2:1.0' }]),
            open: () => Promise.resolve(plugged),
          }),
      });
      const heard = new Heard<ScannerEvent>();
      scanner.onEvent(heard.listener);
      scanner.start();
      await heard.first((event) => event.kind === 'online');
      const code = { kind: 'code', bytes: new Uint8Array(Buffer.from('GK1.a_Z~-9')) };
      for (const report of recorded) plugged.emit('data', report);
      expect(heard.events.at(-1)).toEqual(code);

      const former = plugged;
      plugged = new Keyboard();
      const back = heard.next((event) => event.kind === 'online');
      former.emit('error', new Error('could not read from HID device'));
      expect(heard.events.at(-1)).toEqual({ kind: 'offline', reason: 'could not read from HID device' });
      await back;
      for (const report of recorded) plugged.emit('data', report);
      expect(heard.events.at(-1)).toEqual(code);
      await scanner.close();
    },
  );
});
