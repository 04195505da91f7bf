import { spawnSync } from 'node:child_process';

/** Whether this machine has the decoder: somebody else's, so that a fault in our encoder does not hide itself. */
export const hasQrDecoder = spawnSync('zbarimg', ['--version']).error === undefined;

/**
 * What the codes in a picture hold, read by zbar as a camera would.
 *
 * @param png the bytes of a picture
 */
export function decodeQr(png: Uint8Array): readonly string[] {
  const { stdout } = spawnSync('zbarimg', ['--quiet', '--raw', 'PNG:-'], { input: png, encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line !== '');
}
