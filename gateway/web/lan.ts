import { BlockList, isIP } from 'node:net';

/** Private, link-local and loopback addresses (RFC 1918, RFC 4193, RFC 3927). */
const lan = new BlockList();
lan.addSubnet('10.0.0.0', 8);
lan.addSubnet('172.16.0.0', 12);
lan.addSubnet('192.168.0.0', 16);
lan.addSubnet('169.254.0.0', 16);
lan.addSubnet('127.0.0.0', 8);
lan.addSubnet('fc00::', 7, 'ipv6');
lan.addSubnet('fe80::', 10, 'ipv6');
lan.addAddress('::1', 'ipv6');

const thisHost = new BlockList();
thisHost.addSubnet('127.0.0.0', 8);
thisHost.addAddress('::1', 'ipv6');

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

/**
 * Whether a peer stands on the venue's network, judged by the socket's address and never by a header. It is what
 * stands for presence while the posted code is a printed sheet, which proves none.
 */
export function isOnLan(address: string): boolean {
  return isIn(lan, address);
}

/** Whether a peer is a process on the gateway's own host. */
export function isThisHost(address: string): boolean {
  return isIn(thisHost, address);
}

function isIn(list: BlockList, address: string): boolean {
  const plain = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
  const family = isIP(plain);
  return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
}
