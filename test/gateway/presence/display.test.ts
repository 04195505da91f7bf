import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireFiles } from '../../../gateway/config.ts';
import { openVenue, type Venue } from '../../venue/venue.ts';

const TOKEN = 'a-token-of-the-venue';
const ON_WIFI = '192.168.1.20';
const folder = mkdtempSync(join(tmpdir(), 'genkan-'));
const tokenFile = join(folder, 'display-token');

let venue: Venue;

beforeAll(async () => {
  writeFileSync(tokenFile, `${TOKEN}\n`);
  venue = await openVenue({
    pulseMs: 200,
    door: { code: { entry: 'rotating', exit: 'static' } },
    http: { displayTokenFile: tokenFile },
  });
}, 60_000);

afterAll(async () => {
  await venue.close();
  rmSync(folder, { recursive: true, force: true });
});

const get = (url: string, remoteAddress = ON_WIFI, headers = {}) =>
  venue.gateway.web.app.inject({ url, remoteAddress, headers });

/** What a display is sent, one piece after the other. */
async function* codes(): AsyncGenerator<{ qr: string; remainingMs: number }> {
  const answer = await fetch(`${venue.gateway.web.address()}/display/front/codes?side=entry`);
  if (answer.body === null) throw new Error('no stream');
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let heard = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      heard += value;
      for (let end = heard.indexOf('\n\n'); end >= 0; end = heard.indexOf('\n\n')) {
        yield JSON.parse(/^data: (.*)$/m.exec(heard.slice(0, end))?.[1] ?? '') as {
          qr: string;
          remainingMs: number;
        };
        heard = heard.slice(end + 2);
      }
    }
  } finally {
    await reader.cancel();
  }
}

describe('/display/<door>', () => {
  it('shows the page to this host, in both languages, with no inline script', async () => {
    const { statusCode, body, headers } = await get('/display/front', '127.0.0.1');

    expect(statusCode).toBe(200);
    expect(body).toContain('入口');
    expect(body).toContain('Entry');
    expect(body).not.toMatch(/\{\{|<script(?![^>]*\bsrc=)|\bstyle=/);
    expect(headers['cache-control']).toBe('no-store');
  });

  it.each(['/display/front', '/display/front/codes?side=entry', '/display/front?token=wrong'])(
    'shows nobody on the venue’s Wi-Fi a code: %s',
    async (url) => {
      const { statusCode, body } = await get(url, ON_WIFI, { 'x-forwarded-for': '127.0.0.1' });
      expect(statusCode).toBe(403);
      expect(body).toContain('display-token-needed');
    },
  );

  it('is opened with the token once; the token leaves the address, and a cookie stays', async () => {
    const first = await get(`/display/front?side=entry&token=${TOKEN}`);
    const cookie = String(first.headers['set-cookie']);

    expect(first.statusCode).toBe(303);
    expect(first.headers.location).toBe('/display/front');
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict/);
    expect(cookie).not.toContain(TOKEN);
    const later = await get('/display/front', ON_WIFI, { cookie: cookie.split(';')[0] });
    expect(later.statusCode).toBe(200);
  });

  it.each(['/display/front?side=exit', '/display/back', '/display/front?side=roof'])(
    'has none at %s',
    async (url) => {
      expect((await get(url, '127.0.0.1')).statusCode).toBe(404);
    },
  );

  it('shows the next code at once when the shown one is used', async () => {
    const stream = codes();
    const first = (await stream.next()).value as { qr: string; remainingMs: number };
    const { code = '' } = venue.gateway.presence.shown('front', 'entry') ?? {};
    expect(venue.gateway.presence.redeem('front', 'entry', code, ON_WIFI).kind).toBe('ticket');
    const second = (await stream.next()).value as { qr: string; remainingMs: number };
    await stream.return(undefined);

    expect(first.qr).toMatch(/^<svg /);
    expect(second.qr).not.toBe(first.qr);
    expect(second.remainingMs).toBeGreaterThan(14_000);
  });

  it('works while the line is down', async () => {
    venue.line.cut();
    const stream = codes();
    expect((await stream.next()).value).toMatchObject({ qr: expect.stringMatching(/^<svg /) as string });
    await stream.return(undefined);
    venue.line.mend();
  });

  it('takes no token that anybody could guess: 15 characters are refused at the start', () => {
    writeFileSync(join(folder, 'short'), 'fifteen-letters\n');
    const config = {
      ...venue.config,
      http: { ...venue.config.http, displayTokenFile: join(folder, 'short') },
    };
    expect(() => requireFiles('genkan.yaml', config)).toThrow(
      /http\.displayTokenFile: the first line of .* must have at least 16 characters/,
    );
    expect(() =>
      requireFiles('genkan.yaml', { ...config, http: { ...config.http, displayTokenFile: '/nowhere' } }),
    ).toThrow('http.displayTokenFile: cannot read /nowhere');
  });
});
