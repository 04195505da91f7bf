import type { Lease, LeaseOutcome } from '../ports.ts';
import type { HostMessageName, MessageFields, Result } from '../protocol.generated.ts';
import { LeaseExchange } from './leases.ts';

/** Hold-open lapses 3 s after the last renewal that arrived. Source: `firmware/PROTOCOL.md`. */
const HOLD_RENEWAL_MS = 1000;

/** The line to the board, as orders need it. */
export interface OrderLine {
  isOnline(): boolean;
  /** The boot that is spoken to; `null` before the greeting. */
  bootNonce(): number | null;
  /** Puts a frame on the line and returns its sequence number; 0 where there is no line. */
  send<Name extends HostMessageName>(type: Name, fields: MessageFields[Name]): number;
}

/** What is ordered of a board, one boot at a time. Every order bears the fence of its time, however late it is sent. */
export class Orders {
  readonly #line: OrderLine;
  readonly #exchange: LeaseExchange;
  /** Raised by every secure, ours or another host's. */
  #fence = 0;
  /** Runs while the lock is held open. */
  #renewal: NodeJS.Timeout | undefined;

  constructor(line: OrderLine) {
    this.#line = line;
    this.#exchange = new LeaseExchange(({ id, durationMs, fence }) =>
      this.#toBoot((bootNonce) => line.send('lease', { bootNonce, fence, leaseId: id, durationMs })),
    );
  }

  pulse(lease: Lease): Promise<LeaseOutcome> {
    return this.#online(() => this.#exchange.pulse({ ...lease, fence: this.#fence }));
  }

  holdOpen(): Promise<LeaseOutcome> {
    return this.#online(async () => {
      this.#letGo();
      const fence = this.#fence;
      const send = (): number =>
        this.#toBoot((bootNonce) => this.#line.send('hold-open', { bootNonce, fence }));
      const renewal = setInterval(() => void this.#exchange.hold(send), HOLD_RENEWAL_MS);
      this.#renewal = renewal;
      const outcome = await this.#exchange.hold(send);
      if (outcome !== 'accepted' && this.#renewal === renewal) this.#letGo();
      return outcome;
    });
  }

  /** Whatever would release the lock and was ordered before is over with it, also where the board is not reached. */
  secure(): Promise<LeaseOutcome> {
    this.#letGo();
    this.#exchange.supersede();
    this.#fence = (this.#fence + 1) >>> 0;
    const fence = this.#fence;
    return this.#online(() =>
      this.#exchange.ask(() => this.#toBoot((bootNonce) => this.#line.send('secure', { bootNonce, fence }))),
    );
  }

  testWatchdog(): Promise<LeaseOutcome> {
    return this.#online(() =>
      this.#exchange.ask(() => this.#toBoot((bootNonce) => this.#line.send('watchdog-test', { bootNonce }))),
    );
  }

  /** Takes an ack of the board. */
  acknowledged(sequence: number, result: Result): void {
    this.#exchange.acknowledged(sequence, result);
  }

  /** A host before us, or beside us, has secured oftener. In serial arithmetic, as the board compares. */
  raiseFence(fence: number): void {
    if (((fence - this.#fence) | 0) > 0) this.#fence = fence;
  }

  /** The boot has ended: what was ordered of it is not renewed, and not answered any more. */
  abandon(): void {
    this.#letGo();
    this.#exchange.abandon();
  }

  #letGo(): void {
    clearInterval(this.#renewal);
    this.#renewal = undefined;
  }

  #online(order: () => Promise<LeaseOutcome>): Promise<LeaseOutcome> {
    return this.#line.isOnline() ? order() : Promise.resolve('unreachable');
  }

  #toBoot(send: (bootNonce: number) => number): number {
    const bootNonce = this.#line.bootNonce();
    return bootNonce === null ? 0 : send(bootNonce);
  }
}
