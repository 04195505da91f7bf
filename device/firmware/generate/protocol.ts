import { camel, pascal, widthOf } from './descriptions.ts';
import type { FieldDescription, MessageDescription, ProtocolDescription } from './descriptions.ts';

const cppType = { u8: 'uint8_t', bool: 'bool', u16: 'uint16_t', u32: 'uint32_t' } as const;

function lengthOf(message: MessageDescription): number {
  return message.fields.reduce((sum, field) => sum + widthOf[field.type], 0);
}

/** Every byte of a field, lowest first, with its offset in the message's fields. */
function bytesOf(message: MessageDescription): { field: FieldDescription; offset: number }[] {
  let offset = 0;
  return message.fields.map((field) => {
    const placed = { field, offset };
    offset += widthOf[field.type];
    return placed;
  });
}

function cppRead({ field, offset }: { field: FieldDescription; offset: number }): string {
  const terms = Array.from({ length: widthOf[field.type] }, (_, i) => {
    const byte = `bytes[${offset + i}]`;
    return i === 0 ? byte : `static_cast<${cppType[field.type]}>(${byte}) << ${8 * i}`;
  });
  const value = field.type === 'bool' ? `bytes[${offset}] != 0` : terms.join(' | ');
  return `    m.${field.name} = ${terms.length > 1 ? `static_cast<${cppType[field.type]}>(${value})` : value};`;
}

function cppWrite({ field, offset }: { field: FieldDescription; offset: number }): string[] {
  return Array.from({ length: widthOf[field.type] }, (_, i) => {
    const value = i === 0 ? field.name : `${field.name} >> ${8 * i}`;
    return `    bytes[${offset + i}] = static_cast<uint8_t>(${value});`;
  });
}

function cppMessage([name, message]: readonly [string, MessageDescription]): string {
  const placed = bytesOf(message);
  const codec =
    placed.length === 0
      ? []
      : message.from === 'host'
        ? [
            `  static ${pascal(name)} read(const uint8_t *bytes) {`,
            `    ${pascal(name)} m;`,
            ...placed.map(cppRead),
            '    return m;',
            '  }',
          ]
        : ['  void write(uint8_t *bytes) const {', ...placed.flatMap(cppWrite), '  }'];
  return [
    `/** From the ${message.from}. ${message.doc} */`,
    `struct ${pascal(name)} {`,
    `  static constexpr uint8_t id = ${message.id}, length = ${lengthOf(message)};`,
    ...message.fields.map((field) => `  ${cppType[field.type]} ${field.name};`),
    ...codec,
    '};',
  ].join('\n');
}

/** The protocol as C++: constants, enumerations, and one struct per message with its reader or writer. */
export function protocolForFirmware(protocol: ProtocolDescription): string {
  const enums = Object.entries(protocol.enums).map(([name, values]) =>
    [
      `namespace ${camel(name)} {`,
      ...Object.entries(values).map(([key, value]) => `constexpr uint8_t ${camel(key)} = ${value};`),
      '}',
    ].join('\n'),
  );
  return [
    '// Generated from device/firmware/protocol.json by generate.ts; edit that.',
    '#pragma once',
    '#include <stdint.h>',
    '',
    'namespace protocol {',
    '',
    `constexpr uint8_t version = ${protocol.version};`,
    `constexpr uint32_t baudRate = ${protocol.baudRate};`,
    `constexpr uint8_t sysexCommand = ${protocol.sysexCommand};`,
    `constexpr uint16_t crcPolynomial = ${protocol.crc.polynomial};`,
    `constexpr uint16_t crcInitial = ${protocol.crc.initial};`,
    ...Object.entries(protocol.limits).map(([name, value]) => `constexpr uint16_t ${name} = ${value};`),
    '',
    enums.join('\n\n'),
    '',
    'namespace message {',
    '',
    Object.entries(protocol.messages).map(cppMessage).join('\n\n'),
    '',
    '}  // namespace message',
    '}  // namespace protocol',
    '',
  ].join('\n');
}

function union(values: Readonly<Record<string, number>>): string {
  return Object.keys(values)
    .map((key) => `'${key}'`)
    .join(' | ');
}

function tsField(field: FieldDescription): string {
  const name = field.enum ?? field.flags;
  const type =
    name === undefined
      ? field.type === 'bool'
        ? 'boolean'
        : 'number'
      : field.flags === undefined
        ? pascal(name)
        : `readonly ${pascal(name)}[]`;
  return `    readonly ${field.name}: ${type};`;
}

function tsMessage([name, message]: readonly [string, MessageDescription]): string {
  const head = `  /** From the ${message.from}. ${message.doc} */`;
  if (message.fields.length === 0) return `${head}\n  '${name}': Readonly<Record<never, never>>;`;
  return [head, `  '${name}': {`, ...message.fields.map(tsField), '  };'].join('\n');
}

/** The protocol as TypeScript: the description as a constant, and a type per message. */
export function protocolForHost(protocol: ProtocolDescription): string {
  const names = (from: 'host' | 'controller'): string =>
    Object.entries(protocol.messages)
      .filter(([, message]) => message.from === from)
      .map(([name]) => `'${name}'`)
      .join(' | ');
  return [
    '// Generated from device/firmware/protocol.json by generate.ts; edit that.',
    '',
    `/** ${protocol.title}, version ${protocol.version}: the description that both codecs are driven by. */`,
    `export const protocol = ${JSON.stringify(protocol, null, 2)} as const;`,
    '',
    ...Object.entries(protocol.enums).map(
      ([name, values]) => `export type ${pascal(name)} = ${union(values)};`,
    ),
    '',
    '/** The fields of every message, by its name. */',
    'export interface MessageFields {',
    Object.entries(protocol.messages).map(tsMessage).join('\n'),
    '}',
    '',
    'export type MessageName = keyof MessageFields;',
    `export type HostMessageName = ${names('host')};`,
    `export type ControllerMessageName = ${names('controller')};`,
    '',
  ].join('\n');
}
