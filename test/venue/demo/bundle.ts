import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const page = new URL('page/', import.meta.url);
const gatewayPages = new URL('../../../gateway/web/pages/', import.meta.url);

/** The page's scripts in one, with those that it shares with the gateway: one request makes a slow phone ready sooner than twenty. */
export async function bundlePage(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('demo.js', page))],
    bundle: true,
    format: 'esm',
    minify: true,
    target: 'es2022',
    write: false,
    plugins: [
      {
        name: 'pages of the gateway',
        setup: (steps) =>
          steps.onResolve({ filter: /^\/pages\// }, ({ path }) => ({
            path: fileURLToPath(new URL(path.slice('/pages/'.length), gatewayPages)),
          })),
      },
    ],
  });
  const [script] = outputFiles;
  if (script === undefined) throw new Error('the page has no script');
  return script.text;
}
