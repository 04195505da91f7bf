/** How often it is looked whether npm still lives, in milliseconds. */
const LOOK_EVERY_MS = 500;

/** npm hands on the signals that end it, and cannot where it is killed outright: then this process ends by itself. */
function endWithNpm(): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const npm = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, LOOK_EVERY_MS).unref();
}

/** Loading takes seconds on a slow machine, so that what is going on is said before. */
async function start(args: readonly string[]): Promise<number> {
  if (args.length === 0) console.log('Genkan: loading the demo of a whole venue …');
  const { ConfigError } = await import('../../gateway/config.ts');
  try {
    return args.length > 0
      ? await (await import('../../gateway/main.ts')).main(args)
      : await (await import('./demo/demo.ts')).demo();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    return 2;
  }
}

endWithNpm();
process.exitCode = await start(process.argv.slice(2));
