import type {
  ControllerEvent,
  ControllerReport,
  DoorController,
  DoorSignal,
  Lease,
  LeaseOutcome,
  Unsubscribe,
} from '../../device/ports.ts';

/** A door at the port: answers leases as the test says and remembers what it was sent. */
export class FakeController implements DoorController {
  readonly door: string;
  online = true;
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
  readonly #listeners = new Set<(event: ControllerEvent) => void>();

  constructor(door: string) {
    this.door = door;
  }

  start(): void {
    // Stands there already.
  }

  pulse(lease: Lease): Promise<LeaseOutcome> {
    this.leases.push(lease);
    this.onPulse(lease);
    return Promise.resolve(this.outcome);
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
