import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Crowd } from './crowd.ts';
import { LoopFileSystem, MemoryFileSystem } from './file-systems.ts';
import { answerAt, comesIn, exitButtonWorks, recovers, type Scenario, type Stage } from './scenarios.ts';
import type { Site, Visitor } from './site.ts';

/** Members who may still get in before a disk counts as not full at all: space that SQLite has already. */
const LAST_GUESTS_MAX = 60;

/** Room for the journal with its reserve, and to fill. */
const SMALL_DISK_MIB = 96;

/** `fdatasync` fails three times and then "works" again: what it dropped is gone, and SQLite would go on. */
const fsyncFails: Scenario = {
  name: 'fsync-fails',
  needs: ['strace'],
  play: async (stage) => {
    const site = await stage.open();
    await site.start();
    const early = await comesIn(site);
    const release = await failSyncs(site.gateway.pid, 3);
    stage.defer(release);
    site.canWrite = false;
    const unlucky = await site.member();
    stage.expect(
      'entry is refused when its grant is not on disk',
      (await answerAt(site, 'entry', unlucky)) === 'refused',
    );
    await isLetOut(stage, site, early);
    await exitButtonWorks(stage, site);
    await release();
    await recovers(stage, site);
    site.canWrite = true;
    stage.expect('the check-out is recorded afterwards', !site.inside().includes(early.sub));
    // Who was turned away for the disk's sake comes back, and is in once.
    stage.expect('who was refused gets in afterwards', (await answerAt(site, 'entry', unlucky)) === 'opened');
    return site;
  },
};

const diskFull: Scenario = {
  name: 'disk-full',
  needs: ['mkfs.ext4'],
  mounts: true,
  play: async (stage) => {
    const disk = new MemoryFileSystem(join(stage.folder, 'disk'), SMALL_DISK_MIB);
    stage.defer(() => disk.unmount());
    const site = await stage.open({ journalFolder: disk.path });
    await site.start();
    const early = await comesIn(site);
    const free = disk.fill();
    site.canWrite = false;
    let guests = 0;
    while (guests < LAST_GUESTS_MAX && (await answerAt(site, 'entry', await site.member())) === 'opened')
      guests += 1;
    stage.note('admittedAfterFull', guests);
    stage.expect('entry is refused on a full disk', guests < LAST_GUESTS_MAX);
    await isLetOut(stage, site, early);
    await exitButtonWorks(stage, site);
    free();
    await recovers(stage, site);
    site.canWrite = true;
    stage.expect('the check-out is recorded afterwards', !site.inside().includes(early.sub));
    return site;
  },
};

const readOnly: Scenario = {
  name: 'read-only',
  needs: ['mkfs.ext4'],
  mounts: true,
  play: async (stage) => {
    const disk = LoopFileSystem.make(stage.folder);
    stage.defer(() => disk.unmount());
    const site = await stage.open({ journalFolder: disk.path });
    await site.start();
    const early = await comesIn(site);
    disk.turnReadOnly();
    site.canWrite = false;
    stage.expect(
      'entry is refused on a read-only disk',
      (await answerAt(site, 'entry', await site.member())) === 'refused',
    );
    await isLetOut(stage, site, early);
    await exitButtonWorks(stage, site);
    const { gateway } = site;
    site.lookAway();
    const code = await gateway.stop();
    stage.expect(
      `a gateway that is told to end does so in order (${String(code)}):\n${gateway.said}`,
      code === 0,
    );
    stage.expect(
      'it names the check-out that it could not write',
      gateway.said.includes(`"sub":"${early.sub}"`) && gateway.said.includes('a check-out is lost'),
    );
    await offAndOn(site, disk);
    site.canWrite = true;
    await comesIn(site);
    stage.note('recovery', 'by a repair and a restart');
    return site;
  },
};

const powerCut: Scenario = {
  name: 'power-cut',
  needs: ['mkfs.ext4', 'xfs_io'],
  mounts: true,
  play: async (stage) => {
    const disk = LoopFileSystem.make(stage.folder);
    stage.defer(() => disk.unmount());
    const site = await stage.open({ journalFolder: disk.path });
    const crowd = new Crowd(site, stage.random);
    await site.start();
    const cuts = stage.trials(30);
    for (let cut = 0; cut < cuts; cut += 1) {
      crowd.start();
      await site.gateway.saidMore(stage.random.between(2, 40));
      await pause(stage.random.next() * 20);
      site.witness();
      site.lookAway();
      disk.cutPower();
      await exitButtonWorks(stage, site);
      await crowd.stop();
      await offAndOn(site, disk);
    }
    stage.note('cuts', cuts);
    await crowd.allLeave();
    return site;
  },
};

/** A code at the exit opens the door although nothing can be written. */
async function isLetOut(stage: Stage, site: Site, visitor: Visitor): Promise<void> {
  const answer = await answerAt(site, 'exit', visitor);
  stage.expect('who shows a code at the exit is let out', answer === 'opened');
}

/** The gateway ends, the file system is repaired and comes back, the gateway starts. */
async function offAndOn(site: Site, disk: LoopFileSystem): Promise<void> {
  site.lookAway();
  await site.kill();
  disk.repair();
  site.lookAgain();
  await site.start();
}

/** Lets so many synchronisations of a process fail with EIO from now on. Returns what lets go of it. */
async function failSyncs(pid: number, times: number): Promise<() => Promise<void>> {
  const tracer = spawn(
    'strace',
    [
      '-f',
      '-p',
      String(pid),
      '-e',
      `inject=fsync,fdatasync:error=EIO:when=1..${times}`,
      '-e',
      'trace=fsync,fdatasync',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const lines = createInterface({ input: tracer.stderr });
  const exited = once(tracer, 'exit');
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      if (line.includes('attached')) resolve();
    });
    void exited.then(() => reject(new Error('strace could not attach')));
  });
  return async () => {
    if (tracer.exitCode !== null || tracer.signalCode !== null) return;
    tracer.kill('SIGTERM');
    await exited;
  };
}

export const STORAGE_SCENARIOS: readonly Scenario[] = [fsyncFails, diskFull, readOnly, powerCut];
