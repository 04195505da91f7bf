import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { temporaryFolder } from '../../temporary.ts';
import { needs } from '../../needs.ts';
import { startMosquitto, type TestBroker } from './brokers.ts';
import { startLine, topics } from './cloud.ts';

/** A certification authority of this test, with what it has signed. */
class Authority {
  readonly ca: string;
  readonly #folder: string;

  constructor(name: string) {
    this.#folder = temporaryFolder();
    this.ca = join(this.#folder, 'ca.pem');
    const key = join(this.#folder, 'ca.key');
    this.#openssl(
      'req',
      '-x509',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      ...this.#newKey(key, this.ca),
    );
  }

  /** A certificate with its key, as PEM files. */
  sign(name: string): { readonly cert: string; readonly key: string } {
    const at = (ending: string) => join(this.#folder, `${name}.${ending}`);
    const extensions = at('ext');
    writeFileSync(extensions, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
    this.#openssl('req', '-nodes', '-subj', `/CN=${name}`, ...this.#newKey(at('key'), at('csr')));
    const signed = ['-CA', this.ca, '-CAkey', join(this.#folder, 'ca.key'), '-CAcreateserial', '-days', '2'];
    this.#openssl('x509', '-req', '-in', at('csr'), ...signed, '-extfile', extensions, '-out', at('pem'));
    return { cert: at('pem'), key: at('key') };
  }

  #newKey(key: string, out: string): string[] {
    return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-keyout', key, '-out', out];
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { stdio: 'pipe' });
  }
}

/** A broker that asks everybody for a certificate, and takes its name for the account. */
async function tlsBroker(authority: Authority): Promise<TestBroker & { readonly url: string }> {
  const { cert, key } = authority.sign('broker');
  const acl = join(temporaryFolder(), 'acl');
  writeFileSync(acl, ['pattern readwrite genkan/v1/%u/#', ''].join('\n'));
  const broker = await startMosquitto(undefined, [
    `cafile ${authority.ca}`,
    `certfile ${cert}`,
    `keyfile ${key}`,
    'require_certificate true',
    'use_identity_as_username true',
    `acl_file ${acl}`,
  ]);
  return { ...broker, url: `mqtts://127.0.0.1:${broker.port}` };
}

describe('a broker with TLS that asks for a certificate', needs('mosquitto', 'openssl'), () => {
  it('takes the events of a gateway with the certificate of its venue', async () => {
    const authority = new Authority('genkan test');
    const broker = await tlsBroker(authority);
    const venue = authority.sign('shibuya-1');
    const watcher = await mqtt.connectAsync(broker.url, {
      protocolVersion: 5,
      ca: readFileSync(authority.ca),
      cert: readFileSync(venue.cert),
      key: readFileSync(venue.key),
    });
    onTestFinished(() => void watcher.end(true));
    const heard: string[] = [];
    watcher.on('message', (_, body) => heard.push(body.toString('utf8')));
    await watcher.subscribeAsync(topics.events, { qos: 1 });
    const { uplink, journal, append } = await startLine(broker, {
      url: broker.url,
      ca: authority.ca,
      ...venue,
    });
    append(2);
    uplink.start();
    await vi.waitFor(() => expect(heard).toHaveLength(2), { timeout: 15_000 });
    expect(heard).toEqual(journal.eventsAfter(0, 10).map(({ body }) => body));
  });

  it.each([
    ['without a certificate', () => ({})],
    ['with one that another authority has signed', () => new Authority('somebody else').sign('shibuya-1')],
  ])('refuses a gateway %s, which goes on trying', async (_, credentials) => {
    const authority = new Authority('genkan test');
    const broker = await tlsBroker(authority);
    const { uplink, clock, losses } = await startLine(broker, {
      url: broker.url,
      ca: authority.ca,
      ...credentials(),
    });
    uplink.start();
    await vi.waitFor(() => expect(losses()).toBe(1), { timeout: 15_000 });
    expect(uplink.isOnline).toBe(false);
    await clock.advance(2_000);
    await vi.waitFor(() => expect(losses()).toBe(2), { timeout: 15_000 });
  });

  it('is not spoken to when its own certificate is not of the authority that the gateway was told', async () => {
    const authority = new Authority('genkan test');
    const broker = await tlsBroker(authority);
    const { uplink, losses } = await startLine(broker, {
      url: broker.url,
      ca: new Authority('somebody else').ca,
      ...authority.sign('shibuya-1'),
    });
    uplink.start();
    await vi.waitFor(() => expect(losses()).toBe(1), { timeout: 15_000 });
    expect(uplink.isOnline).toBe(false);
  });
});
