import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Unsubscribe } from '../../device/ports.ts';
import type { DoorEffectSeen } from '../../shared/contract/command.ts';
import { isOpenAt } from '../../shared/hours.ts';
import { operatorSub } from '../access/grant.ts';
import { MODE_MEANING, modeInForce, type ModeInForce, type StandingOrder } from '../access/mode.ts';
import { accessGranted, plainGrant } from '../access/record.ts';
import type { Clock } from '../clock/clock.ts';
import type { Door, Doors } from './doors.ts';
import type { Grants } from './leases.ts';
import type { StandingOrders } from './standing-orders.ts';
import type { StoredDecision } from '../journal/decisions.ts';
import type { Journal, JournalWriter } from '../journal/journal.ts';

/** How often modes are looked at without an event, in milliseconds: schedules and orders end by themselves. */
const LOOK_EVERY_MS = 1_000;

/** How long an operator's unlock is offered to the controller, in milliseconds. Whoever waits longer asks again. */
const UNLOCK_WITHIN_MS = 3_000;

/** How long a lock may take to do what it is told before the answer is that it did not, in milliseconds. */
const SEEN_WITHIN_MS = 2_000;

/** How long after an operator's pulse an opening still belongs to it, in milliseconds. */
const OPENING_MARGIN_MS = 1_000;

export interface DoorControlOptions {
  readonly doors: ReadonlyMap<string, Door>;
  readonly journal: Journal;
  readonly grants: Grants;
  readonly orders: StandingOrders;
  readonly clock: Clock;
  readonly timeZone: string;
  /** Who is told of a mode that has changed. */
  readonly watch: Pick<Doors, 'setMode'>;
  readonly log: Logger;
}

/** What is asked of an unlock. */
export interface Unlock {
  readonly door: string;
  readonly by: string;
  /** The command's own number. */
  readonly jti: string;
}

/**
 * The operator's hand on the locks: the mode of each door, carried out as long as it is in force, and the single unlock.
 * Every lock that moves here moves by a committed grant, or by a mode that is on disk.
 */
export class DoorControl {
  readonly #options: DoorControlOptions;
  readonly #modes = new Map<string, ModeInForce>();
  readonly #waiting = new Set<() => void>();
  readonly #unsubscribe: Unsubscribe[] = [];
  #cancel: (() => void) | null = null;

  constructor(options: DoorControlOptions) {
    this.#options = options;
    for (const door of options.doors.keys()) this.#modes.set(door, this.#modeNow(door));
  }

  /** To be called when the doors are watched: their modes are told, and carried out from now on. */
  start(): void {
    for (const [id, { controller }] of this.#options.doors) {
      this.#options.watch.setMode(id, this.mode(id));
      this.#unsubscribe.push(controller.onEvent(() => this.#look(id)));
    }
    this.#tick();
  }

  close(): void {
    this.#cancel?.();
    for (const stop of this.#unsubscribe) stop();
    for (const settle of [...this.#waiting]) settle();
  }

  has(door: string): boolean {
    return this.#options.doors.has(door);
  }

  mode(door: string): ModeInForce {
    return this.#modes.get(door) ?? { mode: 'normal', source: 'default' };
  }

  /** The operator's order that stands at a door, or `null`. */
  order(door: string): StandingOrder | null {
    const order = this.#options.orders.of(door);
    const untilMs = order?.untilMs ?? null;
    const isOver = untilMs !== null && untilMs <= this.#options.clock.wallMs();
    return isOver ? null : order;
  }

  /** Writes an order, or with `null` that none stands. In force once it is committed and `obey` was called. */
  commitOrder({ doorOrders }: JournalWriter, door: string, order: StandingOrder | null): void {
    if (order === null) doorOrders.remove(door);
    else doorOrders.put(order);
  }

  /** Carries a committed order out, and resolves with what the sensors saw of it. */
  async obey(door: string, order: StandingOrder | null): Promise<DoorEffectSeen> {
    this.#options.orders.set(door, order);
    const before = this.mode(door);
    this.#tick();
    const { keepsReleased } = MODE_MEANING[this.mode(door).mode];
    // Also where the mode was the same: an operator who secures a door wants the pulse of a moment ago ended.
    if (!keepsReleased && MODE_MEANING[before.mode].keepsReleased === keepsReleased) this.#secure(door);
    const isSeen = await this.#seen(door, () => this.#isReleased(door) === keepsReleased, SEEN_WITHIN_MS);
    if (keepsReleased) return isSeen ? 'released' : 'not-released';
    if (!isSeen) return 'not-secured';
    // A lock that is secured holds nothing while the leaf stands open.
    return this.#isOpen(door) ? 'secured-open' : 'secured';
  }

  /** Records an unlock as a grant of its own. To be handed to `release` once it is committed. */
  commitUnlock(writer: JournalWriter, { door, by, jti }: Unlock): StoredDecision {
    const { clock, doors } = this.#options;
    const atMs = clock.wallMs();
    const id = writer.decisions.nextId();
    const sub = operatorSub(by);
    const answer = plainGrant('admit');
    const row = {
      id,
      atMs,
      door,
      side: 'entry',
      iss: null,
      sub,
      answer,
      stay: null,
      state: 'pending',
    } as const;
    writer.decisions.insert(row);
    const presentation = createHash('sha256').update(jti).digest('hex');
    const leaseMs = doors.get(door)?.config.pulseMs ?? 0;
    const about = { door, side: 'entry', iss: null, sub, via: 'operator', presentation } as const;
    writer.append(
      accessGranted({ ...about, grant: id, kind: 'admit', stay: null, leaseMs }),
      atMs,
      clock.trust(),
    );
    return { ...row, leases: 1 };
  }

  /** Releases the lock for a committed unlock, and resolves with what the sensors saw of it. */
  async release(grant: StoredDecision): Promise<DoorEffectSeen> {
    const { grants, doors } = this.#options;
    const door = doors.get(grant.door);
    const wasOpen = this.#isOpen(grant.door);
    grants.offer(grant, UNLOCK_WITHIN_MS);
    const isReleased = () => this.#isReleased(grant.door) === true;
    if (!(await this.#seen(grant.door, isReleased, UNLOCK_WITHIN_MS))) return 'not-released';
    // Nobody can open what stands open: there is nothing to wait for.
    if (wasOpen) return 'released-open';
    const opening = () => this.#isOpen(grant.door);
    const withinMs = (door?.config.pulseMs ?? 0) + OPENING_MARGIN_MS;
    return (await this.#seen(grant.door, opening, withinMs)) ? 'opened' : 'released';
  }

  /** Whether the leaf is seen to stand open. */
  #isOpen(door: string): boolean {
    return this.#options.doors.get(door)?.controller.report.inputs?.contact === true;
  }

  /** Whether relay output and its read-back agree that the lock is released; `null` while they do not, or nobody knows. */
  #isReleased(door: string): boolean | null {
    const report = this.#options.doors.get(door)?.controller.report;
    const released = report?.released ?? null;
    return released === null || report?.inputs?.['relay-readback'] !== released ? null : released;
  }

  /** Whether a condition comes to hold within a while; looked at whenever the controller says something. */
  #seen(door: string, holds: () => boolean, withinMs: number): Promise<boolean> {
    const { clock, doors } = this.#options;
    return new Promise((resolve) => {
      const settle = () => {
        stop?.();
        cancel();
        this.#waiting.delete(settle);
        resolve(holds());
      };
      const look = () => {
        if (holds()) settle();
      };
      const stop = doors.get(door)?.controller.onEvent(look);
      const cancel = clock.after(withinMs, settle);
      this.#waiting.add(settle);
      look();
    });
  }

  #modeNow(door: string): ModeInForce {
    const { clock, doors, timeZone } = this.#options;
    const equipment = doors.get(door);
    const nowMs = clock.wallMs();
    const hours = equipment?.config.openHours ?? null;
    // A door must not stand open by a clock that nobody vouches for.
    const openHours = hours !== null && clock.trust() !== 'untrusted' && isOpenAt(hours, timeZone, nowMs);
    const fire = equipment?.controller.report.inputs?.fire === true;
    return modeInForce({ fire, order: this.order(door), openHours }, nowMs);
  }

  /** Where neither hours nor an order nor a mode runs out, only the controllers' events can change anything. */
  #tick(): void {
    const { doors, orders, clock } = this.#options;
    this.#cancel?.();
    this.#cancel = null;
    for (const door of doors.keys()) this.#look(door);
    const isTimed = [...doors].some(
      ([door, { config }]) =>
        config.openHours !== null || orders.of(door) !== null || this.mode(door).source !== 'default',
    );
    if (isTimed) this.#cancel = clock.after(LOOK_EVERY_MS, () => this.#tick());
  }

  /** Brings the mode up to date, and the lock with it. */
  #look(door: string): void {
    const { watch, log } = this.#options;
    const before = this.mode(door);
    const now = this.#modeNow(door);
    if (now.mode !== before.mode || now.source !== before.source) {
      this.#modes.set(door, now);
      watch.setMode(door, now);
      log.info({ door, ...now }, 'mode');
      if (MODE_MEANING[before.mode].keepsReleased && !MODE_MEANING[now.mode].keepsReleased)
        this.#secure(door);
    }
    if (MODE_MEANING[now.mode].keepsReleased) this.#hold(door);
  }

  /** Holds the lock released unless it is: a board that was lost is held again when it is back. */
  #hold(door: string): void {
    const controller = this.#options.doors.get(door)?.controller;
    if (controller?.online !== true || controller.report.causes?.includes('hold-open') !== false) return;
    void controller.holdOpen();
  }

  #secure(door: string): void {
    this.#options.grants.withdraw(door);
    void this.#options.doors.get(door)?.controller.secure();
  }
}
