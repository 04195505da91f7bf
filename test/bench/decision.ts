import type { ControllerReport, DoorController } from '../../device/ports.ts';
import { compare, time, type Comparison, type Timing } from './measure.ts';
import { decisionFloor, rawFloor } from './floor.ts';
import { bytesOfGrant, decisionRig, importIssuerKey } from './rig.ts';

const UNKNOWN: ControllerReport = {
  released: null,
  causes: null,
  inputs: null,
  supplyMv: null,
  lastLeaseId: null,
  doorState: null,
  faults: null,
};

/** A controller that takes every lease at once: the lock is not what is timed here. */
function agreeable(): DoorController {
  return {
    door: 'front',
    online: true,
    report: UNKNOWN,
    start: () => undefined,
    pulse: () => Promise.resolve('accepted'),
    holdOpen: () => Promise.resolve('accepted'),
    secure: () => Promise.resolve('accepted'),
    testWatchdog: () => Promise.resolve('accepted'),
    signal: () => undefined,
    onEvent: () => () => undefined,
    close: () => Promise.resolve(),
  };
}

/** Presented credential in → committed grant. */
export async function benchDecision(samplesPerRound: number): Promise<Comparison & { raw: Timing }> {
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
    return { ...comparison, raw: await time(rawFloor(rig, rig.issuer.publicKey), samplesPerRound * 2) };
  } finally {
    rig.close();
  }
}
