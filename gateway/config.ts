import { createPrivateKey } from 'node:crypto';
import { accessSync, constants, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { gatewayConfigSchema, type GatewayConfig } from '../shared/contract/config.ts';
import { CertificateError, readCertificate } from './certificate.ts';
import { publishedKeyProblem } from './tokens/signing-key.ts';
import { fieldName, problemLines } from '../shared/contract/problem.ts';

/** Characters of a secret that somebody else has made. */
const SECRET_LENGTH_MIN = 16;

/** A configuration that cannot be used. Each line begins with the name of the field. */
export class ConfigError extends Error {
  readonly lines: readonly string[];

  constructor(file: string, lines: readonly string[]) {
    super(`${file}:\n${lines.map((line) => `  ${line}`).join('\n')}`);
    this.name = 'ConfigError';
    this.lines = lines;
  }
}

/**
 * Reads a configuration. Paths in it are relative to the file.
 *
 * @param environment `PORT` overrides `http.port`
 * @throws ConfigError naming every field that is wrong
 */
export function loadConfig(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): GatewayConfig {
  let raw: unknown;
  try {
    raw = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError(file, [error instanceof Error ? error.message : String(error)]);
  }
  const placeholders = placeholdersIn(raw, []);
  const lines = [
    ...placeholders.map(({ field, wanted }) => `${field}: still a placeholder; put here: ${wanted}`),
    ...problemLines(gatewayConfigSchema, raw).filter(
      (line) => !placeholders.some(({ field }) => line.startsWith(`${field}: `)),
    ),
  ];
  if (lines.length > 0) throw new ConfigError(file, lines);
  const config = gatewayConfigSchema.parse(raw);
  const here = (path: string) => resolve(dirname(file), path);
  const { uplink, http, notifications, localBus } = config;
  const { webhook, email } = notifications;
  return Object.freeze({
    ...config,
    gateway: {
      ...config.gateway,
      journal: here(config.gateway.journal),
      ...(config.gateway.key && { key: here(config.gateway.key) }),
    },
    doors: config.doors.map((door) => ({
      ...door,
      controller: { ...door.controller, path: here(door.controller.path) },
      scanners: door.scanners.map((scanner) =>
        scanner.kind === 'serial' ? { ...scanner, path: here(scanner.path) } : scanner,
      ),
    })),
    http: {
      ...config.http,
      port: portOf(environment, config.http.port),
      ...(http.displayTokenFile && { displayTokenFile: here(http.displayTokenFile) }),
      ...(http.metricsTokenFile && { metricsTokenFile: here(http.metricsTokenFile) }),
      ...(http.tls && { tls: { cert: here(http.tls.cert), key: here(http.tls.key) } }),
    },
    console: {
      ...config.console,
      ...(config.console.accounts && { accounts: here(config.console.accounts) }),
    },
    notifications: {
      ...notifications,
      webhook: webhook && {
        ...webhook,
        ...(webhook.secretFile && { secretFile: here(webhook.secretFile) }),
      },
      email: email && {
        ...email,
        ...(email.passwordFile && { passwordFile: here(email.passwordFile) }),
        ...(email.ca && { ca: here(email.ca) }),
      },
    },
    localBus: localBus && { ...localBus, cert: here(localBus.cert), key: here(localBus.key) },
    uplink:
      uplink === null
        ? null
        : {
            ...uplink,
            ...(uplink.passwordFile && { passwordFile: here(uplink.passwordFile) }),
            ...(uplink.ca && { ca: here(uplink.ca) }),
            ...(uplink.cert && { cert: here(uplink.cert) }),
            ...(uplink.key && { key: here(uplink.key) }),
          },
  });
}

/** A value of the example that stands for one of the operator's own, and says what belongs there: `<what>`. */
function placeholdersIn(
  value: unknown,
  path: readonly PropertyKey[],
): readonly { field: string; wanted: string }[] {
  if (typeof value === 'string') {
    const wanted = /^<(.+)>$/.exec(value)?.[1];
    return wanted === undefined ? [] : [{ field: fieldName(path), wanted }];
  }
  if (Array.isArray(value)) return value.flatMap((each, index) => placeholdersIn(each, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => placeholdersIn(each, [...path, name]));
}

/** The file of the console's accounts. */
export function accountsFile({ console, gateway }: GatewayConfig): string {
  return console.accounts ?? `${gateway.journal}.operators.json`;
}

/** The file of the gateway's own key. */
export function gatewayKeyFile({ gateway }: GatewayConfig): string {
  return gateway.key ?? `${gateway.journal}.key`;
}

/** What is wrong with the files that the configuration names, one line a field. */
export function missingFiles(config: GatewayConfig): readonly string[] {
  const { uplink, http, notifications, localBus } = config;
  const named: readonly (readonly [string, string | undefined])[] = [
    ['http.displayTokenFile', http.displayTokenFile],
    ['http.metricsTokenFile', http.metricsTokenFile],
    ['localBus.cert', localBus?.cert],
    ['localBus.key', localBus?.key],
    ['notifications.webhook.secretFile', notifications.webhook?.secretFile],
    ['notifications.email.passwordFile', notifications.email?.passwordFile],
    ['notifications.email.ca', notifications.email?.ca],
    ...(['passwordFile', 'ca', 'cert', 'key'] as const).map(
      (field) => [`uplink.${field}`, uplink?.[field]] as const,
    ),
  ];
  const unread = named.flatMap(([field, path]) => {
    if (path === undefined) return [];
    try {
      accessSync(path, constants.R_OK);
      return field.startsWith('http.') ? shortSecret(field, path) : [];
    } catch {
      return [`${field}: cannot read ${path}`];
    }
  });
  return [...unread, ...certificateLines(http), ...publishedKeyLines(config)];
}

/**
 * Makes sure that the files which the configuration names are there and of use, before anything is started.
 *
 * @throws ConfigError naming each field whose file is not
 */
export function requireFiles(file: string, config: GatewayConfig): void {
  const lines = missingFiles(config);
  if (lines.length > 0) throw new ConfigError(file, lines);
}

/** Private keys that anybody may have. A file that holds none is told of where it is used. */
function publishedKeyLines(config: GatewayConfig): string[] {
  const named = [
    ['gateway.key', gatewayKeyFile(config)],
    ['http.tls.key', config.http.tls?.key],
    ['localBus.key', config.localBus?.key],
    ['uplink.key', config.uplink?.key],
  ] as const;
  return named.flatMap(([field, path]) => {
    if (path === undefined) return [];
    try {
      const problem = publishedKeyProblem(createPrivateKey(readFileSync(path)));
      return problem === null ? [] : [`${field}: ${path}: ${problem}`];
    } catch {
      return [];
    }
  });
}

function certificateLines({ tls, publicOrigin }: GatewayConfig['http']): string[] {
  try {
    if (tls !== undefined) readCertificate(tls, publicOrigin);
    return [];
  } catch (error) {
    if (error instanceof CertificateError) return [error.message];
    throw error;
  }
}

/** First line of a file that holds a secret. */
export function readSecret(path: string): string {
  return readFileSync(path, 'utf8').split(/\r?\n/)[0] ?? '';
}

function shortSecret(field: string, path: string): string[] {
  return readSecret(path).length < SECRET_LENGTH_MIN
    ? [`${field}: the first line of ${path} must have at least ${SECRET_LENGTH_MIN} characters`]
    : [];
}

/** The HTTP port: `PORT` where it is set, else the given one. */
export function portOf(environment: Readonly<Record<string, string | undefined>>, otherwise: number): number {
  const text = environment['PORT'];
  if (text === undefined || text === '') return otherwise;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new ConfigError('environment', ['PORT: must be 0 to 65535']);
  return port;
}
