import { expect, it } from 'vitest';
import { createNonceSource } from '../../../gateway/credential/nonce.ts';
import { Presence, type CodesTaken } from '../../../gateway/presence/presence.ts';
import { ManualClock } from '../manual-clock.ts';

const MEMBER = { iss: 'https://issuer.example', sub: 'u-1' };
const AT_THE_SEAT = '192.168.1.66';
const AT_THE_DOOR = '192.168.1.20';

function open() {
  const clock = new ManualClock('2026-11-24T09:00:00+09:00');
  const told: CodesTaken[] = [];
  const presence = new Presence({
    doors: [{ id: 'front', code: { entry: 'rotating', exit: 'rotating' } }],
    nonces: createNonceSource(Buffer.alloc(32), clock),
    clock,
    secret: Buffer.alloc(32, 1),
    onCodesTaken: (taken) => told.push(taken),
  });
  const shown = (side: 'entry' | 'exit') => presence.shown('front', side)?.code ?? '';
  const take = (from: string, side: 'entry' | 'exit' = 'entry', code = shown(side)) =>
    presence.redeem('front', side, code, from);
  const ticketOf = (taken: ReturnType<typeof take>) => (taken.kind === 'ticket' ? taken.ticket : undefined);
  return { clock, presence, told, shown, take, ticketOf };
}

it('a member at the display is kept out for less than 2 s by somebody who takes each code after 0.3 s', async () => {
  const { clock, shown, take } = open();
  const waitedMs: number[] = [];
  for (let arrival = 0; arrival < 12; arrival += 1) {
    let read = shown('entry');
    let readMs = 0;
    for (let ms = 300; ; ms += 300) {
      await clock.advance(300);
      take(AT_THE_SEAT);
      // The member's phone needs 0.6 s from the picture to the request, and reads again when it was too late.
      if (ms - readMs < 600) continue;
      if (take(AT_THE_DOOR, 'entry', read).kind === 'ticket') {
        waitedMs.push(ms - 600);
        break;
      }
      [read, readMs] = [shown('entry'), ms];
    }
    await clock.advance(60_000);
  }
  expect(waitedMs).toHaveLength(12);
  expect(Math.max(...waitedMs)).toBeLessThan(2_000);
});

it('the sixth code that one address takes at once stays good for everybody else, and 15 s later it may take one', async () => {
  const { clock, shown, take } = open();
  for (let taken = 0; taken < 5; taken += 1) expect(take(AT_THE_SEAT).kind).toBe('ticket');
  const code = shown('entry');
  expect(take(AT_THE_SEAT)).toEqual({ kind: 'busy', waitMs: 15_000 });
  expect(take(AT_THE_DOOR, 'entry', code).kind).toBe('ticket');
  await clock.advance(15_000);
  expect([take(AT_THE_SEAT).kind, take(AT_THE_SEAT).kind]).toEqual(['ticket', 'busy']);
});

it('a code that is not taken costs its address nothing', () => {
  const { shown, take } = open();
  const used = shown('entry');
  take(AT_THE_SEAT);
  for (let tries = 0; tries < 20; tries += 1) expect(take(AT_THE_DOOR, 'entry', used).kind).toBe('refused');
  expect(take(AT_THE_DOOR).kind).toBe('ticket');
});

it('300 addresses that take codes at the entrance take none of the exit', () => {
  const { take } = open();
  for (let address = 0; address < 300; address += 1)
    for (let taken = 0; taken < 6; taken += 1) take(`10.0.${address >> 8}.${address & 255}`);
  expect(take(AT_THE_DOOR, 'exit').kind).toBe('ticket');
  expect(take('10.0.0.1', 'exit').kind).toBe('ticket');
});

it('a member’s ticket stays good while 100 addresses collect tickets, and the collectors lose theirs', () => {
  const { presence, take, ticketOf } = open();
  const ticket = ticketOf(take(AT_THE_DOOR));
  const collected = Array.from({ length: 500 }, (_, at) => ticketOf(take(`10.0.0.${at % 100}`)));
  const isGood = (text: string | undefined) => presence.ticket('front', 'entry', text) !== null;
  expect(isGood(ticket)).toBe(true);
  expect(presence.ticket('front', 'entry', ticket)?.standing(MEMBER)).toBe('good');
  // The side has 256, of which one is the member's.
  expect(collected.filter(isGood)).toHaveLength(255);
});

it('sixteen tickets that opened nothing are told, and sixteen that opened the door are not', () => {
  const { presence, told, take, ticketOf } = open();
  const arrive = (person: number) => ticketOf(take(`10.0.0.${person}`, 'exit'));
  for (let person = 0; person < 16; person += 1)
    presence.ticket('front', 'exit', arrive(person))?.spend({ ...MEMBER, sub: `u-${person}` });
  for (let address = 0; address < 15; address += 1) take(`10.0.0.${address}`);
  expect(told).toEqual([]);
  take('10.0.0.15');
  expect(told).toEqual([{ door: 'front', side: 'entry', unspent: 16 }]);
});
