import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Logger } from 'pino';
import { every, type Clock } from './clock/clock.ts';

/** How often the files are looked at, in milliseconds. An ACME client renews a month before the end. */
const LOOK_EVERY_MS = 5_000;

/** Files of the certificate that phones see: the chain, its own certificate first, and its private key, both in PEM. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

interface Pair {
  /** What the files held. */
  readonly cert: string;
  readonly key: string;
  readonly endsMs: number;
}

/** A certificate that cannot be used. The message begins with the name of the field. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}

/**
 * Reads a certificate and its key. One that has ended is taken: phones refuse it and say why, and an alarm has been
 * raised long before.
 *
 * @param publicOrigin whose host the certificate must be for
 * @throws CertificateError naming `http.tls.cert` or `http.tls.key`
 */
export function readCertificate(files: CertificateFiles, publicOrigin: string): Pair {
  const cert = read('http.tls.cert', files.cert);
  const key = read('http.tls.key', files.key);
  const own = parsed('http.tls.cert', files.cert, 'no certificate in PEM', () => new X509Certificate(cert));
  const privateKey = parsed('http.tls.key', files.key, 'no private key in PEM', () => createPrivateKey(key));
  if (!own.checkPrivateKey(privateKey))
    throw new CertificateError(`http.tls.key: ${files.key} is not the key of ${files.cert}`);
  const { hostname } = new URL(publicOrigin);
  if (own.checkHost(hostname) === undefined)
    throw new CertificateError(
      `http.tls.cert: ${files.cert} is not for ${hostname} (http.publicOrigin), but for ${own.subjectAltName ?? 'no name'}`,
    );
  return { cert, key, endsMs: Date.parse(own.validTo) };
}

export interface CertificateOptions {
  readonly files: CertificateFiles;
  readonly publicOrigin: string;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Logger;
}

/** What alarms follow from. */
export interface CertificateHealth {
  readonly endsMs: number;
  /** Why the newest files are not in use, or `null`: they are. */
  readonly refused: string | null;
}

/** The certificate that is in use. A renewed one is taken without a restart; one that cannot be used is not. */
export class Certificate {
  readonly #options: CertificateOptions;
  #pair: Pair;
  #seen: string;
  #refused: string | null = null;
  readonly #listeners = new Set<() => void>();
  #cancel: (() => void) | null = null;

  /** @throws CertificateError */
  constructor(options: CertificateOptions) {
    this.#options = options;
    this.#seen = stampOf(options.files);
    this.#pair = readCertificate(options.files, options.publicOrigin);
  }

  /** For the handshakes from now on. */
  get pair(): { readonly cert: string; readonly key: string } {
    return { cert: this.#pair.cert, key: this.#pair.key };
  }

  health(): CertificateHealth {
    return { endsMs: this.#pair.endsMs, refused: this.#refused };
  }

  /** Looks at the files until `close`. @param listener called when another certificate is to be used */
  watch(listener: () => void): void {
    this.#listeners.add(listener);
    this.#cancel ??= every(this.#options.clock, LOOK_EVERY_MS, () => this.#look());
  }

  close(): void {
    this.#cancel?.();
  }

  #look(): void {
    const { files, publicOrigin, log } = this.#options;
    const stamp = stampOf(files);
    if (stamp === this.#seen) return;
    this.#seen = stamp;
    try {
      this.#pair = readCertificate(files, publicOrigin);
      this.#refused = null;
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      // Perhaps one file of two is written: what is in use stays in use, and the next change is looked at again.
      this.#refused = error.message;
      log.error({ reason: error.message }, 'the renewed certificate cannot be used; the one before stays');
      return;
    }
    log.info({ ends: new Date(this.#pair.endsMs).toISOString() }, 'the certificate was renewed');
    for (const listener of this.#listeners) listener();
  }
}

/** Something that differs after either file was written, replaced, or linked to another. */
function stampOf({ cert, key }: CertificateFiles): string {
  return [cert, key]
    .map((path) => {
      const found = statSync(path, { throwIfNoEntry: false });
      return found === undefined ? 'none' : `${found.ino} ${found.size} ${found.mtimeMs}`;
    })
    .join(' ');
}

function read(field: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new CertificateError(`${field}: cannot read ${path}`);
  }
}

function parsed<T>(field: string, path: string, otherwise: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    throw new CertificateError(`${field}: ${otherwise}: ${path}`);
  }
}
