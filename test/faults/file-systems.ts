/** File systems for trials that break them: small, mounted for the trial, and gone with it. Linux, as root. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const MIB = 1024 * 1024;

/** Why no file system can be mounted here, or `null`. Looked at once. */
export function mountMissing(): string | null {
  known ??= tryToMount();
  return known.why;
}

let known: { readonly why: string | null } | null = null;

function tryToMount(): { why: string | null } {
  const folder = mkdtempSync(join(tmpdir(), 'genkan-mount-'));
  try {
    const image = LoopFileSystem.make(folder);
    image.unmount();
    return { why: null };
  } catch (error) {
    return {
      why: `no loop file system can be mounted: ${error instanceof Error ? error.message : String(error)}`,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file system in memory of a fixed size. */
export class MemoryFileSystem {
  readonly path: string;

  /** @param at the folder that it is mounted on; made */
  constructor(at: string, mib: number) {
    mkdirSync(at);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m`, 'genkan', at]);
    this.path = at;
  }

  /** Fills it to the last block. Returns what frees it again. */
  fill(): () => void {
    const filler = join(this.path, 'filler');
    const file = openSync(filler, 'w');
    // Somebody else writes too, so nobody knows beforehand how much goes in.
    for (const size of [MIB, 4096, 1]) while (wrote(file, size));
    closeSync(file);
    return () => rmSync(filler, { force: true });
  }

  unmount(): void {
    // Lazily: a process that is just dying may still hold a file.
    spawnSync('umount', ['--lazy', this.path]);
  }
}

/** An ext4 of 64 MiB in a file. */
export class LoopFileSystem {
  readonly path: string;
  readonly #image: string;

  private constructor(image: string, path: string) {
    this.#image = image;
    this.path = path;
  }

  /** Makes and mounts one in a folder. */
  static make(folder: string): LoopFileSystem {
    const image = join(folder, 'image');
    const path = join(folder, 'disk');
    mkdirSync(path);
    execFileSync('truncate', ['--size', String(64 * MIB), image]);
    execFileSync('mkfs.ext4', ['-q', '-F', image], { stdio: ['ignore', 'ignore', 'pipe'] });
    const made = new LoopFileSystem(image, path);
    made.mount();
    return made;
  }

  mount(): void {
    execFileSync('mount', ['-o', 'loop,errors=remount-ro', this.#image, this.path], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }

  /** The power goes: what was not synchronised is gone, and every further access fails. */
  cutPower(): void {
    execFileSync('xfs_io', ['-x', '-c', 'shutdown -f', this.path], { stdio: ['ignore', 'ignore', 'pipe'] });
  }

  /** The kernel finds an error and makes the file system read-only, as it does with a card that dies. */
  turnReadOnly(): void {
    const found = execFileSync('findmnt', ['--noheadings', '--output', 'SOURCE', this.path], {
      encoding: 'utf8',
    });
    writeFileSync(`/sys/fs/ext4/${basename(found.trim())}/trigger_fs_error`, 'genkan');
  }

  /** Takes it off and looks it over, as the next boot would; the processes that used it must be dead. */
  repair(): void {
    this.unmount();
    // 1: errors corrected. Anything above is damage.
    const { status, stdout } = spawnSync('e2fsck', ['-f', '-y', this.#image], { encoding: 'utf8' });
    if (status === null || status > 1) throw new Error(`the file system cannot be repaired:\n${stdout}`);
    this.mount();
  }

  unmount(): void {
    if (existsSync(this.path)) execFileSync('umount', [this.path], { stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

function wrote(file: number, size: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(size)) === size;
  } catch {
    return false;
  }
}
