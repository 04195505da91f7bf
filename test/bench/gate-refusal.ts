import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { readByZod } from '../../gateway/web/read-by-zod.ts';
import { doorRoutes } from '../../gateway/web/door-routes.ts';
import fastify from 'fastify';
import { gatewayConfigSchema } from '../../shared/contract/config.ts';
import { agreeable } from './agreeable.ts';
import {
  compareDisturbed,
  disturbedLine,
  percentile,
  timeRound,
  type Measurement,
  type Subject,
} from './measure.ts';
import { decisionRig, decisionsOf, type DecisionRig } from './rig.ts';

/** Hostile requests a second. */
const RATE = 1_000;

const SIZES = [10, 100, 1_000, 4_000, 4_096, 10_000, 100_000, 1_000_000] as const;

const SENDER = fileURLToPath(new URL('./hostile-sender.ts', import.meta.url));

/** What the sender told: answers by their status. */
type Answers = Readonly<Record<string, number>>;

/**
 * What it costs to refuse: an input of 10 bytes to 1 MB under a reader, and live decisions at a reader while somebody on
 * the venue's network sends a thousand bad door requests a second, in turns with decisions while nobody does.
 */
export async function benchGateRefusal({ full }: { readonly full: boolean }): Promise<Measurement> {
  const samples = full ? 400 : 100;
  const rig = await decisionRig(agreeable());
  try {
    const refusals = await timeRefusals(rig, samples);
    const worst = Math.max(...Object.values(refusals));
    const decisions = decisionsOf(rig);
    const attack = await openAttack(rig);
    try {
      const compared = await compareDisturbed(decisions, samples, async (work) => {
        await attack.start();
        await work();
        await attack.stop();
      });
      const line = disturbedLine(compared, {
        of: 'p99 of a decision under attack, to without',
        atMost: 1.5,
      });
      return {
        ...line,
        goals: [
          { of: 'p99 of the costliest refusal, µs', value: worst, atMost: 5_000 },
          ...line.goals,
          { of: 'hostile requests a second', value: attack.rate(), atLeast: RATE * 0.95 },
        ],
        also: {
          ...line.also,
          ...Object.fromEntries(
            Object.entries(refusals).map(([what, p99]) => [`refusal p99 µs, ${what}`, p99]),
          ),
          ...Object.fromEntries(
            Object.entries(attack.answers()).map(([status, count]) => [`answered ${status}`, count]),
          ),
        },
      };
    } finally {
      await attack.close();
    }
  } finally {
    rig.close();
  }
}

/** Microseconds of the p99 of each kind of bad input at each size. */
async function timeRefusals(rig: DecisionRig, samples: number): Promise<Readonly<Record<string, number>>> {
  const { code } = await rig.member();
  const [pass = '', proof = ''] = code.toString().slice('GK1.'.length).split('~');
  const forged = Buffer.from(`GK1.${pass}~${proof.slice(0, -43)}${'A'.repeat(43)}`);
  const kinds: Readonly<Record<string, Buffer>> = {
    ...Object.fromEntries(SIZES.map((size) => [`${size} bytes of nothing`, Buffer.alloc(size, 'A')])),
    ...Object.fromEntries(
      SIZES.map((size) => [`${size} bytes like a code`, Buffer.alloc(size, `GK1.${pass}~${proof}`)]),
    ),
    'a good pass with a proof whose signature is bad': forged,
  };
  const p99s: Record<string, number> = {};
  for (const [what, bytes] of Object.entries(kinds)) {
    const subject: Subject<Buffer> = {
      prepare: () => bytes,
      run: async (input) => {
        const outcome = await rig.gate.scan(input);
        if (outcome.kind !== 'unreadable') throw new Error(`${what}: ${outcome.kind}`);
        return undefined;
      },
    };
    await timeRound(subject, 20);
    p99s[what] = Math.round(percentile(await timeRound(subject, samples * 2), 0.99));
  }
  return p99s;
}

/** The door's routes on the loopback, and a process that sends them what they should refuse. */
async function openAttack(rig: DecisionRig) {
  const { attendant, nonces, presence, denials, venue, clock } = rig;
  const config = gatewayConfigSchema.parse({
    venue,
    gateway: { id: 'gw-1', journal: '-' },
    http: { publicOrigin: 'http://localhost' },
    doors: [{ id: 'front', controller: { path: '-' } }],
    uplink: null,
    trust: {
      issuers: [{ iss: rig.issuer.iss, keys: [rig.issuer.publicKey] }],
      cloud: [rig.issuer.publicKey],
    },
    clock: { source: 'host' },
  });
  const app = fastify({ bodyLimit: 16 * 1024, forceCloseConnections: true });
  readByZod(app);
  await app.register(doorRoutes, { config, attendant, nonces, presence, denials, clock });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  const { code } = await rig.member();
  const sender = fork(SENDER, [String(address.port), String(RATE), code.toString()], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(sender, 'message');
  let sent = 0;
  let ms = 0;
  let sinceMs = 0;
  const sum: Record<string, number> = {};
  return {
    /** Resolves when the attack is under way. */
    async start() {
      sender.send('start');
      await once(sender, 'message');
      sinceMs = performance.now();
    },
    async stop() {
      sender.send('stop');
      const [answers] = (await once(sender, 'message')) as [Answers];
      ms += performance.now() - sinceMs;
      for (const [status, count] of Object.entries(answers)) {
        sum[status] = (sum[status] ?? 0) + count;
        sent += count;
      }
    },
    rate: () => Math.round((sent * 1_000) / ms),
    answers: (): Answers => sum,
    async close() {
      sender.disconnect();
      await once(sender, 'exit');
      await app.close();
    },
  };
}
