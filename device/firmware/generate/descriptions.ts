/** The wire's integer types: little-endian; `bool` is one byte, 0 or 1. */
export type WireType = 'u8' | 'u16' | 'u32' | 'bool';

/** Bytes that a wire type takes in a frame. */
export const widthOf: Readonly<Record<WireType, 1 | 2 | 4>> = { u8: 1, bool: 1, u16: 2, u32: 4 };

/** One field of a message. `enum`: the byte is one value of that table. `flags`: it is a sum of them. */
export interface FieldDescription {
  readonly name: string;
  readonly type: WireType;
  readonly enum?: string;
  readonly flags?: string;
}

/** What the protocol’s document says of a message. */
export interface MessageDescription {
  /** 1–255, unique. */
  readonly id: number;
  readonly from: 'host' | 'controller';
  readonly doc: string;
  readonly fields: readonly FieldDescription[];
}

/** The shape of `device/firmware/protocol.json`. */
export interface ProtocolDescription {
  readonly title: string;
  readonly version: number;
  readonly baudRate: number;
  readonly sysexCommand: number;
  readonly crc: { readonly name: string; readonly polynomial: number; readonly initial: number };
  readonly limits: Readonly<Record<string, number>>;
  readonly enums: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly messages: Readonly<Record<string, MessageDescription>>;
}

/** One terminal of the board. `port` is the AVR's name of it: port letter and bit, as in `PD4`. */
export interface PinDescription {
  readonly name: string;
  readonly arduino: string;
  readonly port: string;
  readonly direction: 'input' | 'output' | 'analog';
  readonly active?: 'high' | 'low';
  readonly firmata: boolean;
  readonly doc: string;
}

/** The shape of `hardware/pins.json`. */
export interface PinMap {
  readonly board: string;
  readonly pins: readonly PinDescription[];
}

/** `exit-button` → `exitButton`. */
export function camel(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** `exit-button` → `ExitButton`. */
export function pascal(name: string): string {
  const word = camel(name);
  return word.charAt(0).toUpperCase() + word.slice(1);
}
