import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { venueTopics } from '../../../shared/contract/topics.ts';
import { Mosquitto } from '../../venue/mosquitto.ts';
import { bodyOf, peakMiBOf, type Place, type VenueSide } from './venue-side.ts';

/** As often as MQTT.js tries again. The default is 5 to 30 s. */
const RECONNECT_S = 1;

/**
 * A Mosquitto at the venue that keeps what it is told and forwards it. An event is taken when it has been acknowledged to
 * a client beside it, which is the producer.
 */
export class MosquittoBridge implements VenueSide {
  onTaken: (event: number) => void = () => undefined;
  readonly #place: Place;
  readonly #lines: readonly string[];
  #mosquitto: Mosquitto | null = null;
  #producer: MqttClient | null = null;
  #peakMiB = 0;

  /** @param lines of mosquitto.conf, beside what makes it a bridge that keeps its session */
  constructor(place: Place, lines: readonly string[]) {
    this.#place = place;
    this.#lines = lines;
  }

  async start(): Promise<number> {
    const { venue, folder, url } = this.#place;
    this.#mosquitto ??= await Mosquitto.start({
      folder: join(folder, 'mosquitto'),
      lines: [
        ...this.#lines,
        'connection cloud',
        `address ${new URL(url).host}`,
        `remote_clientid ${venue}-bridge`,
        `topic ${venueTopics(venue).events} out 1`,
        'cleansession false',
        'bridge_protocol_version mqttv50',
        `restart_timeout ${RECONNECT_S}`,
      ],
    });
    if (this.#mosquitto.pid === undefined) await this.#mosquitto.restart();
    this.#producer = await mqtt.connectAsync(this.#mosquitto.url, { protocolVersion: 5, reconnectPeriod: 0 });
    return 0;
  }

  offer(event: number): void {
    const producer = this.#producer;
    producer?.publish(
      venueTopics(this.#place.venue).events,
      bodyOf(event, this.#place),
      { qos: 1 },
      (error) => {
        if (!error && this.#producer === producer) this.onTaken(event);
      },
    );
  }

  get peakMiB(): number {
    this.#peakMiB = Math.max(this.#peakMiB, peakMiBOf(this.#mosquitto?.pid));
    return this.#peakMiB;
  }

  async kill(): Promise<void> {
    this.#peakMiB = this.peakMiB;
    await this.#mosquitto?.kill();
    const producer = this.#producer;
    this.#producer = null;
    await producer?.endAsync(true);
  }
}
