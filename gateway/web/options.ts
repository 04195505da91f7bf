import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { GatewayConfig } from '../../shared/contract/config.ts';
import type { Occupancy } from '../../shared/contract/state.ts';
import type { Attendant } from '../door/attendant.ts';
import type { Alarms } from '../alarms/alarms.ts';
import type { Certificate } from '../certificate.ts';
import type { Clock } from '../clock/clock.ts';
import type { CommandExecutor } from '../commands/executor.ts';
import type { DoorControl } from '../door/control.ts';
import type { Operators } from '../operators/operators.ts';
import type { NonceSource } from '../credential/nonce.ts';
import type { Doors } from '../door/doors.ts';
import type { Identify } from '../visits/identity.ts';
import type { Journal } from '../journal/journal.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { OwnVisits } from '../visits/history.ts';
import type { Presence } from '../presence/presence.ts';
import type { Preview } from '../visits/preview.ts';
import type { LedgerReader } from '../reading/reader.ts';
import type { DenialFloods } from '../door/denial-floods.ts';
import type { Readers } from '../door/readers.ts';

/** What the routes stand on. */
export interface WebOptions {
  readonly config: GatewayConfig;
  readonly attendant: Attendant;
  readonly denials: DenialFloods;
  readonly doors: Doors;
  readonly readers: Pick<Readers, 'health'>;
  readonly control: DoorControl;
  readonly executor: CommandExecutor;
  readonly alarms: Alarms;
  readonly operators: Operators;
  readonly occupancy: () => Occupancy;
  /** The live stream needs no sign-in on the gateway's own host: the demo's page. Commands need it all the same. */
  readonly openToThisHost: boolean;
  readonly journal: Journal;
  /** What operators look for in the journal, beside the loop. */
  readonly ledgerReader: LedgerReader;
  readonly nonces: NonceSource;
  readonly presence: Presence;
  /** What a display at a door opens its page with once; `null`: only this host shows codes. */
  readonly displayToken: string | null;
  /** What a scraper on another host shows as a bearer token; `null`: only this host reads the metrics. */
  readonly metricsToken: string | null;
  readonly metrics: Metrics;
  readonly identify: Identify;
  readonly preview: Preview;
  readonly ownVisits: OwnVisits;
  readonly clock: Clock;
  /** What phones see; `null`: plain HTTP. */
  readonly certificate: Certificate | null;
  /** The line to the cloud. */
  readonly line: { readonly isFitted: boolean; readonly isOnline: boolean };
  readonly log: Logger;
  /** Adds routes of the host's own, before ours. */
  readonly extend?: (app: FastifyInstance) => void;
}
