import type { PinDescription, PinMap } from './descriptions.ts';

function placeOf(pin: PinDescription): { letter: string; bit: number } {
  const match = /^P([BCD])([0-7])$/.exec(pin.port);
  if (match?.[1] === undefined || match[2] === undefined)
    throw new Error(`pins.json: ${pin.name} has no port`);
  return { letter: match[1], bit: Number(match[2]) };
}

/** Firmata's number of a pin: D0–D13 are 0–13, A0–A5 are 14–19. */
function firmataNumber(pin: PinDescription): number {
  const number = Number(pin.arduino.slice(1));
  return pin.arduino.startsWith('A') ? 14 + number : number;
}

/** The pin map as C++: per pin its registers, its bit, its number in Firmata and whether a low level is active. */
export function pinsForFirmware(map: PinMap): string {
  const rows = map.pins.flatMap((pin) => {
    const { letter, bit } = placeOf(pin);
    return [
      `// ${pin.arduino}: ${pin.doc}`,
      `#define PIN_${pin.name}_PORT PORT${letter}`,
      `#define PIN_${pin.name}_DDR DDR${letter}`,
      `#define PIN_${pin.name}_PIN PIN${letter}`,
      `#define PIN_${pin.name}_BIT ${bit}`,
      `#define PIN_${pin.name}_NUMBER ${firmataNumber(pin)}`,
      `#define PIN_${pin.name}_ACTIVE_LOW ${pin.active === 'low' ? 1 : 0}`,
    ];
  });
  return [
    '// Generated from hardware/pins.json by generate.ts; edit that.',
    '#pragma once',
    '',
    ...rows,
    '',
  ].join('\n');
}

/** The pin map as a TypeScript constant, by pin name. */
export function pinsForHost(map: PinMap): string {
  const rows = map.pins.map((pin) => {
    const { letter, bit } = placeOf(pin);
    return [
      `  /** ${pin.arduino}: ${pin.doc} */`,
      `  ${pin.name}: { arduino: '${pin.arduino}', port: '${letter}', bit: ${bit}, direction: '${pin.direction}', active: '${pin.active ?? 'high'}', firmata: ${String(pin.firmata)} },`,
    ].join('\n');
  });
  return [
    '// Generated from hardware/pins.json by generate.ts; edit that.',
    '',
    `/** ${map.board}: where every wire of the door is, and which level means active. */`,
    'export const pins = {',
    ...rows,
    '} as const;',
    '',
    'export type PinName = keyof typeof pins;',
    '',
  ].join('\n');
}
