import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { ConnectPacket } from 'aedes';
import type { Logger } from 'pino';
import { MqttPackets } from '../limits/mqtt-packets.ts';
import { sourceOf } from '../limits/source.ts';

/** Connections of one address at once: whoever opens more keeps no tablet out. */
export const CONNECTIONS_OF_ADDRESS_MAX = 16;

/** Largest packet of a client, in bytes. Home Assistant subscribes to hundreds of topics by one. */
export const PACKET_BYTES_MAX = 64 * 1024;

/** Cuts off what one address opens too much of, at its first byte: a handshake costs more than that. */
export function boundConnections(log: Logger): (socket: Socket) => void {
  const open = new Map<string, number>();
  return (socket) => {
    const place = sourceOf(socket.remoteAddress ?? '');
    const count = (open.get(place) ?? 0) + 1;
    if (count > CONNECTIONS_OF_ADDRESS_MAX) {
      log.warn({ address: place }, 'local bus: too many connections of one address');
      socket.destroy();
      return;
    }
    open.set(place, count);
    socket.once('close', () => {
      const left = (open.get(place) ?? 1) - 1;
      if (left > 0) open.set(place, left);
      else open.delete(place);
    });
  };
}

/**
 * Cuts a client off that sends a packet which is too large, before it has come. To be called after aedes has the socket:
 * it reads what is readable, and this is told of each piece before its parser is.
 */
export function boundPackets(socket: Socket, log: Logger): void {
  const packets = new MqttPackets(PACKET_BYTES_MAX);
  socket.on('data', (chunk: Buffer) => {
    try {
      packets.take(chunk);
    } catch (error) {
      log.warn({ err: error }, 'local bus: a client was cut off');
      socket.destroy();
    }
  });
}

/**
 * Why a CONNECT is not looked at, or `null`; then it is bound to its account. A client id is its account's, so that nobody
 * ends another's connection by taking its id. No session outlives its connection: there is no queue for somebody else to
 * take. Doors are ordered by who is there, so no will orders one.
 */
export function refusalOfConnect(packet: ConnectPacket): Error | null {
  const { username = '', clientId, will } = packet;
  if (will?.topic.endsWith('/set') === true) return new Error('a will must not order a door');
  packet.clientId = `${username}/${clientId === '' ? randomUUID() : clientId}`;
  packet.clean = true;
  return null;
}
