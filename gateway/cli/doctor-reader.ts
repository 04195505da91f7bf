import type { Scanner, ScannerEvent } from '../../device/ports.ts';
import type { Clock } from '../clock/clock.ts';
import { failed, notFitted, ok, type DoorVisit, type Finding } from './doctor-step.ts';

/** How long a reader may take to be there. */
const SCANNER_ONLINE_MS = 5_000;

/** Does every reader of the door read a code? */
export async function readCodes({ equipment, door, clock, handsMs, ask }: DoorVisit): Promise<Finding> {
  const scanners = equipment.scannersOf(door);
  if (scanners.length === 0) return notFitted('this door has no scanner');
  for (const scanner of scanners) {
    const problem = await readCode(scanner, clock, handsMs, ask);
    if (problem !== null) return failed(`${scanner.side}: ${problem}`);
  }
  return ok(scanners.map(({ side }) => side).join(', '));
}

/** `null` once the reader has read something. */
async function readCode(
  scanner: Scanner,
  clock: Clock,
  handsMs: number,
  ask: (request: string) => void,
): Promise<string | null> {
  const events: ScannerEvent[] = [];
  const waiting = new Set<() => void>();
  scanner.onEvent((event) => {
    events.push(event);
    for (const look of [...waiting]) look();
  });
  const came = (kind: ScannerEvent['kind'], limitMs: number): Promise<boolean> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (events.some((event) => event.kind === kind)) end(true);
      };
      const cancel = clock.after(limitMs, () => end(false));
      const end = (found: boolean): void => {
        cancel();
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  try {
    scanner.start();
    if (!(await came('online', SCANNER_ONLINE_MS))) {
      const offline = events.find((event) => event.kind === 'offline');
      return offline?.reason ?? 'not there';
    }
    ask(`show any code to the reader at the ${scanner.side} side`);
    return (await came('code', handsMs)) ? null : `read nothing within ${Math.round(handsMs / 1000)} s`;
  } finally {
    await scanner.close();
  }
}
