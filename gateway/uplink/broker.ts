/** What the line to the cloud needs of a broker, and nothing of how it is spoken to. `mqtt.ts` implements it. */

/** A message of ours. QoS 1 always. */
export interface Publication {
  readonly topic: string;
  readonly body: string;
  /** Default `false`. */
  readonly retain?: boolean;
  /** MQTT 5 only; left out where the broker speaks 3.1.1. */
  readonly contentType?: string;
  /** MQTT 5 only. */
  readonly correlationData?: Buffer;
}

/** Something of the cloud's, as it came. Nothing of it is verified. */
export interface InboundMessage {
  readonly text: string;
  /** Kept by the broker: old, and nobody knows how old. */
  readonly retained: boolean;
  /** Where the sender wants the answer; MQTT 5 only. */
  readonly responseTopic: string | null;
  readonly correlationData: Buffer | null;
}

/** What a broker takes, as it says when it accepts the connection (MQTT 5, CONNACK). */
export interface BrokerLimits {
  /** Publishes that may wait for their PUBACK at once. */
  readonly receiveMaximum: number;
}

/**
 * How a connection ends: `protocol-refused`, the broker says that it does not speak this version of MQTT; `hung-up`, it was
 * reached and closed without a CONNACK, which is how some say the same; `lost`, anything else.
 */
export type Ending = 'protocol-refused' | 'hung-up' | 'lost';

/** What is told of one connection. After `onClosed`, or after `end`, nothing more is. */
export interface ConnectionListener {
  /** `limits` left out: the broker names none. */
  onConnected(limits?: BrokerLimits): void;
  onMessage(topic: string, message: InboundMessage): void;
  /** The connection was refused or is gone. */
  onClosed(ending: Ending): void;
}

/** One connection to the broker, from the attempt on. */
export interface BrokerConnection {
  /** Resolves on the broker's PUBACK; rejects with `PublishRefused`, or otherwise when the connection is lost. */
  publish(message: Publication): Promise<void>;
  /** Resolves on SUBACK with the topics that the broker refuses, each with its reason code. QoS 1 for what is kept, else 0. */
  subscribe(topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Hangs up at once, so that the broker sends the will. */
  end(): void;
}

/** One attempt to reach a broker. */
export interface Attempt {
  /** 5, or 4 for MQTT 3.1.1. */
  readonly protocol: 4 | 5;
  readonly will: Publication;
  readonly inbound: InboundBounds;
}

/** How much is taken of what the broker passes on, in bytes. What is larger comes without its text. */
export interface InboundBounds {
  readonly bytesMax: (topic: string) => number;
  /** The most that any topic has. */
  readonly largest: number;
  /** Whether the broker is to keep what is said on a topic while the gateway is away. */
  readonly isKept: (topic: string) => boolean;
}

/** Begins to connect and returns at once; what comes of it is told. */
export type ConnectBroker = (attempt: Attempt, listener: ConnectionListener) => BrokerConnection;
