import { spawnSync } from 'node:child_process';

/**
 * What the codes in a picture hold, read by zbar as a camera would: somebody else's decoder, so that a fault in our
 * encoder does not hide itself.
 *
 * @param png the bytes of a picture
 */
export function decodeQr(png: Uint8Array): readonly string[] {
  const { stdout } = spawnSync('zbarimg', ['--quiet', '--raw', 'PNG:-'], { input: png, encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line !== '');
}
