import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compactVerify } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { doorController } from '../../../device/door/controller.ts';
import { serialTransport } from '../../../device/door/serial-transport.ts';
import { EmulatedBoard } from '../../../device/emulator/board.ts';
import { EmulatedDoor } from '../../../device/emulator/door.ts';
import { pace } from '../../../device/emulator/pace.ts';
import { openBoardPort, openPty } from '../../../device/emulator/pty.ts';
import { serialScanner } from '../../../device/scanner/serial.ts';
import { doctorCommand, runDoctor } from '../../../gateway/cli/doctor.ts';
import type { CommissioningReport } from '../../../gateway/cli/doctor-report.ts';
import { DOOR_STEPS } from '../../../gateway/cli/doctor-door.ts';
import type { DoctorEquipment } from '../../../gateway/cli/doctor-step.ts';
import { VENUE_STEPS } from '../../../gateway/cli/doctor-venue.ts';
import { boardAt, firmwareIdentity } from '../../../gateway/main.ts';
import { needs } from '../../needs.ts';
import { startBroker } from '../../venue/broker.ts';
import { ManualClock } from '../manual-clock.ts';
import { configured, newSigner } from '../signing.ts';
import { temporaryFolder } from '../../temporary.ts';

const STEPS = [...VENUE_STEPS, ...DOOR_STEPS].map(({ name }) => name);

/** A board with a door and an entry reader behind real ports, and a configuration of them. */
class Site {
  readonly folder = temporaryFolder();
  readonly board = new EmulatedBoard();
  readonly door = new EmulatedDoor(this.board);
  readonly key = join(this.folder, 'commissioning.pem');
  readonly config = join(this.folder, 'genkan.yaml');
  readonly #publicKey;
  #write: (bytes: Uint8Array) => void = () => undefined;

  private constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.#publicKey = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }));
    writeFileSync(this.key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  }

  /** @param over members of the door's and of the whole configuration */
  static async build(
    door: Readonly<Record<string, unknown>> = {},
    over: Readonly<Record<string, unknown>> = {},
  ): Promise<Site> {
    const site = new Site();
    onTestFinished(pace(site.board));
    const port = await openBoardPort(site.board, join(site.folder, 'board'));
    const reader = await openPty(join(site.folder, 'reader'));
    site.#write = (bytes) => reader.write(bytes);
    onTestFinished(() => port.close());
    onTestFinished(() => reader.close());
    const key = configured(newSigner('EdDSA'), 'k-1');
    const config = {
      venue: { id: 'shibuya-1', name: 'Shibuya', kind: 'h1t', hours: null, capacity: 24 },
      gateway: { id: 'gw-1', journal: './journal.sqlite' },
      http: { publicOrigin: 'https://shibuya.example' },
      doors: [
        {
          id: 'front',
          controller: { path: port.path },
          scanners: [{ kind: 'serial', side: 'entry', path: reader.path }],
          ...door,
        },
      ],
      uplink: null,
      trust: { issuers: [{ iss: 'https://issuer.example', keys: [key] }], cloud: [key] },
      clock: { source: 'host' },
      ...over,
    };
    writeFileSync(site.config, stringify(config));
    return site;
  }

  /** Runs the doctor, with somebody at the door who does what is asked. */
  async doctor(args: readonly string[], equipment?: Partial<DoctorEquipment>) {
    let out = '';
    let err = '';
    const io = {
      stdin: (async function* () {})(),
      stdout: (text: string) => (out += text),
      stderr: (text: string) => {
        err += text;
        this.#obey(text);
      },
    };
    const all = ['--config', this.config, '--json', ...args];
    const code = await (equipment === undefined
      ? doctorCommand.run(io, all)
      : runDoctor(io, all, {
          boardAt,
          firmwareIdentity: () => firmwareIdentity(),
          scannersOf: ({ id, scanners }) =>
            scanners.flatMap((each) =>
              each.kind === 'serial' ? [serialScanner({ door: id, side: each.side, path: each.path })] : [],
            ),
          ...equipment,
        }));
    const lines = out.split('\n').filter((line) => line !== '');
    const found = lines.map((line) => JSON.parse(line) as Readonly<Record<string, string | null>>);
    const statusOf = (step: string) => found.find((each) => each['step'] === step)?.['status'];
    const detailOf = (step: string) => found.find((each) => each['step'] === step)?.['detail'];
    const summary = found.at(-1);
    return { code, err, found, statusOf, detailOf, summary };
  }

  async verify(jws: string): Promise<CommissioningReport> {
    const { payload, protectedHeader } = await compactVerify(jws, this.#publicKey);
    expect(protectedHeader).toMatchObject({ alg: 'EdDSA', typ: 'commissioning-report+jws' });
    return JSON.parse(Buffer.from(payload).toString()) as CommissioningReport;
  }

  #obey(request: string): void {
    const { board } = this;
    const soon = (ms: number, act: () => void): void => board.after(ms, act);
    if (request.includes('open the door')) {
      soon(50, () => this.door.force());
      soon(250, () => this.door.push());
    } else if (request.includes('press the exit button')) soon(50, () => this.door.pressExit(200));
    else if (request.includes('contact open')) soon(50, () => board.setInput('fire', true));
    else if (request.includes('contact again')) soon(50, () => board.setInput('fire', false));
    else if (request.includes('lid')) {
      soon(50, () => board.setInput('tamper', true));
      soon(250, () => board.setInput('tamper', false));
    } else if (request.includes('any code')) this.#write(Buffer.from('anything\r'));
  }
}

describe('genkan doctor', { ...needs('socat'), timeout: 120_000 }, () => {
  it('walks through every step of a good door, in order, and signs the report', async () => {
    const broker = await startBroker();
    onTestFinished(() => broker.close());
    const site = await Site.build({}, { uplink: { url: broker.url } });
    const { code, found, summary } = await site.doctor(['--key', site.key, '--by', 'Sato']);
    expect(found.slice(0, -1).map(({ step, status, detail }) => [step, status, detail])).toEqual([
      ['clock', 'ok', 'vouched for by the configuration'],
      ['disk', 'ok', expect.stringContaining('synchronous=FULL')],
      ['broker', 'ok', `${broker.url} accepts MQTT 3.1.1`],
      ['port', 'ok', expect.stringContaining(join(site.folder, 'board'))],
      ['dtr-reset', 'ok', 'opened twice without a reset'],
      ['firmware', 'ok', await firmwareIdentity()],
      ['reset-cause', 'ok', 'power-on'],
      ['watchdog', 'ok', 'it reset a board that no longer fed it'],
      ['supply', 'ok', expect.stringMatching(/^1[12]\.\d V$/)],
      ['relay-readback', 'ok', 'the relay pulls in and lets go'],
      ['lock-monitor', 'ok', 'the lock opens and locks again'],
      ['door-contact', 'ok', 'seen there and back'],
      ['exit-button', 'ok', 'the firmware released the lock by itself'],
      ['fire-input', 'ok', 'released, and held until cleared'],
      ['tamper', 'ok', 'seen there and back'],
      ['scanner', 'ok', 'entry'],
    ]);
    expect(code).toBe(0);
    const report = await site.verify(summary?.['report'] ?? '');
    expect(report).toMatchObject({ venue: 'shibuya-1', gateway: 'gw-1', by: 'Sato', result: 'passed' });
    expect(report.steps.map(({ step }) => step)).toEqual(STEPS);
  });

  it('fails a board that resets when its port is opened, and goes on', async () => {
    const site = await Site.build();
    const { code, statusOf, detailOf, summary, found } = await site.doctor(['--key', site.key, '--yes'], {
      // What DTR does to a stock board: the port behind it is a real one.
      boardAt: (path) =>
        doorController({
          door: path,
          openTransport: (listener) => {
            site.board.reset('external');
            return serialTransport({ path })(listener);
          },
        }),
    });
    expect([statusOf('dtr-reset'), detailOf('dtr-reset')]).toEqual([
      'failed',
      'opening the port resets the board',
    ]);
    expect(found.find(({ step }) => step === 'dtr-reset')?.['remedy']).toContain('10 µF');
    expect(statusOf('relay-readback')).toBe('ok');
    expect(code).toBe(1);
    expect((await site.verify(summary?.['report'] ?? '')).result).toBe('failed');
  });

  it('with nobody at the door skips what needs hands, and the report is incomplete', async () => {
    const site = await Site.build();
    const { code, found, summary, err } = await site.doctor(['--unsigned', '--yes']);
    const skipped = found.filter(({ status }) => status === 'skipped').map(({ step }) => step);
    expect(skipped).toEqual(['door-contact', 'exit-button', 'fire-input', 'tamper', 'scanner']);
    expect(summary).toEqual({ result: 'incomplete', report: null });
    expect(err).toBe('');
    expect(code).toBe(0);
  });

  it.each([
    [
      'relay-readback',
      (site: Site) => site.door.wire('relay-readback', false),
      'relay-readback does not follow',
    ],
    ['lock-monitor', (site: Site) => site.door.wire('bolt', false), 'not reported as locked'],
    ['supply', (site: Site) => site.board.setSupplyMv(9_000), '9.0 V'],
    ['reset-cause', (site: Site) => site.board.reset('brown-out'), 'brown-out'],
  ] as const)('finds what is wrong with %s', async (step, spoil, detail) => {
    const site = await Site.build();
    site.board.runFor(200);
    spoil(site);
    const skip = STEPS.filter((each) => !['port', step].includes(each)).join();
    const { code, statusOf, detailOf } = await site.doctor(['--unsigned', '--yes', '--skip', skip]);
    expect([statusOf(step), detailOf(step)]).toEqual(['failed', expect.stringContaining(detail)]);
    expect(code).toBe(1);
  });

  it('fails a button that nobody sees pressed in time', async () => {
    const site = await Site.build();
    const skip = STEPS.filter((step) => !['port', 'exit-button'].includes(step)).join();
    site.door.pressExit = () => undefined;
    const { statusOf, detailOf } = await site.doctor(['--unsigned', '--skip', skip, '--timeout', '0.2']);
    expect([statusOf('exit-button'), detailOf('exit-button')]).toEqual([
      'failed',
      'nothing was seen within 0 s',
    ]);
    expect(statusOf('tamper')).toBe('skipped');
  });

  it('says that another firmware runs', async () => {
    const site = await Site.build();
    const skip = STEPS.filter((step) => !['port', 'firmware'].includes(step)).join();
    const { detailOf } = await site.doctor(['--unsigned', '--skip', skip], {
      firmwareIdentity: () => Promise.resolve('9.9+00000000'),
    });
    expect(detailOf('firmware')).toContain('this gateway brings 9.9+00000000');
  });

  it('skips the board’s steps where no board answers, with the port that is missing', async () => {
    const site = await Site.build({ controller: { path: '/nowhere/genkan-front' } });
    const clock = new ManualClock('2026-11-24T09:00:00+09:00');
    const { code, statusOf, detailOf } = await site.doctor(['--unsigned', '--yes', '--door', 'front'], {
      clock,
      // What the doctor would wait for: no board comes in these ten seconds.
      boardAt: (path, options) => {
        const board = boardAt(path, options);
        board.onEvent(({ kind }) => {
          if (kind === 'offline') void clock.advance(10_000);
        });
        return board;
      },
    });
    expect(statusOf('port')).toBe('failed');
    expect(detailOf('port')).toContain('/nowhere/genkan-front');
    expect(detailOf('exit-button')).toBe('the controller does not answer');
    expect(code).toBe(1);
  });

  it('finds two names that lead to one port', async () => {
    const site = await Site.build();
    const path = join(site.folder, 'board');
    const other = join(site.folder, 'reader-by-another-name');
    symlinkSync(path, other);
    const twins = await Site.build({
      controller: { path },
      scanners: [{ kind: 'serial', side: 'entry', path: other }],
    });
    const { detailOf } = await twins.doctor(['--unsigned', '--yes']);
    expect(detailOf('port')).toContain('is the same port as');
  });

  it('tells of a broker that does not answer', async () => {
    const site = await Site.build({}, { uplink: { url: 'mqtt://127.0.0.1:1' } });
    const skip = STEPS.filter((step) => step !== 'broker').join();
    const { statusOf, detailOf } = await site.doctor(['--unsigned', '--skip', skip]);
    expect(statusOf('broker')).toBe('failed');
    expect(detailOf('broker')).toContain('mqtt://127.0.0.1:1');
  });

  it('refuses a key that others may read', async () => {
    const site = await Site.build();
    chmodSync(site.key, 0o640);
    const { code, err } = await site.doctor(['--key', site.key]);
    expect(code).toBe(2);
    expect(err).toContain('--key: ');
    expect(err).toContain('chmod 600');
  });

  it.each([
    [[], '--key: needed'],
    [['--unsigned', '--key', 'x'], '--key: needed'],
    [['--key', '/nowhere.pem'], '--key: /nowhere.pem: cannot be read; make one'],
    [['--unsigned', '--door', 'back'], '--door: no door back'],
    [['--unsigned', '--skip', 'breakfast'], '--skip: no step breakfast'],
    [['--unsigned', '--timeout', 'soon'], '--timeout: must be'],
    [['--unsigned', '--faster'], 'doctor: '],
  ])('%j is bad input: %s', async (args, message) => {
    const site = await Site.build();
    const { code, err } = await site.doctor(args);
    expect(code).toBe(2);
    expect(err.startsWith(message)).toBe(true);
  });
});
