import { readFileSync } from 'node:fs';
import type { IClientOptions, IConnackPacket } from 'mqtt';
import type { GatewayConfig } from '../../shared/contract/config.ts';

/** How long the broker may take to accept a connection. */
const CONNECT_TIMEOUT_MS = 10_000;

/** CONNACK codes that mean "not this version": 1 of MQTT 3.1.1, 0x84 of MQTT 5. */
const UNSUPPORTED_VERSION: ReadonlySet<number> = new Set([1, 0x84]);

/**
 * How the broker is spoken to: version, credentials, certificates. Files are read anew for each connection, so that a
 * renewed certificate needs no restart.
 *
 * @throws Error where a file cannot be read
 */
export function connectionOptions(
  config: NonNullable<GatewayConfig['uplink']>,
  protocol: 4 | 5,
): IClientOptions {
  return {
    protocolVersion: protocol,
    clean: true,
    // The back-off is ours, and so is the queue: mqtt.js keeps offline publishes in memory only.
    reconnectPeriod: 0,
    queueQoSZero: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepalive: 30,
    ...(config.username === undefined ? {} : { username: config.username }),
    ...(config.passwordFile === undefined ? {} : { password: firstLineOf(config.passwordFile) }),
    ...(config.ca === undefined ? {} : { ca: readFileSync(config.ca) }),
    ...(config.cert === undefined ? {} : { cert: readFileSync(config.cert) }),
    ...(config.key === undefined ? {} : { key: readFileSync(config.key) }),
  };
}

/** Whether the broker does not speak the version that it was asked for. */
export function isVersionRefused({ reasonCode, returnCode }: IConnackPacket): boolean {
  return UNSUPPORTED_VERSION.has(reasonCode ?? returnCode ?? 0);
}

function firstLineOf(path: string): string {
  return readFileSync(path, 'utf8').split('\n')[0] ?? '';
}
