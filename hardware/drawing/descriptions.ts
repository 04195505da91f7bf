/** The data that the drawings, the terminal table and the parts list are made of. */

/** `pins.json`, as much of it as a drawing shows. */
export interface PinMap {
  readonly board: string;
  readonly pins: readonly { readonly name: string; readonly arduino: string; readonly doc: string }[];
}

/** A terminal of the rail. With `pin` it leads to the controller, through an input circuit or a resistor. */
export interface RailTerminal {
  readonly terminal: number;
  readonly pin?: string;
  readonly through?: string;
  readonly inside?: string;
  readonly use: string;
  /** The use in Japanese, for the installer. */
  readonly ja: string;
}

/** `wiring.json`: what is the same for every lock. */
export interface Wiring {
  readonly rail: string;
  readonly terminals: readonly RailTerminal[];
  /** Pins that are wired inside the cabinet only. */
  readonly internal: readonly { readonly pin: string; readonly to: string; readonly with: string }[];
  /** What hangs at a pair of terminals, the named one and the next. */
  readonly inputs: readonly {
    readonly terminal: number;
    readonly label: string;
    readonly name: string;
    readonly text: string;
    /** The name in Japanese, beside the English one. */
    readonly ja: string;
    /** The resistor at the far end, by which a cut and a short differ from the contact. */
    readonly endOfLine?: { readonly part: string; readonly how: 'series' | 'parallel' };
  }[];
  /** What the title block says of the sheet; `approved` is open until somebody signs for it. */
  readonly sheet: { readonly revision: string; readonly date: string; readonly approved: string };
}

/** One entry of `locks.json`. */
export interface LockType {
  readonly id: string;
  readonly title: string;
  readonly ja: { readonly title: string; readonly monitor: string; readonly notes: readonly string[] };
  /** Contact of K1 that the lock hangs at, with 11 as its pole: 14 closes, 12 opens when the relay is energised. */
  readonly contact: '12' | '14';
  readonly unused: '12' | '14';
  readonly lock: { readonly label: string; readonly name: string; readonly text: readonly string[] };
  readonly monitor: string;
  /** K1's other pole, forcibly guided with the lock's contact, and what it joins D8 to. */
  readonly readBack: { readonly contacts: string; readonly to: '5 V' | '0 V' };
  /** Contacts in the lock's supply that no electronics can bridge. None for a lock with a mechanical exit. */
  readonly breaks: readonly {
    readonly label: string;
    readonly contacts: string;
    readonly name: string;
    readonly ja: string;
    readonly place: 'panel' | 'door';
  }[];
  readonly suppressor: { readonly label: string; readonly part: string; readonly polarised: boolean };
  readonly notes: readonly string[];
}

/** One line of `parts.json`. `yen` is an estimate for one piece without tax, no price. */
export interface Part {
  readonly label: string;
  readonly what: string;
  readonly maker: string;
  readonly number: string;
  /** Who to ask for it and for its price. */
  readonly where: string;
  readonly count: number;
  readonly yen: number;
  /** Drawings that it belongs to. */
  readonly for: readonly string[];
  readonly note?: string;
}

/** @throws Error naming a pin that is wired nowhere or twice, or a terminal for a pin that there is not */
export function assertWired(pins: PinMap, wiring: Wiring): void {
  const wired = [
    ...wiring.terminals.flatMap(({ pin }) => pin ?? []),
    ...wiring.internal.map(({ pin }) => pin),
  ];
  for (const { name } of pins.pins) {
    const count = wired.filter((pin) => pin === name).length;
    if (count !== 1) throw new Error(`wiring.json: ${name} of pins.json is wired ${count} times`);
  }
  for (const pin of wired) {
    if (!pins.pins.some(({ name }) => name === pin))
      throw new Error(`wiring.json: ${pin} is no pin of pins.json`);
  }
  wiring.terminals.forEach(({ terminal }, index) => {
    if (terminal !== index + 1) throw new Error(`wiring.json: terminal ${terminal} is out of order`);
  });
}
