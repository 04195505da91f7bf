import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Records events and lets a test wait for one, instead of sleeping. */
export class Heard<Event> {
  readonly events: Event[] = [];
  readonly #waiting = new Set<() => void>();

  readonly listener = (event: Event): void => {
    this.events.push(event);
    for (const look of [...this.#waiting]) look();
  };

  /** The first event from number `from` on that fits; by default also one that has come already. */
  first(fits: (event: Event) => boolean, from = 0): Promise<Event> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.events.slice(from).find(fits);
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** The first fitting event that is still to come. */
  next(fits: (event: Event) => boolean): Promise<Event> {
    return this.first(fits, this.events.length);
  }
}

/** A path for a port that does not exist yet, in a directory of its own. */
export function freePath(): string {
  return join(mkdtempSync(join(tmpdir(), 'genkan-port-')), 'port');
}
