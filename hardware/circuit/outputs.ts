/** Lamps, buzzer and the 9 V that feeds them, from the controller's pin and from U1 to the terminals. */
import { discharge, DISCHARGE, leak, suppressor, terminalLeaks } from './models.ts';
import { simulate, TEMPERATURES, type Answer, type Bench } from './spice.ts';
import { combinations, spread, volts, type Values } from './values.ts';

/** An outlet at the door: its resistor in the cabinet, and what hangs at it. */
export interface Outlet {
  readonly net: string;
  readonly resistor: 'R9' | 'R10';
  readonly load: 'H1–H3' | 'H4';
}

/** A lamp as its voltage with a little slope; the buzzer as its current. */
function load(values: Values, kind: Outlet['load'], n: string, from: string, to: string): string {
  return kind === 'H1–H3'
    ? `Blamp${n} ${from} ${to} I = max(v(${from},${to})-${values(kind, 'volts')},0)/5`
    : `Bbuzzer${n} ${from} ${to} I = ${values(kind, 'amps')}*tanh(max(v(${from},${to}),0))`;
}

/** One of the seven pairs of A4: it conducts from 0.3 mA into its base, its saturation at the data sheet's worst. */
function driver(values: Values, n: string, pin: string, collector: string): readonly string[] {
  const saturation = values('A4', 'saturationVolts');
  return [
    `Rbase${n} ${pin} b${n} ${values('A4', 'inputOhms')}`,
    `Rb1${n} b${n} m${n} 7.2k`,
    `Rb2${n} m${n} 0 3k`,
    `Bdriver${n} ${collector} 0 I = max(v(${collector})-${saturation},0)/2*(1+tanh(20*(v(${pin},b${n})-0.8)))/2`,
    `Dbase${n} b${n} bb${n} base`,
    `Dbase2${n} bb${n} 0 base`,
    `Ccollector${n} ${collector} b${n} 15p`,
    `Cout${n} ${collector} 0 15p`,
  ];
}
const DRIVER_MODELS = '.model base D(is=1e-14)';

/** Lamps lit, off, at a foreign voltage. */
export function outlets(values: Values, all: readonly Outlet[]): readonly Answer[] {
  return TEMPERATURES.flatMap((celsius) => {
    let index = 0;
    const benches = all.flatMap((outlet) =>
      combinations(
        [4.3, 5.25],
        spread(values, 'U1', 'volts'),
        spread(values, outlet.resistor, 'ohms'),
        spread(values, 'R11', 'ohms'),
      ).flatMap(([supply = 0, nine = 0, ohms = 0, feed = 0]) => {
        const circuit = (n: string, pin: string, terminal: readonly string[]): readonly string[] => [
          `Vnine${n} nine${n} 0 ${nine}`,
          `Rfeed${n} nine${n} f${n} ${feed}`,
          `Bfeed${n} f${n} feed${n} I = max(v(f${n},feed${n})-${values('D4', 'volts')},0)*10`,
          `Rline${n} x${n} c${n} ${ohms}`,
          pin,
          ...terminalLeaks(values, n, `x${n}`, celsius),
          leak(`feed${n}`, `feed${n}`, 1e-5),
          ...driver(values, n, `pin${n}`, `c${n}`),
          ...terminal,
        ];
        const on = `_${index++}`;
        const off = `_${index++}`;
        const foreign = `_${index++}`;
        const high = (n: string): string =>
          `Rpin${n} rail${n} pin${n} ${values('A1', 'outputOhms')}\nVrail${n} rail${n} 0 ${supply}`;
        const lamp = outlet.load === 'H1–H3';
        const corner = `5 V at ${volts(supply)}, 9 V at ${volts(nine)}`;
        return [
          {
            corner,
            netlist: circuit(on, high(on), [
              load(values, outlet.load, on, `feed${on}`, `x${on}`),
              // The buzzer sounds while a lamp is lit, and the other way round.
              `Bother${on} feed${on} 0 I = ${values(lamp ? 'H4' : 'H1–H3', 'amps')}*tanh(max(v(feed${on}),0))`,
            ]),
            probes: [
              lamp
                ? {
                    net: outlet.net,
                    what: 'lit with at least 3 mA',
                    unit: 'A' as const,
                    floor: values('H1–H3', 'minAmps'),
                    expression: `v(x${on},c${on})/${ohms}`,
                  }
                : {
                    net: outlet.net,
                    what: 'sounds with at least 3 V',
                    unit: 'V' as const,
                    floor: values('H4', 'minVolts'),
                    expression: `v(feed${on},x${on})`,
                  },
              {
                net: outlet.net,
                what: 'current out of the pin, at most 20 mA',
                unit: 'A' as const,
                ceiling: values('A1', 'pinAmps') / 2,
                expression: `v(rail${on},pin${on})/${values('A1', 'outputOhms')}`,
              },
            ],
          },
          {
            corner: `${corner}, pin floating`,
            netlist: circuit(off, `Bpin${off} 0 pin${off} I = ${values('A1', 'leakageAmps')}`, [
              load(values, outlet.load, off, `feed${off}`, `x${off}`),
            ]),
            probes: [
              {
                net: outlet.net,
                what: 'dark in reset: base of the driver',
                unit: 'V' as const,
                ceiling: 0.8,
                expression: `v(b${off})`,
              },
            ],
          },
          {
            corner: `15 V on it while on, ${corner}`,
            netlist: circuit(foreign, high(foreign), [`Vforeign${foreign} x${foreign} 0 15`]),
            probes: [
              {
                net: outlet.net,
                what: `heat in ${outlet.resistor}`,
                unit: 'W' as const,
                ceiling: values(outlet.resistor, 'watts'),
                expression: `v(x${foreign},c${foreign})^2/${ohms}`,
              },
              {
                net: outlet.net,
                what: 'current of the driver',
                unit: 'A' as const,
                ceiling: values('A4', 'maxAmps'),
                expression: `v(x${foreign},c${foreign})/${ohms}`,
              },
            ],
          },
        ];
      }),
    );
    return simulate(celsius, [{ corner: '', netlist: [DRIVER_MODELS], probes: [] }, ...benches], null);
  });
}

/** 8 kV on a lamp's or the buzzer's terminal, its driver on and off. */
export function outletDischarges(values: Values, all: readonly Outlet[]): readonly Answer[] {
  return TEMPERATURES.flatMap((celsius) => {
    let index = 0;
    const benches = all.flatMap((outlet) =>
      combinations([1, -1], [0, 5]).map(([way = 1, pin = 0]): Bench => {
        const n = `_${index++}`;
        const sign = way > 0 ? 1 : -1;
        return {
          corner: `${sign > 0 ? '+' : '−'}8 kV on it, pin ${pin > 0 ? 'high' : 'low'}`,
          netlist: [
            `Vpin${n} drive${n} 0 ${pin}`,
            `Rpin${n} drive${n} pin${n} ${values('A1', 'outputOhms')}`,
            ...driver(values, n, `pin${n}`, `c${n}`),
            // The substrate of A4 conducts below 0 V.
            `Dsubstrate${n} 0 c${n} base`,
            `Cquiet${n} c${n} 0 ${values('C4', 'farads') * (1 - values('C4', 'tolerance'))}`,
            `Rline${n} x${n} c${n} ${spread(values, outlet.resistor, 'ohms')[0]}`,
            ...suppressor(values, 'V2', n, `x${n}`),
            ...discharge(n, `x${n}`, sign),
            `Bbeyond${n} beyond${n} 0 V = max(v(pin${n})-5,-v(pin${n}))`,
          ],
          probes: [
            {
              net: outlet.net,
              what: 'driver in a discharge',
              unit: 'V',
              ceiling: values('A4', 'maxVolts'),
              expression: `max v(c${n})`,
            },
            {
              net: outlet.net,
              what: 'pin beyond its rails in a discharge',
              unit: 'V',
              ceiling: values('A1', 'beyondRailVolts'),
              expression: `max v(beyond${n})`,
            },
          ],
        };
      }),
    );
    return simulate(celsius, [{ corner: '', netlist: [DRIVER_MODELS], probes: [] }, ...benches], DISCHARGE);
  });
}

/** Terminal 18 or a lamp's line shorted, and terminal 18 with a foreign voltage: U1 and the controller do not notice. */
export function feed(values: Values, otherAmps: number): readonly Answer[] {
  const net = 'terminal 18, 9 V';
  return TEMPERATURES.flatMap((celsius) =>
    simulate(
      celsius,
      combinations(spread(values, 'U1', 'volts'), spread(values, 'R11', 'ohms')).flatMap(
        ([nine = 0, ohms = 0], index): readonly Bench[] => {
          const circuit = (n: string, outside: string): readonly string[] => [
            `Vnine${n} nine${n} 0 ${nine}`,
            `Rfeed${n} nine${n} f${n} ${ohms}`,
            `Bdiode${n} f${n} x${n} I = max(v(f${n},x${n})-${values('D4', 'volts')},0)*10`,
            outside,
          ];
          const [short, lamp, foreign] = [`_s${index}`, `_l${index}`, `_f${index}`];
          return [
            {
              corner: `shorted, 9 V at ${volts(nine)}`,
              netlist: circuit(short, `Rshort${short} x${short} 0 0.05`),
              probes: [
                {
                  net,
                  what: 'shorted: current of U1 with all else on',
                  unit: 'A',
                  ceiling: values('U1', 'amps'),
                  expression: `v(nine${short},f${short})/${ohms}+${otherAmps}`,
                },
                {
                  net,
                  what: 'shorted: heat in R11, for good',
                  unit: 'W',
                  ceiling: values('R11', 'watts') * 0.6,
                  expression: `v(nine${short},f${short})^2/${ohms}`,
                },
              ],
            },
            {
              corner: `lamp to 0 V, 9 V at ${volts(nine)}`,
              netlist: circuit(lamp, load(values, 'H1–H3', lamp, `x${lamp}`, '0')),
              probes: [
                {
                  net,
                  what: 'a lamp’s line to 0 V: current of U1 with all else on',
                  unit: 'A',
                  ceiling: values('U1', 'amps'),
                  expression: `v(nine${lamp},f${lamp})/${ohms}+${otherAmps}`,
                },
              ],
            },
            {
              corner: `15 V on it, 9 V at ${volts(nine)}`,
              netlist: circuit(foreign, `Vforeign${foreign} x${foreign} 0 15`),
              probes: [
                {
                  net,
                  what: '15 V on it: current back into U1',
                  unit: 'A',
                  ceiling: 0.001,
                  expression: `v(f${foreign},nine${foreign})/${ohms}`,
                },
              ],
            },
          ];
        },
      ),
      null,
    ),
  );
}

/** 8 kV on terminal 18: D4 keeps it from U1. */
export function feedDischarge(values: Values): readonly Answer[] {
  return TEMPERATURES.flatMap((celsius) =>
    simulate(
      celsius,
      ([1, -1] as const).map((sign, index): Bench => {
        const n = `_${index}`;
        return {
          corner: `${sign > 0 ? '+' : '−'}8 kV on it`,
          netlist: [
            `Vnine${n} nine${n} 0 ${values('U1', 'volts')}`,
            `Rfeed${n} nine${n} f${n} ${spread(values, 'R11', 'ohms')[0]}`,
            `Bdiode${n} f${n} x${n} I = max(v(f${n},x${n})-${values('D4', 'volts')},0)*10`,
            `Cdiode${n} f${n} x${n} 110p`,
            ...suppressor(values, 'V2', n, `x${n}`),
            ...discharge(n, `x${n}`, sign),
            `Bback${n} back${n} 0 V = v(x${n},f${n})`,
          ],
          probes: [
            {
              net: 'terminal 18, 9 V',
              what: 'D4 in a discharge',
              unit: 'V',
              ceiling: values('D4', 'reverseVolts'),
              expression: `max v(back${n})`,
            },
          ],
        };
      }),
      DISCHARGE,
    ),
  );
}
