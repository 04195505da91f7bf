import type { Machine } from './machine.ts';

/**
 * The door around a board: a leaf with a contact, a strike that the relay releases, the bolt's monitor and the
 * relay's second contact. Shut and secured at first. People are `pull`, `push`, `pressExit` and `force`.
 */
export class EmulatedDoor {
  readonly #board: Machine;
  #open = false;
  #presses = 0;
  #readbackWired = true;
  #boltWired = true;

  constructor(board: Machine) {
    this.#board = board;
    board.onPin('lockRelay', () => this.#follow());
    board.setInput('contact', false);
    this.#follow();
  }

  get open(): boolean {
    return this.#open;
  }

  get released(): boolean {
    return this.#board.pin('lockRelay');
  }

  /** Somebody tries the door from outside. True if it is open now: it was, or the lock is released. */
  pull(): boolean {
    if (this.released) this.#move(true);
    return this.#open;
  }

  /** Somebody breaks it open, whatever the lock says. */
  force(): void {
    this.#move(true);
  }

  /** The leaf falls shut; the strike latches without power. */
  push(): void {
    this.#move(false);
  }

  /** Somebody inside presses the exit button for so long, in the board's time. Returns at once. */
  pressExit(ms: number): void {
    this.#presses += 1;
    this.#board.setInput('exit-button', true);
    this.#board.after(ms, () => {
      this.#presses -= 1;
      if (this.#presses === 0) this.#board.setInput('exit-button', false);
    });
  }

  /** Cuts (`false`) or mends one sense wire; a cut one reads inactive: bolt not thrown, relay not energised. */
  wire(sense: 'relay-readback' | 'bolt', whole: boolean): void {
    if (sense === 'bolt') this.#boltWired = whole;
    else this.#readbackWired = whole;
    this.#follow();
  }

  #move(open: boolean): void {
    this.#open = open;
    this.#board.setInput('contact', open);
    this.#follow();
  }

  #follow(): void {
    const released = this.released;
    this.#board.setInput('relay-readback', released && this.#readbackWired);
    this.#board.setInput('bolt', !released && !this.#open && this.#boltWired);
  }
}
