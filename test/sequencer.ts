import type { TestSpecification } from 'vitest/node';
import { BaseSequencer } from 'vitest/node';

/** The files that take longest, the longest first: what begins last should be short, so that no core waits long for it. */
const LONGEST = [
  'test/sim/sim.test.ts',
  'test/faults/door.test.ts',
  'test/shared/billing/properties.test.ts',
  'test/gateway/visits/agreement.test.ts',
  'test/gateway/credential/bit-mutations.test.ts',
  'test/device/firmware-avr8js.test.ts',
  'test/device/firmware-simavr.test.ts',
  'test/device/firmware-build.test.ts',
  'test/device/door.test.ts',
  'test/device/door-secure.test.ts',
  'test/gateway/reading/export.test.ts',
  'test/gateway/cli/door-code.test.ts',
  'test/gateway/journal/lock.test.ts',
  'test/faults/scenarios.test.ts',
  'test/faults/store-cycles.test.ts',
  'test/venue/demo/scenes.test.ts',
  'test/venue/door-page-states.test.ts',
  'test/gateway/web/console.test.ts',
  'test/faults/kill.test.ts',
  'test/venue/door-page-relay.test.ts',
  'test/venue/phone-trouble.test.ts',
  'test/venue/many-venues.test.ts',
  'test/faults/clock.test.ts',
  'test/venue/door-page.test.ts',
  'test/venue/demo/ending.test.ts',
  'test/venue/visit.test.ts',
  'test/gateway/bus/local-bus.test.ts',
  'test/gateway/web/api.test.ts',
  'test/venue/venue-zone.test.ts',
];

/** Runs the longest files of a project first, also where no former run has left their times. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = LONGEST.findIndex((path) => moduleId.endsWith(path));
      return found < 0 ? LONGEST.length : found;
    };
    // The sort is stable: whatever is not named stays as it was.
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
