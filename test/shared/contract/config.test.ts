import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { doorSchema, gatewayConfigSchema } from '../../../shared/contract/config.ts';
import { problemLines } from '../../../shared/contract/problem.ts';
import { exampleText } from '../../gateway/example.ts';

describe('the controller of a door', () => {
  const door = (controller: object) => ({ id: 'front', controller });

  it('is a board on a serial port, also when nobody says so', () => {
    expect(doorSchema.parse(door({ path: '/dev/genkan-front' })).controller).toEqual({
      kind: 'serial',
      path: '/dev/genkan-front',
    });
  });

  it.each([
    ['kind', { kind: 'gpio', path: '17' }],
    ['kind', { kind: 'gpio', pin: 17 }],
    ['path', { path: '/dev/gpiochip0' }],
    ['path', { path: '/dev/gpiomem' }],
    ['path', { path: '/sys/class/gpio/gpio17' }],
    ['path', { path: 'gpio17' }],
    ['path', { path: 'GPIO17' }],
  ])('is never the gateway’s own GPIO: %s of %o is refused with the reason', (field, controller) => {
    const lines = problemLines(doorSchema, door(controller));
    expect(lines.find((line) => line.startsWith(`controller.${field}: `))).toMatch(
      /own GPIO: nothing would end a release when the gateway hangs.*ATmega328P with our firmware/,
    );
  });

  it('of another kind is refused in plain words', () => {
    expect(problemLines(doorSchema, door({ kind: 'relay', path: '/dev/x' }))).toEqual([
      'controller.kind: must be "serial"',
    ]);
  });
});

describe('what a door senses', () => {
  it('is by default an exit button, a lock monitor, and 30 s until the door stands open too long', () => {
    expect(doorSchema.parse({ id: 'front', controller: { path: '/dev/x' } })).toMatchObject({
      egressSensing: 'button',
      exitButtonMs: 5_000,
      heldOpenMs: 30_000,
      buzzer: true,
      boltSense: 'lock',
      lockToleranceMs: 1_000,
    });
  });

  it.each([
    ['egressSensing', 'radar'],
    ['exitButtonMs', 999],
    ['exitButtonMs', 30_001],
    ['heldOpenMs', 4_000],
    ['heldOpenMs', 30_500],
    ['heldOpenMs', 3_601_000],
    ['boltSense', 'yes'],
    ['lockToleranceMs', 99],
    ['lockToleranceMs', 10_001],
  ])('%s is not %s', (field, value) => {
    const lines = problemLines(doorSchema, { id: 'front', controller: { path: '/dev/x' }, [field]: value });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.startsWith(`${field}: must be`)).toBe(true);
  });
});

describe('a serial port that two devices claim', () => {
  const example = parse(exampleText()) as { doors: { scanners: object[]; controller: object }[] };

  it.each([
    ['another reader', { kind: 'serial', side: 'exit', path: '/dev/genkan-x' }, '/dev/genkan-x'],
    ['the board', { kind: 'serial', side: 'exit', path: '/dev/genkan-board' }, '/dev/genkan-board'],
  ])('is refused where %s has it, by the second field that names it', (_whose, reader, path) => {
    const [door, ...doors] = example.doors;
    const controller = { path: '/dev/genkan-board' };
    const scanners = [{ kind: 'serial', side: 'entry', path: '/dev/genkan-x' }, reader];
    const config = { ...example, doors: [{ ...door, controller, scanners }, ...doors] };
    expect(problemLines(gatewayConfigSchema, config)).toEqual([
      `doors[0].scanners[1].path: ${path} is there twice: one port, one device`,
    ]);
  });
});

describe('when billing is silent', () => {
  const example = parse(exampleText()) as { readonly console: object };
  const after = (billingLateMinutes: number, billingSilentMinutes: number) =>
    problemLines(gatewayConfigSchema, {
      ...example,
      console: { ...example.console, billingLateMinutes, billingSilentMinutes },
    });

  it('is later than when it is late', () => {
    expect(after(15, 16)).toEqual([]);
    expect(after(15, 15)).toEqual([
      'console.billingSilentMinutes: must be longer than console.billingLateMinutes',
    ]);
  });
});

describe('the example of a configuration', () => {
  it('has every field of the schema of the venue and of the line to the cloud, if only in a comment', () => {
    const text = exampleText();
    const root = z.toJSONSchema(gatewayConfigSchema, { io: 'input', unrepresentable: 'any' });
    const named = (value: unknown): readonly string[] => {
      if (typeof value !== 'object' || value === null) return [];
      return Object.entries(value).flatMap(([key, member]) =>
        key === 'properties' ? [...Object.keys(member as object), ...named(member)] : named(member),
      );
    };
    const { venue, uplink } = root.properties ?? {};
    expect([...named(venue), ...named(uplink)].filter((name) => !text.includes(`${name}:`))).toEqual([]);
  });
});
