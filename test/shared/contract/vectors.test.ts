import { createHash, createPublicKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type * as z from 'zod';
import { describe, expect, it } from 'vitest';
import { parseCompactCode } from '../../../gateway/credential/compact-code.ts';
import { loadCloudKeys } from '../../../gateway/tokens/key-ring.ts';
import { readSigned } from '../../../gateway/tokens/signed.ts';
import { computeCharge } from '../../../shared/billing/charge.ts';
import { chargeInputOf, chargeToWire } from '../../../shared/billing/wire.ts';
import { chainGenesis, chainNext } from '../../../shared/chain.ts';
import { chargeRequestSchema } from '../../../shared/contract/charge.ts';
import { commandClaimsSchema, commandHeaderSchema } from '../../../shared/contract/command.ts';
import { parseEvent } from '../../../shared/contract/events.ts';
import { passClaimsSchema, passHeaderSchema } from '../../../shared/contract/pass.ts';
import { parsePresentation } from '../../../shared/contract/presentation.ts';
import { publishedAs } from '../../../shared/contract/published-keys.ts';
import { receiptClaimsSchema, receiptHeaderSchema, requestSchema } from '../../../shared/contract/receipt.ts';
import { stayRecordsClaimsSchema, stayRecordsHeaderSchema } from '../../../shared/contract/stays.ts';
import {
  reservationDeltaClaimsSchema,
  reservationDeltaHeaderSchema,
  usageDeltaClaimsSchema,
  usageDeltaHeaderSchema,
} from '../../../shared/contract/sync.ts';
import { TRUST_BYTES_MAX, trustClaimsSchema, trustHeaderSchema } from '../../../shared/contract/trust.ts';
import { TEST_KEYS, vectorFiles, type VectorCase } from './vectors.ts';

const folder = new URL('../../../shared/contract/vectors/', import.meta.url);

/** A case as it is read from its file, with the inputs of all of them. */
interface ReadCase extends VectorCase {
  readonly body: string;
  readonly typ: string;
  readonly token: string;
  readonly text: string;
  readonly request: unknown;
}

function casesOf(name: string): readonly (readonly [string, ReadCase])[] {
  const file = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as {
    readonly cases: readonly ReadCase[];
  };
  return file.cases.map((each) => [each.name, each] as const);
}

const sha256 = (...parts: readonly (string | Uint8Array)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** What a reader that throws or gives nothing makes of an input; `null`: refused. */
function outcome(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return null;
  }
}

type Shapes = readonly [z.ZodType<{ readonly alg: string; readonly kid: string }>, z.ZodType];

const SHAPES: Readonly<Record<string, Shapes>> = {
  'member-pass+jwt': [passHeaderSchema, passClaimsSchema],
  'custody-receipt+jwt': [receiptHeaderSchema, receiptClaimsSchema],
  'door-command+jwt': [commandHeaderSchema, commandClaimsSchema],
  'reservation-delta+jwt': [reservationDeltaHeaderSchema, reservationDeltaClaimsSchema],
  'usage-delta+jwt': [usageDeltaHeaderSchema, usageDeltaClaimsSchema],
  'stay-records+jwt': [stayRecordsHeaderSchema, stayRecordsClaimsSchema],
  'trust-bundle+jwt': [trustHeaderSchema, trustClaimsSchema],
};

describe('the test vectors', () => {
  it.each(Object.entries(vectorFiles()))('in %s are what is generated now', async (name, content) => {
    await expect(`${JSON.stringify(content, null, 2)}\n`).toMatchFileSnapshot(new URL(name, folder).pathname);
  });

  it('are all of them generated', () => {
    expect(readdirSync(folder).sort()).toEqual(Object.keys(vectorFiles()).sort());
  });

  it.each(Object.entries(TEST_KEYS))('are signed by a key of %s that a gateway refuses', (name, { key }) => {
    const { crv, kty, x } = createPublicKey(key).export({ format: 'jwk' });
    const thumbprint = createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
    expect(publishedAs(thumbprint)).toBe(`Genkan test vectors, ${name}`);
  });
});

describe('the project’s own readers', () => {
  let head = chainGenesis(sha256, '01JDXQ2VJ4T8M6K3N5P7R9SBCD');
  it.each(casesOf('ledger.json'))('of the ledger agree: %s', (_, { body, ...told }) => {
    const read = outcome(() => {
      const { venue, epoch, seq } = parseEvent(JSON.parse(body));
      head = chainNext(sha256, head, body);
      return { venue, epoch, seq, head: Buffer.from(head).toString('hex') };
    });
    expect(read).toEqual(told.expect ?? null);
  });

  it.each(casesOf('tokens.json'))('of tokens agree: %s', async (_, told) => {
    const keys = Object.values(TEST_KEYS).map(({ kid, alg, signer }) => ({
      ...(signer.publicKey.export({ format: 'jwk' }) as { kty: 'OKP'; crv: 'Ed25519'; x: string }),
      ...{ kid, alg },
    }));
    const [header, claims] = SHAPES[told.typ] ?? expect.fail(told.typ);
    const ring = await loadCloudKeys({ issuers: [], cloud: keys });
    expect(await readSigned(told.token, header, claims, ring, TRUST_BYTES_MAX)).toEqual(told.expect ?? null);
  });

  it.each(casesOf('codes.json'))('of codes agree: %s', (_, { text, ...told }) => {
    expect(parseCompactCode(text) ?? parsePresentation(text)).toEqual(told.expect ?? null);
  });

  it.each(casesOf('requests.json'))('of requests agree: %s', (_, { request, ...told }) => {
    expect(outcome(() => requestSchema.parse(request))).toEqual(told.expect ?? null);
  });

  it.each(casesOf('charges.json'))('of charges agree: %s', (_, { request, ...told }) => {
    const read = outcome(() =>
      chargeToWire(computeCharge(chargeInputOf(chargeRequestSchema.parse(request)))),
    );
    expect(read).toEqual(told.expect ?? null);
  });
});
