import mqtt from 'mqtt';
import type { JsonValue } from '../../shared/canonical.ts';
import type { PublicKey } from '../../shared/contract/config.ts';
import { requestSchema } from '../../shared/contract/receipt.ts';
import { venueTopics } from '../../shared/contract/topics.ts';
import { TRUST_TYPE, type TrustClaims } from '../../shared/contract/trust.ts';
import type { Signer } from './signer.ts';

export interface TrustDeskOptions {
  readonly brokerUrl: string;
  readonly venue: string;
  /** Who issues passes for the venue. */
  readonly issuer: { readonly iss: string; readonly publicKey: PublicKey };
  /** Signs the bundles, and is the cloud's only key. */
  readonly cloudKey: Signer;
  /** Epoch milliseconds, for a bundle's `iat`. */
  readonly nowMs: () => number;
}

/** The cloud's word on keys and revocations, for one venue. It says nothing until something is revoked. */
export interface TrustDesk {
  /** Revokes these phones, by their keys' thumbprints, and no others. Resolves with the bundle once the broker has it. */
  revokeDevices(devices: readonly string[]): Promise<string>;
  /** Says anew what it has said, as a cloud does every day; nothing where it has said nothing. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the desk. The newest bundle is retained at the broker; a gateway that asks because its own is old gets a new one. */
export async function openTrustDesk(options: TrustDeskOptions): Promise<TrustDesk> {
  const { brokerUrl, venue, issuer, cloudKey, nowMs } = options;
  const topics = venueTopics(venue);
  const client = await mqtt.connectAsync(brokerUrl, { reconnectPeriod: 250 });
  client.on('error', () => undefined);
  let version = 0;
  let revoked: readonly string[] = [];
  const publish = async (): Promise<string> => {
    version += 1;
    const claims: TrustClaims = {
      venue,
      version,
      iat: Math.floor(nowMs() / 1000),
      issuers: [{ iss: issuer.iss, keys: [issuer.publicKey] }],
      cloud: [cloudKey.publicKey],
      revoked: { passes: [], members: [], devices: [...revoked] },
    };
    const bundle = await cloudKey.sign(TRUST_TYPE, claims as object as JsonValue);
    await client.publishAsync(topics.trust, bundle, { qos: 1, retain: true });
    return bundle;
  };
  client.on('message', (_topic, body) => {
    const asked = requestSchema.safeParse(JSON.parse(body.toString()));
    if (asked.success && asked.data.need === 'trust' && version > 0) void publish();
  });
  await client.subscribeAsync(topics.requests, { qos: 1 });
  return {
    revokeDevices: (devices) => {
      revoked = devices;
      return publish();
    },
    renew: async () => {
      if (version > 0) await publish();
    },
    close: () => client.endAsync(true),
  };
}
