/**
 * One input report of a HID-POS code reader, taken apart. The USB-IF's "HID Point of Sale Usage Tables" 1.02
 * (usage page 0x8C) leave the layout to the report descriptor; this is the usual one, as printed in the product
 * manual of the Access-IS LSR118, appendix B.1:
 *
 * | byte | content |
 * |---|---|
 * | 0 | report id, 2 |
 * | 1 | how many of the data bytes count, 0–56 |
 * | 2–4 | AIM symbology identifier, `]` and two characters (`]Q1` is a QR code) |
 * | 5–60 | data, padded with zeros |
 * | 61–62 | further identifier, reserved |
 * | 63 | bit 0: the code goes on in the next report |
 */
export interface HidReport {
  readonly symbology: string;
  readonly data: Uint8Array;
  /** Whether the next report carries more of the same code. */
  readonly continued: boolean;
}

const REPORT_ID = 2;
const REPORT_BYTES = 64;
const DATA_AT = 5;
const DATA_MAX = 56;
const BRACKET = 0x5d;

/** Takes a report apart. `null` for any that is not scanned data in this layout, so it is ignored, not guessed. */
export function decodeHidReport(report: Uint8Array): HidReport | null {
  if (report.length !== REPORT_BYTES || report[0] !== REPORT_ID || report[2] !== BRACKET) return null;
  const length = report[1] ?? 0;
  if (length > DATA_MAX) return null;
  return {
    symbology: String.fromCharCode(...report.subarray(2, DATA_AT)),
    // A copy: node-hid may use its buffer again.
    data: Uint8Array.from(report.subarray(DATA_AT, DATA_AT + length)),
    continued: ((report[REPORT_BYTES - 1] ?? 0) & 1) === 1,
  };
}
