import { join } from 'node:path';
import { OPENING } from '../../../device/ports.ts';
import { startOfDay } from '../../../shared/hours.ts';
import { JAPAN } from '../../../shared/time.ts';
import type { Billing } from '../billing.ts';
import type { MovableClock } from '../clock.ts';
import type { Line } from '../line.ts';
import { until } from '../until.ts';
import { ActRefused, type Act, type ActResult } from './acts.ts';
import { Child } from './child.ts';
import type { DemoAccounts } from '../wallet-demo.ts';
import type { DemoMembers } from './members.ts';
import { CABLES, type Cable, type DoorOrder, type DoorSeen, type DoorWord } from './messages.ts';
import type { Life } from './shown.ts';
import type { CableKind, GatewayOrder, GatewayStatus, GatewayWord } from './messages.ts';
import { layParts, type DirectorOptions, type DirectorParts } from './parts.ts';
import { stopOf, type ClockStop } from './stops.ts';

/** How long somebody presses the exit button. */
const PRESS_MS = 400;

/** Rows of the ledger that are kept for a page that opens later. */
const LEDGER_KEPT = 200;

/** How long a process may take to be ready, on a machine that is busy with others. */
const READY_MS_MAX = 90_000;

/** How long a process may take to end in order. */
const END_MS_MAX = 5_000;

/**
 * A venue that can be played with: the door and the gateway in processes of their own, which can really be killed; the
 * line, the cloud's broker and the billing service here. It plays the people, the weather and the clock, and reaches
 * the gateway as the world does: by cables, by the line to the cloud, by the power.
 */
export class Director {
  readonly clock: MovableClock;
  readonly line: Line;
  readonly billing: Billing;
  readonly members: DemoMembers;
  readonly accounts: DemoAccounts;
  /** The gateway's own HTTP port, behind the demo's. */
  readonly gatewayPort: number;
  /** The venue's origin as phones see it: what proofs are made for. */
  readonly publicOrigin: string;
  /** The journal's file: what is on the disk, whatever lives. */
  readonly journal: string;
  /** Last told rows of the ledger, oldest first. */
  readonly ledger: string[] = [];
  /** Who may sign in at the console. */
  readonly operator: DirectorParts['operator'];
  readonly #config: Record<string, unknown>;
  readonly #directory: string;
  readonly #cableKind: CableKind;
  readonly #trustDesk: DirectorParts['trustDesk'];
  readonly #closers: (() => Promise<void> | void)[];
  readonly #listeners = new Set<(rows: readonly string[]) => void>();
  #door: Child<DoorOrder, DoorWord> | null = null;
  #gateway: Child<GatewayOrder, GatewayWord> | null = null;
  #doorLife: Life = 'off';
  #gatewayLife: Life = 'off';
  #seen: DoorSeen | null = null;
  #status: GatewayStatus | null = null;
  #failure: string | null = null;
  #pulled: ((open: boolean) => void) | null = null;
  /** What outlives the board's power: the leaf stands where it stood, a cable is in or out. */
  #leaf: DoorSeen['leaf'] = 'closed';
  readonly #plugged: Record<Cable, boolean> = { board: true, entry: true, exit: true };
  readonly #inputs = { fire: false, tamper: false };

  private constructor(parts: DirectorParts) {
    ({
      clock: this.clock,
      line: this.line,
      billing: this.billing,
      members: this.members,
      accounts: this.accounts,
      gatewayPort: this.gatewayPort,
      publicOrigin: this.publicOrigin,
      operator: this.operator,
    } = parts);
    this.#config = parts.config;
    this.#directory = parts.directory;
    this.#cableKind = parts.cableKind;
    this.#trustDesk = parts.trustDesk;
    this.#closers = parts.closers;
    this.journal = join(parts.directory, 'journal.db');
    this.billing.onChange(() => this.#changed());
  }

  /** Opens the venue and waits until the door and the gateway live and the line is up. */
  static async open(options: DirectorOptions): Promise<Director> {
    const director = new Director(await layParts(options));
    try {
      await Promise.all([director.#powerDoor(), director.#powerGateway()]);
      await director.#until('everything is up', () => director.#isWell());
    } catch (error) {
      await director.close();
      throw error;
    }
    return director;
  }

  get doorLife(): Life {
    return this.#doorLife;
  }

  get gatewayLife(): Life {
    return this.#gatewayLife;
  }

  /** What is seen at the door; `null` while its board is dead: then only the leaf and the cables are. */
  get seen(): DoorSeen | null {
    return this.#seen;
  }

  get leaf(): DoorSeen['leaf'] {
    return this.#leaf;
  }

  get plugged(): Readonly<Record<Cable, boolean>> {
    return this.#plugged;
  }

  get inputs(): Readonly<{ fire: boolean; tamper: boolean }> {
    return this.#inputs;
  }

  /** What the gateway says of itself; `null` while it is dead. */
  get status(): GatewayStatus | null {
    return this.#status;
  }

  /** Called with new rows of the ledger, and with none for any other change. Returns what stops it. */
  onChange(listener: (rows: readonly string[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @throws ActRefused where nothing can come of it */
  async act(act: Act): Promise<ActResult> {
    const result = await this.#do(act);
    this.#changed();
    return result;
  }

  async close(): Promise<void> {
    this.#gateway?.order({ kind: 'stop' });
    await this.#gateway?.ended(END_MS_MAX);
    await this.#door?.kill();
    for (const step of this.#closers.splice(0).reverse()) await step();
  }

  async #do(act: Act): Promise<ActResult> {
    switch (act.act) {
      case 'scan': {
        const text = await this.members.present(act.who);
        if (text === null) throw new ActRefused('no-photo', 'Nobody has taken a picture yet.');
        this.#door?.order({ kind: 'scan', side: act.side, text });
        return { bytes: Buffer.byteLength(text) };
      }
      case 'photograph':
        await this.members.photograph(act.who);
        return {};
      case 'pull':
      case 'prop':
        return { opened: await this.#pull(act.act === 'prop') };
      case 'push':
      case 'force':
        this.#leaf = act.act === 'force' ? 'open' : 'closed';
        this.#door?.order({ kind: act.act });
        return {};
      case 'press-exit':
        this.#door?.order({ kind: 'press-exit', ms: PRESS_MS });
        return {};
      case 'fire':
      case 'tamper':
        this.#setInput(act.act, act.on);
        return {};
      case 'plug':
        this.#plugged[act.cable] = act.on;
        this.#door?.order({ kind: 'plug', cable: act.cable, plugged: act.on });
        return {};
      case 'board-power':
        await (act.on ? this.#powerDoor() : this.#killDoor());
        return {};
      case 'gateway-power':
        await (act.on ? this.#powerGateway() : this.#gateway?.kill());
        return {};
      case 'line':
        if (act.on) this.line.mend();
        else this.line.cut();
        return {};
      case 'clock':
        this.#moveClock(act.to);
        return {};
      case 'begin':
        await this.#begin();
        return {};
    }
  }

  /** Without power the strike holds: only an open door gives way. */
  #pull(prop: boolean): Promise<boolean> {
    const door = this.#door;
    if (door?.alive !== true) return Promise.resolve(this.#leaf === 'open');
    return new Promise((resolve) => {
      this.#pulled = resolve;
      door.order({ kind: 'pull', prop });
    });
  }

  #setInput(input: 'fire' | 'tamper', active: boolean): void {
    this.#inputs[input] = active;
    this.#door?.order({ kind: 'input', input, active });
  }

  /** Mends everything and lets the night pass, so that a scene begins as every other one. */
  async #begin(): Promise<void> {
    this.line.mend();
    for (const cable of CABLES) {
      if (!this.#plugged[cable]) await this.#do({ act: 'plug', cable, on: true });
    }
    this.#setInput('fire', false);
    this.#setInput('tamper', false);
    this.#leaf = 'closed';
    this.#door?.order({ kind: 'push' });
    // One that was cut off waits longer after each attempt, up to minutes; a new one tries at once.
    if (this.#status?.online === false) await this.#gateway?.kill();
    await Promise.all([this.#powerDoor(), this.#powerGateway()]);
    this.#moveClock('next-morning');
    await this.#until('everything is mended', () => this.#isWell() && this.#isLongSecured());
  }

  /** An opening just after a release is excused by it: no scene may begin in that moment of the one before. */
  #isLongSecured(): boolean {
    const last = this.#seen?.moves.at(-1);
    return last === undefined || (!last.released && Date.now() - last.atMs > 2 * OPENING.graceMs);
  }

  #isWell(): boolean {
    const [door] = this.#status?.doors ?? [];
    return (
      this.#seen?.leaf === 'closed' &&
      this.#status?.online === true &&
      door?.controller === 'online' &&
      door.leaf === 'closed' &&
      door.lock === 'secured'
    );
  }

  #moveClock(to: ClockStop): void {
    const nowMs = this.clock.wallMs();
    const toMs = stopOf(to, nowMs);
    if (toMs <= nowMs) throw new ActRefused('not-forwards', 'The clock goes forwards only.');
    const isNewDay = startOfDay(toMs, JAPAN) !== startOfDay(nowMs, JAPAN);
    this.clock.moveTo(toMs);
    this.#gateway?.order({ kind: 'clock', wallMs: toMs });
    if (!isNewDay) return;
    this.members.newDay();
    // A day that was skipped had its bundle too: else its keys were old, and an alarm said so.
    void this.#trustDesk.renew();
  }

  async #powerDoor(): Promise<void> {
    if (this.#doorLife !== 'off') return;
    this.#doorLife = 'starting';
    const door: Child<DoorOrder, DoorWord> = new Child(
      'door-process.ts',
      (word: DoorWord) => this.#hearDoor(word),
      () => {
        this.#seen = null;
        this.#doorLife = 'off';
        this.#pulled?.(this.#leaf === 'open');
        this.#pulled = null;
        this.#changed();
      },
    );
    this.#door = door;
    door.order({
      kind: 'start',
      cableKind: this.#cableKind,
      directory: this.#directory,
      leaf: this.#leaf,
      plugged: this.#plugged,
    });
    for (const input of ['fire', 'tamper'] as const) {
      if (this.#inputs[input]) this.#setInput(input, true);
    }
    await this.#until('the door is powered', () => this.#doorLife !== 'starting');
  }

  async #killDoor(): Promise<void> {
    await this.#door?.kill();
    this.#door = null;
  }

  #hearDoor(word: DoorWord): void {
    switch (word.kind) {
      case 'ready':
        this.#doorLife = 'on';
        break;
      case 'pulled':
        this.#pulled?.(word.open);
        this.#pulled = null;
        break;
      case 'seen':
        this.#seen = word.seen;
        this.#leaf = word.seen.leaf;
        break;
    }
    this.#changed();
  }

  async #powerGateway(): Promise<void> {
    if (this.#gatewayLife !== 'off') return;
    this.#gatewayLife = 'starting';
    this.#failure = null;
    const gateway: Child<GatewayOrder, GatewayWord> = new Child(
      'gateway-process.ts',
      (word: GatewayWord) => this.#hearGateway(word),
      () => {
        this.#status = null;
        this.#gatewayLife = 'off';
        this.#changed();
      },
    );
    this.#gateway = gateway;
    gateway.order({
      kind: 'start',
      config: { ...this.#config, gateway: { id: 'gw-1', journal: this.journal } },
      cableKind: this.#cableKind,
      directory: this.#directory,
      wallMs: this.clock.wallMs(),
    });
    await this.#until('the gateway starts', () => this.#gatewayLife !== 'starting' || this.#failure !== null);
    const failure = this.#failure as string | null;
    if (failure !== null) throw new ActRefused('gateway-failed', failure);
  }

  #hearGateway(word: GatewayWord): void {
    switch (word.kind) {
      case 'ready':
        this.#gatewayLife = 'on';
        break;
      case 'failed':
        this.#failure = word.why;
        break;
      case 'ledger':
        this.#keep(word.rows);
        return;
      case 'status':
        this.#status = word.status;
        break;
    }
    this.#changed();
  }

  /** A gateway that comes back tells some rows again. */
  #keep(rows: readonly string[]): void {
    const known = new Set(this.ledger);
    const fresh = rows.filter((row) => !known.has(row));
    this.ledger.push(...fresh);
    this.ledger.splice(0, this.ledger.length - LEDGER_KEPT);
    this.#changed(fresh);
  }

  #changed(rows: readonly string[] = []): void {
    for (const listener of this.#listeners) listener(rows);
  }

  #until(what: string, holds: () => boolean): Promise<void> {
    return until(what, holds, READY_MS_MAX);
  }
}
