import { parseArgs } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import type { GatewayConfig } from '../../shared/contract/config.ts';
import { formatInstant } from '../../shared/time.ts';
import { hostClock } from '../clock/host.ts';
import { KeptClock } from '../clock/kept.ts';
import { ConfigError, loadConfig } from '../config.ts';
import { KeyError, loadSigningKey, type SigningKey } from '../tokens/signing-key.ts';
import type { Command, CommandIo, ExitCode } from './command.ts';
import { signReport, type CommissioningReport, type ReportedStep } from './doctor-report.ts';
import { DOOR_STEPS } from './doctor-door.ts';
import type { DoctorEquipment, DoorVisit, Finding, Visit } from './doctor-step.ts';
import { VENUE_STEPS } from './doctor-venue.ts';

const USAGE = `doctor --config FILE (--key FILE | --unsigned) [--door ID] [--by NAME] [--yes] [--skip STEP,…]
              [--timeout SECONDS] [--json]

Walks through the commissioning of every door, with somebody at the door and the gateway stopped: it asks for each
movement on standard error and waits for what the sensors see. Ends in a report, signed with the key. Exit code 1 when a
step failed. The lock is released for a moment.

  --key       private key, PKCS #8 PEM, Ed25519 or P-256, mode 600:
              (umask 077; openssl genpkey -algorithm ed25519 -out commissioning.pem)
  --unsigned  no signature: a look, not a commissioning
  --yes       nobody is at the door: whatever needs hands is skipped, and the report is incomplete
  --skip      these steps are skipped
  --timeout   how long somebody has for each movement; default 60
  --json      one line of JSON a step, the last one {"result":…,"report":…} with the JWS

Steps: ${[...VENUE_STEPS, ...DOOR_STEPS].map(({ name }) => name).join(' ')}
`;

/** `genkan doctor`: is this door safe to use? */
export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'walks through the commissioning of the doors',
  usage: USAGE,
  // Loaded here, so that other commands do not wait for the drivers.
  run: async (io, args) => {
    const { boardAt, equip, firmwareIdentity } = await import('../main.ts');
    return runDoctor(io, args, {
      boardAt,
      scannersOf: (config) => equip(config).scanners,
      firmwareIdentity: () => firmwareIdentity(),
    });
  },
};

interface Wish {
  readonly config: GatewayConfig;
  /** `null`: the report is not signed. */
  readonly key: SigningKey | null;
  readonly by: string | null;
  readonly doors: GatewayConfig['doors'];
  readonly skip: ReadonlySet<string>;
  /** Whether somebody is at the door. */
  readonly attended: boolean;
  readonly handsMs: number;
  readonly json: boolean;
}

/** As `doctorCommand`, on the equipment given. */
export async function runDoctor(
  io: CommandIo,
  args: readonly string[],
  equipment: DoctorEquipment,
): Promise<ExitCode> {
  const wish = wishOf(args);
  if (typeof wish === 'string') {
    io.stderr(`${wish}\n`);
    return 2;
  }
  const { config } = wish;
  const clock = equipment.clock ?? new KeptClock(hostClock(config.clock));
  const steps: ReportedStep[] = [];
  const note = (step: ReportedStep, remedy: string): void => {
    steps.push(step);
    if (wish.json) {
      io.stdout(`${JSON.stringify(step.status === 'failed' ? { ...step, remedy } : step)}\n`);
      return;
    }
    const place = (step.door ?? config.gateway.id).padEnd(12);
    io.stdout(`${step.status.padEnd(10)} ${place} ${step.step.padEnd(15)} ${step.detail}\n`);
    if (step.status === 'failed') io.stdout(`${' '.repeat(24)}→ ${remedy}\n`);
  };
  const ask = (request: string): void =>
    io.stderr(`  please ${request} (${Math.round(wish.handsMs / 1000)} s)\n`);
  const visit: Visit = { config, clock, equipment, handsMs: wish.handsMs, ask };
  for (const step of VENUE_STEPS) {
    note({ door: null, step: step.name, ...(await findingOf(wish, step, visit)) }, step.remedy);
  }
  for (const door of wish.doors) await visitDoor(wish, { ...visit, door, boards: [], online: [] }, note);

  const report: CommissioningReport = {
    venue: config.venue.id,
    gateway: config.gateway.id,
    version: packageJson.version,
    at: formatInstant(clock.wallMs(), config.venue.timeZone),
    by: wish.by,
    result: resultOf(steps),
    steps,
  };
  const signed = wish.key === null ? null : await signReport(report, wish.key);
  if (wish.json) io.stdout(`${JSON.stringify({ result: report.result, report: signed })}\n`);
  else io.stdout(`\n${report.result}\n${signed === null ? 'not signed' : signed}\n`);
  return report.result === 'failed' ? 1 : 0;
}

async function visitDoor(
  wish: Wish,
  visit: DoorVisit,
  note: (step: ReportedStep, remedy: string) => void,
): Promise<void> {
  try {
    for (const step of DOOR_STEPS) {
      const unheard = step.name !== 'port' && step.name !== 'scanner' && visit.online.length === 0;
      const finding: Finding = unheard
        ? { status: 'skipped', detail: 'the controller does not answer' }
        : await findingOf(wish, step, visit);
      note({ door: visit.door.id, step: step.name, ...finding }, step.remedy);
    }
  } finally {
    await visit.boards.at(-1)?.close();
  }
}

async function findingOf<Context>(
  { skip, attended }: Wish,
  step: {
    readonly name: string;
    readonly hands?: true;
    readonly run: (context: Context) => Finding | Promise<Finding>;
  },
  context: Context,
): Promise<Finding> {
  if (skip.has(step.name)) return { status: 'skipped', detail: 'as asked by --skip' };
  if (step.hands === true && !attended) return { status: 'skipped', detail: 'nobody is at the door' };
  return step.run(context);
}

function resultOf(steps: readonly ReportedStep[]): CommissioningReport['result'] {
  if (steps.some(({ status }) => status === 'failed')) return 'failed';
  return steps.some(({ status }) => status === 'skipped') ? 'incomplete' : 'passed';
}

/** What is asked for, or what is wrong with the asking. */
function wishOf(args: readonly string[]): Wish | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        config: { type: 'string' },
        key: { type: 'string' },
        unsigned: { type: 'boolean', default: false },
        door: { type: 'string' },
        by: { type: 'string' },
        yes: { type: 'boolean', default: false },
        skip: { type: 'string', default: '' },
        timeout: { type: 'string', default: '60' },
        json: { type: 'boolean', default: false },
      },
    });
    if (values.config === undefined) return '--config: missing';
    if ((values.key === undefined) === !values.unsigned)
      return '--key: needed to sign the report; --unsigned instead leaves it unsigned';
    const config = loadConfig(values.config, {});
    const doors = config.doors.filter(({ id }) => values.door === undefined || id === values.door);
    if (doors.length === 0) return `--door: no door ${values.door ?? ''} in ${values.config}`;
    const skip = new Set(values.skip.split(',').filter((name) => name !== ''));
    const known = [...VENUE_STEPS, ...DOOR_STEPS].map(({ name }) => name);
    const unknown = [...skip].find((name) => !known.includes(name));
    if (unknown !== undefined) return `--skip: no step ${unknown}; there are ${known.join(', ')}`;
    const seconds = Number(values.timeout);
    if (!Number.isFinite(seconds) || seconds <= 0) return '--timeout: must be a number of seconds';
    return {
      config,
      key: values.key === undefined ? null : loadSigningKey(values.key),
      by: values.by ?? null,
      doors,
      skip,
      attended: !values.yes,
      handsMs: seconds * 1000,
      json: values.json,
    };
  } catch (error) {
    if (error instanceof KeyError) return `--key: ${error.message}`;
    if (error instanceof ConfigError) return error.message;
    return `doctor: ${error instanceof Error ? error.message : String(error)}`;
  }
}
