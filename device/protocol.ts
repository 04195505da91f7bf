/**
 * The host's side of the controller protocol (device/firmware/PROTOCOL.md): messages to frames and back.
 *
 * A frame is one Firmata sysex: `F0 <sysexCommand> <packed> F7`. Unpacked, the message is
 *
 *     type u8 | sequence u16 | fields | crc16        (all little-endian)
 *
 * where the CRC-16/CCITT-FALSE covers everything before it. Packing is Firmata's 8-into-7: the message is one
 * stream of bits, byte 0 first, lowest bit of each byte first, cut into groups of seven; each group is one
 * packed byte with bit 7 clear, and the last group is filled up with zeros. n bytes become ⌈8n/7⌉.
 */
import { protocol } from './protocol.generated.ts';
import type { MessageFields, MessageName } from './protocol.generated.ts';

/** A frame understood: CRC right, type known, length and every value within the description. */
export type Message = {
  [Name in MessageName]: {
    readonly type: Name;
    /** 0–65,535, the sender's count. */
    readonly sequence: number;
    readonly fields: MessageFields[Name];
  };
}[MessageName];

/** Why a frame was not understood. `bad-value`: a byte outside of its enumeration, from a newer firmware. */
export interface DecodeFailure {
  readonly error: 'bad-crc' | 'bad-length' | 'unknown-type' | 'bad-value';
}

type FieldValue = number | boolean | string | readonly string[];

interface Field {
  readonly name: string;
  readonly type: 'u8' | 'u16' | 'u32' | 'bool';
  readonly enum?: string;
  readonly flags?: string;
}

const START_SYSEX = 0xf0;
const END_SYSEX = 0xf7;
const HEADER_BYTES = 3;
const CRC_BYTES = 2;
const widths = { u8: 1, bool: 1, u16: 2, u32: 4 } as const;
const enums: Readonly<Record<string, Readonly<Record<string, number>>>> = protocol.enums;

function fieldsOf(type: MessageName): readonly Field[] {
  return protocol.messages[type].fields;
}

function lengthOf(type: MessageName): number {
  return fieldsOf(type).reduce((sum, field) => sum + widths[field.type], 0);
}

const typesById: ReadonlyMap<number, MessageName> = new Map(
  (Object.keys(protocol.messages) as MessageName[]).map((type) => [protocol.messages[type].id, type]),
);

/** CRC-16/CCITT-FALSE: polynomial 0x1021, initial 0xFFFF, not reflected. `"123456789"` gives 0x29B1. */
export function crc16(bytes: Uint8Array): number {
  let crc: number = protocol.crc.initial;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = ((crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ protocol.crc.polynomial) & 0xffff;
    }
  }
  return crc;
}

/** Packs bytes 8-into-7, lowest bits first. The result has bit 7 clear throughout. */
export function pack7(bytes: Uint8Array): Uint8Array {
  const packed = new Uint8Array(Math.ceil((bytes.length * 8) / 7));
  let held = 0;
  let heldBits = 0;
  let at = 0;
  for (const byte of bytes) {
    held |= byte << heldBits;
    heldBits += 8;
    while (heldBits >= 7) {
      packed[at++] = held & 0x7f;
      held >>= 7;
      heldBits -= 7;
    }
  }
  if (heldBits > 0) packed[at] = held;
  return packed;
}

/** Undoes `pack7`. `null` if no message packs to this: bit 7 set, a length that cannot be, or padding not zero. */
export function unpack7(packed: Uint8Array): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((packed.length * 7) / 8));
  if (Math.ceil((bytes.length * 8) / 7) !== packed.length) return null;
  let held = 0;
  let heldBits = 0;
  let at = 0;
  for (const group of packed) {
    if (group > 0x7f) return null;
    held |= group << heldBits;
    heldBits += 7;
    if (heldBits >= 8) {
      bytes[at++] = held & 0xff;
      held >>= 8;
      heldBits -= 8;
    }
  }
  return held === 0 ? bytes : null;
}

function toWire(field: Field, value: FieldValue): number {
  const table = enums[field.enum ?? field.flags ?? ''];
  const code = (name: string): number => {
    const found = table?.[name];
    if (found === undefined) throw new RangeError(`${field.name}: "${name}" is not in the protocol`);
    return found;
  };
  if (typeof value === 'string') return code(value);
  if (typeof value === 'object') return value.reduce((sum, name) => sum | code(name), 0);
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0 || number >= 2 ** (8 * widths[field.type])) {
    throw new RangeError(`${field.name}: ${number} does not fit ${field.type}`);
  }
  return number;
}

/** `undefined` if the byte means nothing in this version of the protocol. */
function fromWire(field: Field, wire: number): FieldValue | undefined {
  if (field.type === 'bool') return wire > 1 ? undefined : wire === 1;
  const table = Object.entries(enums[field.enum ?? field.flags ?? ''] ?? {});
  if (field.enum !== undefined) return table.find(([, code]) => code === wire)?.[0];
  if (field.flags === undefined) return wire;
  const known = table.reduce((mask, [, code]) => mask | code, 0);
  return (wire & ~known) === 0
    ? table.filter(([, code]) => (wire & code) !== 0).map(([name]) => name)
    : undefined;
}

/**
 * One message as a whole frame, ready for the serial line. `sequence` is taken modulo 65,536. Throws a
 * `RangeError` if a value does not fit its field: that is a bug of the caller, not of the line.
 */
export function encodeMessage<Name extends MessageName>(
  type: Name,
  sequence: number,
  fields: MessageFields[Name],
): Uint8Array {
  const message = new Uint8Array(HEADER_BYTES + lengthOf(type) + CRC_BYTES);
  const view = new DataView(message.buffer);
  view.setUint8(0, protocol.messages[type].id);
  view.setUint16(1, sequence & 0xffff, true);
  let offset = HEADER_BYTES;
  for (const field of fieldsOf(type)) {
    const wire = toWire(field, (fields as Readonly<Record<string, FieldValue>>)[field.name] ?? Number.NaN);
    const width = widths[field.type];
    if (width === 1) view.setUint8(offset, wire);
    else if (width === 2) view.setUint16(offset, wire, true);
    else view.setUint32(offset, wire, true);
    offset += width;
  }
  view.setUint16(offset, crc16(message.subarray(0, offset)), true);
  return Uint8Array.of(START_SYSEX, protocol.sysexCommand, ...pack7(message), END_SYSEX);
}

/**
 * Understands what stands between `F0 <sysexCommand>` and `F7` (what firmata-io hands to a sysex handler). Never
 * throws: a frame is either a whole `Message` or one named failure.
 */
export function decodeMessage(sysexPayload: ArrayLike<number>): Message | DecodeFailure {
  if (sysexPayload.length > protocol.limits.frameBytesMax) return { error: 'bad-length' };
  const message = unpack7(Uint8Array.from(sysexPayload));
  if (message === null || message.length < HEADER_BYTES + CRC_BYTES) return { error: 'bad-length' };
  const view = new DataView(message.buffer);
  const end = message.length - CRC_BYTES;
  if (view.getUint16(end, true) !== crc16(message.subarray(0, end))) return { error: 'bad-crc' };
  const type = typesById.get(view.getUint8(0));
  if (type === undefined) return { error: 'unknown-type' };
  if (end - HEADER_BYTES !== lengthOf(type)) return { error: 'bad-length' };
  const fields: Record<string, FieldValue> = {};
  let offset = HEADER_BYTES;
  for (const field of fieldsOf(type)) {
    const width = widths[field.type];
    const wire =
      width === 1
        ? view.getUint8(offset)
        : width === 2
          ? view.getUint16(offset, true)
          : view.getUint32(offset, true);
    const value = fromWire(field, wire);
    if (value === undefined) return { error: 'bad-value' };
    fields[field.name] = value;
    offset += width;
  }
  // The description that was just walked is the one the types are generated from.
  return { type, sequence: view.getUint16(1, true), fields } as unknown as Message;
}
