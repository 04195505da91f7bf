import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ticketPeriod } from '../../../shared/billing/ticket.ts';
import { gatewayConfigSchema } from '../../../shared/contract/config.ts';
import { passClaimsSchema } from '../../../shared/contract/pass.ts';
import {
  civilDateSchema,
  instantTextSchema,
  numericDateSchema,
  slugSchema,
} from '../../../shared/contract/primitives.ts';
import { parseInstant } from '../../../shared/time.ts';

const reservation = {
  kind: 'reservation',
  id: 'r-1',
  venue: 'shibuya-1',
  space: { id: 'seat-1', kind: 'seat' },
  start: '2026-11-24T09:00:00+09:00',
  end: '2026-11-24T12:00:00+09:00',
  yenPer30Min: 500,
  role: 'user',
};
const claims = (ent: unknown) => ({
  iss: 'i',
  sub: 'u-1',
  aud: ['shibuya-1'],
  iat: 1,
  exp: 2,
  jti: 'j',
  ent: [ent],
});

describe('an instant in a contract', () => {
  it.each([
    ['no seconds', '2026-11-24T09:00+09:00'],
    ['no offset', '2026-11-24T09:00:00'],
    ['the 30th of February', '2026-02-30T09:00:00+09:00'],
    ['a leap second', '2016-12-31T23:59:60Z'],
    ['the year 9999', '9999-01-01T00:00:00Z'],
    ['words', 'tomorrow'],
  ])('is refused with %s', (_, text) => {
    expect(instantTextSchema.safeParse(text).success).toBe(false);
  });

  it('is accepted exactly where it can be read', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
        ),
        (text) => {
          if (!instantTextSchema.safeParse(text).success) return;
          expect(Number.isInteger(parseInstant(text))).toBe(true);
        },
      ),
    );
  });
});

describe('a pass with an unreadable entitlement', () => {
  it('is a refusal and no exception when its instants are words', () => {
    const result = passClaimsSchema.safeParse(claims({ ...reservation, start: 'nine', end: 'twelve' }));
    expect(result.success).toBe(false);
  });

  it('is refused when the end is not after the start', () => {
    expect(passClaimsSchema.safeParse(claims({ ...reservation, end: reservation.start })).success).toBe(
      false,
    );
  });

  it('is refused above 10,000,000 yen for 30 minutes, where amounts could leave the exact integers', () => {
    expect(passClaimsSchema.safeParse(claims({ ...reservation, yenPer30Min: 10_000_000 })).success).toBe(
      true,
    );
    expect(passClaimsSchema.safeParse(claims({ ...reservation, yenPer30Min: 10_000_001 })).success).toBe(
      false,
    );
  });

  it('is refused for a kind that we do not know', () => {
    expect(passClaimsSchema.safeParse(claims({ kind: 'vip', id: 'v-1' })).success).toBe(false);
  });
});

describe('a civil date in a contract', () => {
  it.each(['1969-12-31', '9999-01-01', '2026-02-29', '2026-2-3'])('is refused: %s', (text) => {
    expect(civilDateSchema.safeParse(text).success).toBe(false);
  });

  it.each(['1970-01-01', '2028-02-29', '9998-12-31'])(
    'is accepted where a period can be reckoned from it: %s',
    (text) => {
      expect(civilDateSchema.safeParse(text).success).toBe(true);
      if (!text.startsWith('9998'))
        expect(ticketPeriod({ purchaseDate: text, renewalIndex: 0 }).firstDay).toBe(text);
    },
  );
});

describe('a numeric date in a contract', () => {
  it.each([Infinity, 1.5, -1, 253_370_764_800])('is refused: %s', (value) => {
    expect(numericDateSchema.safeParse(value).success).toBe(false);
  });

  it('is accepted to the last second of 9998', () => {
    expect(numericDateSchema.safeParse(Date.parse('9998-12-31T23:59:59Z') / 1000).success).toBe(true);
  });
});

describe('a name chosen by an operator', () => {
  it.each(['', '-a', 'a-', 'A', 'a/b', 'a+b', '#', 'a'.repeat(65)])('is refused: "%s"', (text) => {
    expect(slugSchema.safeParse(text).success).toBe(false);
  });

  it('is accepted with 64 characters', () => {
    expect(slugSchema.safeParse('a'.repeat(64)).success).toBe(true);
  });
});

describe('a configuration', () => {
  const { x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
  const key = { kid: 'k1', alg: 'ES256', kty: 'EC', crv: 'P-256', x, y };
  const config = (venue: object = {}, trust: object = {}) => ({
    venue: { id: 'v', name: 'V', kind: 'h1t', hours: null, capacity: 10, ...venue },
    gateway: { id: 'g', journal: 'j.db' },
    http: { publicOrigin: 'https://v.example/' },
    doors: [{ id: 'front', controller: { path: '/dev/tty' } }],
    uplink: null,
    trust: { issuers: [{ iss: 'i', keys: [key] }], cloud: [key], ...trust },
  });
  const problems = (value: unknown) =>
    gatewayConfigSchema
      .safeParse(value)
      .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

  it('is accepted with everything else left at its default, and loses the slash behind its origin', () => {
    expect(gatewayConfigSchema.parse(config()).http.publicOrigin).toBe('https://v.example');
  });

  it('is refused for a time zone that does not exist', () => {
    expect(problems(config({ timeZone: 'Asia/Tokio' }))).toEqual([
      'venue.timeZone: must be a time zone such as Asia/Tokyo',
    ]);
  });

  it('is refused for a day that opens and never closes', () => {
    const hours = { open: '09:00', close: '22:00', exceptions: [{ date: '2026-12-31', open: '10:00' }] };
    expect(problems(config({ hours }))).toEqual([
      'venue.hours.exceptions.0: needs open and close, or neither for a day on which the venue stays shut',
    ]);
  });

  it('is refused for two keys of the cloud with one name, of which one would be lost', () => {
    expect(problems(config({}, { cloud: [key, key] }))).toEqual(['trust.cloud.1: kid k1 is there twice']);
  });

  it('is refused for a private key', () => {
    expect(problems(config({}, { cloud: [{ ...key, d: 'secret' }] }))).toEqual([
      'trust.cloud.0.d: a private key has no place on a gateway',
    ]);
  });

  it('is refused for a venue without an entrance', () => {
    const doors = [{ id: 'room', role: 'inner', controller: { path: '/dev/tty' } }];
    expect(problems({ ...config(), doors })).toEqual(['doors: needs one entrance']);
  });

  it('is refused for a pulse above the limit of the firmware', () => {
    const doors = [{ id: 'front', pulseMs: 10_001, controller: { path: '/dev/tty' } }];
    expect(problems({ ...config(), doors })).toHaveLength(1);
  });
});
