import { join } from 'node:path';
import pino from 'pino';
import { doorController } from '../../../device/door/controller.ts';
import type { Door } from '../../../gateway/door/doors.ts';
import { startGateway, type Gateway } from '../../../gateway/gateway.ts';
import { gatewayConfigSchema } from '../../../shared/contract/config.ts';
import { MovableClock } from '../clock.ts';
import type { CableKind, GatewayOrder, GatewayWord } from './messages.ts';
import { boardTransport, readerAt } from './wiring.ts';

/**
 * The demo's gateway in a process of its own, so that it can really be killed: the product as `gateway/main.ts` puts
 * it together, with a clock that can be moved and cables of the demo's kind.
 */

/** How often it says how it is, in milliseconds: line, receipt and clock change without an event. */
const STATUS_EVERY_MS = 500;

/** Rows of the ledger that are told at the start. */
const ROWS_AT_START = 40;

const clock = new MovableClock();
const log = pino({ level: 'error' }, pino.destination(2));

function tell(word: GatewayWord): void {
  process.send?.(word);
}

function equip(cableKind: CableKind, directory: string, config: Door['config']): Door {
  const readers = (['entry', 'exit'] as const).map((side) =>
    readerAt(cableKind, join(directory, side), config.id, side),
  );
  const openTransport = boardTransport(cableKind, join(directory, 'board'));
  return { config, controller: doorController({ door: config.id, openTransport }), scanners: readers };
}

async function start(order: Extract<GatewayOrder, { kind: 'start' }>): Promise<Gateway> {
  clock.moveTo(order.wallMs);
  const config = gatewayConfigSchema.parse(order.config);
  const doors = config.doors.map((door) => equip(order.cableKind, order.directory, door));
  const gateway = await startGateway({ config, doors, clock, log });
  const { journal } = gateway;
  let told = Math.max(0, journal.lastSeq - ROWS_AT_START);
  const status = () => {
    tell({
      kind: 'status',
      status: {
        atMs: clock.wallMs(),
        clock: clock.trust(),
        online: gateway.isOnline(),
        storage: journal.fault?.code ?? null,
        epoch: journal.epoch,
        last: journal.lastSeq,
        receipted: journal.custody.seq,
        inside: journal.stays.countOpen(),
        doors: gateway.doors.reports(),
      },
    });
  };
  const ledger = () => {
    const rows = journal.eventsAfter(told, journal.lastSeq - told);
    told = rows.at(-1)?.seq ?? told;
    if (rows.length > 0) tell({ kind: 'ledger', rows: rows.map(({ body }) => body) });
    status();
  };
  journal.onAppend(ledger);
  setInterval(status, STATUS_EVERY_MS).unref();
  tell({ kind: 'ready' });
  ledger();
  return gateway;
}

let running: Promise<Gateway> | null = null;

async function obey(order: GatewayOrder): Promise<void> {
  switch (order.kind) {
    case 'start':
      running = start(order);
      running.catch((error: unknown) => {
        tell({ kind: 'failed', why: error instanceof Error ? error.message : String(error) });
      });
      return;
    case 'clock':
      clock.moveTo(order.wallMs);
      return;
    case 'stop':
      await (await running)?.close();
      process.exit(0);
  }
}

process.on('message', (order) => void obey(order as GatewayOrder));
process.on('disconnect', () => process.exit(0));
// Ctrl+C reaches every process of the terminal; the director ends this one in its own order.
process.on('SIGINT', () => undefined);
