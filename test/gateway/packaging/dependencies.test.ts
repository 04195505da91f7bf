import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

interface Locked {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8'));
const manifest = read('package.json') as Manifest;
const lock = read('package-lock.json') as { readonly packages: Readonly<Record<string, Locked>> };
const locked = Object.entries(lock.packages).filter(([path]) => path !== '');

/** The most packages that a gateway in use may consist of, of all platforms together. */
const PACKAGES_MAX = 260;

describe('the packages that the gateway is built from', () => {
  it('are named with exactly one version each', () => {
    const { dependencies, devDependencies, optionalDependencies } = manifest;
    const versions = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
    expect(versions.filter(([, version]) => !/^(?:npm:[a-z0-9-]+@)?\d+\.\d+\.\d+$/.test(version))).toEqual(
      [],
    );
  });

  it('are locked by content, and come from the registry alone', () => {
    const loose = locked.filter(
      ([, { integrity, resolved = 'https://registry.npmjs.org/' }]) =>
        integrity?.startsWith('sha512-') !== true || !resolved.startsWith('https://registry.npmjs.org/'),
    );
    expect(loose.map(([path]) => path)).toEqual([]);
  });

  it('run scripts at their installation only where package.json names them', () => {
    const running = locked.flatMap(([path, { hasInstallScript }]) =>
      hasInstallScript === true ? [path.replace(/^.*node_modules\//, '')] : [],
    );
    expect(running.sort()).toEqual(Object.keys(manifest.allowScripts).sort());
  });

  it(`are ${PACKAGES_MAX} at most in use`, () => {
    expect(locked.filter(([, { dev }]) => dev !== true).length).toBeLessThanOrEqual(PACKAGES_MAX);
  });
});
