import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watchConnections } from './disk.ts';
import { simulate, type SimResult } from './run.ts';
import { installSignatures } from './signatures.ts';

/** Where Linux has a disk of memory. */
const MEMORY_DISK = '/dev/shm';

/** Makes this process one that simulates: what stands in for the platform is put in its place, for good. */
export function lifeOf(): { live(seed: number, keepLines: boolean): Promise<SimResult>; end(): void } {
  installSignatures();
  watchConnections();
  const folder = mkdtempSync(join(existsSync(MEMORY_DISK) ? MEMORY_DISK : tmpdir(), 'genkan-sim-'));
  const stray: string[] = [];
  const onStray = (error: unknown) => {
    stray.push(`nobody caught: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  };
  process.on('unhandledRejection', onStray);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return {
    live: async (seed, keepLines) => {
      const result = await simulate(seed, join(folder, String(seed)), keepLines);
      return { ...result, violations: [...result.violations, ...stray.splice(0)] };
    },
    end: () => {
      process.off('unhandledRejection', onStray);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
