import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { doorCodeCommand } from '../../../gateway/cli/door-code.ts';
import { linesOf, widthOf } from '../../../gateway/door-code/line-breaks.ts';
import { textsIn } from '../../../gateway/messages/catalogue.ts';
import { needs } from '../../needs.ts';
import { decodeQr } from '../../venue/qr-decoder.ts';
import { exampleFile } from '../example.ts';
import { temporaryFolder } from '../../temporary.ts';

const ENTRY = 'https://shibuya-1.gw.example.jp/d/front/entry?c=sheet';

/** The example's configuration with another line for each that is named. */
function configFile(folder: string, changes: Readonly<Record<string, string>> = {}): string {
  const wanted = { 'code: { entry: rotating, exit: rotating }': 'code: static', ...changes };
  return exampleFile(folder, (text) =>
    Object.entries(wanted).reduce((edited, [from, to]) => {
      expect(edited).toContain(from);
      return edited.replaceAll(from, to);
    }, text),
  );
}

async function doorCode(...args: readonly string[]) {
  let [out, err] = ['', ''];
  const code = await doorCodeCommand.run(
    {
      stdin: (async function* () {})(),
      stdout: (text) => (out += text),
      stderr: (text) => (err += text),
    },
    args,
  );
  return { code, out, err };
}

/** A PDF as a printer sees it. */
const printed = (pdf: string) => spawnSync('pdftoppm', ['-r', '150', '-png', pdf]).stdout;

// A busy machine takes its time to read the fonts.
describe('genkan door-code', { ...needs('zbarimg', 'pdftoppm'), timeout: 120_000 }, () => {
  it('prints a picture of A4 at 300 dpi whose code an independent decoder reads', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'sheet.png');
    const done = await doorCode('--config', configFile(folder), '--out', out);
    expect(done).toMatchObject({ code: 0, err: '' });
    const told = { file: out, url: ENTRY, door: 'front', side: 'entry', paper: 'a4' };
    expect(JSON.parse(done.out)).toEqual(told);
    const png = readFileSync(out);
    // IHDR comes first (PNG specification, section 11.2.2).
    expect(png.readUInt32BE(16)).toBe(2480);
    expect(png.readUInt32BE(20) / 2480).toBeCloseTo(Math.SQRT2, 2);
    expect(decodeQr(png)).toEqual([ENTRY]);
  });

  it('prints a PDF of the paper’s size in the name of the venue, and its code is read off the printed page', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'sheet.pdf');
    const config = configFile(folder);
    await doorCode('--config', config, '--side', 'exit', '--paper', 'a5', '--wifi', 'Lounge', '--out', out);
    const { stdout } = spawnSync('pdfinfo', [out], { encoding: 'utf8' });
    expect(stdout).toContain('渋谷一丁目 出口');
    expect(stdout).toMatch(/Page size: +419\.53 x 595\.28 pts/);
    expect(decodeQr(printed(out))).toEqual([ENTRY.replace('entry', 'exit')]);
  });

  it('prints an SVG that needs no font, and warns of an address at which phones cannot use their keys', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'sheet.svg');
    const config = configFile(folder, { 'https://shibuya-1': 'http://shibuya-1' });
    const { code, err } = await doorCode('--config', config, '--out', out);
    expect(code).toBe(0);
    expect(err).toContain('http.publicOrigin: not https');
    const svg = readFileSync(out, 'utf8');
    expect(svg).not.toContain('<text');
    expect(svg).not.toContain('font');
  });

  it.each(['ja', 'en'] as const)('names the buttons as the door page does, in %s', (language) => {
    const page = new URL(`../../../gateway/web/pages/door/words-${language}.js`, import.meta.url);
    const words = readFileSync(page, 'utf8');
    const label = (name: string) => new RegExp(`^  ${name}: '(.+)',$`, 'm').exec(words)?.[1] ?? 'not there';
    const { tap } = textsIn(language).sheet;
    expect(tap.entry).toContain(label('open'));
    expect(tap.exit).toContain(label('checkOut'));
  });

  it.each([
    ['--config', []],
    ['--side', ['--side', 'in']],
    ['--paper', ['--paper', 'letter']],
    ['--door', ['--door', 'back']],
    ['--wifi', ['--wifi', 'x'.repeat(33)]],
    ['--out', ['--out', 'sheet.docx']],
    ['--out', ['--out', '/nowhere/sheet.pdf']],
    ["'--colour'", ['--colour', 'red']],
  ])('refuses a bad command line with the name of the field: %s', async (field, args) => {
    const config = field === '--config' ? [] : ['--config', configFile(temporaryFolder())];
    const { code, out, err } = await doorCode(...config, ...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(field);
  });

  it('prints no sheet for a door whose code rotates, and names the display', async () => {
    const folder = temporaryFolder();
    const config = configFile(folder, { 'code: static': 'code: { entry: rotating }' });
    const out = join(folder, 'sheet.pdf');
    const refused = await doorCode('--config', config, '--out', out);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('/display/front?side=entry');
    expect(existsSync(out)).toBe(false);
  });

  it('names the signs that no installed font has, and prints nothing', async () => {
    const folder = temporaryFolder();
    const config = configFile(folder, { 'name: 渋谷一丁目': 'name: "渋谷\\u0378"' });
    const out = join(folder, 'sheet.pdf');
    const { code, err } = await doorCode('--config', config, '--out', out);
    expect(code).toBe(2);
    expect(err).toContain('no installed font has \u0378:');
    expect(existsSync(out)).toBe(false);
  });
});

describe('the lines of a sheet', () => {
  it('are never wider than they may be, begin with no closing sign, and tear no word apart', () => {
    const name = '東京メトロポリタン・ワークラウンジ（二十三階、法人会員専用） Tokyo Metropolitan Lounge';
    for (let em = 13; em < 60; em += 1) {
      const lines = linesOf(name, em);
      expect(lines.join('').replaceAll(' ', '')).toBe(name.replaceAll(' ', ''));
      for (const line of lines) {
        expect(widthOf(line)).toBeLessThanOrEqual(em);
        expect(line).not.toMatch(/^[、・）]/);
      }
      expect(lines.some((line) => line.includes('Metropolitan'))).toBe(true);
    }
  });
});
