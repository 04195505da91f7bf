import { formatInstant } from '../../../shared/time.ts';
import type { Director } from './director.ts';
import type { DemoState } from './shown.ts';

/** What the demo's page shows. */
export function demoState(director: Director): DemoState {
  const { clock, line, seen, status, billing, members } = director;
  const { gaps, mismatches, duplicates, stored } = billing.report();
  return {
    at: formatInstant(clock.wallMs()),
    door: {
      life: director.doorLife,
      leaf: director.leaf,
      pins: seen?.pins ?? null,
      moves: seen?.moves ?? [],
      exitButton: seen?.exitButton ?? false,
      plugged: director.plugged,
      ...director.inputs,
    },
    gateway: { life: director.gatewayLife, status },
    line: { cut: line.isCut },
    cloud: {
      stored,
      receipt: billing.receipts().at(-1)?.seq ?? 0,
      gaps: gaps.length,
      mismatches: mismatches.length,
      duplicates: duplicates.length,
      stays: billing
        .bill()
        .map(({ stay, sub, reservation, checkIn, checkOut, use, charge, superseded, isVoided }) => ({
          stay,
          reservation,
          sub,
          checkIn,
          checkOut,
          use,
          charge,
          superseded: superseded.length,
          isVoided,
        })),
    },
    members: members.facts(),
    hasPhoto: members.photo() !== null,
  };
}
