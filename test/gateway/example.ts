import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gatewayConfigSchema, type GatewayConfig } from '../../shared/contract/config.ts';
import { parse } from 'yaml';

/** The example of a configuration, as it stands: it does not load. */
export const EXAMPLE = 'gateway/genkan.example.yaml';

/** The example's text with a new key in the place of each placeholder. */
export function exampleText(): string {
  return readFileSync(EXAMPLE, 'utf8').replaceAll(
    /'<[^'>]+>'/g,
    () => generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x ?? '',
  );
}

/** Writes that text as `genkan.yaml`, as `edit` changes it. @returns its path */
export function exampleFile(folder: string, edit: (text: string) => string = (text) => text): string {
  const file = join(folder, 'genkan.yaml');
  writeFileSync(file, edit(exampleText()));
  return file;
}

/** That configuration, with its paths as they are written. */
export function exampleConfig(): GatewayConfig {
  return gatewayConfigSchema.parse(parse(exampleText()));
}
