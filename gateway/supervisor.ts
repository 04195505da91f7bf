import { execFile } from 'node:child_process';
import type { Logger } from 'pino';

/** How often the watchdog is fed: so many times within the time that systemd waits. */
const FEEDS = 3;

const NOTIFY = 'systemd-notify';

/** Whoever started the gateway and starts it again when it hangs. */
export interface Supervisor {
  /** Everything is up. From now on the watchdog is fed. */
  ready(): void;
  stopping(): void;
}

/**
 * systemd, where it asks for notifications (`Type=notify`, sd_notify(3)); else nobody. The watchdog is fed from a timer of
 * the event loop, so that it hears of a loop that stands still. Storage and controllers are no part of it: a restart mends
 * neither.
 *
 * Node has no datagram sockets of the file system, so `systemd-notify` carries the words.
 *
 * @param environment `NOTIFY_SOCKET`, `WATCHDOG_USEC`
 */
export function supervisorOf(
  environment: Readonly<Record<string, string | undefined>>,
  log: Logger,
): Supervisor {
  if (environment['NOTIFY_SOCKET'] === undefined)
    return { ready: () => undefined, stopping: () => undefined };
  let timer: NodeJS.Timeout | undefined;
  const tell = (word: string) => {
    execFile(NOTIFY, [word], { env: environment }, (error) => {
      if (error !== null) log.error({ err: error, word }, 'the supervisor was not told');
    });
  };
  return {
    ready() {
      tell('READY=1');
      const everyMs = Number(environment['WATCHDOG_USEC'] ?? 0) / 1_000 / FEEDS;
      if (everyMs > 0) timer = setInterval(() => tell('WATCHDOG=1'), everyMs);
    },
    stopping() {
      clearInterval(timer);
      tell('STOPPING=1');
    },
  };
}
