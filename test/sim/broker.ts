import type {
  Attempt,
  BrokerConnection,
  ConnectionListener,
  Ending,
  InboundMessage,
  Publication,
} from '../../gateway/uplink/broker.ts';
import type { Seeded } from '../seeded.ts';
import type { Life } from './life.ts';
import type { World } from './world.ts';

/** How long a connection may be silent before either end gives it up: one and a half keep-alives of MQTT. */
const GIVEN_UP_AFTER_MS = 45_000;

/** A subscriber in the cloud. */
export interface Subscriber {
  readonly topic: string;
  readonly deliver: (body: string) => void;
}

/**
 * A broker as brokers are: it acknowledges, and may forget what it acknowledged when it is restarted. Behind it messages
 * come late, twice, or in another order; a connection is in order, as TCP is.
 */
export class SimBroker {
  isUp = true;
  isLineUp = true;
  readonly retained = new Map<string, string>();
  /** Chances of a message on its way to the cloud. */
  readonly chances = { duplicate: 0.02, late: 0.02 };
  /** A trouble that waits for the gateway to send something to the cloud. */
  atNextMessage: (() => void) | null = null;
  readonly #world: World;
  readonly #random: Seeded;
  readonly #protocol: 4 | 5;
  readonly #subscribers: Subscriber[] = [];
  #session: Session | null = null;
  /** Counts restarts: what was under way in an earlier time of the broker is gone. */
  #boots = 0;

  /** @param protocol what it speaks at most */
  constructor(world: World, protocol: 4 | 5) {
    this.#world = world;
    this.#random = world.stream('broker');
    this.#protocol = protocol;
  }

  get boots(): number {
    return this.#boots;
  }

  /** One gateway's way to connect. */
  connect(life: Life): (attempt: Attempt, listener: ConnectionListener) => BrokerConnection {
    return (attempt, listener) => {
      const session = new Session(this, this.#world, this.#random, life, attempt, listener);
      life.port('connect');
      this.#world.after(this.#random.between(20, 200), () => {
        if (!this.isLineUp || !this.isUp) session.lose(0);
        else if (attempt.protocol > this.#protocol) session.refuse();
        else {
          // The same client id: the broker ends the old session, and sends its will.
          this.#session?.die();
          this.#session = session;
          session.open();
        }
      });
      return session;
    };
  }

  /** The process behind a connection has ended: at once, or seen by nobody until the keep-alive is over. */
  abandon(life: Life, isSilent: boolean): void {
    const session = this.#session;
    if (session?.life !== life) return;
    this.#world.after(isSilent ? GIVEN_UP_AFTER_MS : 0, () => session.die());
  }

  subscribe(subscriber: Subscriber): void {
    this.#subscribers.push(subscriber);
  }

  /** A message of the gateway has arrived. */
  accept({ topic, body, retain }: Publication): void {
    if (retain === true) this.retained.set(topic, body);
    const subscribers = this.#subscribers.filter((subscriber) => subscriber.topic === topic);
    for (const subscriber of subscribers) this.#pass(subscriber, body);
    if (subscribers.length === 0) return;
    this.atNextMessage?.();
    this.atNextMessage = null;
  }

  /** The cloud says something. It may come twice, and late. */
  publish(topic: string, body: string, retain = false): void {
    if (!this.isUp) return;
    if (retain) this.retained.set(topic, body);
    const copies = this.#random.chance(this.chances.duplicate) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1)
      this.#world.after(this.#delayMs(), () => this.#session?.receive(topic, body, false));
  }

  cutLine(forMs: number, isSilent: boolean): void {
    if (!this.isLineUp) return;
    this.isLineUp = false;
    this.#world.trace(`line cut${isSilent ? ', silently' : ''}`);
    const session = this.#session;
    session?.lose(isSilent ? GIVEN_UP_AFTER_MS : 50);
    this.#world.after(isSilent ? GIVEN_UP_AFTER_MS : 50, () => session?.die());
    this.#world.after(forMs, () => {
      this.isLineUp = true;
      this.#world.trace('line mended');
    });
  }

  /** @param forgets what it holds and what it has acknowledged but not passed on */
  restart(forMs: number, forgets: boolean): void {
    if (!this.isUp) return;
    this.isUp = false;
    this.#world.trace(`broker down${forgets ? ', forgetting' : ''}`);
    if (forgets) {
      this.#boots += 1;
      this.retained.clear();
    }
    this.#session?.lose(20);
    this.#session = null;
    this.#world.after(forMs, () => {
      this.isUp = true;
      this.#world.trace('broker up');
    });
  }

  /** Broker, line and messages are as they should be. */
  heal(): void {
    this.isUp = true;
    this.isLineUp = true;
    this.atNextMessage = null;
    this.chances.duplicate = 0;
    this.chances.late = 0;
  }

  ended(session: Session): void {
    if (this.#session === session) this.#session = null;
  }

  #pass(subscriber: Subscriber, body: string): void {
    const copies = this.#random.chance(this.chances.duplicate) ? 2 : 1;
    const boot = this.#boots;
    for (let copy = 0; copy < copies; copy += 1)
      this.#world.after(this.#delayMs(), () => {
        if (this.#boots === boot) subscriber.deliver(body);
      });
  }

  #delayMs(): number {
    return this.#random.chance(this.chances.late)
      ? this.#random.between(2_000, 120_000)
      : this.#random.between(2, 80);
  }
}

/** One connection of a gateway, with both its ends. */
class Session implements BrokerConnection {
  readonly life: Life;
  readonly #broker: SimBroker;
  readonly #world: World;
  readonly #random: Seeded;
  readonly #will: Publication;
  readonly #listener: ConnectionListener;
  readonly #waiting = new Set<(error: Error) => void>();
  readonly #topics = new Set<string>();
  /** Each way in order: nothing arrives before what was sent earlier. */
  #upMs = 0;
  #downMs = 0;
  #state: 'connecting' | 'open' | 'silent' | 'over' = 'connecting';
  #isWillDue = false;

  constructor(
    broker: SimBroker,
    world: World,
    random: Seeded,
    life: Life,
    attempt: Attempt,
    listener: ConnectionListener,
  ) {
    this.#broker = broker;
    this.#world = world;
    this.#random = random;
    this.life = life;
    this.#will = attempt.will;
    this.#listener = listener;
  }

  open(): void {
    if (this.#state !== 'connecting' || !this.life.isAlive()) return;
    this.#state = 'open';
    this.#isWillDue = true;
    this.life.port('connected');
    if (this.life.isAlive()) this.#listener.onConnected();
  }

  refuse(): void {
    this.#close('protocol-refused');
  }

  /** The gateway's end notices after a while; until then it sends into the void. */
  lose(afterMs: number): void {
    if (this.#state === 'over') return;
    this.#state = 'silent';
    this.#world.after(afterMs, () => this.#close('lost'));
  }

  /** The broker's end is over without a good-bye: it sends the will. */
  die(): void {
    if (this.#isWillDue) this.#broker.accept(this.#will);
    this.#isWillDue = false;
    this.#broker.ended(this);
    this.lose(20);
  }

  receive(topic: string, body: string, retained: boolean): void {
    if (this.#state !== 'open' || !this.#topics.has(topic)) return;
    this.#down(() => {
      const message: InboundMessage = {
        text: body,
        retained,
        responseTopic: null,
        correlationData: null,
      };
      this.life.port('message');
      if (this.life.isAlive() && this.#state === 'open') this.#listener.onMessage(topic, message);
    });
  }

  publish(message: Publication): Promise<void> {
    return this.#ask(() => this.#broker.accept(message));
  }

  async subscribe(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    await this.#ask(() => {
      for (const topic of topics) this.#topics.add(topic);
      for (const topic of topics) {
        const kept = this.#broker.retained.get(topic);
        if (kept !== undefined) this.receive(topic, kept, true);
      }
    });
    return new Map();
  }

  end(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#rejectAll();
    this.#world.after(10, () => this.die());
  }

  /** Up to the broker, and its acknowledgement back. */
  #ask(arrive: () => void): Promise<void> {
    this.life.port('publish');
    if (!this.life.isAlive()) return new Promise(() => undefined);
    if (this.#state === 'over') return Promise.reject(new Error('connection lost'));
    const asked = new Promise<void>((resolve, reject) => {
      this.#waiting.add(reject);
      this.#upMs = Math.max(this.#upMs, this.#world.nowMs + this.#random.between(2, 40));
      this.#world.after(this.#upMs - this.#world.nowMs, () => {
        if (this.#state !== 'open' || !this.#broker.isUp) return;
        arrive();
        this.#down(() => {
          this.#waiting.delete(reject);
          this.life.port('acknowledged');
          if (this.life.isAlive()) resolve();
        });
      });
    });
    this.life.port('published');
    return asked;
  }

  #down(arrive: () => void): void {
    this.#downMs = Math.max(this.#downMs, this.#world.nowMs + this.#random.between(2, 40));
    this.#world.after(this.#downMs - this.#world.nowMs, () => {
      if (this.#state === 'open' && this.life.isAlive()) arrive();
    });
  }

  #close(ending: Ending): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#broker.ended(this);
    this.#rejectAll();
    if (!this.life.isAlive()) return;
    this.life.port('closed');
    if (this.life.isAlive()) this.#listener.onClosed(ending);
  }

  #rejectAll(): void {
    if (this.life.isAlive()) for (const reject of this.#waiting) reject(new Error('connection lost'));
    this.#waiting.clear();
  }
}
