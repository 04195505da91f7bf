import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseDocument, type Document } from 'yaml';
import * as z from 'zod';
import { publicKeySchema } from '../../shared/contract/config.ts';
import { slugSchema } from '../../shared/contract/primitives.ts';
import { problemLines } from '../../shared/contract/problem.ts';
import { formatInstant } from '../../shared/time.ts';
import { accountsFile, ConfigError, gatewayKeyFile, loadConfig, missingFiles } from '../config.ts';
import { KeyError, provisionGatewayKey } from '../tokens/signing-key.ts';
import { Accounts } from '../operators/accounts.ts';
import { hashPassword, newPassword } from '../operators/password.ts';
import type { Command, CommandIo, ExitCode } from './command.ts';

/** The complete and commented configuration; a new one is this one with other values. */
const EXAMPLE = fileURLToPath(new URL('../genkan.example.yaml', import.meta.url));

const CONFIG = 'genkan.yaml';
const DISPLAY_TOKEN = 'display-token';

const USAGE = `init FOLDER --venue ID --issuer URL --issuer-keys FILE --cloud-keys FILE [--name TEXT] [--operator NAME]
            [--origin URL] [--broker URL] [--state FOLDER]

Makes what a gateway needs in FOLDER, and tells what it made: ${CONFIG} with every field commented, the gateway's own
key, the displays' token, and the first operator (role admin) with a password that is good for one sign-in. Nothing
that is there is written over.

  --venue         the venue's id: lower-case letters, digits and hyphens
  --issuer        who issues passes, with --issuer-keys: its public keys, a JWK set (genkan keys make)
  --cloud-keys    the public keys of whoever signs receipts and commands, a JWK set
  --name          the venue's name for people; default: the id
  --operator      default: admin
  --origin        what phones see; default: https://ID.gw.example.jp
  --broker        the cloud's broker, mqtts://…; default: none, events wait in the journal
  --state         where journal, key and accounts stand; default: FOLDER

  npm run -s genkan -- init /etc/genkan --venue shibuya-1 --issuer https://pass.example.jp \\
    --issuer-keys issuer.jwks.json --cloud-keys cloud.jwks.json --state /var/lib/genkan
`;

const keySetSchema = z.looseObject({ keys: z.array(publicKeySchema).min(1) });

/** What `init` was told. */
interface Wanted {
  readonly folder: string;
  readonly state: string;
  readonly venue: string;
  readonly name: string;
  readonly operator: string;
  readonly origin: string;
  readonly broker: string | null;
  readonly issuer: string;
  readonly issuerKeys: unknown;
  readonly cloudKeys: unknown;
}

/** A command line that cannot be used; the message names the option. */
class UsageError extends Error {}

/** `genkan init`: from nothing to a gateway that starts. */
export const initCommand: Command = {
  name: 'init',
  summary: 'makes configuration, keys and the first operator of a gateway',
  usage: USAGE,
  run: async (io, args) => {
    try {
      return await provision(io, wantedOf(args));
    } catch (error) {
      if (!(error instanceof Error) || !isTold(error)) throw error;
      io.stderr(`init: ${error.message}\n`);
      return 2;
    }
  },
};

function isTold(error: Error): boolean {
  return (
    error instanceof UsageError ||
    error instanceof ConfigError ||
    error instanceof KeyError ||
    'code' in error
  );
}

function wantedOf(args: readonly string[]): Wanted {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      venue: text,
      name: text,
      operator: { ...text, default: 'admin' },
      origin: text,
      broker: text,
      issuer: text,
      'issuer-keys': text,
      'cloud-keys': text,
      state: text,
    },
  });
  const [folder, ...surplus] = positionals;
  if (folder === undefined || surplus.length > 0) throw new UsageError('FOLDER: one is needed');
  const given = (option: 'venue' | 'issuer' | 'issuer-keys' | 'cloud-keys'): string => {
    const value = values[option];
    if (value === undefined) throw new UsageError(`--${option}: missing`);
    return value;
  };
  const slug = (option: string, value: string): string => {
    if (!slugSchema.safeParse(value).success)
      throw new UsageError(`--${option}: lower-case letters, digits and inner hyphens, at most 64`);
    return value;
  };
  const venue = slug('venue', given('venue'));
  return {
    folder: resolve(folder),
    state: resolve(values.state ?? folder),
    venue,
    name: values.name ?? venue,
    operator: slug('operator', values.operator),
    origin: values.origin ?? `https://${venue}.gw.example.jp`,
    broker: values.broker ?? null,
    issuer: given('issuer'),
    issuerKeys: keysOf('issuer-keys', given('issuer-keys')),
    cloudKeys: keysOf('cloud-keys', given('cloud-keys')),
  };
}

/** The keys of a JWK set (RFC 7517), each with the two members that fix how it is used. */
function keysOf(option: string, path: string): unknown {
  let set: unknown;
  try {
    set = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`--${option}: ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const lines = problemLines(keySetSchema, set);
  if (lines.length > 0) throw new UsageError(`--${option}: ${path}: ${lines.join('; ')}`);
  return keySetSchema.parse(set).keys;
}

/** The new configuration: the example's words with this gateway's values. */
function configurationOf(wanted: Wanted): string {
  const document = parseDocument(readFileSync(EXAMPLE, 'utf8'));
  document.commentBefore = ` The configuration of a gateway. Every field; those with a default may be left out.
 Paths are relative to this file. Check it with: genkan config check ${CONFIG}`;
  const set = (path: string, value: unknown) => setValue(document, path.split('.'), value);
  set('venue.id', wanted.venue);
  set('venue.name', wanted.name);
  set('venue.hours.exceptions', []);
  const place = wanted.state === wanted.folder ? '.' : wanted.state;
  set('gateway.journal', `${place}/genkan.sqlite`);
  set('http.publicOrigin', wanted.origin);
  set('http.displayTokenFile', `./${DISPLAY_TOKEN}`);
  set('members.issuer', wanted.issuer);
  set('members.support', null);
  if (wanted.broker === null) set('uplink', null);
  else {
    set('uplink.url', wanted.broker);
    set('uplink.username', wanted.venue);
  }
  set('trust.issuers', [{ iss: wanted.issuer, keys: wanted.issuerKeys }]);
  set('trust.cloud', wanted.cloudKeys);
  return document.toString({ lineWidth: 110 });
}

/** Puts a value in the place of another, beside which its comment stays. */
function setValue(document: Document, path: readonly string[], value: unknown): void {
  const old = document.getIn(path, true) as { comment?: string | null } | undefined;
  const node = document.createNode(value);
  if (typeof old?.comment === 'string') node.comment = old.comment;
  document.setIn(path, node);
}

async function provision(io: CommandIo, wanted: Wanted): Promise<ExitCode> {
  const file = join(wanted.folder, CONFIG);
  if (existsSync(file)) throw new UsageError(`${file} is there already, and stays as it is`);
  for (const folder of [wanted.folder, wanted.state]) mkdirSync(folder, { recursive: true, mode: 0o750 });
  const draft = `${file}.new`;
  try {
    writeFileSync(draft, configurationOf(wanted), { mode: 0o640 });
    const config = loadConfig(draft, {});
    const token = join(wanted.folder, DISPLAY_TOKEN);
    if (!existsSync(token))
      writeFileSync(token, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
    const keyFile = gatewayKeyFile(config);
    const { publicKey } = provisionGatewayKey(keyFile).key;
    const operator = await firstOperator(accountsFile(config), wanted.operator);
    // Last of all: where there is a configuration everything else is there too.
    renameSync(draft, file);
    const made = { config: file, key: keyFile, publicKey, displayToken: token, operator };
    io.stdout(`${JSON.stringify({ ...made, missing: missingFiles(config) })}\n`);
    return 0;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** `null` where there are accounts already. */
async function firstOperator(file: string, name: string) {
  const accounts = new Accounts(file);
  if (accounts.list().length > 0) return null;
  const password = newPassword();
  const createdAt = formatInstant(Date.now());
  accounts.put({ name, role: 'admin', password: await hashPassword(password), createdAt, oneTime: true });
  return { name, role: 'admin', password };
}
