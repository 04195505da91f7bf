import { describe, expect, it } from 'vitest';
import type { AccessRequest, Decision } from '../../../gateway/access/facts.ts';
import { at, cleaner, decide, guestOf, room, seat, stayOf, ticket, verdict } from './told.ts';

/** The stay that a grant is about, or that a check-in takes over from. */
function stayIn(decision: Decision): string | null {
  if (decision.outcome === 'denied') return decision.reason;
  const { grant } = decision;
  switch (grant.kind) {
    case 'check-in':
      return grant.closes?.id ?? null;
    case 're-entry':
    case 'check-out':
    case 'leave':
      return grant.stay.id;
    case 'admit':
      return null;
  }
}

const shortened = stayOf(seat(), { state: 'checked-out', checkOutMs: at('10:40'), endsAtMs: at('11:00') });

describe('a reservation from 9:00 to 12:00 admits', () => {
  it.each([
    ['08:59:59.999', 0, 'too-early'],
    ['09:00:00', 0, 'check-in'],
    ['11:59:59.999', 0, 'check-in'],
    ['12:00:00', 0, 'reservation-ended'],
    ['08:49:59.999', 10, 'too-early'],
    ['08:50:00', 10, 'check-in'],
  ])('at %s where one may come %i minutes early: %s', (now, earlyEntryMinutes, expected) => {
    expect(verdict({ now, has: [seat()], venue: { earlyEntryMinutes } })).toBe(expected);
  });

  it.each([
    ['10:45:00', 're-entry'],
    ['10:59:59.999', 're-entry'],
    ['11:00:00', 'reservation-ended'],
  ])('again at %s after a check-out at 10:40 that shortened it to 11:00: %s', (now, expected) => {
    expect(verdict({ now, has: [seat()], state: { stays: [shortened] } })).toBe(expected);
  });

  it('again at any time while its stay is open, without a second stay', () => {
    expect(stayIn(decide({ now: '11:30', has: [seat()], state: { stays: [stayOf(seat())] } }))).toBe('e-r-1');
  });

  it('anew after its stay was voided: that visit never was', () => {
    expect(
      verdict({ now: '10:00', has: [seat()], state: { stays: [stayOf(seat(), { state: 'voided' })] } }),
    ).toBe('check-in');
  });

  it('by the instants alone, whatever offset they are written with', () => {
    const zulu = seat({ from: '2025-10-20T00:00:00Z', to: '2025-10-20T03:00:00Z' });
    expect(verdict({ now: '2025-10-20T08:59:59+09:00', has: [zulu] })).toBe('too-early');
    expect(verdict({ now: '2025-10-20T09:00:00+09:00', has: [zulu] })).toBe('check-in');
  });
});

describe('a check-in to a second reservation', () => {
  const next = seat({ id: 'r-5', from: '11:00', to: '13:00' });

  it('of the same kind closes the open one at that instant', () => {
    expect(stayIn(decide({ now: '11:00', has: [seat(), next], state: { stays: [stayOf(seat())] } }))).toBe(
      'e-r-1',
    );
  });

  it('waits for its start: a minute before, the open one is entered again', () => {
    const decision = decide({ now: '10:59', has: [seat(), next], state: { stays: [stayOf(seat())] } });
    expect(decision).toMatchObject({
      outcome: 'granted',
      grant: { kind: 're-entry', stay: { id: 'e-r-1' } },
    });
  });

  it('of a room closes no seat: both are held at once', () => {
    const decision = decide({
      now: '10:00',
      has: [seat(), room({ from: '10:00', to: '11:00' })],
      state: { stays: [stayOf(seat())] },
    });
    expect(decision).toMatchObject({ grant: { kind: 'check-in', entitlement: { id: 'r-2' }, closes: null } });
  });

  it('as a guest closes no room of one’s own', () => {
    const decision = decide({
      now: '10:00',
      has: [guestOf('u-9', { from: '10:00' })],
      state: { stays: [stayOf(room())], hostsInside: new Set(['u-9']) },
    });
    expect(decision).toMatchObject({ grant: { kind: 'check-in', closes: null } });
  });

  it('that has begun goes before one that begins soon', () => {
    const soon = room({ from: '10:05', to: '11:00' });
    const decision = decide({ now: '10:00', has: [soon, seat()], venue: { earlyEntryMinutes: 10 } });
    expect(decision).toMatchObject({ grant: { entitlement: { id: 'r-1' } } });
  });

  it('that begins soon waits behind the open one', () => {
    const soon = seat({ id: 'r-5', from: '12:00', to: '13:00' });
    const told = {
      has: [seat(), soon],
      venue: { earlyEntryMinutes: 10 },
      state: { stays: [stayOf(seat())] },
    };
    expect(decide({ ...told, now: '11:55' })).toMatchObject({
      grant: { kind: 're-entry', stay: { id: 'e-r-1' } },
    });
    expect(decide({ ...told, now: '12:00' })).toMatchObject({
      grant: { kind: 'check-in', closes: { id: 'e-r-1' } },
    });
  });

  it('goes before the paid rest of one that was checked out', () => {
    const decision = decide({
      now: '10:50',
      has: [seat(), room({ from: '10:30' })],
      state: { stays: [shortened] },
    });
    expect(decision).toMatchObject({ grant: { kind: 'check-in', entitlement: { id: 'r-2' }, closes: null } });
  });
});

describe('a code at the exit', () => {
  it('closes exactly one stay: of a seat for the day and a room for an hour, the room', () => {
    const stays = [stayOf(seat({ to: '18:00' })), stayOf(room({ to: '10:00' }))];
    expect(stayIn(decide({ now: '09:50', side: 'exit', state: { stays } }))).toBe('e-r-2');
  });

  it('closes the other one next', () => {
    const stays = [stayOf(seat({ to: '18:00' })), stayOf(room({ to: '10:00' }), { state: 'checked-out' })];
    expect(stayIn(decide({ now: '09:55', side: 'exit', state: { stays } }))).toBe('e-r-1');
  });

  it('closes a reservation before a ticket’s visit, which ends at no hour', () => {
    const stays = [stayOf(ticket()), stayOf(seat())];
    expect(stayIn(decide({ now: '10:00', side: 'exit', state: { stays } }))).toBe('e-r-1');
  });

  it('of two that end together closes the one that began first', () => {
    const stays = [stayOf(seat(), { checkInMs: at('09:30') }), stayOf(room())];
    expect(stayIn(decide({ now: '10:00', side: 'exit', state: { stays } }))).toBe('e-r-2');
  });

  it.each([
    ['an expired pass', { credential: { problems: ['pass-expired'] as const } }],
    ['a pass that entitles to nothing any more', { has: [] }],
    ['a used-up ticket', { has: [ticket({ used: 31 })] }],
    ['a pass whose reservation is over', { has: [seat()] }],
    ['a lockdown', { state: { lockdown: true, stays: [stayOf(seat())] } }],
    ['a controller that does not answer', { state: { controllerOnline: false, stays: [stayOf(seat())] } }],
  ])('checks out with %s', (_, told) => {
    expect(verdict({ now: '12:40', side: 'exit', state: { stays: [stayOf(seat())] }, ...told })).toBe(
      'check-out',
    );
  });

  it('opens to whoever came back into the paid rest, and checks nobody out twice', () => {
    expect(verdict({ now: '10:50', side: 'exit', has: [seat()], state: { stays: [shortened] } })).toBe(
      'leave',
    );
  });

  it('admits staff at any hour, and needs no stay at an inner door', () => {
    expect(verdict({ now: '12:00', side: 'exit', has: [cleaner] })).toBe('admit');
    expect(verdict({ now: '12:00', side: 'exit', has: [seat()], door: { role: 'inner' } })).toBe('admit');
  });
});

describe('a guest', () => {
  const inside = { hostsInside: new Set(['u-9']) };

  it.each([
    ['08:59:59.999', 'too-early'],
    ['09:00:00', 'check-in'],
    ['12:00:00', 'reservation-ended'],
  ])('whose host is inside comes at %s: %s', (now, expected) => {
    expect(verdict({ now, has: [guestOf('u-9')], state: inside })).toBe(expected);
  });

  it('without a host’s name waits for nobody and stays outside', () => {
    const nameless = room({ id: 'r-3', role: 'guest' });
    expect(verdict({ now: '10:00', has: [nameless], state: { hostsInside: new Set(['']) } })).toBe(
      'host-not-checked-in',
    );
  });

  it('who has a seat of their own enters by it while the host is out', () => {
    const decision = decide({ now: '10:00', has: [guestOf('u-9'), seat({ from: '09:30' })] });
    expect(decision).toMatchObject({ grant: { kind: 'check-in', entitlement: { id: 'r-1' } } });
  });

  it('with a mailed code enters once: inside, the copy is a passback', () => {
    const told = { now: '10:00', has: [guestOf('u-9')], credential: { deviceBound: false } };
    expect(verdict({ ...told, state: inside })).toBe('check-in');
    expect(verdict({ ...told, state: { ...inside, stays: [stayOf(guestOf('u-9'))] } })).toBe('passback');
  });
});

describe('an inner door', () => {
  const meeting: AccessRequest['door'] = { id: 'meeting', role: 'inner', spaces: ['room-1'] };

  it('admits whoever has the room now, and opens no stay', () => {
    expect(verdict({ now: '10:00', door: meeting, has: [room()] })).toBe('admit');
    expect(verdict({ now: '12:00', door: meeting, has: [room()] })).toBe('no-reservation');
  });

  it('admits a guest of the room while the host is inside', () => {
    expect(
      verdict({
        now: '10:00',
        door: meeting,
        has: [guestOf('u-9')],
        state: { hostsInside: new Set(['u-9']) },
      }),
    ).toBe('admit');
  });

  it('that leads to no space admits everybody who is checked in, also after their time', () => {
    const door = { ...meeting, spaces: [] };
    expect(verdict({ now: '12:30', door, has: [], state: { stays: [stayOf(seat())] } })).toBe('admit');
    expect(verdict({ now: '10:00', door, has: [ticket()], state: { stays: [stayOf(ticket())] } })).toBe(
      'admit',
    );
  });

  it('admits staff in their hours', () => {
    expect(verdict({ now: '06:59:59.999', door: meeting, has: [cleaner] })).toBe('admit');
  });
});

describe('staff', () => {
  it.each([
    ['04:59:59.999', 'staff-hours'],
    ['05:00:00', 'admit'],
    ['06:59:59.999', 'admit'],
    ['07:00:00', 'staff-hours'],
  ])('of the hours 5:00 to 7:00 come at %s: %s', (now, expected) => {
    expect(verdict({ now, has: [cleaner] })).toBe(expected);
  });

  it('who are members too enter by their reservation outside their hours', () => {
    expect(verdict({ now: '10:00', has: [cleaner, seat()] })).toBe('check-in');
  });
});
