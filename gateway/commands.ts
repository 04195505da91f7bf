import type { Logger } from 'pino';
import {
  commandClaimsSchema,
  commandHeaderSchema,
  type CommandClaims,
  type CommandResult,
} from '../shared/contract/command.ts';
import type { VenueConfig } from '../shared/contract/config.ts';
import { PRESENTATION_BYTES_MAX } from '../shared/contract/presentation.ts';
import { venueTopics } from '../shared/contract/topics.ts';
import { SECOND_MS } from '../shared/time.ts';
import { correctStay, type Correction } from './access/correct.ts';
import type { Clock } from './clock/clock.ts';
import type { KeyRing } from './credential/key-ring.ts';
import { readSigned } from './credential/signed.ts';
import { StorageFault, type Journal, type JournalWriter } from './journal/journal.ts';
import type { InboundMessage } from './uplink/broker.ts';
import { reservationsOf } from './venue-state.ts';

/** How far ahead of our clock a command may have been issued, in seconds. */
const AHEAD_S_MAX = 5;

/** Longest life of a command that opens nothing, in seconds: a day's corrections may wait in a queue. */
const LIFETIME_S_MAX = 24 * 3600;

/** Refusals of what nobody of ours signed are journalled at most so often: whoever floods the topic must not fill the disk. */
const FORGED_EVERY_MS = 60_000;

export interface CommandsOptions {
  readonly venue: VenueConfig;
  readonly journal: Journal;
  readonly cloudKeys: KeyRing;
  readonly clock: Clock;
  readonly isOnline: () => boolean;
  readonly answer: (topic: string, body: string, correlationData: Buffer | null) => void;
  readonly log: Logger;
}

/**
 * Carries out signed commands: each once, however often it arrives and whatever happened in between. What the broker
 * allows is no authority; the signature is. Corrections of stays are carried out here; what moves a lock is not taken.
 */
export class Commands {
  readonly #options: CommandsOptions;
  #forgedAtMs = -Infinity;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  /** Takes a command as it came, and answers it. */
  take(message: InboundMessage): Promise<CommandResult> {
    const taken = this.#queue.then(() => this.#take(message));
    this.#queue = taken;
    return taken;
  }

  /** Resolves when what was taken is done with: the journal may be closed then. */
  async close(): Promise<void> {
    await this.#queue;
  }

  async #take(message: InboundMessage): Promise<CommandResult> {
    const { cloudKeys, log, answer } = this.#options;
    const command = await readSigned(
      message.text,
      commandHeaderSchema,
      commandClaimsSchema,
      cloudKeys,
      PRESENTATION_BYTES_MAX,
    );
    let result: CommandResult;
    try {
      result = command === null ? this.#forged() : this.#decide(command, message.retained);
    } catch (fault) {
      if (!(fault instanceof StorageFault)) throw fault;
      log.error({ code: fault.code, hint: fault.hint }, 'storage fault: a command is not carried out');
      result = refused(command?.jti ?? null, 'storage-degraded');
    }
    log.info({ command: result.command, outcome: result.outcome, detail: result.detail }, 'command');
    // Whoever cannot sign learns nothing, and makes the gateway write nowhere.
    if (command !== null) answer(this.#answerTopic(message), JSON.stringify(result), message.correlationData);
    return result;
  }

  #forged(): CommandResult {
    const { clock } = this.#options;
    const result = refused(null, 'not signed by a key of the cloud');
    if (clock.monotonicMs() - this.#forgedAtMs >= FORGED_EVERY_MS) {
      this.#forgedAtMs = clock.monotonicMs();
      this.#options.journal.write((writer) => this.#tell(writer, result));
    }
    return result;
  }

  #decide(command: CommandClaims, retained: boolean): CommandResult {
    const { journal } = this.#options;
    const { jti, exp } = command;
    return journal.write((writer) => {
      const refusal = this.#refusalOf(command, retained);
      // One that is refused for its age or its audience is refused again; it needs no memory.
      const isNew = refusal !== null || writer.useCommand(jti, exp * SECOND_MS);
      const result = refusal ?? (isNew ? this.#execute(writer, command) : refused(jti, 'used before'));
      this.#tell(writer, result);
      return result;
    });
  }

  #refusalOf({ jti, aud, iat, exp }: CommandClaims, retained: boolean): CommandResult | null {
    const { venue, clock } = this.#options;
    const nowS = clock.wallMs() / SECOND_MS;
    const toleranceS = clock.errorBoundMs() / SECOND_MS;
    if (retained) return refused(jti, 'retained: nobody knows how old it is');
    if (aud !== venue.id) return refused(jti, 'for another venue');
    if (exp <= iat || exp - iat > LIFETIME_S_MAX) return refused(jti, 'lives too long');
    if (nowS >= exp + toleranceS) return refused(jti, 'expired');
    if (iat > nowS + AHEAD_S_MAX + toleranceS) return refused(jti, 'issued in the future');
    return null;
  }

  #execute(writer: JournalWriter, command: CommandClaims): CommandResult {
    switch (command.cmd) {
      case 'check-out':
      case 'correct-stay':
        return this.#correct(writer, command);
      case 'unlock':
      case 'hold-open':
      case 'secure':
      case 'lockdown':
      case 'resume':
      case 'sync':
      case 'replay':
        return refused(command.jti, `not implemented: ${command.cmd}`);
    }
  }

  #correct(writer: JournalWriter, command: Correction): CommandResult {
    const { venue, journal, clock, isOnline } = this.#options;
    const stay = journal.stays.get(command.stay);
    if (stay === null) return refused(command.jti, 'no such stay');
    const nowMs = clock.wallMs();
    const reservations = reservationsOf(journal, venue, stay.sub, nowMs);
    const context = { venue, nowMs, online: isOnline(), clock: clock.trust(), reservations };
    const corrected = correctStay(stay, command, context);
    if (corrected.outcome === 'refused') return refused(command.jti, corrected.detail);
    const { billed } = corrected;
    writer.putStay(billed.stay);
    for (const event of billed.events) writer.append(event, context.nowMs, context.clock);
    return {
      command: command.jti,
      outcome: 'executed',
      detail: billed.stay.state,
      ...(billed.yen !== null && { yen: billed.yen }),
    };
  }

  #tell(writer: JournalWriter, { command, outcome, detail }: CommandResult): void {
    const { clock, venue } = this.#options;
    writer.append(
      outcome === 'executed' && command !== null
        ? { name: 'command.executed', subject: venue.id, data: { command, effect: detail } }
        : { name: 'command.refused', subject: venue.id, data: { command, detail } },
      clock.wallMs(),
      clock.trust(),
    );
  }

  /** The response topic is not signed, so it may name nothing that the gateway or the cloud says at this venue. */
  #answerTopic({ responseTopic }: InboundMessage): string {
    const { commandResults, events } = venueTopics(this.#options.venue.id);
    const root = events.slice(0, -'events'.length);
    const isOurs = responseTopic === null || responseTopic.startsWith(root) || /[#+]/.test(responseTopic);
    return isOurs ? commandResults : responseTopic;
  }
}

function refused(command: string | null, detail: string): CommandResult {
  return { command, outcome: 'refused', detail };
}
