import { board, gateway, rail, relay, supplySense } from './cabinet.ts';
import type { LockType, PinMap, Wiring } from './descriptions.ts';
import { field } from './door-side.ts';
import { HEIGHT, WIDTH } from './layout.ts';
import { details, notes, relayDriver, titleBlock } from './legend.ts';
import { lockCircuit } from './lock-circuit.ts';
import { supply } from './supply.ts';
import { box, sheet } from './svg.ts';

/** One lock's wiring as an SVG sheet. Pure; the same data give the same bytes. */
export function wiringDrawing(pins: PinMap, wiring: Wiring, lock: LockType): string {
  return sheet(
    WIDTH,
    HEIGHT,
    `Genkan door controller: ${lock.title}`,
    `Wiring of the controller, relay K1, terminal rail ${wiring.rail} and what hangs at it. The same as a table: terminals.generated.md.`,
    [
      box([14, 14], WIDTH - 28, HEIGHT - 28),
      ...gateway(),
      ...board(pins, wiring),
      ...relay(pins, lock),
      ...supplySense(),
      ...rail(wiring),
      ...lockCircuit(lock),
      ...field(wiring, lock),
      ...supply(),
      ...relayDriver(),
      ...details(),
      ...notes(lock),
      ...titleBlock(pins, wiring, lock),
    ],
  );
}
