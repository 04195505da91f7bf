import type { Logger } from 'pino';
import {
  COMMAND_LIFETIME_S_MAX,
  commandClaimsSchema,
  commandHeaderSchema,
  OPENING_COMMAND_LIFETIME_S_MAX,
  OPENING_COMMANDS,
  type CommandClaims,
  type CommandResult,
} from '../../shared/contract/command.ts';
import type { VenueConfig } from '../../shared/contract/config.ts';
import { PRESENTATION_BYTES_MAX } from '../../shared/contract/presentation.ts';
import { venueTopics } from '../../shared/contract/topics.ts';
import { SECOND_MS } from '../../shared/time.ts';
import type { Clock } from '../clock/clock.ts';
import { refused, type CommandExecutor } from './executor.ts';
import type { KeyRing } from '../tokens/key-ring.ts';
import { readSigned } from '../tokens/signed.ts';
import { faultTold, tryWrite } from '../journal/fault.ts';
import type { Journal } from '../journal/journal.ts';
import type { InboundMessage } from '../uplink/broker.ts';
import type { CloudLine } from '../uplink/cloud-line.ts';

/** How far ahead of our clock a command may have been issued, in seconds. */
const AHEAD_S_MAX = 5;

/** Refusals of what nobody of ours signed are journalled at most so often: whoever floods the topic must not fill the disk. */
const FORGED_EVERY_MS = 60_000;

export interface CommandsOptions {
  readonly venue: VenueConfig;
  readonly journal: Journal;
  readonly cloudKeys: KeyRing;
  readonly clock: Clock;
  readonly executor: CommandExecutor;
  /** The line that commands come by. */
  readonly line: Pick<CloudLine, 'connectedForMs'>;
  readonly answer: (topic: string, body: string, correlationData: Buffer | null) => void;
  readonly log: Logger;
}

/** A command that has begun. */
export interface Taken {
  /** What became of it; it was said to whoever asked. */
  readonly answered: Promise<CommandResult>;
}

/**
 * Takes signed commands of the cloud: each is carried out once, however often it arrives and whatever happened in
 * between. What the broker allows is no authority; the signature is.
 */
export class Commands {
  readonly #options: CommandsOptions;
  #forgedAtMs = -Infinity;
  readonly #answering = new Set<Promise<CommandResult>>();

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  /**
   * Takes a command as it came. Resolves when it is committed, so that the next may begin: nobody waits for the door of
   * the one before. Its answer is a promise of its own.
   */
  async take(message: InboundMessage): Promise<Taken> {
    const { cloudKeys, clock, log } = this.#options;
    const command = await readSigned(
      message.text,
      commandHeaderSchema,
      commandClaimsSchema,
      cloudKeys,
      PRESENTATION_BYTES_MAX,
    );
    if (command !== null) clock.witness(command.iat * SECOND_MS);
    const result = tryWrite(
      () => (command === null ? Promise.resolve(this.#forged()) : this.#execute(command, message.retained)),
      (fault) => {
        faultTold(log, 'a command is not carried out')(fault);
        return Promise.resolve(refused(command?.jti ?? null, 'storage-degraded'));
      },
    );
    const answered = result.then((known) => this.#answer(message, known, command !== null));
    this.#answering.add(answered);
    const done = () => this.#answering.delete(answered);
    answered.then(done, done);
    return { answered };
  }

  /** Resolves when everything that was taken is answered: the journal may be closed then. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#answering);
  }

  #answer(message: InboundMessage, result: CommandResult, isSigned: boolean): CommandResult {
    const { log, answer } = this.#options;
    log.info({ command: result.command, outcome: result.outcome, detail: result.detail }, 'command');
    // Whoever cannot sign learns nothing, and makes the gateway write nowhere.
    if (isSigned) answer(this.#answerTopic(message), JSON.stringify(result), message.correlationData);
    return result;
  }

  #forged(): CommandResult {
    const { clock, journal, venue } = this.#options;
    const detail = 'not signed by a key of the cloud';
    if (clock.monotonicMs() - this.#forgedAtMs >= FORGED_EVERY_MS) {
      this.#forgedAtMs = clock.monotonicMs();
      const data = { command: null, cmd: null, via: 'cloud', by: null, detail } as const;
      journal.write((writer) => {
        writer.append({ name: 'command.refused', subject: venue.id, data }, clock.wallMs(), clock.trust());
      });
    }
    return refused(null, detail);
  }

  #execute({ aud, iat, exp, ...order }: CommandClaims, retained: boolean): Promise<CommandResult> {
    return this.#options.executor.execute(order, 'cloud', (writer) => {
      // One that is refused for its age or its audience is refused again; it needs no memory.
      const refusal = this.#refusalOf({ aud, iat, exp, cmd: order.cmd }, retained);
      if (refusal !== null) return refusal;
      return writer.usedCommands.use(order.jti, exp * SECOND_MS) ? null : 'used before';
    });
  }

  #refusalOf(
    { aud, iat, exp, cmd }: Pick<CommandClaims, 'aud' | 'iat' | 'exp' | 'cmd'>,
    retained: boolean,
  ): string | null {
    const { venue, clock } = this.#options;
    const nowS = clock.wallMs() / SECOND_MS;
    const toleranceS = clock.errorBoundMs() / SECOND_MS;
    const lifetimeS = OPENING_COMMANDS.has(cmd) ? OPENING_COMMAND_LIFETIME_S_MAX : COMMAND_LIFETIME_S_MAX;
    const connectedS = this.#options.line.connectedForMs / SECOND_MS;
    if (retained) return 'retained: nobody knows how old it is';
    // A broker that has kept it for us does not say so. Whole seconds are signed.
    if (OPENING_COMMANDS.has(cmd) && iat < nowS - connectedS - toleranceS - 1)
      return 'older than the connection: send it again';
    if (aud !== venue.id) return 'for another venue';
    if (exp <= iat || exp - iat > lifetimeS) return 'lives too long';
    if (OPENING_COMMANDS.has(cmd) && clock.trust() === 'untrusted')
      return 'clock untrusted: nobody can say how old it is';
    if (nowS >= exp + toleranceS) return 'expired';
    if (iat > nowS + AHEAD_S_MAX + toleranceS) return 'issued in the future';
    return null;
  }

  /** The response topic is not signed, so it may name nothing but a place below `command-results` of this venue. */
  #answerTopic({ responseTopic }: InboundMessage): string {
    const { commandResults } = venueTopics(this.#options.venue.id);
    const isOurs = responseTopic?.startsWith(`${commandResults}/`) === true && !/[#+]/.test(responseTopic);
    return isOurs ? responseTopic : commandResults;
  }
}
