import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../temporary.ts';
import { needs } from '../../needs.ts';

const SCRIPT = 'gateway/packaging/release';

/** Two installed releases in a folder of their own, and the script that chooses between them. */
function installation() {
  const folder = temporaryFolder();
  const release = (name: string, version: string) => {
    mkdirSync(join(folder, 'lib', name), { recursive: true });
    writeFileSync(join(folder, 'lib', name, 'VERSION'), `${version}\n`);
  };
  release('app', '2');
  const env = {
    ...process.env,
    GENKAN_LIB: join(folder, 'lib'),
    GENKAN_RELEASES: join(folder, 'state'),
  };
  const call = (verb: string) => spawnSync(SCRIPT, [verb], { env, encoding: 'utf8' });
  return {
    release,
    call,
    which: () =>
      call('which')
        .stdout.trim()
        .slice(join(folder, 'lib').length + 1),
    /** A start that fails: nobody says that it succeeded. */
    fail: () => call('starting'),
    start: () => [call('starting'), call('started')],
  };
}

describe('an installed release', () => {
  it('that fails three starts in a row gives way to the one before it, at the fourth', () => {
    const { release, call, fail, which } = installation();
    release('previous', '1');
    call('installed');
    for (let start = 1; start <= 3; start += 1) {
      fail();
      expect(which()).toBe('app');
    }
    expect(fail().stderr).toBe('genkan 2 failed to start 3 times: back to 1\n');
    expect(which()).toBe('previous');
  });

  it('that has started once is never rolled back, whatever fails later', () => {
    const { release, call, fail, start, which } = installation();
    release('previous', '1');
    call('installed');
    fail();
    fail();
    start();
    for (let n = 0; n < 10; n += 1) fail();
    expect(which()).toBe('app');
  });

  it('stays where there is none before it', () => {
    const { call, fail, which } = installation();
    call('installed');
    for (let n = 0; n < 10; n += 1) fail();
    expect(which()).toBe('app');
  });

  it('that gave way is followed by the next one that is installed', () => {
    const { release, call, fail, start, which } = installation();
    release('previous', '1');
    call('installed');
    for (let n = 0; n < 4; n += 1) fail();
    start();
    expect(which()).toBe('previous');
    release('app', '3');
    call('installed');
    expect(which()).toBe('app');
  });

  it('is chosen by a verb that it knows', () => {
    expect(installation().call('rollback').status).toBe(2);
  });
});

describe('the unit', needs('systemd-analyze'), () => {
  it.each(['genkan.service', 'genkan-backup.service'])('%s is exposed by at most 2.0', (unit) => {
    const said = execFileSync(
      'systemd-analyze',
      ['security', '--offline=true', `gateway/packaging/${unit}`],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    expect(Number(/Overall exposure level for \S+: ([\d.]+)/.exec(said)?.[1])).toBeLessThanOrEqual(2);
  });

  // Who runs this without being root cannot take capabilities away.
  it.skipIf(process.getuid?.() !== 0)(
    'lets the gateway’s own user listen at 443, with no other capability',
    () => {
      const unit = readFileSync('gateway/packaging/genkan.service', 'utf8');
      const named = (field: string) => new RegExp(`^${field}=(.*)$`, 'm').exec(unit)?.[1]?.split(' ') ?? [];
      const flags = (field: string) =>
        ['-all', ...named(field).map((name) => name.replace('CAP_', '+').toLowerCase())].join(',');
      const caps = `--bounding-set=${flags('CapabilityBoundingSet')}`;
      const ambient = flags('AmbientCapabilities');
      const said = spawnSync(
        'setpriv',
        [
          ...['--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs', caps],
          ...[`--inh-caps=${ambient}`, `--ambient-caps=${ambient}`, process.execPath, '-e'],
          `require('net').createServer().listen(443, '127.44.3.1', () => {
          const caps = /CapBnd:\\s*(\\S+)/.exec(require('fs').readFileSync('/proc/self/status', 'utf8'))[1];
          console.log('listening', parseInt(caps, 16)); process.exit();
        })`,
        ],
        { encoding: 'utf8' },
      );
      expect(`${said.stdout}${said.stderr}`).toBe(`listening ${1 << 10}\n`);
    },
  );
});
