import type { Clock } from '../../gateway/clock/clock.ts';
import type { ClockTrust } from '../../shared/contract/events.ts';
import type { World } from './world.ts';

/**
 * One life of the gateway, from its start to its crash. A crash may come at any call of a port. What the code still does
 * in that turn has no effect on the world, as if the processor had stopped there.
 */
export class Life {
  /** When it ended, true time; `null` while it lasts. */
  endedMs: number | null = null;
  readonly #onPort: (port: string) => void;

  constructor(onPort: (port: string) => void) {
    this.#onPort = onPort;
  }

  isAlive(): boolean {
    return this.endedMs === null;
  }

  /** To be called at every port, before and after its effect: the gateway may end here. */
  port(name: string): void {
    if (this.isAlive()) this.#onPort(name);
  }
}

/** The host's clock as it stands: it outlives the gateway. */
export interface HostTime {
  /** How far the wall clock is ahead of true time, in milliseconds. */
  offsetMs: number;
  trust: ClockTrust;
}

/** The clock of one life. */
export class SimClock implements Clock {
  readonly #world: World;
  readonly #host: HostTime;
  readonly #life: Life;
  readonly #bootMs: number;

  constructor(world: World, host: HostTime, life: Life) {
    this.#world = world;
    this.#host = host;
    this.#life = life;
    this.#bootMs = world.nowMs;
  }

  wallMs(): number {
    this.#life.port('clock');
    return this.#world.nowMs + this.#host.offsetMs;
  }

  monotonicMs(): number {
    this.#life.port('clock');
    return this.#world.nowMs - this.#bootMs + 1_000;
  }

  trust(): ClockTrust {
    return this.#host.trust;
  }

  errorBoundMs(): number {
    return 0;
  }

  witness(): void {
    // The host is believed or not, as the simulation says.
  }

  onChange(): () => void {
    return () => undefined;
  }

  watch(): () => void {
    return () => undefined;
  }

  after(delayMs: number, task: () => void): () => void {
    if (!this.#life.isAlive()) return () => undefined;
    return this.#world.after(delayMs, () => {
      if (this.#life.isAlive()) task();
    });
  }
}
