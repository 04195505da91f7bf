import { describe, expect, it } from 'vitest';
import type { AccessRequest } from '../../../gateway/access/facts.ts';
import { DENIAL_REASONS, type DenialReason } from '../../../shared/contract/denial.ts';
import { at, cleaner, decide, guestOf, room, seat, stayOf, ticket, verdict, type Told } from './told.ts';

const meeting: AccessRequest['door'] = { id: 'meeting', role: 'inner', spaces: ['room-1'] };
const used = (count: number) => ticket({ used: count });

/** What each row of the decision denies, in the order of precedence. */
const ROWS: readonly (readonly [reason: DenialReason, because: string, told: Told])[] = [
  ['replay', 'the code was seen before', { now: '10:00', has: [seat()], state: { seenBefore: true } }],
  [
    'replay',
    'also at the exit',
    { now: '10:00', side: 'exit', state: { seenBefore: true, stays: [stayOf(seat())] } },
  ],
  [
    'wrong-venue',
    'the pass is for other venues',
    { now: '10:00', has: [seat()], credential: { problems: ['wrong-venue'] } },
  ],
  [
    'pass-expired',
    'the pass has expired',
    { now: '10:00', has: [seat()], credential: { problems: ['pass-expired'] } },
  ],
  [
    'pass-not-yet-valid',
    'the pass begins later',
    { now: '10:00', has: [seat()], credential: { problems: ['pass-not-yet-valid'] } },
  ],
  [
    'pass-revoked',
    'the cloud has revoked the pass',
    { now: '10:00', has: [seat()], credential: { problems: ['pass-revoked'] } },
  ],
  [
    'proof-stale',
    'the proof is too old',
    { now: '10:00', has: [seat()], credential: { problems: ['proof-stale'] } },
  ],
  [
    'proof-stale',
    'a check-out with an expired pass needs a fresh proof still',
    {
      now: '10:00',
      side: 'exit',
      credential: { problems: ['proof-stale', 'pass-expired'] },
      state: { stays: [stayOf(seat())] },
    },
  ],
  [
    'proof-missing',
    'the pass may not be shown without a proof',
    { now: '10:00', has: [seat()], credential: { problems: ['proof-missing'] } },
  ],
  [
    'proof-missing',
    'the text of an expired pass checks nobody out',
    {
      now: '10:00',
      side: 'exit',
      credential: { problems: ['pass-expired', 'proof-missing'] },
      state: { stays: [stayOf(seat())] },
    },
  ],
  [
    'not-present',
    'the phone has not read the code at the door',
    { now: '10:00', has: [seat()], credential: { problems: ['not-present'] } },
  ],
  [
    'not-present',
    'a check-out is tapped from the seat',
    {
      now: '10:00',
      side: 'exit',
      credential: { problems: ['not-present'] },
      state: { stays: [stayOf(seat())] },
    },
  ],
  [
    'trust-stale',
    'nobody knows any more who was revoked',
    { now: '10:00', has: [seat()], state: { trustStale: true } },
  ],
  [
    'clock-untrusted',
    'nobody knows the time',
    { now: '10:00', has: [seat()], state: { clockRefused: true } },
  ],
  [
    'storage-degraded',
    'no grant can be kept',
    { now: '10:00', has: [seat()], state: { storageWritable: false } },
  ],
  [
    'lockdown',
    'the door is locked down',
    { now: '10:00', has: [seat()], state: { lockdown: true, controllerOnline: false } },
  ],
  [
    'lockdown',
    'also for staff at an inner door',
    { now: '06:00', door: meeting, has: [cleaner], state: { lockdown: true } },
  ],
  [
    'door-offline',
    'the controller does not answer',
    { now: '10:00', has: [seat()], state: { controllerOnline: false } },
  ],
  [
    'door-offline',
    'also at an inner door',
    { now: '10:00', door: meeting, has: [room()], state: { controllerOnline: false } },
  ],
  ['no-open-stay', 'there is nothing to check out', { now: '10:00', side: 'exit', has: [seat()] }],
  [
    'passback',
    'a pass that can be copied is inside already',
    {
      now: '10:00',
      has: [guestOf('u-9')],
      credential: { deviceBound: false },
      state: { stays: [stayOf(guestOf('u-9'))] },
    },
  ],
  ['staff-hours', 'the time table of the pass is over', { now: '07:00', has: [cleaner] }],
  ['staff-hours', 'the pass names other doors', { now: '06:00', door: { id: 'back' }, has: [cleaner] }],
  [
    'staff-hours',
    'the venue has no such time table',
    { now: '06:00', has: [{ ...cleaner, hours: 'night' }] },
  ],
  ['staff-hours', 'also at an inner door', { now: '07:00', door: meeting, has: [cleaner] }],
  ['host-not-checked-in', 'the host is not inside', { now: '10:00', has: [guestOf('u-9')] }],
  [
    'host-not-checked-in',
    'another member is inside',
    { now: '10:00', has: [guestOf('u-9')], state: { hostsInside: new Set(['u-8']) } },
  ],
  [
    'host-not-checked-in',
    'a ticket of the guest is not spent instead',
    { now: '10:00', has: [guestOf('u-9'), ticket()] },
  ],
  [
    'host-not-checked-in',
    'also at the door of the room',
    { now: '10:00', door: meeting, has: [guestOf('u-9')] },
  ],
  ['no-reservation', 'the pass holds nothing (あらかじめ「座席予約」を…)', { now: '10:00' }],
  ['no-reservation', 'also at an inner door', { now: '10:00', door: meeting }],
  [
    'no-reservation',
    'the reservation is at another venue',
    { now: '10:00', has: [seat({ venue: 'ueno-1' })] },
  ],
  [
    'no-reservation',
    'the room behind an inner door is another',
    { now: '10:00', door: { ...meeting, spaces: ['room-2'] }, has: [room()] },
  ],
  [
    'no-reservation',
    'nobody passes an inner door from outside',
    { now: '10:00', door: { ...meeting, spaces: [] }, has: [seat()] },
  ],
  ['too-early', 'the reservation begins in a second', { now: '08:59:59', has: [seat()] }],
  [
    'too-early',
    'a later one is still to come',
    { now: '12:30', has: [seat(), seat({ id: 'r-5', from: '13:00', to: '14:00' })] },
  ],
  ['reservation-ended', 'it is over', { now: '12:00', has: [seat()] }],
  ['ticket-ended', 'the day before the purchase', { now: '2025-10-09T23:59:59+09:00', has: [ticket()] }],
  ['ticket-ended', 'cancelled to the day before', { now: '10:00', has: [ticket({ endsOn: '2025-10-19' })] }],
  [
    'out-of-service-scope',
    'a meeting room is no part of a ticket',
    { now: '10:00', door: meeting, has: [ticket()] },
  ],
  [
    'plan-excludes-venue',
    'a basic ticket at a Regus lounge',
    { now: '10:00', has: [ticket()], venue: { ticket: { venueClass: 'regus-lounge' } } },
  ],
  ['limit-31', 'the 32nd use', { now: '10:00', has: [used(31)] }],
  [
    'limit-31',
    'uses of today count with the issuer’s',
    {
      now: '10:00',
      has: [used(30)],
      state: { ticketUses: [{ ticket: 't-1', atMs: at('08:00'), knownMs: at('08:00') }] },
    },
  ],
  ['venue-closed', 'before the opening', { now: '06:59:59', has: [ticket()] }],
  ['venue-closed', 'at the closing', { now: '22:00', has: [ticket()] }],
  [
    'venue-daily-count',
    'one use a day was made',
    {
      now: '13:00',
      has: [ticket()],
      venue: { ticket: { usesPerDay: 1 } },
      state: { stays: [stayOf(ticket(), { state: 'checked-out', checkOutMs: at('11:00') })] },
    },
  ],
  [
    'venue-daily-count',
    'one use a day is open, and the venue lets nobody in again',
    {
      now: '13:00',
      has: [ticket()],
      venue: { ticket: { usesPerDay: 1, reentry: false } },
      state: { stays: [stayOf(ticket())] },
    },
  ],
  [
    'venue-daily-time',
    'a break counts: 9:00 to 13:00 are more than 180 minutes',
    {
      now: '13:00',
      has: [ticket()],
      venue: { ticket: { minutesPerDay: 180 } },
      state: { stays: [stayOf(ticket())] },
    },
  ],
  [
    'venue-daily-time',
    'a visit of 180 minutes is over',
    {
      now: '13:00',
      has: [ticket()],
      venue: { ticket: { minutesPerDay: 180 } },
      state: { stays: [stayOf(ticket(), { state: 'checked-out', checkOutMs: at('12:00') })] },
    },
  ],
  ['full', 'every seat is taken', { now: '10:00', has: [ticket()], state: { inside: 10 } }],
  [
    'full',
    'the last seat is held for a reservation',
    { now: '10:00', has: [ticket()], state: { inside: 9, heldSeats: 1 } },
  ],
];

describe('a door stays shut for', () => {
  it.each(ROWS)('%s: %s', (reason, _, told) => {
    expect(verdict(told)).toBe(reason);
  });
});

describe('a check-out is granted', () => {
  const stays = [stayOf(seat())];

  it.each<[string, Omit<Told, 'now'>]>([
    ['with a revoked pass', { credential: { problems: ['pass-revoked'] }, state: { stays } }],
    ['while keys and revocations are too old', { state: { stays, trustStale: true } }],
    ['while nobody vouches for the clock', { state: { stays, clockRefused: true } }],
    ['while nothing can be put on disk', { state: { stays, storageWritable: false } }],
  ])('%s', (_, told) => {
    expect(verdict({ now: '10:00', side: 'exit', ...told })).toBe('check-out');
  });
});

/** Decided where the bytes are read, before there is a credential to decide on. */
const NOT_DECIDED_HERE: readonly DenialReason[] = ['unreadable'];

describe('the reasons', () => {
  it('are each produced by a row above, but for those that the attendant gives by itself', () => {
    const produced = new Set<DenialReason>(ROWS.map(([reason]) => reason));
    const left = DENIAL_REASONS.filter((reason) => !produced.has(reason));
    expect(left).toEqual(NOT_DECIDED_HERE);
  });

  it('are given with every check that was made before, all passed', () => {
    for (const [reason, , told] of ROWS) {
      const { checks } = decide(told);
      expect(checks.at(-1)).toEqual({ check: reason, result: 'failed' });
      expect(checks.slice(0, -1).every(({ result }) => result === 'passed')).toBe(true);
    }
  });

  it('are checked in the order of their precedence at an entrance', () => {
    const walked = decide({ now: '10:00', has: [ticket()], state: { inside: 10 } }).checks.map(
      ({ check }) => check,
    );
    const ranks = walked.filter(
      (check, index) => walked.indexOf(check) === index && check !== 'venue-daily-time',
    );
    expect(ranks.map((check) => DENIAL_REASONS.indexOf(check))).toEqual(
      ranks.map((check) => DENIAL_REASONS.indexOf(check)).sort((a, b) => a - b),
    );
  });
});

describe('of several reasons', () => {
  /** Everything is wrong at once; each step repairs the first fault and uncovers the next. */
  it('the first in precedence is told', () => {
    const wrong: Told = {
      now: '22:00',
      has: [ticket({ used: 31, endsOn: '2025-10-19' })],
      credential: {
        deviceBound: false,
        problems: [
          'not-present',
          'proof-missing',
          'proof-stale',
          'pass-revoked',
          'pass-not-yet-valid',
          'pass-expired',
          'wrong-venue',
        ],
      },
      venue: { ticket: { venueClass: 'regus-lounge', usesPerDay: 1, minutesPerDay: 60, reentry: false } },
      state: {
        seenBefore: true,
        trustStale: true,
        clockRefused: true,
        storageWritable: false,
        lockdown: true,
        controllerOnline: false,
        inside: 11,
        stays: [stayOf(ticket())],
      },
    };
    const repairs: readonly (readonly [DenialReason, (told: Told) => Told])[] = [
      ['replay', (told) => ({ ...told, state: { ...told.state, seenBefore: false } })],
      ['wrong-venue', withoutProblem('wrong-venue')],
      ['pass-expired', withoutProblem('pass-expired')],
      ['pass-not-yet-valid', withoutProblem('pass-not-yet-valid')],
      ['pass-revoked', withoutProblem('pass-revoked')],
      ['proof-stale', withoutProblem('proof-stale')],
      ['proof-missing', withoutProblem('proof-missing')],
      ['not-present', withoutProblem('not-present')],
      ['trust-stale', (told) => ({ ...told, state: { ...told.state, trustStale: false } })],
      ['clock-untrusted', (told) => ({ ...told, state: { ...told.state, clockRefused: false } })],
      ['storage-degraded', (told) => ({ ...told, state: { ...told.state, storageWritable: true } })],
      ['lockdown', (told) => ({ ...told, state: { ...told.state, lockdown: false } })],
      ['door-offline', (told) => ({ ...told, state: { ...told.state, controllerOnline: true } })],
      ['passback', (told) => ({ ...told, credential: { ...told.credential, deviceBound: true } })],
      ['ticket-ended', (told) => ({ ...told, has: [ticket({ used: 31 })] })],
      [
        'plan-excludes-venue',
        (told) => ({ ...told, venue: { ticket: { usesPerDay: 1, minutesPerDay: 60, reentry: false } } }),
      ],
      ['limit-31', (told) => ({ ...told, has: [ticket()] })],
      ['venue-closed', (told) => ({ ...told, now: '21:00' })],
      [
        'venue-daily-count',
        (told) => ({ ...told, venue: { ticket: { minutesPerDay: 60, reentry: false } } }),
      ],
      ['venue-daily-time', (told) => ({ ...told, venue: { ticket: { reentry: false } } })],
      ['full', (told) => ({ ...told, state: { ...told.state, inside: 10 } })],
    ];
    let told = wrong;
    for (const [reason, repair] of repairs) {
      expect(verdict(told)).toBe(reason);
      told = repair(told);
    }
    expect(verdict(told)).toBe('check-in');
  });
});

function withoutProblem(problem: DenialReason): (told: Told) => Told {
  return (told) => ({
    ...told,
    credential: {
      ...told.credential,
      problems: (told.credential?.problems ?? []).filter((other) => other !== problem),
    },
  });
}
