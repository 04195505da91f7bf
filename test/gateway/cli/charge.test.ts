import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { chargeCommand } from '../../../gateway/cli/charge.ts';
import type { Command } from '../../../gateway/cli/command.ts';
import { ticketCommand } from '../../../gateway/cli/ticket.ts';
import { chargeListSchema, chargeSchema } from '../../../shared/contract/charge.ts';

/** Runs a command on input that comes in pieces of the given size. */
async function run(
  command: Command,
  input: string | Uint8Array,
  args: readonly string[] = [],
  pieceBytes = 1_000_000,
) {
  const bytes = typeof input === 'string' ? new TextEncoder().encode(input) : input;
  let out = '';
  let err = '';
  let writes = 0;
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += pieceBytes)
      yield await Promise.resolve(bytes.slice(at, at + pieceBytes));
  }
  const io = {
    stdin: pieces(),
    stdout: (text: string) => {
      writes += 1;
      out += text;
    },
    stderr: (text: string) => (err += text),
  };
  const code = await command.run(io, args);
  return {
    code,
    out,
    err,
    writes,
    answers: out
      .split('\n')
      .slice(0, -1)
      .map((line): unknown => JSON.parse(line)),
  };
}

const GOOD = {
  venue: 'h1t',
  space: 'seat',
  yenPer30Min: 500,
  cap: { minutes: 150 },
  reservation: { start: '2025-06-02T09:00:00+09:00', end: '2025-06-02T12:00:00+09:00', cancelledAt: null },
  checkIn: '2025-06-02T09:00:00.250+09:00',
  checkOut: '2025-06-02T01:30:59Z',
  closing: '2025-06-02T22:00:00+09:00',
};
const good = JSON.stringify(GOOD);

describe('genkan charge', () => {
  test('the whole answer to one reservation, spelt in Japanese time', async () => {
    const { code, err, answers } = await run(chargeCommand, good);
    expect([code, err]).toEqual([0, '']);
    expect(answers).toEqual([
      {
        rule: 'h1t-shortened',
        chargedFrom: '2025-06-02T09:00:00+09:00',
        chargedTo: '2025-06-02T11:00:00+09:00',
        unitsBeforeCap: 4,
        units: 4,
        minutes: 120,
        yen: 2000,
        capApplied: false,
        flags: [],
        alternatives: [],
        ruleset: 'WORKUS-2023-05',
        tariff: {
          venue: 'h1t',
          space: 'seat',
          yenPer30Min: 500,
          cap: { minutes: 150 },
          policy: {
            stamp: 'minute',
            h1tRoomShorten: true,
            capRooms: false,
            capOnSimultaneousUse: 'own',
            cancelDeadlineMinutes: 0,
            gridMinutes: 30,
            forgottenCutoff: 'reservation',
          },
          policyHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
          closing: '2025-06-02T22:00:00+09:00',
        },
        stamps: {
          checkIn: { raw: '2025-06-02T09:00:00.250+09:00', truncated: '2025-06-02T09:00:00+09:00' },
          checkOut: { raw: '2025-06-02T10:30:59+09:00', truncated: '2025-06-02T10:30:00+09:00' },
        },
      },
    ]);
    expect(chargeSchema.parse(answers[0])).toEqual(answers[0]);
  });

  test.each([
    ['one per line', `${good}\n${good}\n`, 2],
    ['one per line with blank lines, CRLF and no last line end', `\n${good}\r\n\r\n${good}`, 2],
    ['an array on one line', `[${good},${good},${good}]`, 3],
    ['an array over several lines', JSON.stringify([GOOD, GOOD], null, 2), 2],
    ['one object over several lines', JSON.stringify(GOOD, null, 2), 1],
    ['a byte-order mark before it', `\ufeff${good}`, 1],
  ])('%s gives one line each', async (_name, input, count) => {
    for (const pieceBytes of [1, 7, 1_000_000]) {
      const { code, answers } = await run(chargeCommand, input, [], pieceBytes);
      expect([code, answers.length]).toEqual([0, count]);
    }
  });

  test('a list of reservations gives each charge and their sum on one line', async () => {
    const { answers } = await run(chargeCommand, JSON.stringify({ reservations: [GOOD, GOOD] }));
    expect(answers).toHaveLength(1);
    const list = chargeListSchema.parse(answers[0]);
    expect([list.perReservation.length, list.totalYen]).toEqual([2, 4000]);
  });

  test('a policy changes the answer and its hash', async () => {
    const room = { ...GOOD, space: 'room' };
    const { answers } = await run(
      chargeCommand,
      [room, { ...room, policy: { h1tRoomShorten: false } }].map((r) => JSON.stringify(r)).join('\n'),
    );
    const [plain, settled] = answers.map((answer) => chargeSchema.parse(answer));
    expect([plain?.yen, settled?.yen]).toEqual([2000, 3000]);
    expect(plain?.tariff.policyHash).not.toBe(settled?.tariff.policyHash);
  });

  test('cancelledAt may be left out', async () => {
    const { start, end } = GOOD.reservation;
    expect((await run(chargeCommand, JSON.stringify({ ...GOOD, reservation: { start, end } }))).code).toBe(0);
  });

  test('a file is read as standard input is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'genkan-cli-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'visits.jsonl');
    writeFileSync(file, `${good}\n${good}\n`);
    expect((await run(chargeCommand, '', [file])).out).toBe(
      (await run(chargeCommand, `${good}\n${good}`)).out,
    );
    expect((await run(chargeCommand, good, ['-'])).code).toBe(0);
  });
});

const { reservation } = GOOD;
const REFUSED: readonly (readonly [name: string, wrong: object, message: string])[] = [
  [
    'an end before the start',
    { reservation: { ...reservation, end: '2025-06-02T08:00:00+09:00' } },
    'reservation.end: must be after reservation.start',
  ],
  [
    'an end at the start, in another offset',
    { reservation: { ...reservation, end: '2025-06-02T00:00:00Z' } },
    'reservation.end: must be after reservation.start',
  ],
  ['a price of half a yen', { yenPer30Min: 500.5 }, 'yenPer30Min: must be a whole number'],
  ['a price in text', { yenPer30Min: '500' }, 'yenPer30Min: must be a number'],
  ['a negative price', { yenPer30Min: -1 }, 'yenPer30Min: must be at least 0'],
  ['a price above all sense', { yenPer30Min: 1e300 }, 'yenPer30Min: must be at most'],
  ['a cap off the 30-minute grid', { cap: { minutes: 100 } }, 'cap.minutes: must be a multiple of 30'],
  ['a cap of no time', { cap: { minutes: 0 } }, 'cap.minutes: must be at least 30'],
  ['a cap of no money', { cap: { yen: 0 } }, 'cap.yen: must be at least 1'],
  ['an empty cap', { cap: {} }, 'cap: needs minutes, yen or both'],
  ['an unknown field', { checkin: null }, 'checkin: unknown field'],
  ['an unknown field inside', { reservation: { ...reservation, to: null } }, 'reservation.to: unknown field'],
  ['an unknown policy', { policy: { capRoom: true } }, 'policy.capRoom: unknown field'],
  ['an unknown venue', { venue: 'H1T' }, 'venue: must be "h1t" or "standard"'],
  ['a check-out without an offset', { checkOut: '2025-06-02T10:30:00' }, 'checkOut: offset is missing'],
  ['a check-in without seconds', { checkIn: '2025-06-02T10:30+09:00' }, 'checkIn: seconds are missing'],
  ['a closing that is a time of day', { closing: '22:00' }, 'closing: must be an instant'],
  ['a check-out that is left out', { checkOut: undefined }, 'checkOut: missing'],
  ['a closing that is left out', { closing: undefined }, 'closing: missing'],
  ['a cap that is left out', { cap: undefined }, 'cap: missing'],
  ['a reservation that is left out', { reservation: undefined }, 'reservation: missing'],
];

describe('genkan charge refuses by the name of the field', () => {
  test.each(REFUSED)('%s', async (_name, wrong, message) => {
    const { code, out, err } = await run(chargeCommand, JSON.stringify({ ...GOOD, ...wrong }, null, 1));
    expect([code, out]).toEqual([2, '']);
    expect(err.startsWith(message)).toBe(true);
  });

  test('"__proto__" is an unknown field like any other', async () => {
    const { code, err } = await run(chargeCommand, good.replace('{', '{"__proto__":{},'));
    expect([code, err]).toEqual([2, '__proto__: unknown field\n']);
  });

  test('every fault of a line is told, each with the line', async () => {
    const bad = JSON.stringify({ ...GOOD, venue: 'x', cap: { minutes: 100 } });
    const { err } = await run(chargeCommand, `${good}\n\n${bad}\n`);
    expect(err.split('\n')).toEqual([
      'line 3: venue: must be "h1t" or "standard"',
      'line 3: cap.minutes: must be a multiple of 30',
      '',
    ]);
  });

  test('a bad reservation of a list is told by its index', async () => {
    const list = { reservations: [GOOD, { ...GOOD, yenPer30Min: 0.5 }] };
    const { code, err } = await run(chargeCommand, JSON.stringify(list, null, 1));
    expect([code, err]).toEqual([2, 'reservations[1].yenPer30Min: must be a whole number\n']);
  });

  test('a bad item of an array is told by its number', async () => {
    const { err } = await run(chargeCommand, JSON.stringify([GOOD, { ...GOOD, space: 'sofa' }]));
    expect(err).toBe('item 2: space: must be "seat" or "room"\n');
  });

  test('it stops there: lines before are answered, lines after are not', async () => {
    const { code, answers, err } = await run(chargeCommand, `${good}\n${good}\n{"venue":}\n${good}\n`);
    expect([code, answers.length]).toEqual([2, 2]);
    expect(err).toMatch(/^line 3: not JSON/);
  });

  test.each([1, 7, 700, 1_000, 1_000_000])(
    'the line is right where the input comes %i bytes at a time',
    async (pieceBytes) => {
      const { answers, err } = await run(
        chargeCommand,
        `${good}\n${good}\n\n${good}\n${good}\nx\n${good}\n`,
        [],
        pieceBytes,
      );
      expect(answers).toHaveLength(4);
      expect(err).toMatch(/^line 6: not JSON/);
    },
  );

  test('answers are written while the input is read, and not one by one', async () => {
    const { answers, writes } = await run(chargeCommand, `${good}\n`.repeat(1_000));
    expect(answers).toHaveLength(1_000);
    expect(writes).toBeGreaterThan(5);
    expect(writes).toBeLessThan(50);
  });

  test.each([
    ['nothing', '', /^input: empty/],
    ['blank lines', ' \n\n', /^input: empty/],
    ['no JSON', 'hello', /^input: not JSON/],
    ['a number', '5', /^input: must be an object/],
    ['null on a line', `null\n`, /^line 1: input: must be an object/],
    ['an unfinished object', '{"venue":"h1t"', /^input: not JSON/],
    ['bytes that are not UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), /^input: not UTF-8/],
  ])('%s', async (_name, input, message) => {
    const { code, err } = await run(chargeCommand, input);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  test('an amount above the exact integers', async () => {
    const far = {
      ...GOOD,
      cap: null,
      yenPer30Min: 10_000_000,
      checkOut: '9998-01-01T00:00:00Z',
      closing: null,
    };
    const reservations = Array.from({ length: 10 }, () => far);
    const { code, err } = await run(chargeCommand, JSON.stringify({ reservations }));
    expect(code).toBe(2);
    expect(err).toContain('exact amount of yen');
  });

  test.each([
    ['a file that is not there', ['/no/such/file'], '/no/such/file: cannot be read'],
    ['two files', ['a', 'b'], 'argument "b": expected at most one file'],
    ['an option', ['--fast'], 'argument "--fast": unknown option'],
  ])('%s', async (_name, args, message) => {
    const { code, err } = await run(chargeCommand, good, args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

describe('genkan ticket', () => {
  test('the first period of a ticket bought on 10/31', async () => {
    const { code, out } = await run(ticketCommand, '{"purchaseDate":"2025-10-31","renewalIndex":0}');
    expect(code).toBe(0);
    expect(out).toBe(
      '{"firstDay":"2025-10-31","lastDay":"2025-11-29","validUntilExclusive":"2025-11-30T00:00:00+09:00","days":30}\n',
    );
  });

  test('the anchor may be the renewal before', async () => {
    const input = '{"purchaseDate":"2025-10-31","renewalIndex":1,"renewalAnchor":"chain"}';
    expect((await run(ticketCommand, input)).answers).toEqual([
      {
        firstDay: '2025-11-30',
        lastDay: '2025-12-29',
        validUntilExclusive: '2025-12-30T00:00:00+09:00',
        days: 30,
      },
    ]);
  });

  test.each([
    [
      'a day that is not',
      { purchaseDate: '2025-02-30', renewalIndex: 0 },
      'purchaseDate: no such day in that month',
    ],
    [
      'an instant for a day',
      { purchaseDate: '2025-02-01T00:00:00Z', renewalIndex: 0 },
      'purchaseDate: must be a date',
    ],
    [
      'a negative renewal',
      { purchaseDate: '2025-02-01', renewalIndex: -1 },
      'renewalIndex: must be at least 0',
    ],
    [
      'half a renewal',
      { purchaseDate: '2025-02-01', renewalIndex: 0.5 },
      'renewalIndex: must be a whole number',
    ],
    ['no renewal', { purchaseDate: '2025-02-01' }, 'renewalIndex: missing'],
    [
      'another anchor',
      { purchaseDate: '2025-02-01', renewalIndex: 0, renewalAnchor: 'x' },
      'renewalAnchor: must be',
    ],
    ['an unknown field', { purchaseDate: '2025-02-01', renewalIndex: 0, zone: 'UTC' }, 'zone: unknown field'],
  ])('%s is refused', async (_name, input, message) => {
    const { code, out, err } = await run(ticketCommand, JSON.stringify(input, null, 1));
    expect([code, out]).toEqual([2, '']);
    expect(err.startsWith(message)).toBe(true);
  });
});
