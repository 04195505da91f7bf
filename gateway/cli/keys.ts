import { createPublicKey } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { PublicKey } from '../../shared/contract/config.ts';
import { keyIdSchema } from '../../shared/contract/pass.ts';
import { slugSchema } from '../../shared/contract/primitives.ts';
import { createKeyFile, KeyError, loadSigningKey, publicKeyOf } from '../tokens/signing-key.ts';
import type { Command, CommandIo, ExitCode } from './command.ts';
import { InputError } from './records.ts';

const USAGE = `keys make NAME… [--folder FOLDER] [--alg EdDSA|ES256] [--kid KID]
       keys public FILE [--kid KID]

make    makes a key pair for each NAME, such as issuer (signs passes) and cloud (signs receipts and commands): the private
        half in FOLDER/NAME.key (PKCS #8 PEM, mode 0600), the public half in FOLDER/NAME.jwks.json (a JWK set, as
        'genkan init' takes it). Prints the public half as it stands under 'keys' in a configuration and in a trust
        bundle. Nothing that is there is written over.
public  prints the public half of a private key as a JWK set.

  --folder  default: here; made where it is not there
  --alg     EdDSA (Ed25519, the default) or ES256 (P-256)
  --kid     the key's name in what it signs; default: its RFC 7638 thumbprint

A private half stays with whoever signs: an issuer's has no place on a gateway.

  npm run -s genkan -- keys make issuer cloud --folder keys
`;

/** `genkan keys`: key pairs for an issuer of passes and for a cloud. */
export const keysCommand: Command = {
  name: 'keys',
  summary: 'makes key pairs of an issuer and a cloud',
  usage: USAGE,
  run: (io, args) => {
    try {
      run(io, args);
      return Promise.resolve<ExitCode>(0);
    } catch (error) {
      if (!(error instanceof Error) || !isTold(error)) throw error;
      io.stderr(`keys: ${error.message}\n`);
      return Promise.resolve<ExitCode>(2);
    }
  },
};

function isTold(error: Error): boolean {
  return error instanceof InputError || error instanceof KeyError || 'code' in error;
}

function run(io: CommandIo, args: readonly string[]): void {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      folder: { type: 'string', default: '.' },
      alg: { type: 'string', default: 'EdDSA' },
      kid: { type: 'string' },
    },
  });
  const [verb, ...names] = positionals;
  const { folder, alg, kid } = values;
  if (kid !== undefined && !keyIdSchema.safeParse(kid).success)
    throw new InputError('--kid: 1 to 64 letters, digits, hyphens and underscores');
  if (alg !== 'EdDSA' && alg !== 'ES256') throw new InputError(`--alg: EdDSA or ES256, not ${alg}`);
  if (verb === 'public') {
    const [file, ...rest] = names;
    if (file === undefined || rest.length > 0) throw new InputError('FILE: one is needed');
    io.stdout(keySet(publicHalf(file, kid)));
  } else if (verb === 'make') make(io, names, { folder, alg, kid });
  else throw new InputError('expected make or public');
}

function make(
  io: CommandIo,
  names: readonly string[],
  {
    folder,
    alg,
    kid,
  }: { readonly folder: string; readonly alg: 'EdDSA' | 'ES256'; readonly kid: string | undefined },
): void {
  if (names.length === 0) throw new InputError('NAME: at least one is needed, such as issuer');
  if (kid !== undefined && names.length > 1) throw new InputError('--kid: names one key, so give one NAME');
  const files = names.map((name) => {
    if (!slugSchema.safeParse(name).success)
      throw new InputError(`NAME: "${name}": lower-case letters, digits and inner hyphens, at most 64`);
    return { key: join(folder, `${name}.key`), publicKeys: join(folder, `${name}.jwks.json`) };
  });
  // Before the first is made: all or nothing.
  for (const path of files.flatMap(({ key, publicKeys }) => [key, publicKeys]))
    if (existsSync(path)) throw alreadyThere(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const { key, publicKeys } of files) {
    if (!createKeyFile(key, alg)) throw alreadyThere(key);
    const publicKey = publicHalf(key, kid);
    writeFileSync(publicKeys, keySet(publicKey), { flag: 'wx' });
    io.stdout(`${JSON.stringify({ key, publicKeys, publicKey })}\n`);
  }
}

function alreadyThere(path: string): InputError {
  return new InputError(`${path} is there already, and stays as it is`);
}

function publicHalf(file: string, kid: string | undefined): PublicKey {
  return publicKeyOf(createPublicKey(loadSigningKey(file).key), kid);
}

/** A JWK set (RFC 7517, section 5) of one key. */
function keySet(key: PublicKey): string {
  return `${JSON.stringify({ keys: [key] }, null, 2)}\n`;
}
