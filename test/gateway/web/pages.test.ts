import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CHARGE_FLAGS, CHARGE_RULES } from '../../../shared/contract/charge.ts';
import { DENIAL_REASONS } from '../../../shared/contract/denial.ts';
import { SUPERSEDED_BY } from '../../../gateway/access/close.ts';
import { ALARM_KINDS, ALARM_STATES } from '../../../shared/contract/alarm.ts';
import { EVENT_NAMES, operatorActSchema } from '../../../shared/contract/events.ts';

const pages = new URL('../../../gateway/web/pages/', import.meta.url);
const operators = new URL('console/', pages);
const demo = new URL('../../venue/demo/page/', import.meta.url);
const door = new URL('door/', pages);
const phone = new URL('phone/', pages);
const wallet = new URL('../../venue/wallet-page/', import.meta.url);
const everyPage = [pages, operators, demo, door, phone, wallet];

const sheetWords = (language: 'ja' | 'en') => wordsOf(door, `sheet-words-${language}`, 'words');

type Words = Readonly<Record<string, unknown>>;

/** The pages are written for browsers, so their modules have no types here. */
async function wordsOf(directory: URL, module: string, name: string): Promise<Words> {
  const loaded = (await import(new URL(`${module}.js`, directory).href)) as Readonly<Record<string, Words>>;
  return loaded[name] ?? {};
}

const catalogue = (directory: URL, language: 'ja' | 'en') =>
  wordsOf(directory, `words-${language}`, [door, wallet].includes(directory) ? 'words' : language);

/** Every place of a catalogue where a text stands, as `events.door.opened`. */
function places(words: unknown, path = ''): string[] {
  if (typeof words !== 'object' || words === null) return [path];
  return Object.entries(words).flatMap(([name, word]) =>
    places(word, path === '' ? name : `${path}.${name}`),
  );
}

const filesIn = (directory: URL) =>
  readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => ({ name, text: readFileSync(new URL(name, directory), 'utf8') }));

describe('the texts of the pages', () => {
  it.each([
    ['the venue’s pages', pages],
    ['the console', operators],
    ['the demo', demo],
    ['the door page', door],
    ['the issuer', wallet],
  ])('of %s say the same in Japanese and in English', async (_what, directory) => {
    const [ja, en] = await Promise.all([catalogue(directory, 'ja'), catalogue(directory, 'en')]);

    expect(places(ja)).toEqual(places(en));
  });

  it.each(['ja', 'en'] as const)(
    'name every event and every reason of a denial or a new charge (%s)',
    async (language) => {
      const { events, reasons, supersededBy } = await catalogue(pages, language);

      expect(Object.keys(events as Words).sort()).toEqual([...EVENT_NAMES].sort());
      const { acts } = await catalogue(pages, language);
      const { alarmStates } = await catalogue(operators, language);
      const alarmNames = await wordsOf(operators, 'alarm-names.generated', 'alarmNames');
      expect(Object.keys(acts as Words).sort()).toEqual([...operatorActSchema.options].sort());
      expect(Object.keys(alarmNames[language] as Words).sort()).toEqual([...ALARM_KINDS].sort());
      expect(Object.keys(alarmStates as Words).sort()).toEqual([...ALARM_STATES].sort());
      expect(Object.keys(reasons as Words).sort()).toEqual([...DENIAL_REASONS].sort());
      expect(Object.keys(supersededBy as Words).sort()).toEqual(Object.values(SUPERSEDED_BY).sort());
    },
  );

  it('of the sheets say the same in both, with a sentence for every rule and every flag', async () => {
    const [ja, en] = await Promise.all([sheetWords('ja'), sheetWords('en')]);

    expect(places(ja)).toEqual(places(en));
    expect(Object.keys(ja['rules'] as Words).sort()).toEqual([...CHARGE_RULES].sort());
    expect(Object.keys(ja['flags'] as Words).sort()).toEqual([...CHARGE_FLAGS].sort());
  });

  it.each([
    ['console.html', pages],
    ['index.html', demo],
  ])('are there for every place that %s names', async (name, directory) => {
    const html = readFileSync(new URL(name, directory), 'utf8');
    const known = {
      ...(await catalogue(pages, 'ja')),
      ...(directory === pages ? await catalogue(operators, 'ja') : {}),
      ...(directory === demo ? await catalogue(demo, 'ja') : {}),
    };
    const named = [...html.matchAll(/data-word="(\w+)"/g)].map(([, word]) => word);

    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((word) => word === undefined || !(word in known))).toEqual([]);
  });
});

describe('the files of the pages', () => {
  it.each(everyPage.flatMap(filesIn).filter(({ name }) => name.endsWith('.html')))(
    '$name holds no inline script and no inline style, which the policy would block',
    ({ text }) => {
      expect(text).not.toMatch(/<script(?![^>]*\bsrc=)/);
      expect(text).not.toMatch(/<style|\bstyle=|\bon[a-z]+=/);
    },
  );

  it.each([pages, operators, demo, door, phone])('import modules that are there: %s', (directory) => {
    const missing = filesIn(directory).flatMap(({ name, text }) =>
      [...text.matchAll(/(?:from|import\() ?'(\.{1,2}\/[^']+)'/g)]
        .map(([, path = '']) => path)
        // The QR encoder is served as its package has it; the demo's page shares the venue's modules.
        .filter((path) => path !== '../qr.js' && !path.startsWith('/pages/'))
        .filter((path) => !existsSync(new URL(path, directory)))
        .map((path) => `${name}: ${path}`),
    );
    expect(missing).toEqual([]);
  });

  it('never read a text as markup', () => {
    const scripts = everyPage.flatMap(filesIn).filter(({ name }) => name.endsWith('.js'));

    expect(
      scripts.filter(({ text }) =>
        /(?:inner|outer)HTML\s*=[^=]|insertAdjacentHTML|document\.write|\beval\(/.test(text),
      ),
    ).toEqual([]);
  });

  it('of the venue’s page weigh 50 kB at most', () => {
    const bytes = filesIn(pages).reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);

    expect(bytes).toBeLessThanOrEqual(50_000);
  });

  it('of the console weigh 150 kB at most, with what they share', () => {
    const files = [...filesIn(pages), ...filesIn(operators)];

    expect(files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)).toBeLessThanOrEqual(150_000);
  });
});
