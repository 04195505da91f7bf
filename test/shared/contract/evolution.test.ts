import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EVENT_NAMES, formatEvent, parseEvent } from '../../../shared/contract/events.ts';
import { gatewayStateSchema } from '../../../shared/contract/state.ts';
import { trustClaimsSchema } from '../../../shared/contract/trust.ts';
import { commandClaimsSchema } from '../../../shared/contract/command.ts';

const AT = { venue: 'shibuya-1', gateway: 'gw-1', epoch: '01JDXQ2VJ4T8M6K3N5P7R9SBCD', seq: 7 };
const TIME = '2026-11-24T09:00:00+09:00';
const MEMBER = { iss: 'https://members.example', sub: 'm-1' };

const checkedIn = () =>
  JSON.parse(
    formatEvent(
      {
        name: 'stay.checked-in',
        subject: 's-1',
        data: {
          ...MEMBER,
          ...{ stay: 's-1', door: 'front', grant: 1, checkIn: TIME, flags: [] },
          visit: { kind: 'ticket', ticket: 't-1', plan: 'basic', used: 1, remaining: 3 },
        },
      },
      AT,
      TIME,
      'trusted',
    ),
  ) as { data: { visit: object } & object };

describe('today’s reader of tomorrow’s events', () => {
  it('passes over members that it does not know, in the envelope, the data and inside it', () => {
    const today = checkedIn();
    const data = { ...today.data, mood: 'good', visit: { ...today.data.visit, seatClass: 'quiet' } };
    expect(parseEvent({ ...today, traceparent: '00-1', data })).toEqual(parseEvent(today));
  });

  it('keeps an event of a type that it does not know, with its place in the chain and its data as it came', () => {
    const tomorrow = { ...checkedIn(), type: 'genkan.locker.opened.v1', data: { locker: 'l-3' } };
    expect(parseEvent(tomorrow)).toEqual({
      ...{ name: 'unknown', subject: 's-1', data: { locker: 'l-3' } },
      ...{ id: `shibuya-1:${AT.epoch}:7`, venue: 'shibuya-1', epoch: AT.epoch, seq: 7 },
      ...{ time: TIME, clock: 'trusted' },
    });
  });

  it.each([
    ['of version 2', { type: 'genkan.stay.checked-in.v2' }, /version 1/],
    ['of another product', { type: 'com.example.opened' }, /version 1/],
    ['without a number', { sequence: undefined }, /sequence/],
    ['whose id disagrees', { type: 'genkan.locker.opened.v1', sequence: '000000000008' }, /id: disagrees/],
  ])('refuses an event %s', (_, changed, why) => {
    expect(() => parseEvent({ ...checkedIn(), ...changed })).toThrow(why);
  });

  it('refuses a known event that lacks a member of its own', () => {
    const { data, ...rest } = checkedIn();
    expect(() => parseEvent({ ...rest, data: { ...data, stay: undefined } })).toThrow(/stay/);
  });

  it('hears the state of a later gateway', () => {
    const state = { online: true, session: 's', gateway: 'gw-1', epoch: AT.epoch, at: TIME };
    expect(gatewayStateSchema.parse({ ...state, battery: 80 })).toEqual(state);
  });

  it('knows no event of the name that stands for the unknown ones', () => {
    expect(EVENT_NAMES).not.toContain('unknown');
  });
});

describe('today’s gateway of tomorrow’s cloud', () => {
  const [key] = (
    JSON.parse(readFileSync(new URL('published-keys.json', import.meta.url), 'utf8')) as object[]
  ).slice(0, 1);

  it('takes the revocations that it knows of a bundle with others, at every level', () => {
    const own = { ...key, kid: 'k', alg: 'ES256', x: 'A'.repeat(43), y: 'A'.repeat(43), source: undefined };
    const bundle = {
      ...{ venue: 'shibuya-1', version: 2, iat: 1_795_478_400, cloud: [own] },
      issuers: [{ iss: 'https://members.example', keys: [own], region: 'jp' }],
      revoked: { passes: ['p-1'], members: [{ sub: 'm-1', before: 5, why: 'left' }], lockers: ['l-3'] },
    };
    expect(trustClaimsSchema.parse({ ...bundle, quorum: 2 }).revoked).toEqual({
      ...{ passes: ['p-1'], devices: [] },
      members: [{ sub: 'm-1', before: 5 }],
    });
  });

  it('refuses a command with a member that it does not know, for that may narrow what is ordered', () => {
    const command = {
      ...{ jti: 'c-1', iat: 1, exp: 5, aud: 'shibuya-1', by: 'o', reason: 'r', cmd: 'unlock', door: 'front' },
    };
    expect(commandClaimsSchema.safeParse(command).success).toBe(true);
    expect(commandClaimsSchema.safeParse({ ...command, onlyIfEmpty: true }).success).toBe(false);
  });
});
