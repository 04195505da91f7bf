import mqtt from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Reservation } from '../../shared/contract/pass.ts';
import type { DenialReason } from '../../shared/contract/denial.ts';
import type { Side } from '../../shared/contract/primitives.ts';
import { venueTopics } from '../../shared/contract/topics.ts';
import { JAPAN, parseInstant } from '../../shared/time.ts';
import { createIssuer } from './issuer.ts';
import { MemberAccounts } from './member-accounts.ts';
import { until } from './until.ts';
import { openVenue, type Venue } from './venue.ts';
import type { Wallet } from './wallet.ts';

const ISSUER_ORIGIN = 'https://issuer.example';

const NINE = parseInstant('2026-11-24T09:00:00+09:00');

let venue: Venue;
/** How often the relay was energised. */
let pulses = 0;
let people = 0;

beforeAll(async () => {
  venue = await openVenue({ startMs: NINE, pulseMs: 200 });
  venue.equipment.board.onPin('lockRelay', (level) => {
    if (level) pulses += 1;
  });
}, 60_000);

afterAll(async () => {
  await venue.close();
});

/** A seat of its own for everybody, so that nobody's answer is a retry of another's. */
function reservation(): Reservation {
  people += 1;
  return {
    kind: 'reservation',
    id: `r-${people}`,
    venue: venue.id,
    space: { id: `seat-${people}`, kind: 'seat' },
    start: '2026-11-24T09:00:00+09:00',
    end: '2026-11-24T12:00:00+09:00',
    yenPer30Min: 500,
    role: 'user',
  };
}

const newMember = () => venue.member(`m-${people}`, [reservation()]);

/** A code of somebody with a good reservation, whose pass is made differently. */
async function codeWith(
  pass: (to: { sub: string; jkt: string; entitlements: Reservation[] }) => Promise<string>,
) {
  const { sub, wallet } = await newMember();
  wallet.keep(await pass({ sub, jkt: wallet.jkt, entitlements: [reservation()] }));
  return wallet.code();
}

const denials = (afterSeq: number) => venue.ledger(afterSeq).filter(({ name }) => name === 'access.denied');

/** Holds the code under a reader and expects the one reason, a shut door, and a reader ready for the next member. */
async function expectDenied(code: string, reason: DenialReason, side: Side = 'entry'): Promise<void> {
  const { door } = venue.equipment;
  await until('the lock is secured', () => !door.released);
  const before = { seq: venue.gateway.journal.lastSeq, pulses };

  venue.scanAt(side, code);
  await until('the refusal is journalled', () => denials(before.seq).length > 0);

  expect(denials(before.seq).map(({ data }) => data)).toEqual([expect.objectContaining({ side, reason })]);
  expect(door.pull()).toBe(false);
  const next = await newMember();
  venue.scanAt('entry', await next.wallet.code());
  await until('the next member is let in', () => pulses > before.pulses);
  // One pulse in all: the one of the good code. The bad one moved nothing, before or since.
  await until('the lock is secured again', () => !door.released);
  expect(pulses).toBe(before.pulses + 1);
  expect(venue.ledger(before.seq).filter(({ name }) => name === 'access.granted')).toHaveLength(1);
}

it('a forged pass is unreadable: the right names, another key', async () => {
  const forger = await createIssuer({ venue: venue.id, clock: venue.clock });

  await expectDenied(await codeWith((request) => forger.issue(request)), 'unreadable');
});

it('a pass that ended a second ago is expired', async () => {
  const nowS = Math.floor(venue.clock.wallMs() / 1000);
  const code = await codeWith((request) =>
    venue.issuer.issue({ ...request, iat: nowS - 3601, lifetimeS: 3600 }),
  );

  await expectDenied(code, 'pass-expired');
});

it('a pass of another venue is told so', async () => {
  await expectDenied(
    await codeWith((request) => venue.issuer.issue({ ...request, aud: ['shinjuku-2'] })),
    'wrong-venue',
  );
});

it('a code that opened the entry is a replay at the exit', async () => {
  const { wallet } = await newMember();
  const code = await wallet.code();
  const before = pulses;
  venue.scanAt('entry', code);
  await until('the first presentation opens', () => pulses > before);

  await expectDenied(code, 'replay', 'exit');
});

it('a code that opened the entry is a replay there eleven seconds later', async () => {
  const { wallet } = await newMember();
  const code = await wallet.code();
  const before = pulses;
  venue.scanAt('entry', code);
  await until('the first presentation opens', () => pulses > before);
  // Another code in between, so that the reader does not take the second showing for the first.
  const { lastSeq } = venue.gateway.journal;
  venue.scanAt('entry', 'something else');
  await until('the other code is refused', () => denials(lastSeq).length > 0);
  venue.clock.moveBy(11_000);

  await expectDenied(code, 'replay');
});

it('a code of 4,097 bytes is thrown away unread', async () => {
  await expectDenied('A'.repeat(4097), 'unreadable');
});

it('a code of 60,000 bytes is thrown away unread', async () => {
  await expectDenied('A'.repeat(60_000), 'unreadable');
});

it('a pass without a device key that lives a day is refused for want of a proof', async () => {
  const { sub, wallet } = await newMember();
  wallet.keep(await venue.issuer.issue({ sub, entitlements: [reservation()] }));

  await expectDenied(wallet.bearerCode(), 'proof-missing');
});

it('a phone that another has taken the place of is refused from the moment the cloud says so, and no older word brings it back', async () => {
  const before = await venue.revokeDevices([]);
  let told = Promise.resolve(before);
  const { sub, wallet: former } = await newMember();
  const accounts = new MemberAccounts({
    accounts: [{ sub, name: 'A member', entitlements: () => [reservation()] }],
    venues: [{ id: venue.id, name: 'The venue', origin: ISSUER_ORIGIN, timeZone: JAPAN }],
    ...{ issuer: venue.issuer, clock: venue.clock, passesUrl: ISSUER_ORIGIN },
    onReplaced: (_venue, devices) => {
      told = venue.revokeDevices(devices);
    },
  });
  const enrol = async (wallet: Wallet) => {
    const [account] = accounts.accounts;
    if (account === undefined) throw new Error('no account');
    const back = accounts.enrol(
      account,
      { venue: venue.id, jkt: wallet.jkt, back: ISSUER_ORIGIN },
      ISSUER_ORIGIN,
    );
    const code = new URL(back).hash.slice('#enrolled='.length);
    const { dpop } = await wallet.dpop('POST', ISSUER_ORIGIN);
    wallet.keep((await accounts.pass(dpop, { venue: venue.id, code })).pass);
  };
  const inForce = async (bundle: string) =>
    until('the bundle is in force', () => venue.gateway.journal.facts.get('trust') === bundle);
  await enrol(former);
  await inForce(await told);
  const pulsesBefore = pulses;
  venue.scanAt('entry', await former.code());
  await until('the phone opens the door', () => pulses > pulsesBefore);

  const { wallet: latter } = await venue.member(sub, [reservation()]);
  await enrol(latter);
  await inForce(await told);
  await expectDenied(await former.code(), 'pass-revoked');

  const cloud = await mqtt.connectAsync(venue.line.url);
  await cloud.publishAsync(venueTopics(venue.id).trust, before, { qos: 1 });
  await cloud.endAsync();
  // One after another: what is in force now was looked at after the old one.
  await inForce(await venue.revokeDevices([former.jkt]));
  await expectDenied(await former.code(), 'pass-revoked');
});
