import { beforeEach, describe, expect, it } from 'vitest';
import { guardGate } from '../../../gateway/credential/guarded-gate.ts';
import type { Gate } from '../../../gateway/credential/gate.ts';
import { sourceOf } from '../../../gateway/limits/source.ts';
import { DOOR_URL, type TestPhone } from '../signing.ts';
import { gateBench, type GateBench } from './bench.ts';

const ATTACKER = '192.168.1.66';

let bench: GateBench;
let gate: Gate;
beforeEach(async () => {
  bench = await gateBench();
  gate = guardGate(bench.gate, bench.clock);
});

const junk = async (from: string, pass = 'a.b.c') =>
  (await gate.request({ pass, proof: 'd.e.f', method: 'POST', url: DOOR_URL, from })).kind;

/** A good request. `ticket`: beside a presence ticket, whose nonce it carries. */
async function ask(
  from: string,
  phone: TestPhone,
  { pass = phone.pass(Math.floor(bench.nowS())), ticket = false } = {},
) {
  const nonce = bench.nonces.issue();
  const proof = phone.dpop(pass, Math.floor(bench.nowS()), { nonce });
  const request = { pass, proof, method: 'POST', url: DOOR_URL, from, ...(ticket && { nonce }) };
  return (await gate.request(request)).kind;
}

/** Spends what an address may have verified, and what everybody else may together. */
async function exhaust(from = ATTACKER): Promise<void> {
  for (let sent = 0; sent < 60 + 100; sent += 1) expect(await junk(from)).toBe('unreadable');
  expect(await junk(from)).toBe('too-many');
}

describe('An address that has sent 160 bad requests at once', () => {
  it('keeps no other address from being verified', async () => {
    await exhaust();
    expect(await ask('192.168.1.20', bench.phone)).toBe('credential');
  });

  it('keeps no member behind it from the door who has read the display there', async () => {
    await exhaust();
    expect(await ask(ATTACKER, bench.phone)).toBe('too-many');
    expect(await ask(ATTACKER, bench.phone, { ticket: true })).toBe('credential');
  });

  it('keeps no member behind it from the door whose pass was good before', async () => {
    const pass = bench.phone.pass(bench.nowS());
    expect(await ask('192.168.1.20', bench.phone, { pass })).toBe('credential');
    await exhaust();
    expect(await ask(ATTACKER, bench.phone, { pass })).toBe('credential');
    expect(await ask(ATTACKER, bench.ecPhone)).toBe('too-many');
  });

  it('has some more verified with every second, and so has a stranger behind it', async () => {
    await exhaust();
    await bench.clock.advance(1_000);
    expect(await ask(ATTACKER, bench.phone)).toBe('credential');
    for (let sent = 1; sent < 5 + 100; sent += 1) expect(await junk(ATTACKER)).toBe('unreadable');
    expect(await junk(ATTACKER)).toBe('too-many');
  });

  it('keeps nobody from a reader', async () => {
    await exhaust();
    const pass = bench.phone.pass(bench.nowS());
    const shown = Buffer.from(`GK1.${pass}~${bench.phone.doorProof(pass, bench.nowS())}`);
    expect((await gate.scan(shown)).kind).toBe('credential');
  });
});

it('A pass that was stolen is verified twenty times behind a spent address, and no more', async () => {
  const stolen = bench.phone.pass(bench.nowS());
  await ask('192.168.1.20', bench.phone, { pass: stolen });
  await exhaust();
  for (let sent = 0; sent < 20; sent += 1) expect(await junk(ATTACKER, stolen)).toBe('unreadable');
  expect(await junk(ATTACKER, stolen)).toBe('too-many');
});

it('Three thousand addresses have no more verified than the 1,024 that are remembered, and what is set aside for all', async () => {
  let verified = 0;
  for (let host = 0; host < 3_000; host += 1)
    if ((await junk(`10.0.${host >> 8}.${host & 255}`)) === 'unreadable') verified += 1;
  expect(verified).toBe(1_024 + 100);

  // A full bucket is forgotten, and its place is taken by a new address.
  await bench.clock.advance(200);
  expect(await ask('10.1.0.1', bench.phone)).toBe('credential');
});

it.each([
  ['an IPv4 address', '192.0.2.1', '192.0.2.1'],
  ['an IPv4 address in IPv6 form', '::ffff:192.0.2.1', '192.0.2.1'],
  ['the /64 of an IPv6 address', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['the /64 of a shortened one', '2001:db8::7', '2001:db8:0:0'],
  ['the host on the venue’s own network', 'fd00::7', 'fd00::7'],
  ['the host on a link, without its zone', 'fe80::7%eth0', 'fe80::7'],
  ['the relay', 'relay', 'relay'],
])('The source of a request is %s', (_, address, source) => {
  expect(sourceOf(address)).toBe(source);
});
