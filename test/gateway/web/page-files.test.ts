import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { pageFiles, withoutComments } from '../../../gateway/web/page-files.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const files = [
  'gateway/web/pages',
  'gateway/web/display',
  'test/venue/demo/page',
  'test/venue/wallet-page',
].flatMap((folder) =>
  readdirSync(`${root}${folder}`, { recursive: true })
    .map((name) => `${folder}/${String(name)}`)
    .filter((name) => /\.(?:js|css)$/.test(name)),
);
const source = (file: string) => readFileSync(`${root}${file}`, 'utf8');

describe('what a browser gets of the pages', () => {
  it.each(files)('is the same code without its comments: %s', async (file) => {
    const loader = file.endsWith('.css') ? 'css' : 'js';
    const minified = async (code: string) =>
      (await transform(code, { loader, minifyWhitespace: true, legalComments: 'none' })).code;
    const served = withoutComments(source(file));

    expect(await minified(served)).toBe(await minified(source(file)));
    expect(served).not.toMatch(/^\s*(?:\/\/|\/\*+(?:\n|[^\n]*\*\/\s*$))/m);
  });

  it('keeps what only looks like a comment within a line', () => {
    const code = "const url = 'https://example.jp'; // told\nconst glob = 'a/*b'; /* c */ f();\n";

    expect(withoutComments(code)).toBe(code);
  });

  it('comes whole, with its length and a tag by which a browser asks again', async () => {
    const app = fastify();
    pageFiles(app, {
      root: `${root}gateway/web/pages/`,
      prefix: '/p/',
      allowed: /^\/(?:dom\.js|icon\.svg)$/,
    });
    const first = await app.inject('/p/dom.js');
    const again = await app.inject({
      url: '/p/dom.js',
      headers: { 'if-none-match': String(first.headers.etag) },
    });
    const range = await app.inject({ url: '/p/dom.js', headers: { range: 'bytes=0-9' } });

    expect(first.statusCode).toBe(200);
    expect(first.body).toBe(withoutComments(source('gateway/web/pages/dom.js')));
    expect(first.headers['content-length']).toBe(String(Buffer.byteLength(first.body)));
    expect(again).toMatchObject({ statusCode: 304, body: '' });
    expect(range).toMatchObject({ statusCode: 200, body: first.body });
    expect((await app.inject('/p/icon.svg')).body).toBe(source('gateway/web/pages/icon.svg'));
    expect((await app.inject('/p/console.html')).statusCode).toBe(404);
    await app.close();
  });
});
