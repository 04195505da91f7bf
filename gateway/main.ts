import { parseArgs } from 'node:util';
import pino, { type Logger } from 'pino';
import { doorController } from '../device/door/controller.ts';
import { boardSettings } from '../device/door/settings.ts';
import { serialTransport } from '../device/door/serial-transport.ts';
import type { DoorController, Scanner } from '../device/ports.ts';
import { hidScanner } from '../device/scanner/hid.ts';
import { serialScanner } from '../device/scanner/serial.ts';
import type { DoorConfig, GatewayConfig } from '../shared/contract/config.ts';
import { hostClock } from './clock/host.ts';
import { KeptClock } from './clock/kept.ts';
import { ConfigError, loadConfig, requireFiles } from './config.ts';
import type { Door } from './door/doors.ts';
import { startGateway } from './gateway.ts';
import { faultTold, StorageFault } from './journal/fault.ts';
import { JournalInUse } from './journal/lock.ts';
import { supervisorOf, type Supervisor } from './supervisor.ts';

/** Exit code for a configuration or a command line that cannot be used, or a journal that another gateway has. */
const EXIT_USAGE = 2;

/** What ends a gateway in order. */
const STOPPING = ['SIGTERM', 'SIGINT'] as const;

/** Who a firmware file says it is, as a board that runs it does in `online`. Default: the committed one. */
export async function firmwareIdentity(hex?: string): Promise<string> {
  // Loaded when asked for: a running gateway needs no emulator.
  return (await import('../device/emulator/identity.ts')).firmwareIdentity(hex);
}

/** The board at a port. @param resets whether its port is let go as strangers do, so that a DTR reset shows */
export function boardAt(path: string, { resets = false } = {}): DoorController {
  return doorController({ door: path, openTransport: serialTransport({ path, hangUpOnClose: resets }) });
}

/** The real equipment of a door. */
export function equip(config: DoorConfig): Door {
  const door = config.id;
  const scanners = config.scanners.map((scanner): Scanner => {
    switch (scanner.kind) {
      case 'serial':
        return serialScanner({ door, side: scanner.side, path: scanner.path, baudRate: scanner.baudRate });
      case 'hid':
        return hidScanner({
          door,
          side: scanner.side,
          vendorId: scanner.vendorId,
          productId: scanner.productId,
          mode: scanner.mode,
          layout: scanner.layout,
          ...(scanner.serialNumber === undefined ? {} : { serialNumber: scanner.serialNumber }),
        });
    }
  });
  const controller = doorController({
    door,
    openTransport: serialTransport({ path: config.controller.path }),
    settings: boardSettings(config),
  });
  return { config, controller, scanners };
}

/**
 * Runs the gateway on real equipment until SIGTERM or SIGINT.
 *
 * @param args `--config <file>`; `--accept-clock`: an operator has looked at the host's clock, and it is right
 * @returns the exit code; 2 with a message on standard error for a configuration that cannot be used, and where
 *   another process has the journal: then nothing was written
 */
export async function main(args: readonly string[]): Promise<0 | typeof EXIT_USAGE> {
  let config;
  let accept;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { config: { type: 'string' }, 'accept-clock': { type: 'boolean', default: false } },
    });
    if (values.config === undefined) throw new ConfigError('command line', ['--config: missing']);
    accept = values['accept-clock'];
    config = loadConfig(values.config, process.env);
    requireFiles(values.config, config);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT_USAGE;
  }
  const log = pino({ level: config.log.level });
  // A fault of the disk is a state, wherever it was met: it is latched, told and recovered from. A bug is a crash.
  process.on('uncaughtException', (error) => {
    if (!(error instanceof StorageFault)) {
      log.fatal({ err: error }, 'the gateway ends');
      process.exit(1);
    }
    faultTold(log, 'something was not done')(error);
  });
  const supervisor = supervisorOf(process.env, log);
  try {
    let end = await run(config, { accept, log, supervisor, isSuspect: false });
    while (end === 'damaged') end = await run(config, { accept, log, supervisor, isSuspect: true });
    return 0;
  } catch (error) {
    if (!(error instanceof JournalInUse)) throw error;
    process.stderr.write(`${error.message}\n`);
    return EXIT_USAGE;
  }
}

/** One run of the gateway, to the signal that stops it or until its journal is found damaged. */
async function run(
  config: GatewayConfig,
  {
    accept,
    log,
    supervisor,
    isSuspect,
  }: {
    /** An operator has looked at the host's clock. */
    readonly accept: boolean;
    readonly log: Logger;
    readonly supervisor: Supervisor;
    readonly isSuspect: boolean;
  },
): Promise<'stopped' | 'damaged'> {
  let ended: (how: 'stopped' | 'damaged') => void = () => undefined;
  const end = new Promise<'stopped' | 'damaged'>((resolve) => (ended = resolve));
  const stop = () => ended('stopped');
  // For good: Ctrl+C reaches a gateway below npm twice, and the second must not end the closing.
  for (const signal of STOPPING) process.on(signal, stop);
  const doors = config.doors.map(equip);
  // A new journal has another memory of the time: each run believes by its own.
  const clock = new KeptClock(hostClock(config.clock), { rtc: config.clock.rtc, accept });
  const onDamaged = () => ended('damaged');
  const gateway = await startGateway({ config, doors, clock, log, isSuspect, onDamaged });
  log.info(
    { address: gateway.web.address(), venue: config.venue.id, epoch: gateway.journal.epoch },
    'gateway started',
  );
  supervisor.ready();
  const how = await end;
  if (how === 'stopped') supervisor.stopping();
  await gateway.close();
  for (const signal of STOPPING) process.off(signal, stop);
  return how;
}
