import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { wordOf } from '../cloud-rig.ts';
import type { MqttJsOrder } from './mqttjs-process.ts';
import { peakMiBOf, type Place, type VenueSide } from './venue-side.ts';

const PACKAGES = fileURLToPath(new URL('../../../node_modules', import.meta.url));

/**
 * A venue's side that is a program of this folder in a process of its own. It is built before it is started: the memory of a
 * compiler is not to be counted. It says `{ known }` when it is ready, and the number of each event that it has taken.
 */
export class ForkedSide implements VenueSide {
  onTaken: (event: number) => void = () => undefined;
  readonly #source: URL;
  readonly #order: Place;
  #built: Promise<string> | null = null;
  #child: ChildProcess | null = null;
  #peakMiB = 0;

  /** @param order told to the program as JSON in its first argument */
  constructor(source: URL, order: Place | MqttJsOrder) {
    this.#source = source;
    this.#order = order;
  }

  async start(): Promise<number> {
    this.#built ??= this.#build();
    const child = fork(await this.#built, [JSON.stringify(this.#order)], { execArgv: [] });
    this.#child = child;
    const ended = once(child, 'exit').then(() => {
      throw new Error(`${this.#source.pathname} ended before it was ready`);
    });
    const { known } = await Promise.race([wordOf<{ known: number }>(child), ended]);
    // From here on its end is a kill.
    ended.catch(() => undefined);
    child.on('message', (taken: number) => {
      if (this.#child === child) this.onTaken(taken);
    });
    return known;
  }

  offer(event: number): void {
    this.#child?.send(event);
  }

  get peakMiB(): number {
    this.#peakMiB = Math.max(this.#peakMiB, peakMiBOf(this.#child?.pid));
    return this.#peakMiB;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    this.#peakMiB = this.peakMiB;
    this.#child = null;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async #build(): Promise<string> {
    const outfile = join(this.#order.folder, 'program.mjs');
    symlinkSync(PACKAGES, join(this.#order.folder, 'node_modules'));
    await build({
      entryPoints: [fileURLToPath(this.#source)],
      outfile,
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node20',
    });
    return outfile;
  }
}
