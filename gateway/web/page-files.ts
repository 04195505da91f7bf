import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/**
 * What a browser gets of a script or a style: the lines of code. Comments of ours stand on lines of their own, and most
 * of them are types for the checker.
 */
export function withoutComments(code: string): string {
  return code.replace(/^[ \t]*(?:\/\/.*|\/\*(?:[^*]|\*(?!\/))*\*\/[ \t]*)\n/gm, '');
}

export interface PageFilesOptions {
  /** Absolute path of the folder. */
  readonly root: string;
  /** With slashes at both ends. */
  readonly prefix: string;
  /** What of the folder is served, each path with a leading slash. */
  readonly allowed: RegExp;
}

/** Serves the scripts, styles and pictures of a page. */
export function pageFiles(app: FastifyInstance, { root, prefix, allowed }: PageFilesOptions): void {
  void app.register((files, _options, done) => {
    files.addHook('onSend', async (_request, reply, payload) => {
      const type = String(reply.getHeader('content-type'));
      if (!(payload instanceof Readable) || !/javascript|css/.test(type)) return payload;
      reply.removeHeader('content-length');
      return withoutComments(await text(payload));
    });
    void files.register(fastifyStatic, {
      root,
      prefix,
      decorateReply: false,
      // The bytes of a range would be counted in the file.
      acceptRanges: false,
      allowedPath: (path) => allowed.test(path),
    });
    done();
  });
}
