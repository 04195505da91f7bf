/** The electrical values of `parts.json`, and how they spread. */

/** One line of `parts.json`, as much of it as a calculation uses. SI units, the unit in the name. */
export interface ValuedPart {
  readonly label: string;
  readonly for: readonly string[];
  readonly electrical?: Readonly<Record<string, number>>;
}

/** Looks up a part's value. */
export type Values = (label: string, name: string, lock?: string) => number;

/** @returns a look-up that throws, naming part and value, for what `parts.json` does not say */
export function valuesOf(parts: readonly ValuedPart[]): Values {
  return (label, name, lock) => {
    const part = parts.find(
      (each) =>
        each.label === label &&
        each.electrical !== undefined &&
        (lock === undefined || each.for.includes(lock)),
    );
    const value = part?.electrical?.[name];
    if (value === undefined) throw new Error(`parts.json: ${label} has no electrical.${name}`);
    return value;
  };
}

/** A value at the two ends of its tolerance. */
export function spread(values: Values, label: string, name: string): readonly [low: number, high: number] {
  const [nominal, tolerance] = [values(label, name), values(label, 'tolerance')];
  return [nominal * (1 - tolerance), nominal * (1 + tolerance)];
}

/** Every way of taking one of each. */
export function combinations(...choices: readonly (readonly number[])[]): readonly number[][] {
  return choices.reduce<number[][]>(
    (found, choice) => found.flatMap((each) => choice.map((value) => [...each, value])),
    [[]],
  );
}

/** A leakage at a temperature: data sheets give it at 25 °C, and it doubles with each 10 K. */
export function leakageAt(amps: number, celsius: number): number {
  return amps * 2 ** Math.max(0, (celsius - 25) / 10);
}

/** A copper winding at a temperature, from its resistance at 20 °C. */
export function copperAt(ohms: number, celsius: number): number {
  return ohms * (1 + 0.00393 * (celsius - 20));
}

/** Volts in three digits: the name of a corner. */
export const volts = (value: number): string => `${Number(value.toPrecision(3))} V`;
