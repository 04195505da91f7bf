import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse, parseDocument } from 'yaml';
import { openStandInDoor } from '../../../device/emulator/stand-in.ts';
import { boardCommand, runBoard } from '../../../gateway/cli/board.ts';
import { scannerCommand } from '../../../gateway/cli/scanner.ts';
import { openReadOnly } from '../../../gateway/journal/verify.ts';
import { EXAMPLE } from '../example.ts';
import { runCommand } from './cli.ts';
import { needs } from '../../needs.ts';
import { temporaryFolder } from '../../temporary.ts';
import { until } from '../../venue/until.ts';

/** How long one step may take on a machine that is busy. */
const STEP_MS_MAX = 60_000;

/** The README's way from keys to a visit: its commands, and the table of what is edited. */
const WAY = (() => {
  const readme = readFileSync('README.md', 'utf8');
  const begin = readme.indexOf('### The same way without a door');
  return readme.slice(begin, readme.indexOf('\n## ', begin));
})();

/** Each block of commands. */
const BLOCKS = [...WAY.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, commands = '']) => commands);

/** The block that holds a command. */
function block(command: string): string {
  const found = BLOCKS.filter((commands) => commands.includes(command));
  expect(found, `blocks with ${command}`).toHaveLength(1);
  return found[0] ?? '';
}

/** What the table says for the trial, by field; `as they are` is no edit. */
function edits(): readonly (readonly [path: readonly (string | number)[], value: string | null])[] {
  return [...WAY.matchAll(/^\| `([\w.[\]]+)` +\|[^|]*\| `([^`]+)` +\|$/gm)].map(
    ([, field = '', value = '']) => [
      field
        .split(/[.[\]]+/)
        .filter((step) => step !== '')
        .map((step) => (/^\d+$/.test(step) ? Number(step) : step)),
      value === 'null' ? null : value,
    ],
  );
}

/**
 * The fields that the way names: in one list of names the later ones stand beside the first, where they are not of the top.
 */
function named(top: ReadonlySet<string>): readonly string[] {
  return [...WAY.matchAll(/`[\w.[\]]+`(?:,\s+`[\w.[\]]+`)*/g)].flatMap(([list]) => {
    const [first = '', ...rest] = [...list.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    let beside = first.slice(0, first.lastIndexOf('.') + 1);
    return [
      first,
      ...rest.map((name) => {
        if (name.includes('.')) beside = name.slice(0, name.lastIndexOf('.') + 1);
        return name.includes('.') || top.has(name) ? name : `${beside}${name}`;
      }),
    ];
  });
}

/** The README's commands, with the trial in a folder of its own. */
class Terminal {
  readonly said: string[] = [];
  readonly #child;

  constructor(commands: string, folder: string) {
    this.#child = Terminal.#start(commands, folder);
    for (const stream of [this.#child.stdout, this.#child.stderr])
      createInterface({ input: stream }).on('line', (line) => this.said.push(line));
    onTestFinished(() => this.end());
  }

  /** Runs commands to their end. */
  static run(commands: string, folder: string): string {
    const { status, stdout, stderr } = spawnSync('bash', ['-ec', placed(commands, folder)], {
      encoding: 'utf8',
      env: environment(),
      timeout: STEP_MS_MAX,
    });
    expect([status, stderr]).toEqual([0, '']);
    return stdout;
  }

  static #start(commands: string, folder: string) {
    return spawn('bash', ['-ec', placed(commands, folder)], {
      // A group of its own, which is ended as Ctrl+C does.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment(),
    });
  }

  async says(text: string, times = 1): Promise<void> {
    const count = () => this.said.filter((line) => line.includes(text)).length;
    await until(`said ${times} times: ${text}`, () => count() >= times, STEP_MS_MAX).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}\n${this.said.slice(-20).join('\n')}`);
      },
    );
  }

  /** Ends everything in it. */
  async end(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const closed = new Promise((resolve) => this.#child.once('close', resolve));
    process.kill(-pid, 'SIGINT');
    const hard = setTimeout(() => process.kill(-pid, 'SIGKILL'), STEP_MS_MAX);
    await closed;
    clearTimeout(hard);
  }
}

/** The commands with the trial in this folder, and without npm, which would run the same and take its time each. */
function placed(commands: string, folder: string): string {
  return Object.entries(SCRIPTS).reduce(
    (text, [typed, script]) => text.replaceAll(typed, script.replace(/^exec /, '')),
    commands.replaceAll(/\btrial\b/g, folder),
  );
}

const SCRIPTS = (() => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    scripts: Record<'genkan' | 'start', string>;
  };
  return { 'npm run -s genkan --': scripts.genkan, 'npm start --': scripts.start };
})();

const environment = () => ({ ...process.env, NODE_OPTIONS: '', PORT: '0' });

describe('the way without a door that the README tells', needs('socat'), () => {
  it(
    'leads from keys to a visit in a journal that verifies, and leaves no port behind',
    async () => {
      const folder = join(temporaryFolder(), 'venue');
      Terminal.run(block('keys make'), folder);
      const file = join(folder, 'genkan.yaml');
      const config = parseDocument(readFileSync(file, 'utf8'));
      const edited = edits();
      expect(edited).toHaveLength(5);
      for (const [path, value] of edited) {
        expect(config.getIn(path), path.join('.')).toBeDefined();
        config.setIn(path, value);
      }
      writeFileSync(file, config.toString());
      Terminal.run(block('config check'), folder);

      const board = new Terminal(block('-- board'), folder);
      const readers = new Terminal(block('-- scanner'), folder);
      const gateway = new Terminal(block('npm start'), folder);
      await gateway.says('gateway started');
      await gateway.says('"kind":"online"');

      const journal = openReadOnly(join(folder, 'genkan.sqlite'));
      onTestFinished(() => void journal.close());
      const types = () =>
        journal
          .prepare<[], string>(`SELECT json_extract(body, '$.type') FROM events ORDER BY seq`)
          .pluck()
          .all();
      const happened = (type: string, times = 1) => {
        const count = () => types().filter((each) => each === `genkan.${type}.v1`).length;
        return until(type, () => count() >= times, STEP_MS_MAX);
      };
      await happened('scanner.online', 2);
      const walkedThrough = async (times: number) => {
        for (const change of ['released', 'open', 'closed', 'secured'])
          await board.says(`"${change}"`, times);
      };
      for (const [way, type] of [
        ['entry', 'stay.checked-in'],
        ['exit', 'stay.checked-out'],
      ] as const) {
        Terminal.run(block(`gk2 >trial/${way}`), folder);
        await happened(type);
        if (way === 'entry') await walkedThrough(1);
      }
      await happened('charge.computed');

      const [exported = '', verdict = ''] = Terminal.run(block('journal export'), folder)
        .trimEnd()
        .split(/\n(?=\{"ok")/);
      expect(JSON.parse(verdict)).toMatchObject({ ok: true });
      for (const type of ['access.granted', 'stay.checked-in', 'stay.checked-out', 'charge.computed'])
        expect(exported).toContain(`"genkan.${type}.v1"`);

      await walkedThrough(2);
      await Promise.all([gateway.end(), board.end(), readers.end()]);
      expect(board.said.filter((line) => line.includes('is gone'))).toEqual([]);
      const ports = ['front', 'front-entry', 'front-exit'];
      await until(
        'the ports are gone',
        () => !ports.some((port) => existsSync(join(folder, port))),
        STEP_MS_MAX,
      );
    },
    8 * STEP_MS_MAX,
  );

  it('says of every field of the example whether it is edited', () => {
    const example = parse(readFileSync(EXAMPLE, 'utf8')) as Record<string, object | null>;
    const fields = Object.entries(example).flatMap(([name, value]) => {
      const [place, members] = Array.isArray(value) ? [`${name}[0]`, value[0] as object] : [name, value];
      return members === null ? [place] : Object.keys(members).map((member) => `${place}.${member}`);
    });
    const told = named(new Set(Object.keys(example)));
    const isTold = (field: string) =>
      told.some(
        (name) =>
          name === field ||
          name.startsWith(`${field}.`) ||
          name.startsWith(`${field}[`) ||
          field.startsWith(`${name}.`),
      );
    expect(fields.length).toBeGreaterThan(40);
    expect(fields.filter((field) => !isTold(field))).toEqual([]);
  });

  it('names every command of genkan in the README of the commands, with no other', () => {
    const help = spawnSync('npm', ['run', '-s', 'genkan', '--', '--help'], { encoding: 'utf8' }).stdout;
    const commands = [...help.matchAll(/^ {2}(\S+) +\S/gm)].map(([, name]) => name);
    const listed = [...readFileSync('gateway/cli/README.md', 'utf8').matchAll(/^\| `(\S+)` +\|/gm)];
    expect(listed.map(([, name]) => name).sort()).toEqual(commands.sort());
  });
});

describe.each([
  ['board', boardCommand],
  ['scanner', scannerCommand],
])('genkan %s', (name, command) => {
  it.each<[string, (folder: string) => readonly string[], (folder: string) => string]>([
    ['without a port', () => [], () => '--port: missing: where the pseudo-terminal appears'],
    [
      'at a path where a file is',
      (folder) => ['--port', join(folder, 'there')],
      (folder) => `--port: ${join(folder, 'there')} is there already, and stays as it is`,
    ],
    [
      'in a folder that is not there',
      (folder) => ['--port', join(folder, 'no', 'port')],
      (folder) => `--port: ${join(folder, 'no')}: no such folder`,
    ],
  ])('%s is refused by the name of the option', async (_what, args, complaint) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'there'), 'mine');
    const told = await runCommand(command, args(folder));
    expect(told).toEqual({ code: 2, out: '', err: `${name}: ${complaint(folder)}\n` });
    expect(readFileSync(join(folder, 'there'), 'utf8')).toBe('mine');
  });
});

describe('genkan board', () => {
  it('without socat says which package brings it', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = temporaryFolder();
    onTestFinished(() => {
      process.env['PATH'] = path;
    });
    const told = await board(['--port', join(temporaryFolder(), 'port')]);
    expect(told).toEqual({
      code: 1,
      out: '',
      err: 'board: socat is not installed: sudo apt-get install socat\n',
    });
  });

  it(
    'does what the lines say, and takes the place of a link that leads nowhere',
    needs('socat'),
    async () => {
      const port = join(temporaryFolder(), 'port');
      symlinkSync('/dev/pts/nowhere', port);
      const told = await board(['--port', port], 'pull\nforce\npush\ndance\n');
      expect(told.code).toBe(0);
      expect(told.out).toBe(
        `${JSON.stringify({ port })}\n{"leaf":"closed"}\n{"leaf":"open"}\n{"leaf":"closed"}\n`,
      );
      expect(told.err).toMatch(/^board: "dance": expected one of pull, push, force, exit, /);
      expect(existsSync(port)).toBe(false);
    },
  );

  it('ends with 1 when its port is taken away', needs('socat'), async () => {
    const port = join(temporaryFolder(), 'port');
    const told = await board(['--port', port], '', {
      open: async (path) => {
        const standing = await openStandInDoor(path);
        void standing.close();
        return standing;
      },
      told: new Promise<never>(() => undefined),
    });
    expect([told.code, told.err]).toEqual([1, `board: the port ${port} is gone: socat was ended\n`]);
  });
});

/** Runs a board until all its lines are taken. */
async function board(args: readonly string[], lines = '', options?: Parameters<typeof runBoard>[2]) {
  let end: () => void = () => undefined;
  const told = new Promise<void>((resolve) => (end = resolve));
  const said = { out: '', err: '' };
  const code = await runBoard(
    {
      stdin: (async function* () {
        await Promise.resolve();
        yield lines;
        setImmediate(end);
      })(),
      stdout: (text) => (said.out += text),
      stderr: (text) => (said.err += text),
    },
    args,
    options ?? { open: openStandInDoor, told },
  );
  return { code, ...said };
}
