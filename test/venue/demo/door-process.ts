import { join } from 'node:path';
import { EmulatedBoard } from '../../../device/emulator/board.ts';
import { EmulatedDoor } from '../../../device/emulator/door.ts';
import { pace } from '../../../device/emulator/pace.ts';
import { CABLES, SHOWN_PINS, type Cable, type DoorOrder, type DoorSeen, type DoorWord } from './messages.ts';
import { layCable, type CableEnd } from './wiring.ts';

/**
 * What stands at the demo's door, in a process of its own: the board with the real firmware, leaf, strike, exit button,
 * fire loop, and two readers, each at the end of a cable. Killing the process is taking the board's power away.
 */

/** A closer shuts the leaf behind somebody after so long, unless it is propped. */
const CLOSER_MS = 2_500;

/** Changes closer together are told at once: lamps blink and the buzzer sounds. */
const TELL_EVERY_MS = 25;

/** How many moves of the relay are remembered. */
const MOVES_KEPT = 40;

const board = new EmulatedBoard();
const door = new EmulatedDoor(board);
const cables = new Map<Cable, { readonly end: CableEnd; plugged: boolean }>();
const moves: { released: boolean; atMs: number }[] = [];
const inputs = { fire: false, tamper: false, exitButton: false };
let closer: NodeJS.Timeout | null = null;
let telling: NodeJS.Timeout | null = null;

function tell(word: DoorWord): void {
  process.send?.(word);
}

/** A record with one value for each key. */
function each<K extends string, V>(keys: readonly K[], valueOf: (key: K) => V): Record<K, V> {
  return Object.fromEntries(keys.map((key) => [key, valueOf(key)])) as Record<K, V>;
}

function look(): DoorSeen {
  return {
    leaf: door.open ? 'open' : 'closed',
    pins: each(SHOWN_PINS, (pin) => board.pin(pin)),
    plugged: each(CABLES, (name) => cables.get(name)?.plugged ?? false),
    ...inputs,
    moves,
  };
}

function changed(): void {
  telling ??= setTimeout(() => {
    telling = null;
    tell({ kind: 'seen', seen: look() });
  }, TELL_EVERY_MS);
}

async function start({ cableKind, directory, leaf, plugged }: Extract<DoorOrder, { kind: 'start' }>) {
  for (const name of CABLES) {
    const onData = name === 'board' ? (bytes: Uint8Array) => board.serialWrite(bytes) : () => undefined;
    const end = layCable(cableKind, join(directory, name), onData);
    cables.set(name, { end, plugged: plugged[name] });
    if (plugged[name]) await end.plug();
  }
  board.onSerial((bytes) => cables.get('board')?.end.write(bytes));
  for (const pin of SHOWN_PINS) board.onPin(pin, changed);
  board.onPin('lockRelay', (released) => {
    moves.push({ released, atMs: Date.now() });
    moves.splice(0, moves.length - MOVES_KEPT);
  });
  if (leaf === 'open') door.force();
  pace(board);
  tell({ kind: 'ready' });
  changed();
}

function walkThrough(prop: boolean): void {
  const open = door.pull();
  if (closer !== null) clearTimeout(closer);
  if (open && !prop) closer = setTimeout(() => shut(), CLOSER_MS);
  tell({ kind: 'pulled', open });
}

function shut(): void {
  if (closer !== null) clearTimeout(closer);
  door.push();
  changed();
}

function press(ms: number): void {
  door.pressExit(ms);
  inputs.exitButton = true;
  board.after(ms, () => {
    inputs.exitButton = false;
    changed();
  });
}

async function obey(order: DoorOrder): Promise<void> {
  switch (order.kind) {
    case 'start':
      await start(order);
      return;
    case 'pull':
      walkThrough(order.prop);
      break;
    case 'push':
      shut();
      break;
    case 'force':
      door.force();
      break;
    case 'press-exit':
      press(order.ms);
      break;
    case 'input':
      inputs[order.input] = order.active;
      board.setInput(order.input, order.active);
      break;
    case 'plug': {
      const cable = cables.get(order.cable);
      if (cable === undefined) break;
      cable.plugged = order.plugged;
      await (order.plugged ? cable.end.plug() : cable.end.unplug());
      break;
    }
    case 'scan':
      // Ended by CR as most readers do.
      cables.get(order.side)?.end.write(Buffer.from(`${order.text}\r`));
      break;
  }
  changed();
}

process.on('message', (order) => {
  void obey(order as DoorOrder);
});
// `pace` keeps no process alive; the channel to the director does, and ends it.
process.on('disconnect', () => process.exit(0));
