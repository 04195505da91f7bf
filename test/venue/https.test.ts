import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../shared/time.ts';
import { needs } from '../needs.ts';
import { createDevelopmentCa, type DevelopmentCa } from './development-ca.ts';
import { freePort } from './phone-rig.ts';
import { until } from './until.ts';
import { openVenue, type Venue } from './venue.ts';

/** Between two handshakes that wait for a renewed certificate. */
const LOOK_AGAIN_MS = 200;

describe('the gateway by https', needs('openssl'), () => {
  let folder: string;
  let ca: DevelopmentCa;
  let venue: Venue;
  let port: number;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'genkan-'));
    ca = createDevelopmentCa(folder);
    port = await freePort();
    const tls = ca.issue('localhost', 40);
    venue = await openVenue({ port, http: { publicOrigin: `https://localhost:${port}`, tls } });
  });

  afterAll(async () => {
    await venue.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const believing = () => ({ host: '127.0.0.1', port, servername: 'localhost', ca: readFileSync(ca.caFile) });

  /** The serial number of the certificate that a phone is shown which believes the authority. */
  const shownSerial = async () => {
    const socket = connect(believing());
    await once(socket, 'secureConnect');
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  };

  it('shows its certificate, and the renewed one without a restart', async () => {
    expect(venue.gateway.web.address()).toMatch(/^https:/);
    const page = get({ ...believing(), path: '/d/front/entry' });
    const [answer] = (await once(page, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000');
    answer.destroy();

    const first = await shownSerial();
    ca.issue('localhost', 90);
    while ((await shownSerial()) === first) await pause(LOOK_AGAIN_MS);
  });

  it('calls an operator at 21, 14 and 7 days before the end and at the end, each time anew', async () => {
    const alarms = () => venue.gateway.alarms.open().filter(({ kind }) => kind === 'certificate');
    const endsMs = Date.now() + 90 * DAY_MS;
    for (const days of [21, 14, 7, 0]) {
      venue.clock.moveTo(endsMs - days * DAY_MS + 60_000);
      await until(`${days} days`, () =>
        alarms().some(({ detail, state }) => detail === String(days) && state === 'active'),
      );
      const open = alarms().filter(({ state }) => state === 'active');
      expect(open.map(({ detail }) => detail)).toEqual([String(days)]);
      venue.gateway.alarms.acknowledge(open[0]?.id ?? '', 'hanako', 'seen');
    }
  });
});
