import type { Server, ServerOptions } from 'node:http';
import { sourceOf } from '../limits/source.ts';
import { isThisHost } from './lan.ts';

/** What connections may cost: how many at a time, and for how long one may be silent before it has asked. */
export interface ConnectionLimits {
  readonly inAll: number;
  /** Of one source. A browser opens six, and a page that shows the venue live keeps one. */
  readonly ofSource: number;
  /** Milliseconds for a whole request, and for the handshake of TLS. */
  readonly requestMs: number;
}

const LIMITS: ConnectionLimits = { inAll: 1_024, ofSource: 64, requestMs: 10_000 };

/** What a server of HTTP or HTTPS is made with. The handshake's limit is of TLS alone. */
export function serverOptions({ requestMs }: ConnectionLimits = LIMITS) {
  return {
    requestTimeout: requestMs,
    headersTimeout: requestMs,
    connectionsCheckingInterval: requestMs / 4,
    handshakeTimeout: requestMs,
  } satisfies ServerOptions & { handshakeTimeout: number };
}

/**
 * Hangs up on what is too much, of one source or of all. What the gateway's own host asks counts towards all alone.
 *
 * @param isFree whether a peer is not counted by its source
 */
export function boundConnections(
  server: Pick<Server, 'on' | 'maxConnections'>,
  limits: ConnectionLimits = LIMITS,
  isFree: (address: string) => boolean = isThisHost,
): void {
  const open = new Map<string, number>();
  server.maxConnections = limits.inAll;
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    if (isFree(address)) return;
    const source = sourceOf(address);
    const count = (open.get(source) ?? 0) + 1;
    open.set(source, count);
    socket.once('close', () => {
      const left = (open.get(source) ?? 1) - 1;
      if (left === 0) open.delete(source);
      else open.set(source, left);
    });
    if (count > limits.ofSource) socket.destroy();
  });
}
