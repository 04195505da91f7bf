import { expect, it } from 'vitest';
import { Seeded } from '../../seeded.ts';
import { trials } from '../../trials.ts';
import { code, type TestPhone } from '../signing.ts';
import { gateBench, type GateBench } from './bench.ts';

const RUNS = trials(1_000_000);

/** Mutations that are verified at a time: enough to keep the threads that verify at work. */
const AT_ONCE = 64;

/** A good credential, and what its mutations start from. */
interface Original {
  readonly owner: TestPhone;
  readonly pass: string;
  readonly doorProof: string;
  readonly dpop: string;
}

/** A mutant, the way it is presented, and whether its signed bytes are still those of the original. */
interface Mutant {
  readonly way: string;
  readonly present: () => Promise<{ readonly kind: string }>;
  readonly isSigned: boolean;
}

const signedBytes = (token: string) => token.slice(0, token.lastIndexOf('.'));

/** Flips one to four bits. */
function flip(bytes: Uint8Array, seeded: Seeded): Uint8Array {
  const mutated = Uint8Array.from(bytes);
  for (const bit of new Set(
    Array.from({ length: seeded.between(1, 4) }, () => seeded.between(0, bytes.length * 8 - 1)),
  ))
    mutated[bit >> 3] = (mutated[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return mutated;
}

/** Flips bits of what one part of a token encodes, so that the spelling stays canonical and the gate has to read on. */
function flipPart(token: string, seeded: Seeded): string {
  const parts = token.split('.');
  const at = seeded.between(0, 2);
  const flipped = flip(Buffer.from(parts[at] ?? '', 'base64url'), seeded);
  return parts.with(at, Buffer.from(flipped).toString('base64url')).join('.');
}

/** What an attacker may do with a credential that they have read, labelled for the failure's message. */
function mutantOf(original: Original, { gate, request, nowS }: GateBench, seeded: Seeded): Mutant {
  const { owner, pass, doorProof, dpop } = original;
  const isMutatingPass = seeded.chance(0.5);
  switch (seeded.between(0, 3)) {
    case 0: {
      // Every character of the code differs from the original in at least one bit of what is signed, or of its spelling.
      const flipped = flip(code(pass, doorProof), seeded);
      return { way: 'characters of the code', present: () => gate.scan(flipped), isSigned: false };
    }
    case 1: {
      const [mutantPass, proof] = isMutatingPass
        ? [flipPart(pass, seeded), doorProof]
        : [pass, flipPart(doorProof, seeded)];
      const isSigned = !isMutatingPass && signedBytes(proof) === signedBytes(doorProof);
      return { way: 'bytes of a part, scanned', present: () => gate.scan(code(mutantPass, proof)), isSigned };
    }
    case 2: {
      const [mutantPass, proof] = isMutatingPass
        ? [flipPart(pass, seeded), dpop]
        : [pass, flipPart(dpop, seeded)];
      const isSigned = !isMutatingPass && signedBytes(proof) === signedBytes(dpop);
      return {
        way: 'bytes of a part, by HTTP',
        present: () => request({ pass: mutantPass, proof }),
        isSigned,
      };
    }
    default: {
      // The member is the attacker: the right device signs a proof over a pass that was improved upon.
      const mutantPass = flipPart(pass, seeded);
      const proof = owner.doorProof(mutantPass, nowS());
      const isSigned = signedBytes(mutantPass) === signedBytes(pass);
      return {
        way: 'bytes of the pass, with a proof over them',
        present: () => gate.scan(code(mutantPass, proof)),
        isSigned,
      };
    }
  }
}

it(`no mutation of one to four bits of a good pass or proof is accepted, in ${RUNS} tries`, async () => {
  const bench = await gateBench();
  const { gate, request, nonces, nowS } = bench;
  const originals = [bench.phone, bench.ecPhone].map((owner): Original => {
    const pass = owner.pass(nowS());
    const dpop = owner.dpop(pass, nowS(), { nonce: nonces.issue() });
    return { owner, pass, doorProof: owner.doorProof(pass, nowS()), dpop };
  });
  for (const { pass, doorProof, dpop } of originals) {
    expect((await gate.scan(code(pass, doorProof))).kind).toBe('credential');
    expect((await request({ pass, proof: dpop })).kind).toBe('credential');
  }
  const seeded = new Seeded(20261125);
  const tried = new Map<string, number>();
  const accepted: string[] = [];
  for (let done = 0; done < RUNS; done += AT_ONCE) {
    const mutants = Array.from({ length: Math.min(AT_ONCE, RUNS - done) }, () =>
      mutantOf(seeded.pick(originals), bench, seeded),
    );
    const verdicts = await Promise.all(mutants.map(({ present }) => present()));
    mutants.forEach(({ way, isSigned }, index) => {
      tried.set(way, (tried.get(way) ?? 0) + 1);
      // A signature may have a twin that is as good; what it signs may not.
      if (verdicts[index]?.kind !== 'unreadable' && !isSigned)
        accepted.push(`${way}, number ${done + index}`);
    });
  }

  expect(accepted).toEqual([]);
  process.stdout.write(
    `${RUNS} mutations, 0 accepted (${[...tried].map(([way, count]) => `${way}: ${count}`).join('; ')})\n`,
  );
}, 3_600_000);
