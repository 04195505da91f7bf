import type { CommandClaims, CommandResult, DoorEffectSeen } from '../../shared/contract/command.ts';
import type { VenueConfig } from '../../shared/contract/config.ts';
import { parseInstant } from '../../shared/time.ts';
import { correctStay, type Correction } from '../access/correct.ts';
import type { DoorOrder } from '../access/mode.ts';
import type { Clock } from '../clock/clock.ts';
import type { DoorControl } from '../door/control.ts';
import { tryWrite } from '../journal/fault.ts';
import type { StoredDecision } from '../journal/decisions.ts';
import type { Journal, JournalWriter } from '../journal/journal.ts';
import type { CloudLine } from '../uplink/cloud-line.ts';
import { reservationsOf } from '../journal/venue-state.ts';

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A command whose origin was verified: signed by the cloud, or given by an operator who is signed in. */
export type Order = Without<CommandClaims, 'iat' | 'exp' | 'aud'>;
type DoorCommand = Extract<Order, { door: string }>;

/** Who gave it: a key of the cloud, a session of the console, or an account on the local bus. */
export type OrderedVia = 'cloud' | 'console' | 'local-bus';

/** A command as far as its commit: the answer, or what is still to be seen at the door. */
type Begun =
  | CommandResult
  | { readonly effect: () => Promise<DoorEffectSeen>; readonly doneIf: readonly DoorEffectSeen[] };

export interface ExecutorOptions {
  readonly venue: VenueConfig;
  readonly journal: Journal;
  readonly clock: Clock;
  /** Carries out `sync` and `replay`, which are refused while it is not up. */
  readonly line: Pick<CloudLine, 'isOnline' | 'sync' | 'replay'>;
  /** `null` where there are no doors to command: nothing that moves a lock is taken then. */
  readonly control: DoorControl | null;
}

/**
 * Carries commands out, wherever they come from. What a command changes is committed together with its number; the lock
 * moves after that, and the answer tells what the door's sensors saw, not that something was sent.
 */
export class CommandExecutor {
  readonly #options: ExecutorOptions;
  readonly #running = new Set<Promise<unknown>>();

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /**
   * Carries one command out. All of it that is committed is committed before this returns its promise.
   *
   * @param refusalOf called in the transaction: a reason to refuse, or `null`
   * @throws StorageFault (at once) when it cannot be committed: nothing was done then
   */
  execute(
    order: Order,
    via: OrderedVia,
    refusalOf: (writer: JournalWriter) => string | null = () => null,
  ): Promise<CommandResult> {
    const begun = this.#options.journal.write((writer): Begun => {
      const refusal = refusalOf(writer);
      const started = refusal === null ? this.#begin(writer, order) : refused(order.jti, refusal);
      if ('outcome' in started) this.#tell(writer, order, via, started);
      return started;
    });
    if ('outcome' in begun) {
      if (begun.outcome === 'executed') this.#tellLine(order);
      return Promise.resolve(begun);
    }
    const running = begun.effect().then((effect) => this.#conclude(order, via, effect, begun.doneIf));
    this.#running.add(running);
    const done = () => this.#running.delete(running);
    running.then(done, done);
    return running;
  }

  /** Resolves when nothing is being carried out. To be waited for before the journal is closed. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  #begin(writer: JournalWriter, order: Order): Begun {
    switch (order.cmd) {
      case 'check-out':
      case 'correct-stay':
        return this.#correct(writer, order);
      case 'unlock':
      case 'hold-open':
      case 'secure':
      case 'lockdown':
      case 'resume':
        return this.#atDoor(writer, order);
      case 'sync':
        return this.#refusalOfLine(order) ?? { command: order.jti, outcome: 'executed', detail: 'asked' };
      case 'replay':
        return this.#refusalOfLine(order) ?? this.#replay(writer, order);
    }
  }

  #refusalOfLine({ jti }: Order): CommandResult | null {
    return this.#options.line.isOnline ? null : refused(jti, 'there is no line to the cloud');
  }

  /** What is no longer in the journal cannot be sent again, and the cloud is told which numbers those are. */
  #replay(writer: JournalWriter, { jti, fromSeq }: Extract<Order, { cmd: 'replay' }>): CommandResult {
    const { journal, clock, venue } = this.#options;
    const first = journal.eventsAfter(fromSeq - 1, 1)[0]?.seq;
    if (first === undefined) return refused(jti, `fromSeq: the newest event is ${journal.lastSeq}`);
    if (first > fromSeq) {
      const data = { from: fromSeq, to: first - 1 };
      writer.append({ name: 'gateway.gap', subject: venue.id, data }, clock.wallMs(), clock.trust());
    }
    return { command: jti, outcome: 'executed', detail: `from ${first}` };
  }

  /** After the commit: what is sent again begins with what was just written. */
  #tellLine(order: Order): void {
    if (order.cmd === 'sync') this.#options.line.sync();
    if (order.cmd === 'replay') this.#options.line.replay(order.fromSeq);
  }

  #atDoor(writer: JournalWriter, order: DoorCommand): Begun {
    const { control, clock } = this.#options;
    const { door, by, reason, jti } = order;
    if (control?.has(door) !== true) return refused(jti, 'no such door');
    if (order.cmd === 'unlock') {
      const grant: StoredDecision = control.commitUnlock(writer, { door, by, jti });
      return { effect: () => control.release(grant), doneIf: ['opened', 'released', 'released-open'] };
    }
    const untilMs = order.cmd === 'hold-open' && order.until !== undefined ? parseInstant(order.until) : null;
    if (untilMs !== null && untilMs <= clock.wallMs()) return refused(jti, 'until: is over already');
    const wanted: DoorOrder | null = order.cmd === 'resume' ? null : order.cmd;
    const standing = wanted && { door, order: wanted, by, reason, sinceMs: clock.wallMs(), untilMs };
    control.commitOrder(writer, door, standing);
    // A mode is in force from its commit on, whatever the lock does: it is carried out as soon as the board can.
    const doneIf = ['released', 'not-released', 'secured', 'secured-open', 'not-secured'] as const;
    return { effect: () => control.obey(door, standing), doneIf };
  }

  #conclude(
    order: Order,
    via: OrderedVia,
    effect: DoorEffectSeen,
    doneIf: readonly DoorEffectSeen[],
  ): CommandResult {
    const outcome = doneIf.includes(effect) ? 'executed' : 'refused';
    const result: CommandResult = { command: order.jti, outcome, detail: effect, effect };
    // Where it is not kept, the door did it all the same, and whoever asked shall hear so.
    tryWrite(
      () => this.#options.journal.write((writer) => this.#tell(writer, order, via, result)),
      () => undefined,
    );
    return result;
  }

  #correct(writer: JournalWriter, command: Extract<Order, { stay: string }>): CommandResult {
    const { venue, journal, clock, line } = this.#options;
    const stay = journal.stays.get(command.stay);
    if (stay === null) return refused(command.jti, 'no such stay');
    const nowMs = clock.wallMs();
    const reservations = reservationsOf(journal, venue, stay, nowMs);
    const context = { venue, nowMs, online: line.isOnline, clock: clock.trust(), reservations };
    const corrected = correctStay(stay, command satisfies Correction, context);
    if (corrected.outcome === 'refused') return refused(command.jti, corrected.detail);
    const { billed } = corrected;
    writer.stays.put(billed.stay);
    for (const event of billed.events) writer.append(event, context.nowMs, context.clock);
    return {
      command: command.jti,
      outcome: 'executed',
      detail: billed.stay.state,
      ...(billed.yen !== null && { yen: billed.yen }),
    };
  }

  #tell(writer: JournalWriter, order: Order, via: OrderedVia, { outcome, detail }: CommandResult): void {
    const { clock, venue } = this.#options;
    const { jti: command, cmd, by, reason } = order;
    const target = 'door' in order ? order.door : 'stay' in order ? order.stay : null;
    writer.append(
      outcome === 'executed'
        ? {
            name: 'command.executed',
            subject: venue.id,
            data: { command, cmd, via, by, reason, target, effect: detail },
          }
        : { name: 'command.refused', subject: venue.id, data: { command, cmd, via, by, detail } },
      clock.wallMs(),
      clock.trust(),
    );
  }
}

/** A command that was not carried out, and why. */
export function refused(command: string | null, detail: string): CommandResult {
  return { command, outcome: 'refused', detail };
}
