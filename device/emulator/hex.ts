import { readFileSync } from 'node:fs';
import { FLASH_WORDS } from './avr.ts';

/** The firmware that is committed beside its sources. */
export const committedFirmware = new URL('../firmware/genkan.hex', import.meta.url);

/** Reads an Intel HEX file into program memory. Throws if a record's checksum is wrong or it does not fit. */
export function loadHex(file: URL | string): Uint16Array {
  const flash = new Uint16Array(FLASH_WORDS).fill(0xffff);
  const bytes = new Uint8Array(flash.buffer);
  for (const line of readFileSync(file, 'latin1').split(/\r?\n/)) {
    if (!line.startsWith(':')) continue;
    const record = Buffer.from(line.slice(1), 'hex');
    if (record.reduce((sum, byte) => (sum + byte) & 0xff, 0) !== 0)
      throw new Error(`bad checksum in ${line}`);
    // Types above data are the end and segment addresses; the 328P needs none of those.
    if (record[3] === 0) bytes.set(record.subarray(4, 4 + (record[0] ?? 0)), record.readUInt16BE(1));
  }
  return flash;
}
