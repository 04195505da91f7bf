import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { ScannerEvent } from '../../device/ports.ts';
import { hidScanner } from '../../device/scanner/hid.ts';
import type { HidDevice, HidLibrary } from '../../device/scanner/hid.ts';
import { decodeHidReport } from '../../device/scanner/hid-report.ts';
import { Heard } from './listening.ts';

/** A report as in the Access-IS LSR118 product manual, appendix B.1: 64 bytes, a QR code, bit 0 of the last = more. */
function report(data: string, continued: boolean): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.set([0x02, data.length, 0x5d, 0x51, 0x31]);
  bytes.write(data, 5, 'latin1');
  bytes[61] = 0x73;
  bytes[63] = continued ? 1 : 0;
  return bytes;
}

/** The manual's own example, a code of 60 bytes in two reports. */
const BOARDING_PASS = 'M1GATHERGOOD/MICHAEL  YABCDEF LHRDURAK 3542 052Y003D0023';
const RECORDED = [report(BOARDING_PASS, true), report(' 100', false)] as const;

describe('an HID-POS report', () => {
  it('gives its data without the padding, and whether more follows', () => {
    expect(BOARDING_PASS).toHaveLength(56);
    const [first, second] = RECORDED.map((bytes) => decodeHidReport(bytes));
    expect(first).toEqual({
      symbology: ']Q1',
      data: new Uint8Array(Buffer.from(BOARDING_PASS)),
      continued: true,
    });
    expect(second).toEqual({ symbology: ']Q1', data: new Uint8Array(Buffer.from(' 100')), continued: false });
  });

  const changed = (at: number, value: number): Buffer => {
    const bytes = report('code', false);
    bytes[at] = value;
    return bytes;
  };
  it.each([
    ['of another report id', changed(0, 3)],
    ['that claims 57 data bytes', changed(1, 57)],
    ['without an AIM identifier', changed(2, 0)],
    ['of 63 bytes', report('code', false).subarray(0, 63)],
    ['of no bytes', Buffer.alloc(0)],
  ])('%s is ignored', (_name, bytes) => {
    expect(decodeHidReport(bytes)).toBeNull();
  });
});

class RecordedDevice extends EventEmitter implements HidDevice {
  closed = false;
  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

/** node-hid's place, with one reader that can be plugged in and out. */
class Bus implements HidLibrary {
  plugged: RecordedDevice | null = null;
  devices(): Promise<{ path: string; vendorId: number; productId: number; serialNumber: string }[]> {
    const reader = { path: '1-2:1.0', vendorId: 0x0db5, productId: 0x0139, serialNumber: 'A1' };
    return Promise.resolve(this.plugged === null ? [] : [reader]);
  }
  open(): Promise<HidDevice> {
    return this.plugged === null ? Promise.reject(new Error('gone')) : Promise.resolve(this.plugged);
  }
}

describe('a scanner in HID-POS mode', () => {
  it('puts a code together from its reports, and is offline and back with its device', async () => {
    const bus = new Bus();
    const scanner = hidScanner({
      door: 'front',
      side: 'entry',
      vendorId: 0x0db5,
      productId: 0x0139,
      reopenMs: 1,
      loadHid: () => Promise.resolve(bus),
    });
    const heard = new Heard<ScannerEvent>();
    scanner.onEvent(heard.listener);
    scanner.start();
    expect(await heard.first(() => true)).toEqual({
      kind: 'offline',
      reason: 'no HID reader 0db5:0139 is plugged in',
    });

    const first = new RecordedDevice();
    bus.plugged = first;
    await heard.next((event) => event.kind === 'online');
    for (const bytes of RECORDED) first.emit('data', bytes);
    expect(heard.events.at(-1)).toEqual({
      kind: 'code',
      bytes: new Uint8Array(Buffer.from(`${BOARDING_PASS} 100`)),
    });

    bus.plugged = null;
    first.emit('error', new Error('could not read from HID device'));
    expect(heard.events.at(-1)).toEqual({ kind: 'offline', reason: 'could not read from HID device' });
    const second = new RecordedDevice();
    bus.plugged = second;
    await heard.next((event) => event.kind === 'online');
    expect(first.closed).toBe(true);
    await scanner.close();
    expect(second.closed).toBe(true);
  });

  it.each([
    ['serial number', { serialNumber: 'A2' }],
    ['product', { productId: 0x0140 }],
  ])('does not take a reader of another %s for its own', async (_name, other) => {
    const bus = new Bus();
    bus.plugged = new RecordedDevice();
    const wanted = { door: 'front', side: 'entry', vendorId: 0x0db5, productId: 0x0139 } as const;
    const scanner = hidScanner({ ...wanted, ...other, loadHid: () => Promise.resolve(bus) });
    const heard = new Heard<ScannerEvent>();
    scanner.onEvent(heard.listener);
    scanner.start();
    expect((await heard.first(() => true)).kind).toBe('offline');
    await scanner.close();
  });
});
