import type { Device } from 'node-hid';
import type { Scanner } from '../ports.ts';
import { decodeHidReport } from './hid-report.ts';
import { FRAMING_LIMITS } from './framing.ts';
import { NO_KEYS, typed } from './keyboard.ts';
import type { KeyboardLayout } from './keyboard.ts';
import { watchNode } from '../serial/node-watch.ts';
import { scannerOver } from './reader.ts';
import type { ScannerOptions } from './reader.ts';
import type { OpenSource, SourceListener } from '../serial/source.ts';

/** An opened HID device, as much of node-hid's `HIDAsync` as is used. */
export interface HidDevice {
  on(event: 'data', listener: (report: Uint8Array) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  close(): Promise<void>;
}

/** The part of node-hid that is used; the tests put recorded reports in at this place. */
export interface HidLibrary {
  devices(): Promise<
    readonly Pick<Device, 'path' | 'vendorId' | 'productId' | 'serialNumber' | 'usagePage'>[]
  >;
  open(path: string): Promise<HidDevice>;
}

export interface HidScannerOptions extends ScannerOptions {
  readonly vendorId: number;
  readonly productId: number;
  /** Needed where two readers of one model hang at the same gateway. */
  readonly serialNumber?: string;
  /** How the reader speaks, as it is set up. `keyboard` is the fallback for one that can only type. Default `pos`. */
  readonly mode?: 'pos' | 'keyboard';
  /** Which keyboard it believes to be, in keyboard mode. Default `us`. */
  readonly layout?: KeyboardLayout;
  /** Default node-hid, loaded at the first opening: loading it needs libusb, which only HID readers do. */
  readonly loadHid?: () => Promise<HidLibrary>;
}

const CR = Uint8Array.of(0x0d);

/** Usage page of keyboards: a reader in keyboard mode may have other interfaces beside. */
const GENERIC_DESKTOP = 0x01;

/** Keys come one by one, 20 ms each at the usual polling; a reader set to a pause between them takes longer. */
const KEYBOARD_GAP_MS = 300;

/** A code reader on HID, in HID-POS or in keyboard mode. Unplugging and errors are as in `serialScanner`. */
export function hidScanner(options: HidScannerOptions): Scanner {
  const loadHid = options.loadHid ?? loadNodeHid;
  const framing =
    options.mode === 'keyboard' ? { ...FRAMING_LIMITS, gapMs: KEYBOARD_GAP_MS } : FRAMING_LIMITS;
  return scannerOver({ framing, ...options }, async (listener) =>
    openReader(await loadHid(), options, listener),
  );
}

async function openReader(
  hid: HidLibrary,
  wanted: HidScannerOptions,
  listener: SourceListener,
): Promise<OpenSource> {
  const found = (await hid.devices()).find(
    (device) =>
      device.vendorId === wanted.vendorId &&
      device.productId === wanted.productId &&
      (wanted.serialNumber === undefined || device.serialNumber === wanted.serialNumber) &&
      (wanted.mode !== 'keyboard' || (device.usagePage ?? GENERIC_DESKTOP) === GENERIC_DESKTOP),
  );
  if (found?.path === undefined) {
    throw new Error(`no HID reader ${hex(wanted.vendorId)}:${hex(wanted.productId)} is plugged in`);
  }
  const device = await hid.open(found.path);
  device.on('data', wanted.mode === 'keyboard' ? keyboardReports(wanted, listener) : posReports(listener));
  device.on('error', (error) => listener.lost(error.message));
  // Only a hidraw node is a file; for libusb's own names the error of the pending read has to do.
  const stopWatching = found.path.startsWith('/')
    ? watchNode(found.path, null, (reason) => listener.lost(reason))
    : () => undefined;
  return {
    close: async () => {
      stopWatching();
      await device.close();
    },
  };
}

function posReports(listener: SourceListener): (bytes: Uint8Array) => void {
  return (bytes) => {
    const report = decodeHidReport(bytes);
    if (report === null) return;
    listener.bytes(report.data);
    // Reports say where a code ends; the framing hears it as the end that serial readers send.
    if (!report.continued) listener.bytes(CR);
  };
}

function keyboardReports(
  { layout = 'us' }: HidScannerOptions,
  listener: SourceListener,
): (bytes: Uint8Array) => void {
  let state = NO_KEYS;
  return (bytes) => {
    const step = typed(bytes, state, layout);
    state = step.state;
    if (step.text !== '') listener.bytes(Buffer.from(step.text, 'latin1'));
  };
}

async function loadNodeHid(): Promise<HidLibrary> {
  const { default: hid } = await import('node-hid');
  return { devices: () => hid.devicesAsync(), open: (path) => hid.HIDAsync.open(path) };
}

function hex(id: number): string {
  return id.toString(16).padStart(4, '0');
}
