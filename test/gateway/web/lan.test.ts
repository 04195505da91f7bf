import { expect, it } from 'vitest';
import { venueNetwork } from '../../../gateway/web/lan.ts';
import { ManualClock } from '../manual-clock.ts';

const clock = () => new ManualClock('2026-11-24T09:00:00+09:00');

it.each([
  ['192.168.1.20', true],
  ['::ffff:192.168.1.20', true],
  ['192.168.2.20', false],
  ['10.8.0.4', false],
  ['fd12:3456::20', true],
  ['fd12:3457::20', false],
  ['fe80::1%eth0', true],
  ['203.0.113.7', false],
  ['127.0.0.1', true],
  ['relay', false],
])(
  'at a host with 192.168.1.10/24, fd12:3456::1/64 and a public address, %s is on the venue’s network: %s',
  (peer, isIn) => {
    const own = () => ['127.0.0.1/8', '192.168.1.10/24', 'fd12:3456::1/64', 'fe80::2/64', '203.0.113.5/24'];
    expect(venueNetwork(undefined, clock(), own)(peer)).toBe(isIn);
  },
);

it('where the configuration names the prefixes the host’s own do not count', () => {
  const isOnLan = venueNetwork(['192.168.50.0/24', 'fd00:50::/64'], clock(), () => ['192.168.1.10/24']);
  expect(['192.168.50.9', 'fd00:50::9', '192.168.1.20', '127.0.0.1'].map(isOnLan)).toEqual([
    true,
    true,
    false,
    true,
  ]);
});

it('an address that comes by DHCP after the start counts within 5 s', async () => {
  const time = clock();
  const networks: string[] = [];
  const isOnLan = venueNetwork(undefined, time, () => networks);
  expect(isOnLan('192.168.1.20')).toBe(false);
  networks.push('192.168.1.10/24');
  await time.advance(5_000);
  expect(isOnLan('192.168.1.20')).toBe(true);
});
