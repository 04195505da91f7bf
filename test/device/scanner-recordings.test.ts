import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { ScannerEvent } from '../../device/ports.ts';
import { hidScanner } from '../../device/scanner/hid.ts';
import type { HidDevice, HidScannerOptions } from '../../device/scanner/hid.ts';
import { Heard } from './listening.ts';

/**
 * Input reports that owners of real readers recorded and published. None of the readers was set up for us, so they
 * show what a layout written from a manual does not: shift as a report of its own, a second key after Enter, a code
 * typed by character numbers.
 */

/** A reader in keyboard mode: `MMKK` is a report with modifiers MM and one key KK. */
const keys = (recorded: string): Uint8Array[] =>
  recorded
    .trim()
    .split(/\s+/)
    .map((each) => Uint8Array.of(parseInt(each.slice(0, 2), 16), 0, ...Buffer.from(each.slice(2), 'hex')))
    .map((start) => Buffer.concat([start, Buffer.alloc(8 - start.length)]));

/** https://github.com/node-hid/node-hid/issues/323, 2019: EAN-13, Enter, then Ctrl + Shift + J, the line feed. */
const EAN_13 = keys(`
  0000 0023 0000 0026 0000 0022 0000 0024 0000 0025 0000 0021 0000 001f 0000 001f 0000 0027 0000 0025 0000 0025
  0000 0022 0000 0023 0000 0028 0000 0300 030d 0300 0000`);

/** https://electronica.guru/questions/12486: a reader at an LPC2468; shift goes down and up in reports of its own. */
const SHIFTED = keys(`
  0000 001f 0000 0200 0210 0200 0000 001e 0000 001f 0000 001f 0000 0023 0000 0021 0000 001e 0000 0025 0000 0022
  0000 0028 0000`);

/** https://github.com/node-hid/node-hid/issues/228, 2017: a reader set to US, `4*9`. */
const STAR = keys('0021 0000 0200 0225 0200 0000 0026 0000 0028 0000');

/** https://linux33.com/archives/118045: a reader that types numbers on the keypad while it holds Alt, `SIP-4-1`. */
const BY_NUMBERS = keys(`
  0462605b 0000 04625f5b 0000 04626062 0000 04625c5d 0000 04625d5a 0000 04625c5d 0000 04625c61 0000 0028 0000`);

/**
 * https://github.com/HenkVanAsselt/python_hon_usbhid: a Honeywell Voyager 1602g in HID-POS mode, asked for its
 * revision. Data of 56, 56, 56, 56, 56 and 9 bytes, and an answer to the menu command of 8.
 */
const VOYAGER = [
  ['X0', 'Product Name: Voyager 1602g\r\nBoot Revision: : 8992\r\nSoft', '3f', true],
  ['X0', 'ware Part Number: CW000082BBA\r\nSoftware Revision: $Proje', '3f', true],
  ['X0', 'ctRevision: 16345 \r\nSerial Number: 15232B1F0C\r\nSupported', '3f', true],
  ['X0', ' IF: Bluetooth\r\nPCB Assembly ID: 000000\r\nEngine Firmware', '3f', true],
  ['X0', ' Type: N/A   Revision: N/A   Serial Number: N/A   Checks', '3f', true],
  ['X0', 'um: N/A\r\n', '3f', false],
  ['Z6', 'REVINF\x06.', '36', false],
] as const;
const voyagerReports = VOYAGER.map(([symbology, data, further, more]) => {
  const bytes = Buffer.alloc(64);
  bytes.set([0x02, data.length, 0x5d]);
  bytes.write(symbology + data, 3, 'latin1');
  bytes.write(further, 61, 'hex');
  bytes[63] = more ? 1 : 0;
  return bytes;
});

/** https://www.newlandaidc.com/en/Services/wiki_info/435.html: a Newland FM30's answer to a command; no code. */
const NO_CODE = Buffer.concat([Buffer.from('020e02000008454c3033303039352551', 'hex'), Buffer.alloc(48)]);

class Reader extends EventEmitter implements HidDevice {
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** What the driver makes of the reports shown twice over: what the first leaves behind would spoil the second. */
async function codesOf(
  how: Pick<HidScannerOptions, 'mode' | 'layout'>,
  recorded: readonly Uint8Array[],
): Promise<string[]> {
  const reader = new Reader();
  const id = { vendorId: 0x0c2e, productId: 0x0b61 };
  const scanner = hidScanner({
    ...{ door: 'front', side: 'entry', repeatMs: 0 },
    ...{ ...how, ...id },
    loadHid: () =>
      Promise.resolve({
        devices: () => Promise.resolve([{ ...id, path: 'recorded' }]),
        open: () => Promise.resolve(reader),
      }),
  });
  const heard = new Heard<ScannerEvent>();
  scanner.onEvent(heard.listener);
  scanner.start();
  await heard.first((event) => event.kind === 'online');
  for (const report of [...recorded, ...recorded]) reader.emit('data', report);
  await scanner.close();
  const codes = heard.events.flatMap((event) =>
    event.kind === 'code' ? [Buffer.from(event.bytes).toString('latin1')] : [],
  );
  const half = codes.length / 2;
  expect(codes.slice(half)).toEqual(codes.slice(0, half));
  return codes.slice(0, half);
}

const LAYOUTS = ['us', 'jis'] as const;

describe('the reports of a real reader', () => {
  it.each(LAYOUTS)(
    'in keyboard mode give its EAN-13, and nothing of the line feed, as %s',
    async (layout) => {
      expect(await codesOf({ mode: 'keyboard', layout }, EAN_13)).toEqual(['6957842208856']);
    },
  );

  it.each(LAYOUTS)('in keyboard mode give its letters under shift, as %s', async (layout) => {
    expect(await codesOf({ mode: 'keyboard', layout }, SHIFTED)).toEqual(['2M12264185']);
  });

  it('in keyboard mode are read in the layout it is set to', async () => {
    expect(await codesOf({ mode: 'keyboard', layout: 'us' }, STAR)).toEqual(['4*9']);
    expect(await codesOf({ mode: 'keyboard', layout: 'jis' }, STAR)).toEqual(['4(9']);
  });

  it.each(LAYOUTS)('typed by character numbers are the same code in every layout, as %s', async (layout) => {
    expect(await codesOf({ mode: 'keyboard', layout }, BY_NUMBERS)).toEqual(['SIP-4-1']);
  });

  it('in HID-POS mode are put together over six reports', async () => {
    const text = VOYAGER.slice(0, 6)
      .map(([, data]) => data)
      .join('');
    expect(text).toHaveLength(5 * 56 + 9);
    // The reader's own line ends are ends of codes here: this was an answer of several lines.
    const lines = text.split('\r\n').filter((line) => line !== '');
    expect(await codesOf({ mode: 'pos' }, voyagerReports)).toEqual([...lines, 'REVINF\x06.']);
  });

  it('in HID-POS mode that answer a command and name no symbology are no code', async () => {
    expect(await codesOf({ mode: 'pos' }, [NO_CODE])).toEqual([]);
  });
});
