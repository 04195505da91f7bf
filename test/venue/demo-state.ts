import { formatInstant } from '../../shared/time.ts';
import type { DemoMembers } from './demo-members.ts';
import type { Venue } from './venue.ts';

/** Outputs of the board that the demo's page shows, as measured at the pins. */
const SHOWN_PINS = ['lockRelay', 'greenLed', 'redLed', 'amberLed', 'buzzer'] as const;

/**
 * What is really so in the demo: at the pins of the board, on the line, at the billing service. The gateway's own
 * view is in `/api/doors`; the page shows the two side by side.
 */
export function demoState(venue: Venue, members: DemoMembers) {
  const { clock, line, billing, equipment } = venue;
  const { gaps, mismatches, duplicates, rejected, stored } = billing.report();
  const { start, end, space, yenPer30Min } = members.reservation;
  const hasPower = equipment.hasPower();
  return {
    at: formatInstant(clock.wallMs()),
    line: { cut: line.isCut },
    board: {
      power: hasPower,
      leaf: equipment.door.open ? 'open' : 'closed',
      pins: Object.fromEntries(SHOWN_PINS.map((pin) => [pin, hasPower && equipment.board.pin(pin)])),
    },
    reservation: { start, end, space: space.id, yenPer30Min },
    billing: {
      stored,
      receipt: billing.receipts().at(-1)?.seq ?? 0,
      gaps: gaps.length,
      mismatches: mismatches.length,
      duplicates: duplicates.length,
      rejected: rejected.length,
      totalYen: billing.totalYen(),
      stays: billing.bill().map(({ stay, sub, checkIn, checkOut, use, charge }) => ({
        stay,
        sub,
        checkIn,
        checkOut,
        use,
        charge:
          charge === null
            ? null
            : {
                yen: charge.yen,
                rule: charge.rule,
                chargedFrom: charge.chargedFrom,
                chargedTo: charge.chargedTo,
                online: charge.online,
              },
      })),
    },
  };
}

/** Calls back whenever something of the state has changed. Returns what stops it. */
export function onDemoChange({ equipment, billing }: Venue, listener: () => void): () => void {
  const stops = [
    billing.onChange(listener),
    ...SHOWN_PINS.map((pin) => equipment.board.onPin(pin, listener)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
