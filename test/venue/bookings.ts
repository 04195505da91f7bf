import mqtt, { type MqttClient } from 'mqtt';
import type { JsonValue } from '../../shared/canonical.ts';
import { COMMAND_TYPE, commandResultSchema, type CommandResult } from '../../shared/contract/command.ts';
import type { Reservation } from '../../shared/contract/pass.ts';
import { requestSchema } from '../../shared/contract/receipt.ts';
import {
  RESERVATION_DELTA_TYPE,
  USAGE_DELTA_TYPE,
  type ReservationChange,
  type UsageChange,
} from '../../shared/contract/sync.ts';
import { venueTopics } from '../../shared/contract/topics.ts';
import { formatInstant } from '../../shared/time.ts';
import type { Signer } from './signer.ts';

export interface BookingsOptions {
  readonly brokerUrl: string;
  readonly venue: string;
  /** Signs what the venue is told. */
  readonly cloudKey: Signer;
  readonly nowMs: () => number;
}

/** The cloud's side of reservations, ticket uses and the operator's commands for one venue. */
export interface Bookings {
  /** Books, or changes what is booked, and tells the venue. */
  book(sub: string, reservation: Reservation): Promise<void>;
  /** Cancels now, and tells the venue. */
  cancel(sub: string, reservation: Reservation): Promise<void>;
  /** Tells the venue of a use elsewhere. */
  used(use: Omit<UsageChange, 'version'>): Promise<void>;
  /** Sends a command and waits for what became of it. */
  command(claims: Readonly<Record<string, JsonValue>> & { readonly jti: string }): Promise<CommandResult>;
  /** What venues have asked for so far. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** Sells reservations at one venue: tells every change as it is made, and everything that a gateway says it lacks. */
export async function openBookings({
  brokerUrl,
  venue,
  cloudKey,
  nowMs,
}: BookingsOptions): Promise<Bookings> {
  const topics = venueTopics(venue);
  const reservations: ReservationChange[] = [];
  const uses: UsageChange[] = [];
  const asked: string[] = [];
  const client: MqttClient = await mqtt.connectAsync(brokerUrl, { protocolVersion: 4 });
  client.on('error', () => undefined);

  /** Every change after a version, as one delta. */
  const tell = async (need: 'reservations' | 'usage', from: number): Promise<void> => {
    const isReservations = need === 'reservations';
    const changes = (isReservations ? reservations : uses).filter(({ version }) => version > from);
    const to = changes.at(-1)?.version;
    if (to === undefined) return;
    const claims = { venue, from, to, iat: Math.floor(nowMs() / 1000), changes };
    const token = await cloudKey.sign(isReservations ? RESERVATION_DELTA_TYPE : USAGE_DELTA_TYPE, claims);
    await client.publishAsync(topics[need], token, { qos: 1 });
  };

  client.on('message', (topic, body) => {
    if (topic !== topics.requests) return;
    const { need, have } = requestSchema.parse(JSON.parse(body.toString('utf8')));
    asked.push(need);
    if (need === 'reservations' || need === 'usage') void tell(need, have);
  });
  await client.subscribeAsync([topics.requests, topics.commandResults], { qos: 1 });

  const change = async (sub: string, reservation: Reservation, cancelledAt: string | null): Promise<void> => {
    const version = reservations.length + 1;
    reservations.push({ version, sub, reservation, cancelledAt });
    await tell('reservations', version - 1);
  };

  return {
    asked,
    book: (sub, reservation) => change(sub, reservation, null),
    cancel: (sub, reservation) => change(sub, reservation, formatInstant(nowMs())),
    used: async (use) => {
      uses.push({ version: uses.length + 1, ...use });
      await tell('usage', uses.length - 1);
    },
    command: async (claims) => {
      const answered = new Promise<CommandResult>((resolve) => {
        const listen = (topic: string, body: Buffer): void => {
          if (topic !== topics.commandResults) return;
          const result = commandResultSchema.parse(JSON.parse(body.toString('utf8')));
          if (result.command !== claims.jti) return;
          client.off('message', listen);
          resolve(result);
        };
        client.on('message', listen);
      });
      await client.publishAsync(topics.commands, await cloudKey.sign(COMMAND_TYPE, claims), { qos: 1 });
      return answered;
    },
    close: async () => {
      await client.endAsync(true);
    },
  };
}
