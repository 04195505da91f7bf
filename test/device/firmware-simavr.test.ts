import { afterEach, beforeAll, describe } from 'vitest';
import { buildSimavr, SimavrBoard } from '../../device/emulator/simavr/board.ts';
import type { BoardOptions } from '../../device/emulator/machine.ts';
import { needs } from '../needs.ts';
import { Rig } from './firmware-rig.ts';
import { declareScenarios } from './scenarios.ts';

describe('in simavr', needs('g++', 'make', 'libsimavr', 'libelf'), () => {
  beforeAll(buildSimavr);

  const boards: SimavrBoard[] = [];
  const board = (options?: BoardOptions): SimavrBoard => {
    const made = new SimavrBoard(options);
    boards.push(made);
    return made;
  };
  afterEach(() => {
    for (const each of boards.splice(0)) each.close();
  });

  declareScenarios({
    rig: (options) => new Rig(options, board(options)),
    booted: (options) => Rig.booted(options, board(options)),
  });
});
