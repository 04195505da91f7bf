import { bootScenarios } from './scenarios-boot.ts';
import { doorScenarios } from './scenarios-door.ts';
import { leaseScenarios } from './scenarios-lease.ts';
import { stateScenarios } from './scenarios-state.ts';
import type { Bench } from './firmware-rig.ts';

const scenarios = [bootScenarios, leaseScenarios, doorScenarios, stateScenarios];

/** Declares every scenario of the firmware as a test on this bench. Each emulator passes the same list. */
export function declareScenarios(bench: Bench): void {
  for (const declare of scenarios) declare(bench);
}
