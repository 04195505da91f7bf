import { realpath, stat } from 'node:fs/promises';

/** Milliseconds between looks: an unplug may take 2 s to be told, and a look on a loaded machine its time too. */
const WATCH_MS = 500;

/**
 * Calls `gone` once when the device node at `path` vanishes or becomes another device. Serial ports do not always
 * say that they were unplugged (serialport/node-serialport#2043, bindings-cpp#162), but their node goes away; a
 * stable name (a udev link) that comes back points to another node while the old one is still held open.
 *
 * @param path the device node or a link to it
 * @param known what `nodeAt(path)` said before the device was opened; `null` to take what is found first
 * @param everyMs how often to look, in milliseconds
 * @returns stops watching; calling it twice is harmless
 */
export function watchNode(
  path: string,
  known: string | null,
  gone: (reason: string) => void,
  everyMs: number = WATCH_MS,
): () => void {
  let expected = known;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    stopped = true;
    clearTimeout(timer);
  };
  const look = async (): Promise<void> => {
    const found = await nodeAt(path);
    if (stopped) return;
    if (found === null || (expected !== null && found !== expected)) {
      stop();
      gone(found === null ? `${path} is gone` : `${path} is another device now`);
      return;
    }
    expected = found;
    timer = setTimeout(() => void look(), everyMs);
  };
  void look();
  return stop;
}

/** Which device node the path leads to, in a form to be compared; `null` if to none. Never rejects. */
export async function nodeAt(path: string): Promise<string | null> {
  try {
    const [target, node] = await Promise.all([realpath(path), stat(path)]);
    return `${target} ${node.ino} ${node.rdev}`;
  } catch {
    return null;
  }
}
