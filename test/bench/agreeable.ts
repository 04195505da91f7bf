import { UNKNOWN } from '../../device/door/knowledge.ts';
import type { DoorController } from '../../device/ports.ts';

/** A controller that takes every lease at once: the lock is not what is timed here. */
export function agreeable(door = 'front'): DoorController {
  return {
    door,
    online: true,
    report: UNKNOWN.report,
    start: () => undefined,
    pulse: () => Promise.resolve('accepted'),
    holdOpen: () => Promise.resolve('accepted'),
    secure: () => Promise.resolve('accepted'),
    testWatchdog: () => Promise.resolve('accepted'),
    signal: () => undefined,
    onEvent: () => () => undefined,
    close: () => Promise.resolve(),
  };
}
