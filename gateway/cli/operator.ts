import { parseArgs } from 'node:util';
import { formatInstant } from '../../shared/time.ts';
import { slugSchema } from '../../shared/contract/primitives.ts';
import { Accounts, ROLES, roleSchema, type Role } from '../operators/accounts.ts';
import { hashPassword, newPassword, PASSWORD_LENGTH } from '../operators/password.ts';
import { accountsFile, ConfigError, loadConfig } from '../config.ts';
import type { Command, CommandIo, ExitCode } from './command.ts';

const USAGE = `operator add NAME --config FILE [--role ${ROLES.join('|')}] [--password-stdin]
       operator list --config FILE
       operator remove NAME --config FILE

Accounts of the console. 'add' on a name that is there sets its role and password anew, and ends its sessions. Without
--password-stdin a password is made and printed, this once; with it one signs in once, and chooses another. The gateway
may run meanwhile.

  npm run -s genkan -- operator add hanako --config genkan.yaml --role admin
`;

/** `genkan operator`: who may sign in at the console. */
export const operatorCommand: Command = {
  name: 'operator',
  summary: 'adds, lists and removes accounts of the console',
  usage: USAGE,
  run: async (io, args) => {
    try {
      return await run(io, args);
    } catch (error) {
      if (!(error instanceof Error) || (!(error instanceof ConfigError) && !('code' in error))) throw error;
      io.stderr(`${error.message}\n`);
      return 2;
    }
  },
};

async function run(io: CommandIo, args: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      config: { type: 'string' },
      role: { type: 'string', default: 'operator' },
      'password-stdin': { type: 'boolean', default: false },
    },
  });
  const [verb, name] = positionals;
  const bad = (message: string): ExitCode => {
    io.stderr(`operator: ${message}\n`);
    return 2;
  };
  if (values.config === undefined) return bad('--config: missing');
  const accounts = new Accounts(accountsFile(loadConfig(values.config, {})));
  if (verb === 'list') {
    for (const account of accounts.list()) {
      io.stdout(
        `${JSON.stringify({ name: account.name, role: account.role, createdAt: account.createdAt })}\n`,
      );
    }
    return 0;
  }
  const named = slugSchema.safeParse(name);
  if (!named.success) return bad('NAME: lower-case letters, digits and inner hyphens, at most 64');
  if (verb === 'remove') return accounts.remove(named.data) ? 0 : 1;
  if (verb !== 'add') return bad('expected add, list or remove');
  const role = roleSchema.safeParse(values.role);
  if (!role.success) return bad(`--role: ${ROLES.join(', ')}`);
  return add(io, accounts, named.data, role.data, values['password-stdin']);
}

async function add(
  io: CommandIo,
  accounts: Accounts,
  name: string,
  role: Role,
  isGiven: boolean,
): Promise<ExitCode> {
  const password = isGiven ? await firstLine(io) : newPassword();
  if (password.length < PASSWORD_LENGTH.min || password.length > PASSWORD_LENGTH.max) {
    io.stderr(`operator: password: ${PASSWORD_LENGTH.min} to ${PASSWORD_LENGTH.max} characters\n`);
    return 2;
  }
  const createdAt = formatInstant(Date.now());
  const oneTime = isGiven ? {} : { oneTime: true as const };
  accounts.put({ name, role, password: await hashPassword(password), createdAt, ...oneTime });
  io.stdout(`${JSON.stringify({ name, role, file: accounts.path, ...(isGiven ? {} : { password }) })}\n`);
  return 0;
}

async function firstLine({ stdin }: CommandIo): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of stdin)
    text += typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
  return text.split(/\r?\n/, 1)[0] ?? '';
}
