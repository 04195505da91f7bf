import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What tests use that npm does not bring: the Debian package that does, and where it then lies. */
const NEEDS = {
  'avr-g++': ['gcc-avr', onPath('avr-g++')],
  'avr-libc': ['avr-libc', ['/usr/lib/avr/include/avr/io.h']],
  chromium: ['chromium-headless-shell', ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium']],
  'g++': ['g++', onPath('g++')],
  libelf: ['libelf-dev', ['/usr/include/libelf.h']],
  libfaketime: ['faketime', ['/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1']],
  libsimavr: ['libsimavr-dev', ['/usr/include/simavr/sim_avr.h']],
  make: ['make', onPath('make')],
  'mkfs.ext4': ['e2fsprogs', onPath('mkfs.ext4')],
  mosquitto: ['mosquitto', ['/usr/sbin/mosquitto']],
  mosquitto_sub: ['mosquitto-clients', onPath('mosquitto_sub')],
  ngspice: ['ngspice', onPath('ngspice')],
  'nats-server': ['nats-server', onPath('nats-server')],
  openssl: ['openssl', onPath('openssl')],
  pdftoppm: ['poppler-utils', onPath('pdftoppm')],
  promtool: ['prometheus', onPath('promtool')],
  'python3-cryptography': [
    'python3-cryptography',
    ['/usr/lib/python3/dist-packages/cryptography/__init__.py'],
  ],
  'python3-jsonschema': ['python3-jsonschema', ['/usr/lib/python3/dist-packages/jsonschema/__init__.py']],
  'python3-paho-mqtt': ['python3-paho-mqtt', ['/usr/lib/python3/dist-packages/paho/mqtt/client.py']],
  // The script behind Debian's own, which insists on an account of its.
  'rabbitmq-server': ['rabbitmq-server', ['/usr/lib/rabbitmq/bin/rabbitmq-server']],
  socat: ['socat', onPath('socat')],
  strace: ['strace', onPath('strace')],
  'systemd-analyze': ['systemd', onPath('systemd-analyze')],
  'systemd-notify': ['systemd', onPath('systemd-notify')],
  xfs_io: ['xfsprogs', onPath('xfs_io')],
  zbarimg: ['zbar-tools', onPath('zbarimg')],
} as const satisfies Record<string, readonly [string, readonly string[]]>;

export type Need = keyof typeof NEEDS;

declare module '@vitest/runner' {
  interface TaskMeta {
    /** Debian packages for want of which a test is skipped. */
    lacking?: readonly string[];
  }
}

/** Where a need lies on this machine, or `null`. */
export function placeOf(need: Need): string | null {
  return NEEDS[need][1].find((path) => existsSync(path)) ?? null;
}

/** Options of a test or a suite that is skipped where something that it needs is missing, and says which package. */
export function needs(...wanted: readonly Need[]): {
  readonly skip: boolean;
  readonly meta: { readonly lacking?: readonly string[] };
} {
  const lacking = [...new Set(wanted.filter((need) => placeOf(need) === null).map((need) => NEEDS[need][0]))];
  return { skip: lacking.length > 0, meta: lacking.length > 0 ? { lacking } : {} };
}

function onPath(program: string): readonly string[] {
  // Administrators' programs are not on everybody's path.
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, program));
}
