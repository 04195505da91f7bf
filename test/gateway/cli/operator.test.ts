import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { operatorCommand } from '../../../gateway/cli/operator.ts';
import { Accounts } from '../../../gateway/operators/accounts.ts';
import { isPassword } from '../../../gateway/operators/password.ts';
import { runCommand } from './cli.ts';
import { exampleFile } from '../example.ts';
import { temporaryFolder } from '../../temporary.ts';

/** The command on a gateway's configuration of its own. */
function bench() {
  const folder = temporaryFolder();
  const config = exampleFile(folder);
  const file = join(folder, 'genkan.sqlite.operators.json');
  return {
    file,
    accounts: new Accounts(file),
    operator: (args: readonly string[], stdin = '') =>
      runCommand(operatorCommand, [...args, '--config', config], stdin),
  };
}

describe('genkan operator', () => {
  it('adds an account with a password that it prints once and keeps only as a hash', async () => {
    const { operator, accounts, file } = bench();
    const { code, out } = await operator(['add', 'hanako', '--role', 'admin']);
    const told = JSON.parse(out) as { password: string };
    expect([code, told]).toEqual([
      0,
      { name: 'hanako', role: 'admin', file, password: expect.any(String) as string },
    ]);
    expect(readFileSync(file, 'utf8')).not.toContain(told.password);
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
    expect(await isPassword(told.password, accounts.find('hanako')?.password ?? null, '127.0.0.1')).toBe(
      true,
    );
    expect(accounts.find('hanako')?.oneTime).toBe(true);
  });

  it('takes a password on standard input, which stays good, and prints none', async () => {
    const { operator, accounts } = bench();
    const { out } = await operator(['add', 'taro', '--password-stdin'], 'correct horse battery\nnot this\n');
    expect(JSON.parse(out)).not.toHaveProperty('password');
    expect(accounts.find('taro')).toMatchObject({ role: 'operator' });
    expect(accounts.find('taro')).not.toHaveProperty('oneTime');
    expect(
      await isPassword('correct horse battery', accounts.find('taro')?.password ?? null, '127.0.0.1'),
    ).toBe(true);
  });

  it('lists names and roles without hashes, and removes a name once', async () => {
    const { operator, accounts } = bench();
    await operator(['add', 'hanako', '--password-stdin'], 'correct horse battery');
    const { out } = await operator(['list']);
    expect(JSON.parse(out)).toEqual({
      name: 'hanako',
      role: 'operator',
      createdAt: accounts.find('hanako')?.createdAt,
    });
    expect((await operator(['remove', 'hanako'])).code).toBe(0);
    expect((await operator(['remove', 'hanako'])).code).toBe(1);
    expect((await operator(['list'])).out).toBe('');
  });

  it.each([
    ['a name with a blank', ['add', 'ha nako'], 'x', 'operator: NAME: '],
    ['a role nobody has', ['add', 'hanako', '--role', 'root'], 'x', 'operator: --role: viewer, operator'],
    ['a password of 11', ['add', 'hanako', '--password-stdin'], '12345678901', 'operator: password: 12 to'],
    ['a verb it does not know', ['delete', 'hanako'], '', 'operator: expected add, list or remove'],
    ['an unknown option', ['list', '--jsno'], '', "Unknown option '--jsno'"],
  ])('refuses %s and keeps nothing', async (_, args, stdin, complaint) => {
    const { operator, accounts } = bench();
    const { code, err } = await operator(args, stdin);
    expect(code).toBe(2);
    expect(err).toContain(complaint);
    expect(accounts.list()).toEqual([]);
  });
});
