import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decideCommand } from '../../../gateway/cli/decide.ts';
import { textsIn } from '../../../gateway/messages/catalogue.ts';
import { at, guestOf, seat, ticket } from '../access/told.ts';
import { code, newIssuer, TestPhone, trusted } from '../signing.ts';
import { temporaryFolder } from '../../temporary.ts';

interface Told {
  readonly outcome: string;
  readonly reason?: string;
  readonly grant?: unknown;
  readonly text: string;
  readonly checks: readonly { readonly check: string; readonly result: string; readonly text: string }[];
}

/** Runs `genkan decide` on requests. */
async function decide(requests: readonly unknown[], args: readonly string[] = []) {
  let out = '';
  let err = '';
  async function* input(): AsyncGenerator<string> {
    for (const request of requests) yield await Promise.resolve(`${JSON.stringify(request)}\n`);
  }
  const io = {
    stdin: input(),
    stdout: (text: string) => void (out += text),
    stderr: (text: string) => void (err += text),
  };
  const exitCode = await decideCommand.run(io, args);
  const answers = out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Told);
  return { exitCode, err, answers };
}

const VENUE = {
  id: 'shibuya-1',
  name: 'Shibuya',
  kind: 'h1t',
  hours: { open: '07:00', close: '22:00' },
  capacity: 10,
};
const told = (clock: string) => `2025-10-20T${clock}+09:00`;

/** A seat from 9:00 to 12:00 at the entrance at 10:00, unless told otherwise. */
const request = (over: Readonly<Record<string, unknown>> = {}) => ({
  credential: { sub: 'u-1', entitlements: [seat()] },
  door: { id: 'front' },
  side: 'entry',
  at: told('10:00:00'),
  venue: VENUE,
  ...over,
});

describe('genkan decide', () => {
  test('grants with every check that was made, each passed', async () => {
    const { exitCode, answers } = await decide([request()]);
    expect(exitCode).toBe(0);
    expect(answers).toMatchObject([
      {
        outcome: 'granted',
        grant: { kind: 'check-in', entitlement: 'r-1', closes: null },
        text: textsIn('ja').granted['check-in'],
      },
    ]);
    expect(new Set(answers[0]?.checks.map(({ result }) => result))).toEqual(new Set(['passed']));
    expect(answers[0]?.checks.map(({ check }) => check)).toEqual([
      'replay',
      'wrong-venue',
      'pass-expired',
      'pass-not-yet-valid',
      'pass-revoked',
      'proof-stale',
      'proof-missing',
      'not-present',
      'trust-stale',
      'clock-untrusted',
      'storage-degraded',
      'lockdown',
      'door-offline',
      'passback',
      'staff-hours',
      'host-not-checked-in',
      'no-reservation',
    ]);
  });

  test.each(['ja', 'en'] as const)(
    'denies with the reason and its text in %s, the failed check last',
    async (language) => {
      const { exitCode, answers } = await decide([request({ at: told('08:59:59') })], ['--lang', language]);
      expect(exitCode).toBe(1);
      const { denied, checks } = textsIn(language);
      expect(answers[0]).toMatchObject({ outcome: 'denied', reason: 'too-early', text: denied['too-early'] });
      expect(answers[0]?.checks.at(-1)).toEqual({
        check: 'too-early',
        result: 'failed',
        text: checks['too-early'],
      });
      expect(answers[0]?.checks.filter(({ result }) => result === 'failed')).toHaveLength(1);
    },
  );

  test('answers one line for each, and 1 where any is denied', async () => {
    const { exitCode, answers } = await decide([request(), request({ at: told('12:00:00') }), request()]);
    expect([exitCode, ...answers.map(({ reason }) => reason)]).toEqual([
      1,
      undefined,
      'reservation-ended',
      undefined,
    ]);
  });

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['a code that was seen', { state: { seenBefore: true } }, 'replay'],
    ['a lost controller', { state: { controllerOnline: false } }, 'door-offline'],
    [
      'an expired pass',
      { credential: { sub: 'u-1', problems: ['pass-expired'], entitlements: [seat()] } },
      'pass-expired',
    ],
    [
      'a host who is not there',
      { credential: { sub: 'u-1', entitlements: [guestOf('u-9')] } },
      'host-not-checked-in',
    ],
    [
      '31 uses',
      {
        credential: { sub: 'u-1', entitlements: [ticket({ used: 30 })] },
        state: { ticketUses: [{ ticket: 't-1', at: told('08:00:00') }] },
      },
      'limit-31',
    ],
    [
      'a full house',
      { credential: { sub: 'u-1', entitlements: [ticket()] }, state: { inside: 9, heldSeats: 1 } },
      'full',
    ],
    [
      'a cancelled reservation',
      { state: { reservations: [{ reservation: seat(), cancelledAt: told('08:00:00') }] } },
      'no-reservation',
    ],
    [
      'a shortened reservation',
      {
        at: told('11:00:00'),
        state: {
          stays: [
            {
              entitlement: seat(),
              state: 'checked-out',
              checkIn: told('09:00:00'),
              checkOut: told('10:40:00'),
              endsAt: told('11:00:00'),
            },
          ],
        },
      },
      'reservation-ended',
    ],
  ])('takes %s into account', async (_, over, reason) => {
    const { answers } = await decide([request(over)]);
    expect(answers[0]?.reason).toBe(reason);
  });

  test('knows a check-out, and a booking that only the cloud told of', async () => {
    const state = { stays: [{ id: 's-1', entitlement: seat(), checkIn: told('09:00:00') }] };
    const { answers } = await decide([
      request({ side: 'exit', state }),
      request({ credential: { sub: 'u-1' }, state: { reservations: [{ reservation: seat() }] } }),
    ]);
    expect(answers.map(({ grant }) => grant)).toMatchObject([
      { kind: 'check-out', stay: 's-1' },
      { kind: 'check-in', entitlement: 'r-1' },
    ]);
  });

  test('reads the text of a QR by the same gate as the door', async () => {
    const issuer = newIssuer('ES256');
    const phone = new TestPhone(issuer);
    const nowS = at('10:00') / 1000;
    const pass = phone.pass(nowS, { ent: [seat()] });
    const text = Buffer.from(code(pass, phone.doorProof(pass, nowS))).toString();
    const asked = { issuers: [trusted(issuer)], credential: text };
    const { answers } = await decide([
      request(asked),
      request({ ...asked, at: told('10:00:16') }),
      request({ ...asked, credential: `${text}x` }),
    ]);
    expect(answers.map(({ reason }) => reason)).toEqual([undefined, 'proof-stale', 'unreadable']);
    expect(answers[2]?.checks).toMatchObject([{ check: 'unreadable', result: 'failed' }]);
  });

  test('takes venue, doors and keys from a configuration', async () => {
    const issuer = newIssuer('ES256');
    const file = join(temporaryFolder(), 'genkan.json');
    const config = {
      venue: VENUE,
      gateway: { id: 'gw-1', journal: './j.db' },
      http: { publicOrigin: 'https://shibuya.example' },
      doors: [{ id: 'front', controller: { path: '/dev/null' } }],
      uplink: null,
      trust: { issuers: [trusted(issuer)], cloud: [{ ...trusted(newIssuer('ES256')).keys[0] }] },
    };
    writeFileSync(file, JSON.stringify(config));
    const plain = request({ door: 'front', venue: undefined });
    expect(await decide([plain], ['--config', file])).toMatchObject({ exitCode: 0, err: '' });
    expect(await decide([{ ...plain, door: 'back' }], ['--config', file])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('door: back') as unknown,
    });
    expect(await decide([plain], ['--config', `${file}.no`])).toMatchObject({ exitCode: 2 });
  });

  test.each<[string, unknown, string]>([
    ['an unknown field', request({ when: 1 }), 'when: unknown field'],
    ['a missing side', request({ side: undefined }), 'side: missing'],
    ['an instant without offset', request({ at: '2025-10-20T10:00:00' }), 'at: offset is missing'],
    ['no venue', request({ venue: undefined }), 'venue: missing'],
    ['the id of a door without a configuration', request({ door: 'front' }), 'door: '],
    ['a QR without issuers', request({ credential: 'GK1.a~b' }), 'issuers: missing'],
  ])('refuses %s and names it', async (_, asked, message) => {
    const { exitCode, err, answers } = await decide([asked]);
    expect([exitCode, answers]).toEqual([2, []]);
    expect(err).toContain(message);
  });

  test.each([[['--lang', 'fr']], [['--colour']]])('refuses %s', async (args) => {
    expect(await decide([request()], args)).toMatchObject({ exitCode: 2, answers: [] });
  });
});
