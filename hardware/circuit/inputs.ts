/** The input circuits N1 to N5, from the terminal to the controller's pin; N6, the relay's read-back; N7, the supply. */
import {
  clampModel,
  discharge,
  DISCHARGE,
  leak,
  leakFromRail,
  rail,
  suppressor,
  terminalLeaks,
} from './models.ts';
import { simulate, TEMPERATURES, type Answer, type Bench, type Probe } from './spice.ts';
import { combinations, leakageAt, spread, volts, type Values } from './values.ts';

/** A contact between a terminal and 0 V. */
export interface Loop {
  readonly net: string;
  /** Resistance of the loop with its contact open and closed, cable and contact included. Ω. */
  readonly openOhms: number | null;
  readonly closedOhms: number;
}

/** The relay's second pole, and to which side it is pulled. */
export interface ReadBack {
  readonly net: string;
  readonly to: '5 V' | '0 V';
}

/** 5 V at the controller's pin, least and most. V. */
const RAILS = [4.3, 5.25] as const;

interface Corner {
  readonly n: string;
  readonly celsius: number;
  readonly supply: number;
  readonly pull: number;
  readonly series: number;
}

/** N1 to N5 without what hangs at the terminal. `outwards` leakage lowers the pin, the other raises it. */
function network(values: Values, { n, celsius, pull, series }: Corner, lowers: boolean): readonly string[] {
  const clamp = leakageAt(values('D3', 'leakageAmps'), celsius);
  const pin = values('A1', 'leakageAmps');
  return [
    `Rpull${n} rail${n} x${n} ${pull}`,
    `Rseries${n} x${n} pin${n} ${series}`,
    `Cseries${n} x${n} pin${n} 0.5p`,
    `Cpin${n} pin${n} 0 ${values('C2', 'farads') * (1 - values('C2', 'tolerance'))}`,
    `Dup${n} pin${n} rail${n} clamp`,
    `Ddown${n} 0 pin${n} clamp`,
    ...(lowers
      ? [leak(`pin${n}`, `pin${n}`, clamp + pin), ...terminalLeaks(values, n, `x${n}`, celsius)]
      : [
          leakFromRail(`pin${n}`, `rail${n}`, `pin${n}`, clamp + pin),
          // The controller's own pull-up, at its strongest.
          `Rown${n} rail${n} pin${n} ${values('A1', 'pullUpMinOhms')}`,
        ]),
  ];
}

/** A loop's contact open and closed: how far its level is from the controller's threshold. */
export function loops(values: Values, all: readonly Loop[]): readonly Answer[] {
  return TEMPERATURES.flatMap((celsius) => {
    let index = 0;
    const benches = all.flatMap((loop) =>
      [true, false].flatMap((open) =>
        combinations(RAILS, spread(values, 'R4', 'ohms'), spread(values, 'R5', 'ohms')).map(
          ([supply = 0, pull = 0, series = 0]): Bench => {
            const n = `_${index++}`;
            const ohms = open ? loop.openOhms : loop.closedOhms;
            const share = values('A1', open ? 'highLevel' : 'lowLevel');
            return {
              corner: `5 V at ${volts(supply)}`,
              netlist: [
                `Vrail${n} rail${n} 0 ${supply}`,
                ...network(values, { n, celsius, supply, pull, series }, open),
                ...(ohms === null ? [] : [`Rloop${n} x${n} 0 ${ohms}`]),
              ],
              probes: [
                open
                  ? {
                      net: loop.net,
                      what: 'open reads high, above 0.6 of 5 V',
                      unit: 'V',
                      floor: 0,
                      wanted: 0.5,
                      expression: `v(pin${n})-${share}*v(rail${n})`,
                    }
                  : {
                      net: loop.net,
                      what: 'closed reads low, below 0.3 of 5 V',
                      unit: 'V',
                      floor: 0,
                      wanted: 0.2,
                      expression: `${share}*v(rail${n})-v(pin${n})`,
                    },
              ],
            };
          },
        ),
      ),
    );
    return simulate(celsius, [{ corner: '', netlist: [clampModel(values)], probes: [] }, ...benches], null);
  });
}

/** The supply's highest voltage on the terminal, with the controller on and off. */
export function foreignVoltage(values: Values, net: string): readonly Answer[] {
  return TEMPERATURES.flatMap((celsius) => {
    let index = 0;
    const benches = combinations(
      [0, ...RAILS],
      spread(values, 'R4', 'ohms'),
      spread(values, 'R5', 'ohms'),
    ).map(([supply = 0, pull = 0, series = 0]): Bench => {
      const n = `_${index++}`;
      return {
        corner: `15 V on it, 5 V at ${volts(supply)}`,
        netlist: [
          ...rail(values, n, supply),
          ...network(values, { n, celsius, supply, pull, series }, false),
          `Vforeign${n} x${n} 0 15`,
        ],
        probes: [
          {
            net,
            what: 'pin above 5 V, of at most 0.5 V',
            unit: 'V',
            ceiling: values('A1', 'beyondRailVolts'),
            expression: `v(pin${n})-v(rail${n})`,
          },
          {
            net,
            what: '5 V rail with 15 V on a terminal',
            unit: 'V',
            ceiling: values('A1', 'railMaxVolts'),
            expression: `v(rail${n})`,
          },
          {
            net,
            what: 'heat in R4',
            unit: 'W',
            ceiling: values('R4', 'watts') * 0.6,
            expression: `v(x${n},rail${n})^2/${pull}`,
          },
        ],
      };
    });
    return simulate(celsius, [{ corner: '', netlist: [clampModel(values)], probes: [] }, ...benches], null);
  });
}

/** 8 kV on the terminal, either way. */
export function discharges(values: Values, net: string): readonly Answer[] {
  return TEMPERATURES.flatMap((celsius) => {
    let index = 0;
    const benches = ([1, -1] as const).map((sign): Bench => {
      const n = `_${index++}`;
      const [pull] = spread(values, 'R4', 'ohms');
      const [series] = spread(values, 'R5', 'ohms');
      const probe = (what: string): Probe => ({
        net,
        what,
        unit: 'V',
        ceiling: values('A1', 'beyondRailVolts'),
        expression: `max v(beyond${n})`,
      });
      return {
        corner: `${sign > 0 ? '+' : '−'}8 kV on it`,
        netlist: [
          // Worst for the lower side: without supply, the pin at 0 V.
          `Vrail${n} rail${n} 0 ${sign > 0 ? 5 : 0}`,
          ...network(values, { n, celsius, supply: 5, pull, series }, false),
          ...suppressor(values, 'V2', n, `x${n}`),
          ...discharge(n, `x${n}`, sign),
          `Bbeyond${n} beyond${n} 0 V = ${sign > 0 ? `v(pin${n})-v(rail${n})` : `-v(pin${n})`}`,
        ],
        probes: [sign > 0 ? probe('pin above 5 V in a discharge') : probe('pin below 0 V in a discharge')],
      };
    });
    return simulate(
      celsius,
      [{ corner: '', netlist: [clampModel(values)], probes: [] }, ...benches],
      DISCHARGE,
    );
  });
}

/** N6: the forcibly guided partner of the lock's contact. */
export function readBacks(values: Values, all: readonly ReadBack[]): readonly Answer[] {
  return TEMPERATURES.flatMap((celsius) => {
    let index = 0;
    const benches = all.flatMap(({ net, to }) =>
      [true, false].flatMap((closed) =>
        combinations(RAILS, spread(values, 'R8', 'ohms'), spread(values, 'R14', 'ohms')).map(
          ([supply = 0, pull = 0, series = 0]): Bench => {
            const n = `_${index++}`;
            const high = closed === (to === '5 V');
            const [near, far] = to === '5 V' ? [`rail${n}`, '0'] : ['0', `rail${n}`];
            const share = values('A1', high ? 'highLevel' : 'lowLevel');
            return {
              corner: `contact ${closed ? 'closed' : 'open'}, 5 V at ${volts(supply)}`,
              netlist: [
                `Vrail${n} rail${n} 0 ${supply}`,
                `Rcontact${n} x${n} ${near} ${closed ? 1 : 1e8}`,
                `Rpull${n} x${n} ${far} ${pull}`,
                `Rseries${n} x${n} pin${n} ${series}`,
                high
                  ? leak(`pin${n}`, `pin${n}`, values('A1', 'leakageAmps'))
                  : `Rown${n} rail${n} pin${n} ${values('A1', 'pullUpMinOhms')}`,
              ],
              probes: [
                {
                  net,
                  what: high ? 'reads high, above 0.6 of 5 V' : 'reads low, below 0.3 of 5 V',
                  unit: 'V',
                  floor: 0,
                  wanted: 0.5,
                  expression: high ? `v(pin${n})-${share}*v(rail${n})` : `${share}*v(rail${n})-v(pin${n})`,
                },
                ...(closed
                  ? [
                      {
                        net,
                        what: 'current that keeps the contact clean',
                        unit: 'A' as const,
                        floor: 0.005,
                        expression: `abs(v(x${n})${far === '0' ? '' : `-v(${far})`})/${pull}`,
                      },
                    ]
                  : []),
              ],
            };
          },
        ),
      ),
    );
    return simulate(celsius, benches, null);
  });
}

/** N7: the divider of the lock's supply, also while V1 clamps it. */
export function supplySense(values: Values): readonly Answer[] {
  const benches = [15, values('V1', 'clampVolts')].map((supply, index): Bench => {
    const n = `_${index}`;
    const tolerance = values('R12 R13', 'tolerance');
    return {
      corner: `L+ at ${volts(supply)}`,
      netlist: [
        `Vplus${n} plus${n} 0 ${supply}`,
        `Rup${n} plus${n} pin${n} ${values('R12 R13', 'upperOhms') * (1 - tolerance)}`,
        `Rdown${n} pin${n} 0 ${values('R12 R13', 'lowerOhms') * (1 + tolerance)}`,
        `Bpin${n} 0 pin${n} I = ${values('A1', 'leakageAmps')}`,
      ],
      probes: [
        {
          net: 'N7 supply sense',
          what: 'pin stays below 4.3 V',
          unit: 'V',
          ceiling: 4.3,
          expression: `v(pin${n})`,
        },
      ],
    };
  });
  return simulate(60, benches, null);
}
