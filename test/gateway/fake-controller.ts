import type {
  ControllerEvent,
  ControllerReport,
  DoorController,
  DoorSignal,
  Lease,
  LeaseOutcome,
  Unsubscribe,
} from '../../device/ports.ts';
import type { Clock } from '../../gateway/clock/clock.ts';

/** How long a real board takes after a start of its host until it is greeted, in milliseconds. */
export const GREETED_AFTER_MS = 600;

/** A door at the port: answers leases as the test says and remembers what it was sent. */
export class FakeController implements DoorController {
  readonly door: string;
  online = true;
  /** How long it takes to answer a lease, in milliseconds; a real board some 8. Needs a clock unless it is 0. */
  answersAfterMs = 0;
  /** Shut and secured; not kept in step with what the test emits. */
  report: ControllerReport = {
    released: false,
    causes: [],
    inputs: {
      contact: false,
      bolt: true,
      'exit-button': false,
      fire: false,
      tamper: false,
      'relay-readback': false,
    },
    supplyMv: null,
    lastLeaseId: null,
    doorState: null,
    faults: null,
  };
  /** What the next leases are answered with. */
  outcome: LeaseOutcome = 'accepted';
  /** Called with each lease before it is answered. */
  onPulse: (lease: Lease) => void = () => undefined;
  readonly leases: Lease[] = [];
  readonly signals: DoorSignal[] = [];
  /** Holds and secures, in their order. */
  readonly orders: ('hold-open' | 'secure')[] = [];
  readonly #clock: Pick<Clock, 'after'> | null;
  readonly #listeners = new Set<(event: ControllerEvent) => void>();

  /** @param clock by which it takes its time; without one it answers at once */
  constructor(door: string, clock: Pick<Clock, 'after'> | null = null) {
    this.door = door;
    this.#clock = clock;
  }

  /** Its host starts anew: a board that was there is away until it is greeted. */
  greet(): void {
    if (!this.online || this.#clock === null) return;
    this.online = false;
    this.#clock.after(GREETED_AFTER_MS, () => {
      this.online = true;
      this.emit({ kind: 'online', bootNonce: 1, firmware: 'genkan', resetCause: 'power-on' });
    });
  }

  start(): void {
    // Stands there already.
  }

  pulse(lease: Lease): Promise<LeaseOutcome> {
    this.leases.push(lease);
    this.onPulse(lease);
    const { answersAfterMs, outcome } = this;
    const clock = this.#clock;
    if (clock === null || answersAfterMs === 0) return Promise.resolve(outcome);
    return new Promise((resolve) => clock.after(answersAfterMs, () => resolve(outcome)));
  }

  holdOpen(): Promise<LeaseOutcome> {
    this.orders.push('hold-open');
    return Promise.resolve(this.outcome);
  }

  secure(): Promise<LeaseOutcome> {
    this.orders.push('secure');
    return Promise.resolve(this.outcome);
  }

  testWatchdog(): Promise<LeaseOutcome> {
    return Promise.resolve(this.outcome);
  }

  signal(signal: DoorSignal): void {
    this.signals.push(signal);
  }

  onEvent(listener: (event: ControllerEvent) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: ControllerEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
