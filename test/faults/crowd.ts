import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../venue/until.ts';
import type { Seeded } from '../seeded.ts';
import type { Site, Visitor } from './site.ts';

/** Between two codes at one door, in milliseconds. */
const EVERY_MS = 60;

/** How long somebody stays at least before they show a code at the exit, in codes of others. */
const BEHIND = 3;

/** How long one member may take to get out at the end. */
const OUT_WITHIN_MS = 30_000;

/** Members who come and go at one door, without waiting for each other or for an answer. */
export class Crowd {
  readonly #site: Site;
  readonly #random: Seeded;
  readonly #everybody = new Map<string, Visitor>();
  readonly #came: Visitor[] = [];
  #next: Promise<Visitor>;
  #running: Promise<void> | null = null;
  #stopped = false;

  constructor(site: Site, random: Seeded) {
    this.#site = site;
    this.#random = random;
    this.#next = site.member();
    // In half of the cases somebody pulls the door while it is released.
    site.board.onPin('lockRelay', (level) => {
      if (!level || random.chance(0.5)) return;
      site.board.after(20, () => site.door.pull());
      site.board.after(80, () => site.door.push());
    });
  }

  start(): void {
    this.#stopped = false;
    this.#running = this.#go();
  }

  /** No further code is shown from now on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  /** Everybody whose stay is open checks out, one after the other. */
  async allLeave(): Promise<void> {
    const site = this.#site;
    for (const sub of site.inside()) {
      const visitor = this.#everybody.get(sub);
      if (visitor === undefined) continue;
      await site.show('exit', visitor);
      await until(`${sub} is out of ${site.venue}`, () => !site.inside().includes(sub), OUT_WITHIN_MS);
    }
    await until(`every grant of ${site.venue} is concluded`, () => site.concluded(), OUT_WITHIN_MS);
  }

  async #go(): Promise<void> {
    const site = this.#site;
    while (!this.#stopped) {
      if (this.#came.length > BEHIND && this.#random.chance(0.5)) {
        const leaver = this.#came.shift();
        if (leaver !== undefined) await site.show('exit', leaver);
      } else {
        const visitor = await this.#next;
        this.#everybody.set(visitor.sub, visitor);
        await site.show('entry', visitor);
        this.#came.push(visitor);
        this.#next = site.member();
      }
      // The load of a trial is a rate: there is no event to wait for.
      await pause(EVERY_MS * (0.5 + this.#random.next()));
    }
  }
}
