import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

const stepSchema = z.looseObject({ step: z.string(), ms: z.number() });
const rootDirectory = new URL('../../', import.meta.url);

/** Starting a process with everything in it takes seconds on a busy machine. */
const RUN_MS_MAX = 90_000;

async function visit(...flags: string[]) {
  const child = spawn('npm', ['run', '-s', 'visit', '--', ...flags], { cwd: rootDirectory });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, err, lines: out.trimEnd().split('\n') };
}

const parse = (lines: readonly string[]) => lines.map((line) => stepSchema.parse(JSON.parse(line)));

const CHARGE = {
  rule: 'h1t-shortened',
  chargedFrom: '2026-11-24T09:00:00+09:00',
  chargedTo: '2026-11-24T11:00:00+09:00',
  units: 4,
  minutes: 120,
  yen: 2000,
};

describe('npm run visit', () => {
  it(
    'plays a visit from the reader to the bill and charges 9:00 to 11:00 for a check-out at 10:30',
    async () => {
      const { code, lines } = await visit('--json');
      const steps = parse(lines);
      const names = steps.map(({ step }) => step);

      expect(code).toBe(0);
      for (const step of [
        'scan',
        'granted',
        'checked-in',
        'pulse-start',
        'door-opened',
        'pulse-end',
        'published',
        'receipt',
      ]) {
        expect(names.filter((name) => name === step).length, step).toBeGreaterThan(0);
      }
      // The grant is in the ledger before the lock moves, at the entry and at the exit.
      expect(names.filter((name) => name === 'granted' || name === 'pulse-start')).toEqual([
        'granted',
        'pulse-start',
        'granted',
        'pulse-start',
      ]);
      expect(steps.filter(({ step }) => step === 'charge')).toEqual([
        expect.objectContaining({ ...CHARGE, online: true }),
      ]);
      expect(steps.at(-1)).toMatchObject({
        step: 'summary',
        ok: true,
        yen: 2000,
        gaps: 0,
        mismatches: 0,
        rejected: 0,
      });
    },
    RUN_MS_MAX,
  );

  it(
    'charges the same with the line cut, and every event reaches the service once after it is mended',
    async () => {
      const { code, lines } = await visit('--json', '--offline');
      const steps = parse(lines);
      const names = steps.map(({ step }) => step);
      const summary = steps.at(-1);

      expect(code).toBe(0);
      expect(steps.filter(({ step }) => step === 'charge')).toEqual([
        expect.objectContaining({ ...CHARGE, online: false }),
      ]);
      const [cut, mended] = [names.indexOf('line-cut'), names.indexOf('line-mended')];
      expect(names.slice(cut, mended)).toContain('charge');
      expect(names.slice(cut, mended)).not.toContain('published');
      expect(names.slice(mended)).toContain('published');
      expect(summary).toMatchObject({ step: 'summary', ok: true, yen: 2000, gaps: 0, outOfOrder: 0 });
      expect(summary?.['stored']).toBe(summary?.['journalled']);
      expect(summary?.['receipt']).toBe(summary?.['journalled']);
    },
    RUN_MS_MAX,
  );

  it(
    'ends with 2 and names an unknown flag',
    async () => {
      const { code, err } = await visit('--ofline');

      expect(code).toBe(2);
      expect(err).toContain('--ofline');
    },
    RUN_MS_MAX,
  );
});
