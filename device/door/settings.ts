import type { DoorConfig } from '../../shared/contract/config.ts';
import type { DoorInput } from '../ports.ts';
import type { MessageFields } from '../protocol.generated.ts';

/** What the installer may choose; limits and defaults in `firmware/PROTOCOL.md`. */
export type BoardSettings = Omit<MessageFields['settings-write'], 'bootNonce'>;

/** What a door's board shall keep in its EEPROM, so that it warns and watches as configured with the gateway dead too. */
export function boardSettings(door: DoorConfig): BoardSettings {
  // A latch stays in its keeper while the lock is released; only the gateway knows that this is no fault.
  const bolt: readonly DoorInput[] = door.boltSense === 'lock' ? ['bolt'] : [];
  return {
    exitButtonMs: door.exitButtonMs,
    doorOpenS: door.heldOpenMs / 1000,
    egressSensing: door.egressSensing,
    buzzer: door.buzzer,
    monitored: ['contact', ...bolt, 'relay-readback'],
    lockToleranceMs: door.lockToleranceMs,
  };
}

/** Whether a board acts by these settings, and keeps them over a loss of power. */
export function keeps(found: MessageFields['settings'], wanted: BoardSettings): boolean {
  return (
    found.stored &&
    found.exitButtonMs === wanted.exitButtonMs &&
    found.doorOpenS === wanted.doorOpenS &&
    found.egressSensing === wanted.egressSensing &&
    found.buzzer === wanted.buzzer &&
    found.lockToleranceMs === wanted.lockToleranceMs &&
    [...found.monitored].sort().join() === [...wanted.monitored].sort().join()
  );
}
