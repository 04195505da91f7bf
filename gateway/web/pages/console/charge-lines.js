import { element } from '../dom.js';
import { minute, texts } from './words.js';

/**
 * @import { ChargeRecord } from '../../../../shared/contract/charge.ts'
 * @import { Reservation } from '../../../../shared/contract/pass.ts'
 */

/**
 * How a charge came about: each step of the rule on a line, the amount last.
 *
 * @param {ChargeRecord} charge
 * @param {Reservation} reservation
 */
export function chargeLines(charge, reservation) {
  const { tariff, stamps, units, unitsBeforeCap } = charge;
  /** @param {ChargeRecord['stamps']['checkIn']} one */
  const stamp = (one) => (one === null ? texts.none : minute(one.raw, reservation.start));
  const lines = [
    texts.lineReserved(minute(reservation.start, 0), minute(reservation.end, reservation.start)),
    texts.lineStamps(stamp(stamps.checkIn), stamp(stamps.checkOut)),
    texts.rules[charge.rule],
    ...(charge.chargedFrom === null || charge.chargedTo === null
      ? []
      : [
          texts.lineUnits(
            minute(charge.chargedFrom),
            minute(charge.chargedTo, charge.chargedFrom),
            unitsBeforeCap,
          ),
        ]),
    charge.capApplied ? texts.lineCap(units) : texts.lineNoCap,
    ...(charge.flags.length === 0
      ? []
      : [`${texts.lineFlags}: ${charge.flags.map((flag) => texts.flags[flag]).join(' · ')}`]),
    ...charge.alternatives.map(({ reading, yen }) => texts.lineAlternatives(reading, texts.yen(yen))),
    ...(charge.online ? [] : [texts.lineOffline]),
  ];
  return element(
    'ol',
    { class: 'charge', 'data-rule': charge.rule },
    ...lines.map((line) => element('li', {}, line)),
    element(
      'li',
      { class: 'amount' },
      texts.lineAmount(units, texts.yen(tariff.yenPer30Min), texts.yen(charge.yen)),
    ),
  );
}
