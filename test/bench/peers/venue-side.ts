import { readFileSync } from 'node:fs';
import type { PublicKey } from '../../../shared/contract/config.ts';
import { formatEvent, type DomainEvent } from '../../../shared/contract/events.ts';
import { formatInstant } from '../../../shared/time.ts';

export const GATEWAY = 'gw-1';
export const TIME_ZONE = 'Asia/Tokyo';

/** Where a venue's side lives, and where it sends to. */
export interface Place {
  readonly venue: string;
  readonly epoch: string;
  /** Its own, over its restarts. */
  readonly folder: string;
  /** The line to the cloud's broker. */
  readonly url: string;
  /** Who signs the receipts. */
  readonly keys: readonly PublicKey[];
}

/** What keeps a venue's events until the cloud has them. */
export interface VenueSide {
  /** Told the number of each event that it has taken, as the producer has to believe it. */
  onTaken: (event: number) => void;
  /** Starts it, for the first time or after a kill. @returns up to which event it knows to have taken all */
  start(): Promise<number>;
  /** Hands it one event. What becomes of it is told by `onTaken`, or not at all. */
  offer(event: number): void;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** The most resident memory that its process had in any of its lives so far, MiB. */
  readonly peakMiB: number;
}

/** The event of that number, as the producer counts. */
export function numbered(event: number): DomainEvent {
  return { name: 'door.closed', subject: 'front', data: { door: 'front', openMs: event } };
}

/** The event's bytes as our journal would write them, for whoever has no journal. */
export function bodyOf(event: number, { venue, epoch }: Pick<Place, 'venue' | 'epoch'>): string {
  const at = { venue, gateway: GATEWAY, epoch, seq: event };
  return formatEvent(numbered(event), at, formatInstant(Date.now(), TIME_ZONE), 'trusted');
}

/** The highest resident memory of a process so far, MiB. Source: proc(5), VmHWM. */
export function peakMiBOf(pid: number | undefined): number {
  if (pid === undefined) return 0;
  const [, kib = '0'] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}
