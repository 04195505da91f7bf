import type { ControllerReport, DoorController } from '../../device/ports.ts';

const UNKNOWN: ControllerReport = {
  released: null,
  causes: null,
  inputs: null,
  supplyMv: null,
  lastLeaseId: null,
  doorState: null,
  faults: null,
};

/** A controller that takes every lease at once: the lock is not what is timed here. */
export function agreeable(door = 'front'): DoorController {
  return {
    door,
    online: true,
    report: UNKNOWN,
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
