/** K1 with its driver, and K9 at the end of the fire panel's cable. */
import { simulate, TEMPERATURES, type Answer, type Bench } from './spice.ts';
import { combinations, copperAt, spread, volts, type Values } from './values.ts';

const K1 = 'K1 lock relay';

/** A coil at a temperature and an end of its tolerance. Ω. */
function coils(values: Values, label: string, celsius: number): readonly [number, number] {
  const [ohms, tolerance] = [values(label, 'coilOhms'), values(label, 'coilTolerance')];
  return [copperAt(ohms * (1 - tolerance), celsius), copperAt(ohms * (1 + tolerance), celsius)];
}

/** T1 with the gain that its data sheet promises. */
function models(values: Values): string {
  return `.model t1 NPN(is=5e-14 bf=${values('T1', 'gain')} xtb=1.5 rb=5 rc=0.5 vaf=80)\n.model flyback D(is=4e-9 n=1.9 rs=0.6)`;
}

function driver(
  values: Values,
  n: string,
  nine: number,
  series: number,
  base: number,
  coil: number,
): readonly string[] {
  return [
    `Vnine${n} nine${n} 0 ${nine}`,
    `Rseries${n} nine${n} k${n} ${series}`,
    `Lcoil${n} k${n} kl${n} ${values('K1', 'coilHenry')}`,
    `Rcoil${n} kl${n} c${n} ${coil}`,
    `Dflyback${n} c${n} k${n} flyback`,
    `Rbase${n} pin${n} b${n} ${base}`,
    `Rdown${n} pin${n} 0 ${values('R1', 'ohms') * (1 + values('R1', 'tolerance'))}`,
    `Q${n} c${n} b${n} 0 t1`,
  ];
}

/** K1 on, off in reset, and the current that D4 gives. */
export function lockRelay(values: Values): readonly Answer[] {
  return TEMPERATURES.flatMap((celsius) => {
    let index = 0;
    const benches = combinations(
      [4.3, 5.25],
      spread(values, 'U1', 'volts'),
      spread(values, 'R3', 'ohms'),
      spread(values, 'R2', 'ohms'),
      coils(values, 'K1', celsius),
    ).flatMap(([supply = 0, nine = 0, series = 0, base = 0, coil = 0]): readonly Bench[] => {
      const [on, off] = [`_${index++}`, `_${index++}`];
      const corner = `5 V at ${volts(supply)}, 9 V at ${volts(nine)}`;
      return [
        {
          corner,
          netlist: [
            ...driver(values, on, nine, series, base, coil),
            `Vrail${on} rail${on} 0 ${supply}`,
            `Rpin${on} rail${on} pin${on} ${values('A1', 'outputOhms')}`,
          ],
          probes: [
            {
              net: K1,
              what: 'pulls in: coil above 4.5 V',
              unit: 'V',
              floor: values('K1', 'operateVolts'),
              expression: `v(k${on})-v(c${on})`,
            },
            {
              net: K1,
              what: 'coil below 7.2 V',
              unit: 'V',
              ceiling: values('K1', 'maxVolts'),
              expression: `v(k${on})-v(c${on})`,
            },
            {
              net: K1,
              what: 'current out of D4, at most 20 mA',
              unit: 'A',
              ceiling: values('A1', 'pinAmps') / 2,
              expression: `v(rail${on},pin${on})/${values('A1', 'outputOhms')}`,
            },
            {
              net: K1,
              what: 'heat in R3',
              unit: 'W',
              ceiling: values('R3', 'watts') * 0.6,
              expression: `v(nine${on},k${on})^2/${series}`,
            },
          ],
        },
        {
          corner: `${corner}, D4 floating`,
          netlist: [
            ...driver(values, off, nine, series, base, coil),
            `Bpin${off} 0 pin${off} I = ${values('A1', 'leakageAmps')}`,
            `Bcut${off} c${off} 0 I = ${values('T1', 'cutOffAmps')}`,
          ],
          probes: [
            {
              net: K1,
              what: 'stays off in reset: coil below 0.6 V',
              unit: 'V',
              ceiling: values('K1', 'dropOutVolts'),
              expression: `v(k${off})-v(c${off})`,
            },
          ],
        },
      ];
    });
    return simulate(celsius, [{ corner: '', netlist: [models(values)], probes: [] }, ...benches], null);
  });
}

/**
 * From D4 going low until K1's contacts have moved: the coil's current falls to what must drop out, then the armature
 * moves. The answers are the terms of the lock's own release.
 */
export function relayRelease(values: Values): readonly Answer[] {
  return TEMPERATURES.flatMap((celsius) => {
    const benches = combinations(spread(values, 'U1', 'volts'), coils(values, 'K1', celsius)).map(
      ([nine = 0, coil = 0], index): Bench => {
        const n = `_${index}`;
        const drop = values('K1', 'dropOutVolts') / values('K1', 'coilOhms');
        return {
          corner: `9 V at ${volts(nine)}`,
          netlist: [
            ...driver(values, n, nine, spread(values, 'R3', 'ohms')[0], values('R2', 'ohms'), coil),
            `Bamps${n} amps${n} 0 V = v(kl${n},c${n})/${coil}`,
            `Vpin${n} pin${n} 0 PWL(0 5 10m 5 10.001m 0)`,
          ],
          probes: [
            {
              net: K1,
              what: 'lets go after D4 is low, with 4 ms for the armature',
              unit: 's',
              ceiling: 0.03,
              expression: `trig at=${0.01 - values('K1', 'releaseSeconds')} targ v(amps${n}) val=${drop} fall=last`,
            },
          ],
        };
      },
    );
    return simulate(
      celsius,
      [{ corner: '', netlist: [models(values)], probes: [] }, ...benches],
      'tran 20u 60m',
    );
  });
}

/** K9 at the fire panel: its coil on the panel's 24 V, at the end of 100 m of 0.9 mm. */
export function panelRelay(values: Values): readonly Answer[] {
  const loop = 2 * 100 * 0.0277;
  return TEMPERATURES.flatMap((celsius) =>
    simulate(
      celsius,
      combinations([24 * 0.85, 24 * 1.15], coils(values, 'K9', celsius)).map(
        ([panel = 0, coil = 0], index): Bench => {
          const n = `_${index}`;
          const coilVolts = `v(k${n})`;
          return {
            corner: `panel at ${volts(panel)}`,
            netlist: [
              `Vpanel${n} p${n} 0 ${panel}`,
              `Rcable${n} p${n} k${n} ${copperAt(loop, celsius)}`,
              `Rcoil${n} k${n} 0 ${coil}`,
            ],
            probes: [
              {
                net: 'K9 fire panel',
                what: 'holds without fire: coil above 18 V',
                unit: 'V',
                floor: values('K9', 'operateVolts'),
                expression: coilVolts,
              },
              {
                net: 'K9 fire panel',
                what: 'coil below 28.8 V',
                unit: 'V',
                ceiling: values('K9', 'maxVolts'),
                expression: coilVolts,
              },
            ],
          };
        },
      ),
      null,
    ),
  );
}
