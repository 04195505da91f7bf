import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { needs } from '../needs.ts';
import { temporaryFolder } from '../temporary.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const PUBLISHED = at('../../shared/contract/vectors');

interface Vectors {
  readonly cases?: readonly { readonly refused?: string; readonly [member: string]: unknown }[];
}

const vectorsIn = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Vectors;

/** What the readers in Python make of the vectors in a folder. */
function read(folder: string): { readonly cases: number; readonly wrong: readonly string[] } {
  const args = [at('vectors.py'), folder, at('../../shared/contract/generated')];
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  return JSON.parse(execFileSync('/usr/bin/python3', args, { encoding: 'utf8', env })) as ReturnType<
    typeof read
  >;
}

describe('the readers in Python', needs('python3-cryptography', 'python3-jsonschema'), () => {
  it('make of every vector what it says, and refuse each bad one', () => {
    const cases = readdirSync(PUBLISHED).flatMap((name) => vectorsIn(join(PUBLISHED, name)).cases ?? []);
    expect(cases.length).toBeGreaterThan(0);
    expect(read(PUBLISHED)).toEqual({ cases: cases.length, wrong: [] });
  });

  it('tell of each good vector that is said to be bad, and of each bad one that is said to be good', () => {
    const folder = temporaryFolder();
    cpSync(PUBLISHED, folder, { recursive: true });
    let turned = 0;
    for (const name of readdirSync(folder)) {
      const { cases, ...rest } = vectorsIn(join(folder, name));
      if (cases === undefined) continue;
      turned += cases.length;
      const other = cases.map(({ refused, ...input }) =>
        refused === undefined ? { ...input, refused: 'said to be' } : { ...input, expect: null },
      );
      writeFileSync(join(folder, name), JSON.stringify({ ...rest, cases: other }));
    }
    expect(read(folder).wrong).toHaveLength(turned);
  });
});
