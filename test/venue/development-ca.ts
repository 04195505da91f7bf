import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A certification authority of one's own. Whoever is to believe it must be told so by hand: for benches and tests only. */
export interface DevelopmentCa {
  /** What is to be believed, in PEM. */
  readonly caFile: string;
  /**
   * Writes a certificate with its key, over what was there before.
   *
   * @param host the name in the address, such as `localhost`
   * @param days how long it is good for from now on
   */
  issue(host: string, days: number): { readonly cert: string; readonly key: string };
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/**
 * Makes an authority with openssl.
 *
 * @param folder where its files and those that it issues are written
 */
export function createDevelopmentCa(folder: string): DevelopmentCa {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const at = (name: string) => join(folder, name);
  const openssl = (...args: readonly string[]) =>
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const [caFile, caKey] = [at('ca.pem'), at('ca-key.pem')];
  const subject = ['-subj', '/CN=Genkan development CA'];
  openssl('req', '-x509', ...NEW_KEY, '-keyout', caKey, '-out', caFile, '-days', '365', ...subject);
  return {
    caFile,
    issue: (host, days) => {
      const [cert, key] = [at(`${host}.pem`), at(`${host}-key.pem`)];
      const [request, extensions] = [at('request.pem'), at('extensions')];
      writeFileSync(extensions, `subjectAltName=DNS:${host}\nextendedKeyUsage=serverAuth\n`);
      openssl('req', '-new', ...NEW_KEY, '-keyout', key, '-out', request, '-subj', `/CN=${host}`);
      const signing = ['-CA', caFile, '-CAkey', caKey, '-CAcreateserial', '-extfile', extensions];
      openssl('x509', '-req', '-in', request, ...signing, '-days', String(days), '-out', cert);
      for (const file of [request, extensions]) rmSync(file);
      return { cert, key };
    },
  };
}

// npx tsx test/venue/development-ca.ts FOLDER HOST
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [folder, host] = process.argv.slice(2);
  if (folder === undefined || host === undefined) throw new Error('expected: FOLDER HOST');
  const ca = createDevelopmentCa(folder);
  process.stdout.write(`${JSON.stringify({ ca: ca.caFile, ...ca.issue(host, 90) })}\n`);
}
