import { describe } from 'vitest';
import { Rig } from './firmware-rig.ts';
import { declareScenarios } from './scenarios.ts';

describe('in avr8js', () => {
  declareScenarios({
    rig: (options) => new Rig(options),
    booted: (options) => Rig.booted(options),
  });
});
