/** The lock with its suppressor at the end of the cable, and what a short there does to the supply. */
import { simulate, TEMPERATURES, type Answer, type Bench } from './spice.ts';
import { combinations, copperAt, spread, volts, type Values } from './values.ts';

/** A lock as the drawing has it. */
export interface LockLine {
  readonly id: string;
  readonly title: string;
}

/** The battery at its end, and the highest that the supply gives. V. */
const SUPPLIES = [10.5, 15] as const;
/** There and back, 0 to 20 m of 0.75 mm², at 20 °C. Ω. */
const CABLES = [0.05, 0.94] as const;

/** Volts at the lock, and from K1 opening until it has let go, K1's own time added. */
export function lockLine(values: Values, { id, title }: LockLine, relaySeconds: number): readonly Answer[] {
  const ohms = values('Y1', 'volts', id) / values('Y1', 'amps', id);
  const clamp = values('D1', 'clampVolts', id);
  const opens = 0.3;
  return TEMPERATURES.flatMap((celsius) => {
    const benches = combinations(SUPPLIES, CABLES).map(([supply = 0, cable = 0], index): Bench => {
      const n = `_${index}`;
      const coil = copperAt(ohms, celsius);
      const amps = supply / (coil + copperAt(cable, celsius));
      return {
        corner: `supply at ${volts(supply)}, ${cable < 0.5 ? '1 m' : '20 m'} of cable`,
        netlist: [
          `Vsupply${n} s${n} 0 ${supply}`,
          `Rfuse${n} s${n} l${n} ${values('F1', 'ohms')}`,
          `Scontact${n} l${n} x${n} gate${n} 0 contact`,
          `Vgate${n} gate${n} 0 PWL(0 1 ${opens} 1 ${opens + 1e-5} 0)`,
          `Rcable${n} x${n} y${n} ${copperAt(cable, celsius)}`,
          `Lcoil${n} y${n} m${n} ${values('Y1', 'henry', id)} ic=${amps}`,
          `Rcoil${n} m${n} 0 ${coil}`,
          `Bamps${n} amps${n} 0 V = v(m${n})/${coil}`,
          `Bclamp${n} 0 y${n} I = max(-v(y${n})-${clamp},0)*10`,
        ],
        probes: [
          {
            net: `lock line, ${title}`,
            what: `the lock gets at least ${values('Y1', 'minVolts', id)} V`,
            unit: 'V',
            floor: values('Y1', 'minVolts', id),
            expression: `find v(y${n}) at=${opens - 0.01}`,
          },
          {
            net: `lock line, ${title}`,
            what: 'F1 at most at 80 %',
            unit: 'A',
            ceiling: values('F1', 'amps') * 0.8,
            expression: `find v(amps${n}) at=${opens - 0.01}`,
          },
          {
            net: `lock line, ${title}`,
            what: 'lets go within 100 ms of the order, K1 included',
            unit: 's',
            ceiling: 0.1,
            expression: `trig at=${opens - relaySeconds} targ v(amps${n}) val=${amps * values('Y1', 'dropShare', id)} fall=last`,
          },
        ],
      };
    });
    return simulate(
      celsius,
      [
        { corner: '', netlist: ['.model contact SW(vt=0.5 vh=0.01 ron=0.05 roff=1e7)'], probes: [] },
        ...benches,
      ],
      'tran 0.2m 0.8 0 0.2m uic',
    );
  });
}

/**
 * A short between terminals 2 and 3: F1 melts, F4 does not, and what C3 holds carries the controller over. With the
 * battery there; PS1 alone limits its current, and the controller restarts when F1 has gone.
 */
export function shortAtLock(values: Values, controllerWatts: number): readonly Answer[] {
  const net = 'supply, lock shorted';
  return TEMPERATURES.flatMap((celsius) => {
    const benches = combinations(
      [10.5, 13.8],
      [values('GB1', 'ohms'), values('GB1', 'agedOhms')],
      CABLES,
      spread(values, 'C3', 'farads').slice(0, 1),
    ).map(([battery = 0, inner = 0, cable = 0, farads = 0], index): Bench => {
      const n = `_${index}`;
      const melt = values('F1', 'meltMaxSquareSeconds');
      return {
        corner: `battery ${volts(battery)} with ${inner} Ω, ${cable < 0.5 ? '1 m' : '20 m'} of cable`,
        netlist: [
          `Vbattery${n} e${n} 0 ${battery}`,
          `Rbattery${n} e${n} p${n} ${inner + values('F4', 'ohms') + 0.02}`,
          // F1 as its resistance until the square of its current has lasted long enough.
          `Bfuse${n} p${n} f${n} I = v(p${n},f${n})*${1 / values('F1', 'ohms')}*(1+tanh(100*(${melt}-v(heat${n}))))/2`,
          `Bheat${n} 0 heat${n} I = i(Vsense${n})^2`,
          `Cheat${n} heat${n} 0 1`,
          `Rheat${n} heat${n} 0 1e9`,
          `Vsense${n} f${n} x${n} 0`,
          `Rcable${n} x${n} y${n} ${copperAt(cable, celsius)}`,
          `Sshort${n} y${n} 0 gate${n} 0 contact`,
          `Vgate${n} gate${n} 0 PWL(0 0 10m 0 10.01m 1)`,
          `Rf2${n} p${n} d${n} ${values('F2', 'ohms')}`,
          `Bdiode${n} d${n} u${n} I = max(v(d${n},u${n})-${values('D5', 'volts')},0)*20`,
          `C3${n} u${n} 0 ${farads}`,
          // U1 takes constant power.
          `Bu1${n} u${n} 0 I = ${controllerWatts / values('U1', 'efficiency')}/max(v(u${n}),4)`,
          `.ic v(u${n})=${battery - 0.7} v(heat${n})=0 v(p${n})=${battery}`,
        ],
        probes: [
          {
            net,
            what: 'the controller lives: input of U1 above 7.5 V',
            unit: 'V',
            floor: values('A1', 'inputMinVolts'),
            expression: `min v(u${n})`,
          },
          {
            net,
            what: 'F1 blows, after at most',
            unit: 's',
            ceiling: 0.25,
            expression: `trig at=10m targ v(heat${n}) val=${melt * 0.99} rise=1`,
          },
          {
            net,
            what: 'F4 does not: below its 20 A²s',
            unit: 'A²s',
            ceiling: values('F4', 'meltMinSquareSeconds'),
            expression: `max v(heat${n})`,
          },
        ],
      };
    });
    return simulate(
      celsius,
      [
        { corner: '', netlist: ['.model contact SW(vt=0.5 vh=0.01 ron=0.005 roff=1e7)'], probes: [] },
        ...benches,
      ],
      'tran 20u 0.35 0 50u uic',
    );
  });
}

/** The controller on a battery at its end, and on the highest supply. */
export function controllerSupply(
  values: Values,
  controllerWatts: number,
  allAmps: number,
): readonly Answer[] {
  const net = 'supply, steady';
  return TEMPERATURES.flatMap((celsius) =>
    simulate(
      celsius,
      SUPPLIES.map((supply, index): Bench => {
        const n = `_${index}`;
        return {
          corner: `supply at ${volts(supply)}`,
          netlist: [
            `Vsupply${n} p${n} 0 ${supply}`,
            `Rf2${n} p${n} d${n} ${values('F2', 'ohms')}`,
            `Bdiode${n} d${n} u${n} I = max(v(d${n},u${n})-${values('D5', 'volts')},0)*20`,
            `Bu1${n} u${n} 0 I = ${controllerWatts / values('U1', 'efficiency')}/max(v(u${n}),4)`,
          ],
          probes: [
            {
              net,
              what: 'U1 regulates: input above 9 V and its drop-out',
              unit: 'V',
              floor: values('U1', 'volts') + values('U1', 'dropOutVolts'),
              expression: `v(u${n})`,
            },
            {
              net,
              what: 'F2 at most at 80 % of 0.63 A',
              unit: 'A',
              ceiling: values('F2', 'amps') * 0.8,
              expression: `v(p${n},d${n})/${values('F2', 'ohms')}`,
            },
            {
              net,
              what: 'PS1 with the lock held, derated to 60 °C',
              unit: 'A',
              ceiling: values('PS1', 'amps') * values('PS1', 'deratedShare'),
              expression: `0*v(p${n})+${allAmps}`,
            },
          ],
        };
      }),
      null,
    ),
  );
}
