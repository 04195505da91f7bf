import { agreeable } from './agreeable.ts';
import { compare, time, timesLine, type Measurement } from './measure.ts';
import { decisionFloor, rawFloor } from './floor.ts';
import { bytesOfGrant, decisionRig, importIssuerKey } from './rig.ts';

const GOAL = { p50: 1.6, p99: 2.5 };

/** Presented credential in → committed grant. */
export async function benchDecision(samplesPerRound: number): Promise<Measurement> {
  const rig = await decisionRig(agreeable());
  try {
    const first = await rig.member();
    await rig.attendant.scan('front', 'entry', first.code);
    const bytes = bytesOfGrant(rig);
    const comparison = await compare(
      {
        prepare: () => rig.member(),
        run: async ({ code }) => {
          const outcome = await rig.attendant.scan('front', 'entry', code);
          if (outcome.kind !== 'answer' || !outcome.answer.granted)
            throw new Error('the bench decides on grants');
          return undefined;
        },
        // The acknowledgement of the lease is a commit of its own, after the grant.
        settle: () => new Promise((resolve) => setImmediate(resolve)),
      },
      decisionFloor(rig, await importIssuerKey(rig), bytes),
      samplesPerRound,
    );
    const raw = await time(rawFloor(rig, rig.issuer.publicKey), samplesPerRound * 2);
    return timesLine(comparison, GOAL, { 'raw physics p50 µs': raw.p50, 'raw physics p99 µs': raw.p99 });
  } finally {
    rig.close();
  }
}
