import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { CommandExecutor } from '../../gateway/commands/executor.ts';
import { Commands } from '../../gateway/commands/cloud.ts';
import { loadCloudKeys } from '../../gateway/tokens/key-ring.ts';
import type { InboundMessage } from '../../gateway/uplink/broker.ts';
import { Custody } from '../../gateway/uplink/custody.ts';
import { Inbox } from '../../gateway/uplink/inbox.ts';
import { LastWord } from '../../gateway/visits/last-word.ts';
import { Sync, type Applied } from '../../gateway/visits/sync.ts';
import type { CommandResult } from '../../shared/contract/command.ts';
import type { Reservation } from '../../shared/contract/pass.ts';
import { RECEIPT_TYPE, type CloudRequest, type ReceiptClaims } from '../../shared/contract/receipt.ts';
import { DELTA_BYTES_MAX, type ReservationChange, type UsageChange } from '../../shared/contract/sync.ts';
import { formatInstant } from '../../shared/time.ts';
import { MEMBER, venueOf } from './access/told.ts';
import { Evening } from './visits/evening.ts';
import { configured, newSigner, token } from './signing.ts';

const KID = 'cloud-1';

/** What a test tells of a change; everything left out is in order. */
export interface Told {
  readonly iss?: string;
  readonly sub?: string;
  readonly cancelledAt?: string | null;
}

/** A cloud that signs, and the gateway's ends of its topics, over a venue that settles. */
export class Cloud {
  readonly evening: Evening;
  readonly asked: CloudRequest[] = [];
  /** Who issues passes for the venue. */
  readonly issuerKeys: { issuers: readonly string[] } = { issuers: [MEMBER.iss] };
  /** What commands did to the line. */
  readonly line: string[] = [];
  readonly uplink = {
    isOnline: true,
    connectedForMs: 3_600_000,
    sync: () => this.line.push('sync') > 0,
    replay: (fromSeq: number) => this.line.push(`replay ${fromSeq}`) > 0,
  };
  readonly answers: {
    readonly topic: string;
    readonly body: string;
    readonly correlationData: Buffer | null;
  }[] = [];
  readonly signer = newSigner('EdDSA');
  readonly #logged: string[] = [];
  readonly #venue: Readonly<Record<string, unknown>>;
  #ends!: { sync: Sync; lastWord: LastWord; commands: Commands; custody: Custody };

  private constructor(evening: Evening, venue: Readonly<Record<string, unknown>>) {
    this.evening = evening;
    this.#venue = venue;
  }

  /** @param on a venue that is there already, whose configuration has been changed to this one */
  static async over(venue: Readonly<Record<string, unknown>> = {}, on?: Evening): Promise<Cloud> {
    const cloud = new Cloud(on ?? (await Evening.begin(venue)), {
      hours: { open: '07:00', close: '18:00' },
      kind: 'standard',
      ...venue,
    });
    await cloud.connect();
    return cloud;
  }

  /** The gateway's ends on the journal as it is now: at the start, and after each restart. */
  async connect(): Promise<void> {
    const { walk } = this.evening;
    const cloudKeys = await loadCloudKeys({ issuers: [], cloud: [configured(this.signer, KID)] });
    const log = pino({}, { write: (line: string) => void this.#logged.push(line) });
    const common = {
      venue: venueOf(this.#venue),
      journal: walk.journal,
      cloudKeys,
      clock: walk.clock,
      issuerKeys: this.issuerKeys,
      line: this.uplink,
      log,
    };
    this.#ends = {
      sync: new Sync({ ...common, ask: (request) => this.asked.push(request) }),
      lastWord: new LastWord({ ...common, ask: (request) => this.asked.push(request) }),
      commands: new Commands({
        ...common,
        executor: new CommandExecutor({ ...common, control: walk.control }),
        answer: (topic, body, correlationData) => this.answers.push({ topic, body, correlationData }),
      }),
      custody: new Custody({ ...common, venue: 'shibuya-1', gateway: 'gw-1', onReturned: () => undefined }),
    };
  }

  /** What the gateway's ends have logged. */
  said(): string {
    return this.#logged.join('');
  }

  get lastWord(): LastWord {
    return this.#ends.lastWord;
  }

  get sync(): Sync {
    return this.#ends.sync;
  }

  /** A token of the cloud, or with another signer or header of somebody else. */
  sign(typ: string, claims: object, by = this.signer, header: object = {}): string {
    return token({ alg: by.alg, typ, kid: KID, ...header }, claims, by);
  }

  /** A delta of reservations. */
  delta(
    from: number,
    to: number,
    changes: readonly ReservationChange[],
    over: Readonly<Record<string, unknown>> = {},
  ): string {
    return this.sign('reservation-delta+jwt', {
      venue: 'shibuya-1',
      from,
      to,
      iat: this.evening.walk.nowS(),
      changes,
      ...over,
    });
  }

  usage(from: number, to: number, changes: readonly UsageChange[]): string {
    return this.sign('usage-delta+jwt', {
      venue: 'shibuya-1',
      from,
      to,
      iat: this.evening.walk.nowS(),
      changes,
    });
  }

  reservations(text: string): Promise<Applied> {
    return this.#ends.sync.take('reservations', text);
  }

  /** The end of the ledger as it is now, for a receipt of now or of later. */
  get ledgerEnd(): Pick<ReceiptClaims, 'epoch' | 'seq' | 'head'> {
    const { epoch, lastSeq: seq, head } = this.evening.walk.journal;
    return { epoch, seq, head };
  }

  /** The cloud signs now that it has everything up to there. */
  receive(upTo = this.ledgerEnd): Promise<void> {
    const iat = this.evening.walk.nowS();
    return this.#ends.custody.take(this.sign(RECEIPT_TYPE, { venue: 'shibuya-1', ...upTo, iat }));
  }

  uses(text: string): Promise<Applied> {
    return this.#ends.sync.take('usage', text);
  }

  /** Claims of a good command, valid for a minute. */
  claims(over: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const iat = this.evening.walk.nowS();
    return {
      jti: randomUUID(),
      iat,
      exp: iat + 60,
      aud: 'shibuya-1',
      by: 'operator-7',
      reason: 'the member called',
      ...over,
    };
  }

  command(over: Readonly<Record<string, unknown>>): Promise<CommandResult> {
    return this.deliver(this.sign('door-command+jwt', this.claims(over)));
  }

  async deliver(text: string, over: Partial<InboundMessage> = {}): Promise<CommandResult> {
    const { answered } = await this.#ends.commands.take({ ...inbound(text), ...over });
    return answered;
  }

  /** The power is cut and comes back; the gateway's ends are new. */
  async restart(told: string): Promise<void> {
    await this.evening.powerCutUntil(told);
    await this.connect();
  }
}

/** A message of the cloud as the broker hands it on. */
export function inbound(text: string): InboundMessage {
  return { text, retained: false, responseTopic: null, correlationData: null };
}

/** Hands messages of one topic over as the line does that hears them at once. @returns what became of each, in their order */
export async function takeAll<T>(
  texts: readonly string[],
  take: (text: string) => Promise<T>,
): Promise<readonly T[]> {
  const inbox = new Inbox();
  const became: T[] = [];
  inbox.listen('topic', DELTA_BYTES_MAX, async ({ text }) => became.push(await take(text)));
  for (const text of texts) inbox.take('topic', inbound(text));
  await inbox.idle();
  return became;
}

/** A change of a reservation. */
export function change(version: number, reservation: Reservation, told: Told = {}): ReservationChange {
  const { iss, sub = 'u-1', cancelledAt = null } = told;
  return { version, ...(iss !== undefined && { iss }), sub, reservation, cancelledAt };
}

/** A use of the ticket `t-1` at another venue. */
export function use(version: number, atMs: number, over: Partial<UsageChange> = {}): UsageChange {
  return {
    version,
    stay: `elsewhere-${version}`,
    ticket: 't-1',
    venue: 'ginza-1',
    at: formatInstant(atMs),
    counts: true,
    ...over,
  };
}
