import { element } from '../dom.js';
import { minute, texts } from './words.js';

/** How a charge came about: each step of the rule on a line, the amount last. */
export function chargeLines(charge, reservation) {
  const { tariff, stamps, units, unitsBeforeCap } = charge;
  const stamp = (one) => (one === null || one === undefined ? texts.none : minute(one.raw));
  const lines = [
    texts.lineReserved(minute(reservation.start), minute(reservation.end, reservation.start)),
    texts.lineStamps(stamp(stamps.checkIn), stamp(stamps.checkOut)),
    texts.rules[charge.rule] ?? charge.rule,
    ...(charge.chargedFrom === null
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
      : [`${texts.lineFlags}: ${charge.flags.map((flag) => texts.flags[flag] ?? flag).join(' · ')}`]),
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
