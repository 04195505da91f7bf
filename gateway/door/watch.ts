import { OPENING } from '../../device/ports.ts';
import type { ControllerEvent, ControllerReport, DoorInput, ReleaseCause } from '../../device/ports.ts';
import type { DoorConfig } from '../../shared/contract/config.ts';
import type { DomainEvent } from '../../shared/contract/events.ts';
import type { DoorAlarm, DoorState } from '../../shared/contract/state.ts';
import type { ModeInForce } from '../access/mode.ts';
import type { Clock } from '../clock/clock.ts';
import {
  FORCED_AFTER_MS,
  LOCK_TABLE,
  PHASES,
  lockContradiction,
  stepDoor,
  type DoorEffect,
  type DoorEvent,
  type DoorPhase,
  type LockAgreement,
  type LockEvent,
} from './state.ts';

/** What is told of a door in its state, beside who and when. */
export type DoorView = Pick<DoorState, 'mode' | 'modeSource' | 'lock' | 'leaf' | 'alarms'>;

export interface DoorWatchOptions {
  readonly config: DoorConfig;
  readonly clock: Pick<Clock, 'monotonicMs' | 'after'>;
  /** The controller's report as it is now; read when it comes online. */
  readonly report: () => ControllerReport;
  /** The newest grant that waits for the leaf to open, if there is any. */
  readonly awaitedGrant: () => number | null;
  /** What time alone brought: a forced or held-open door, a lock fault. */
  readonly onTime: (events: readonly DomainEvent[]) => void;
}

interface Known {
  readonly released: boolean;
  readonly causes: readonly ReleaseCause[];
  readonly inputs: Readonly<Record<DoorInput, boolean>>;
}

/** One door, watched: turns the controller's words into the events of the contract, by the tables of `state.ts`. */
export class DoorWatch {
  /** What is wanted of the door. Known also while nothing else is. */
  mode: ModeInForce = { mode: 'normal', source: 'default' };
  readonly #options: DoorWatchOptions;
  readonly #door: string;
  #known: Known | null = null;
  #phase: DoorPhase = 'unknown';
  #agreement: LockAgreement = 'unknown';
  #cancelPhase: (() => void) | null = null;
  #cancelLock: (() => void) | null = null;
  /** The end of the last release by the controller's clock, and what had released. */
  #lastRelease: { readonly atMs: number; readonly cause: ReleaseCause | null } | null = null;
  /** The opening by the controller's clock; `null` when it was found open. */
  #openedAtMs: number | null = null;
  #openedMonotonicMs = 0;
  #excused = false;
  /** Alarm inputs as last told, so that a change in an hour of silence is told when the controller is back. */
  readonly #told: Record<'fire' | 'tamper', boolean> = { fire: false, tamper: false };

  constructor(options: DoorWatchOptions) {
    this.#options = options;
    this.#door = options.config.id;
  }

  /** What is known now. After `lost`, and before the first report, all but the mode is `null`. */
  view(): DoorView {
    const known = this.#known;
    const wanted = { mode: this.mode.mode, modeSource: this.mode.source };
    if (known === null) return { ...wanted, lock: null, leaf: null, alarms: null };
    const { inputs, released } = known;
    return {
      ...wanted,
      // A lock that contradicts its output is neither: jammed must not be shown as locked.
      lock: this.#agreement === 'fault' ? null : released ? 'released' : 'secured',
      leaf: inputs.contact ? 'open' : 'closed',
      alarms: this.alarms(),
    };
  }

  /** What is wrong at the door; `null` while nothing is known of it. */
  alarms(): DoorAlarm[] | null {
    if (this.#known === null) return null;
    const { tamper, fire } = this.#known.inputs;
    const alarms: DoorAlarm[] = [];
    const { alarm } = PHASES[this.#phase];
    if (alarm !== null) alarms.push(alarm);
    if (this.#agreement === 'fault') alarms.push('lock-fault');
    if (tamper) alarms.push('tamper');
    if (fire) alarms.push('fire');
    return alarms;
  }

  /** Takes a word of the controller and returns what it means, in order. */
  take(event: ControllerEvent): readonly DomainEvent[] {
    switch (event.kind) {
      case 'online':
        return this.find();
      case 'offline':
      case 'reset':
        return this.#lose();
      case 'lock':
        return this.#lockMoved(event);
      case 'input':
        return this.#inputChanged(event);
    }
  }

  /** Knowledge begins, with the controller's report: it has come online, or was so before anybody watched. */
  find(): readonly DomainEvent[] {
    const { released, causes, inputs } = this.#options.report();
    if (released === null || causes === null || inputs === null) return [];
    this.#known = { released, causes, inputs };
    this.#openedMonotonicMs = this.#options.clock.monotonicMs();
    return [
      ...this.#alarmInput('fire', inputs.fire),
      ...this.#alarmInput('tamper', inputs.tamper),
      ...this.#observe(),
    ];
  }

  close(): void {
    this.#cancelPhase?.();
    this.#cancelLock?.();
  }

  #lose(): readonly DomainEvent[] {
    this.#known = null;
    this.#lastRelease = null;
    this.#openedAtMs = null;
    this.#excused = false;
    return [...this.#stepPhase('lost'), ...this.#stepLock('lost')];
  }

  #lockMoved(event: Extract<ControllerEvent, { kind: 'lock' }>): readonly DomainEvent[] {
    if (this.#known === null) return [];
    const { released, causes, atMs } = event;
    if (this.#known.released && !released) this.#lastRelease = { atMs, cause: this.#known.causes[0] ?? null };
    this.#known = { ...this.#known, released, causes };
    return this.#observe();
  }

  #inputChanged(event: Extract<ControllerEvent, { kind: 'input' }>): readonly DomainEvent[] {
    if (this.#known === null) return [];
    const { input, active, atMs } = event;
    const door = this.#door;
    this.#known = { ...this.#known, inputs: { ...this.#known.inputs, [input]: active } };
    switch (input) {
      case 'contact':
        if (active) this.#noteOpening(atMs);
        return this.#observe(atMs);
      case 'bolt':
      case 'relay-readback':
        return this.#observe();
      case 'exit-button':
        return active ? [{ name: 'door.egress', subject: door, data: { door } }] : [];
      case 'fire':
      case 'tamper':
        return this.#alarmInput(input, active);
    }
  }

  #noteOpening(atMs: number): void {
    const sinceReleaseMs = this.#lastRelease === null ? Infinity : atMs - this.#lastRelease.atMs;
    this.#openedAtMs = atMs;
    this.#openedMonotonicMs = this.#options.clock.monotonicMs();
    this.#excused = sinceReleaseMs >= 0 && sinceReleaseMs <= OPENING.graceMs;
  }

  #alarmInput(input: 'fire' | 'tamper', active: boolean): readonly DomainEvent[] {
    if (this.#told[input] === active) return [];
    this.#told[input] = active;
    const door = this.#door;
    return [
      { name: input === 'fire' ? 'door.fire-release' : 'door.tamper', subject: door, data: { door, active } },
    ];
  }

  /** @param atMs when the leaf moved, by the controller's clock, if it is the leaf that moved */
  #observe(atMs: number | null = null): readonly DomainEvent[] {
    const known = this.#known;
    if (known === null) return [];
    const contradiction = lockContradiction(this.#evidence(known));
    return [
      ...this.#stepPhase(this.#seen(known), atMs),
      ...this.#stepLock(contradiction === null ? 'agrees' : 'differs'),
    ];
  }

  #seen({ released, causes, inputs }: Known): DoorEvent {
    const kept = causes.includes('hold-open') || causes.includes('fire');
    const lock = released ? (kept ? 'free' : 'unlocked') : 'secured';
    if (!inputs.contact) return `shut-${lock}`;
    const excused = this.#excused || this.#options.config.egressSensing === 'none';
    return lock === 'secured' && excused ? 'open-excused' : `open-${lock}`;
  }

  #evidence({ released, inputs }: Known) {
    return {
      released,
      readback: inputs['relay-readback'],
      boltThrown: inputs.bolt,
      leafOpen: inputs.contact,
      boltSense: this.#options.config.boltSense,
    };
  }

  #stepPhase(event: DoorEvent, atMs: number | null = null): readonly DomainEvent[] {
    const before = this.#phase;
    const { phase, effects } = stepDoor(before, event);
    this.#phase = phase;
    const told = effects.map((effect) => this.#domainEvent(effect, atMs));
    if (phase !== before) this.#await();
    return told;
  }

  #await(): void {
    this.#cancelPhase?.();
    this.#cancelPhase = null;
    const { waitsFor } = PHASES[this.#phase];
    if (waitsFor === null) return;
    const { egressSensing, heldOpenMs } = this.#options.config;
    // Where leaving is not sensed nothing waits for a cause.
    const forcedMs = egressSensing === 'none' ? Infinity : FORCED_AFTER_MS[egressSensing];
    this.#cancelPhase = this.#options.clock.after(waitsFor === 'cause' ? forcedMs : heldOpenMs, () => {
      this.#options.onTime(this.#stepPhase('waited'));
    });
  }

  #stepLock(event: LockEvent): readonly DomainEvent[] {
    const before = this.#agreement;
    const agreement = LOCK_TABLE[before][event];
    if (agreement === before) return [];
    this.#agreement = agreement;
    this.#cancelLock?.();
    this.#cancelLock = null;
    const { config, clock, onTime } = this.#options;
    if (agreement === 'differs') {
      this.#cancelLock = clock.after(config.lockToleranceMs, () => onTime(this.#stepLock('waited')));
    }
    if (agreement !== 'fault' || this.#known === null) return [];
    const detail = lockContradiction(this.#evidence(this.#known)) ?? '';
    return [{ name: 'door.lock-fault', subject: this.#door, data: { door: this.#door, detail } }];
  }

  #domainEvent(effect: DoorEffect, atMs: number | null): DomainEvent {
    const door = this.#door;
    switch (effect) {
      case 'opened':
        return {
          name: 'door.opened',
          subject: door,
          data: { door, grant: this.#options.awaitedGrant(), cause: this.#cause() },
        };
      case 'closed':
        return { name: 'door.closed', subject: door, data: { door, openMs: this.#closedAfter(atMs) } };
      case 'secured':
        return { name: 'door.secured', subject: door, data: { door } };
      case 'forced-open':
        return { name: 'door.forced-open', subject: door, data: { door } };
      case 'held-open': {
        const openMs = Math.round(this.#options.clock.monotonicMs() - this.#openedMonotonicMs);
        return { name: 'door.held-open', subject: door, data: { door, openMs } };
      }
    }
  }

  /** What opened the door: what releases it now, or what did until just before; `null` for nothing that is known. */
  #cause(): ReleaseCause | null {
    const [cause] = this.#known?.causes ?? [];
    return cause ?? (this.#excused ? (this.#lastRelease?.cause ?? null) : null);
  }

  /** By the controller's clock; unknown when the door was found open, or is found shut. */
  #closedAfter(atMs: number | null): number | null {
    const openedAtMs = this.#openedAtMs;
    this.#openedAtMs = null;
    this.#excused = false;
    return openedAtMs === null || atMs === null || atMs < openedAtMs ? null : atMs - openedAtMs;
  }
}
