import type { Drawn } from './calculate.ts';

/** The drawings' data, each file read by `text` from its name in `hardware/`. */
export function drawnOf(text: (path: string) => string): Drawn {
  const read = (path: string): unknown => JSON.parse(text(path));
  const { pins } = read('pins.json') as Pick<Drawn, 'pins'>;
  const { terminals, inputs } = read('wiring.json') as Pick<Drawn, 'terminals' | 'inputs'>;
  return {
    pins,
    terminals,
    inputs,
    locks: read('locks.json') as Drawn['locks'],
    parts: read('parts.json') as Drawn['parts'],
  };
}
