import { isIPv6 } from 'node:net';

/** Unique local and link-local addresses (RFC 4193, RFC 4291): a venue's own network shares a prefix of them. */
const LOCAL_IPV6 = /^f(?:[cd]|e[89ab])/i;

/**
 * The source that a peer's address stands for, whose requests are counted together. A subscriber of IPv6 has a whole
 * /64 to call from, so its first half counts; on the venue's own network it is the host. An IPv4 address in IPv6 form
 * is itself, and what is no address too.
 */
export function sourceOf(address: string): string {
  const [plain = ''] = address.replace(/^::ffff:(?=\d+\.)/i, '').split('%');
  if (!isIPv6(plain) || LOCAL_IPV6.test(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}
