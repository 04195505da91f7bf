import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { GatewayConfig } from '../shared/contract/config.ts';
import { ENTRY_BYTES_MAX } from '../shared/contract/entry.ts';
import { venueTopics } from '../shared/contract/topics.ts';
import type { LocalBus } from './bus/local-bus.ts';
import type { Certificate } from './certificate.ts';
import type { Clock } from './clock/clock.ts';
import { readSecret } from './config.ts';
import type { Core } from './core.ts';
import type { Journal } from './journal/journal.ts';
import type { Metrics } from './metrics/metrics.ts';
import { createOperators, type Operators } from './operators/operators.ts';
import { Presence } from './presence/presence.ts';
import { LedgerReader } from './reading/reader.ts';
import { createOwnVisits } from './visits/history.ts';
import { createIdentify } from './visits/identity.ts';
import { createPreview } from './visits/preview.ts';
import { createRelayed } from './web/relayed.ts';
import { createWebServer, type WebServer } from './web/server.ts';

export interface FrontOptions {
  readonly config: GatewayConfig;
  readonly core: Core;
  readonly journal: Journal;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** `null` where the gateway speaks plain HTTP. */
  readonly certificate: Certificate | null;
  /** The live stream needs no sign-in on the gateway's own host: the demo's page. Default: it does. */
  readonly openToThisHost?: boolean;
  readonly log: Logger;
  /** Adds routes of the host's own, before ours; a host that serves `/` replaces our page there. */
  readonly extend?: (app: WebServer['app']) => void;
}

/** How the gateway is reached: the pages and the API, taps that the cloud relays, and the building's own bus. */
export interface Front {
  readonly web: WebServer;
  readonly presence: Presence;
  readonly operators: Operators;
  /** `null` where none is configured. */
  readonly localBus: LocalBus | null;
  /** @throws Error when a port is not to be had */
  open(): Promise<void>;
  close(): Promise<void>;
}

/** Puts the front of a gateway together. */
export async function createFront(options: FrontOptions): Promise<Front> {
  const { config, core, journal, clock, log } = options;
  const operators = createOperators(config, journal, clock);
  const presence = new Presence({
    ...{ doors: config.doors, nonces: core.nonces, clock, secret: randomBytes(32) },
    onCodesTaken: (taken) => core.denials.codesTaken(taken),
  });
  const ledgerReader = new LedgerReader({
    path: config.gateway.journal,
    clock,
    log,
    onDamaged: (code, error) => journal.foundDamaged(code, error),
  });
  const web = await webOf(options, { operators, presence, ledgerReader });
  const relayed = relayedOf(options, web);
  const { doors, executor } = core;
  const occupancy = () => core.occupancy();
  const bus = config.localBus;
  const localBus =
    bus &&
    // Its broker is loaded where there is one.
    new (await import('./bus/local-bus.ts')).LocalBus({
      ...{ config, bus, journal, clock, doors, occupancy, executor, operators, log },
    });
  return {
    web,
    presence,
    operators,
    localBus,
    async open() {
      await web.listen();
      await localBus?.start();
    },
    async close() {
      await localBus?.close();
      await relayed.close();
      await web.close();
      await ledgerReader.close();
    },
  };
}

function webOf(
  { config, core, journal, metrics, clock, certificate, openToThisHost = false, log, extend }: FrontOptions,
  made: {
    readonly operators: Operators;
    readonly presence: Presence;
    readonly ledgerReader: LedgerReader;
  },
): Promise<WebServer> {
  const { venue } = config;
  const { attendant, denials, doors, readers, control, executor, alarms, nonces, line } = core;
  return createWebServer({
    ...made,
    ...{ config, attendant, denials, doors, readers, control, executor, alarms, nonces, line },
    ...{ openToThisHost, journal, metrics, clock, certificate, log },
    occupancy: () => core.occupancy(),
    displayToken: secretOf(config.http.displayTokenFile),
    metricsToken: secretOf(config.http.metricsTokenFile),
    identify: createIdentify({ venue, journal, gate: core.gate }),
    preview: createPreview({ venue, journal, clock }),
    ownVisits: createOwnVisits(venue, journal),
    ...(extend && { extend }),
  });
}

/** Taps that the cloud relays are answered side by side: nobody waits until somebody else is through a door. */
function relayedOf({ config, core, clock, log }: FrontOptions, { app }: WebServer) {
  const { line } = core;
  const topics = venueTopics(config.venue.id);
  const relayed = createRelayed({
    app,
    clock,
    log,
    answer: (body, correlationData) => line.answer(topics.entryResults, body, correlationData),
  });
  line.listen(topics.entries, ENTRY_BYTES_MAX, (message) => void relayed.take(message));
  return relayed;
}

function secretOf(file: string | undefined): string | null {
  return file === undefined ? null : readSecret(file);
}
