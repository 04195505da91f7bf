import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Clock } from '../clock/clock.ts';

/** Private and link-local addresses (RFC 1918, RFC 4193, RFC 3927): what a venue's own network has. */
const privateNetworks = listOf([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
]);

const thisHost = listOf(['127.0.0.0/8', '::1/128']);

/** How often the host's own networks are looked up again, in milliseconds: an address may come by DHCP, or change. */
const LOOK_AGAIN_MS = 5_000;

/** The peer of a request that the relay carried: no address, so that it is on no network of ours. */
const RELAY_PEER = 'relay';

/** @param from what the relay tells its phones apart by; left out: all of them are one peer */
export function relayPeer(from: string | undefined): string {
  return from === undefined ? RELAY_PEER : `${RELAY_PEER}/${from}`;
}

/** Whether a peer's request came over the relay. */
export function isRelayed(peer: string): boolean {
  return peer.startsWith(RELAY_PEER);
}

/** Whether a peer stands on the venue's network. */
export type IsOnLan = (address: string) => boolean;

/**
 * The venue's network, judged by the socket's address and never by a header. It is what stands for presence while the
 * posted code is a printed sheet, which proves none. A process on the gateway's own host stands there too.
 *
 * @param prefixes of the configuration (`http.lan`); left out: the private networks that this host has an address in
 * @param networks those of this host, with their prefix lengths
 */
export function venueNetwork(
  prefixes: readonly string[] | undefined,
  clock: Pick<Clock, 'monotonicMs'>,
  networks: () => readonly string[] = ownNetworks,
): IsOnLan {
  if (prefixes !== undefined) return among(listOf(prefixes));
  let list = new BlockList();
  let lookedMs = -Infinity;
  return among(() => {
    if (clock.monotonicMs() - lookedMs >= LOOK_AGAIN_MS) {
      lookedMs = clock.monotonicMs();
      list = listOf(networks().filter((network) => isIn(privateNetworks, network.split('/')[0] ?? '')));
    }
    return list;
  });
}

function among(list: BlockList | (() => BlockList)): IsOnLan {
  return (address) => isThisHost(address) || isIn(typeof list === 'function' ? list() : list, address);
}

function ownNetworks(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).flatMap(({ cidr }) => cidr ?? []),
  );
}

/** Whether a peer is a process on the gateway's own host. */
export function isThisHost(address: string): boolean {
  return isIn(thisHost, address);
}

function isIn(list: BlockList, address: string): boolean {
  const [plain = ''] = address.replace(/^::ffff:(?=\d+\.)/i, '').split('%');
  const family = isIP(plain);
  return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
}

/** @param prefixes as `192.168.1.0/24` or `fd00::/8` */
function listOf(prefixes: readonly string[]): BlockList {
  const list = new BlockList();
  for (const prefix of prefixes) {
    const [network = '', bits = ''] = prefix.split('/');
    list.addSubnet(network, Number(bits), isIP(network) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
