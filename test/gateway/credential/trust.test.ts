import { join } from 'node:path';
import pino from 'pino';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Journal } from '../../../gateway/journal/journal.ts';
import { Trust } from '../../../gateway/credential/trust.ts';
import { gatewayConfigSchema } from '../../../shared/contract/config.ts';
import { parseEvent } from '../../../shared/contract/events.ts';
import type { CloudRequest } from '../../../shared/contract/receipt.ts';
import { takeAll } from '../cloud.ts';
import { ManualClock } from '../manual-clock.ts';
import { configured, newIssuer, newSigner, token, trusted, type Signer } from '../signing.ts';
import { openJournal, temporaryFolder } from '../../temporary.ts';

const NOW = '2025-10-20T10:00:00+09:00';
const NOW_S = Date.parse(NOW) / 1000;
const DAY_MS = 24 * 3600_000;

let path: string;
let journal: Journal;
let clock: ManualClock;
let trust: Trust;
const cloud = newSigner('EdDSA');
const issuer = newIssuer();
beforeEach(async () => {
  path = join(temporaryFolder(), 'journal.db');
  clock = new ManualClock(NOW);
  journal = openJournal(path);
  onTestFinished(() => journal.close());
  trust = await open();
});

/** What the log was told, and how many bundles were counted as old. */
let said: string;
let old: number;

function open(whenTooOld: 'refuse' | 'admit' = 'refuse'): Promise<Trust> {
  const config = gatewayConfigSchema.shape.trust.parse({
    issuers: [trusted(issuer)],
    cloud: [configured(cloud, 'cloud-1')],
    whenTooOld,
  });
  said = '';
  old = 0;
  const log = pino({}, { write: (line) => (said += line) });
  return Trust.open({ config, venue: 'shibuya-1', journal, clock, log, onOld: () => (old += 1) });
}

/** A bundle with the keys that the configuration has; `over` replaces members. */
function bundle(version: number, over: object = {}, signer: Signer = cloud, kid = 'cloud-1'): string {
  const claims = {
    venue: 'shibuya-1',
    version,
    iat: Math.floor(clock.wallMs() / 1000),
    issuers: [trusted(issuer)],
    cloud: [configured(cloud, 'cloud-1')],
    ...over,
  };
  return token({ alg: signer.alg, typ: 'trust-bundle+jwt', kid }, claims, signer);
}

const pass = (over: object = {}) => ({
  jti: 'p-1',
  iss: 'https://issuer.example',
  sub: 'u-1',
  iat: NOW_S,
  cnf: { jkt: 'd'.repeat(43) },
  ...over,
});

async function restart(): Promise<void> {
  journal.close();
  journal = openJournal(path);
  trust = await open();
}

const staleEvents = () =>
  journal
    .eventsAfter(0, 1_000)
    .map(({ body }) => parseEvent(JSON.parse(body)))
    .filter(({ name }) => name === 'gateway.trust-stale')
    .map(({ data }) => data);

describe('a revocation', () => {
  it.each([
    ['of a pass', { passes: ['p-1'] }],
    ['of a device', { devices: ['d'.repeat(43)] }],
    ['of a member, of what was issued before an instant', { members: [{ sub: 'u-1', before: NOW_S + 1 }] }],
  ])('%s holds from the moment the bundle is taken, and over a restart', async (_, revoked) => {
    expect(trust.isRevoked(pass())).toBe(false);
    expect(await trust.take(bundle(1, { revoked }))).toBe('applied');
    expect(trust.isRevoked(pass())).toBe(true);
    await restart();
    expect(trust).toMatchObject({ version: 1 });
    expect(trust.isRevoked(pass())).toBe(true);
  });

  it('of a member spares the pass that was issued at that instant', async () => {
    await trust.take(bundle(1, { revoked: { members: [{ sub: 'u-1', before: NOW_S }] } }));
    expect(trust.isRevoked(pass({ iat: NOW_S - 1 }))).toBe(true);
    expect(trust.isRevoked(pass({ iat: NOW_S }))).toBe(false);
    expect(trust.isRevoked(pass({ sub: 'u-2', iat: NOW_S - 1 }))).toBe(false);
  });

  it('of a member of one issuer spares the second’s member with the same sub; one that names no issuer is of both', async () => {
    const issuers = [trusted(newIssuer()), trusted(newIssuer('EdDSA', 'https://second.example', 'second-1'))];
    const before = NOW_S + 1;
    const second = pass({ iss: 'https://second.example' });
    const named = { members: [{ iss: 'https://issuer.example', sub: 'u-1', before }] };
    await trust.take(bundle(1, { issuers, revoked: named }));
    expect([trust.isRevoked(pass()), trust.isRevoked(second)]).toEqual([true, false]);
    await trust.take(bundle(2, { issuers, revoked: { members: [{ sub: 'u-1', before }] } }));
    expect([trust.isRevoked(pass()), trust.isRevoked(second)]).toEqual([true, true]);
  });
});

describe('an older bundle', () => {
  it('never brings a revoked pass back, also after a restart, nor does another of the same version', async () => {
    await trust.take(bundle(7, { revoked: { passes: ['p-1'] } }));
    expect(await trust.take(bundle(6))).toBe('old');
    expect(await trust.take(bundle(7))).toBe('old');
    // The one in force is what the cloud answers where there is nothing new.
    expect(old).toBe(1);
    expect(said).toContain('"version":6,"inForce":7');
    await restart();
    expect(await trust.take(bundle(6))).toBe('old');
    expect(trust.isRevoked(pass())).toBe(true);
  });

  it('that comes at the same time as the newer one loses, in either order', async () => {
    const newer = bundle(2, { revoked: { passes: ['p-1'] } });
    expect(await takeAll([newer, bundle(1)], (text) => trust.take(text))).toEqual(['applied', 'old']);
    expect(trust).toMatchObject({ version: 2 });
    await restart();
    expect(trust).toMatchObject({ version: 2 });
    expect(trust.isRevoked(pass())).toBe(true);
  });
});

describe('a bundle', () => {
  const stranger = newSigner('EdDSA');
  it.each<[string, () => string]>([
    ['signed by a stranger', () => bundle(1, {}, stranger)],
    ['for another venue', () => bundle(1, { venue: 'ueno-1' })],
    ['of another type', () => token({ alg: 'EdDSA', typ: 'custody-receipt+jwt', kid: 'cloud-1' }, {}, cloud)],
    ['that would leave no key of the cloud', () => bundle(1, { cloud: [] })],
    [
      'with a key that cannot be loaded',
      () => bundle(1, { cloud: [{ kid: 'x', alg: 'ES256', kty: 'OKP', crv: 'Ed25519', x: 'AAAA' }] }),
    ],
  ])('%s changes nothing', async (_, text) => {
    expect(await trust.take(text())).toBe('refused');
    expect(trust.version).toBe(0);
    await restart();
    expect(trust.cloudKeys.get('cloud-1')).toBeDefined();
  });

  /** RFC 8037 appendix A.1, which prints its private half. */
  const published = {
    ...{ kid: 'forgotten', alg: 'EdDSA', kty: 'OKP', crv: 'Ed25519' },
    x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  };
  const withPublished = (revoked: object = {}) => {
    const [good] = [trusted(issuer)];
    return bundle(1, { issuers: [{ ...good, keys: [...good.keys, published] }], revoked });
  };

  it('with one published key among good ones is refused as a whole, and the log says which and why', async () => {
    expect(await trust.take(withPublished({ passes: ['p-1'] }))).toBe('refused');
    expect(trust.version).toBe(0);
    expect(trust.issuerKeys.get('forgotten')).toBeUndefined();
    expect(trust.isRevoked(pass())).toBe(false);
    expect(said).toContain(
      'issuers[0].keys[1]: a published key (RFC 8037 appendix A.1), whose private half is no secret',
    );
  });

  it('that was kept before its key was known to be published revokes still, and its keys are nobody', async () => {
    journal.write((writer) => writer.facts.put('trust', withPublished({ passes: ['p-1'] })));
    await restart();
    expect(trust.issuerKeys.get('forgotten')).toBeUndefined();
    expect(trust.issuerKeys.get('issuer-1')).toBeDefined();
    expect(trust.isRevoked(pass())).toBe(true);
    expect(await trust.take(bundle(1))).toBe('old');
    expect(said).toContain('issuers[0].keys[1]: a published key');
    expect(await trust.take(bundle(2))).toBe('applied');
  });

  it('rotates the keys of the cloud: the next one must be signed by the new key, and the old one is nobody', async () => {
    const next = newSigner('ES256');
    expect(await trust.take(bundle(1, { cloud: [configured(next, 'cloud-2')] }))).toBe('applied');
    expect(await trust.take(bundle(2))).toBe('refused');
    await restart();
    expect(trust.cloudKeys.get('cloud-1')).toBeUndefined();
    expect(await trust.take(bundle(2, { cloud: [configured(next, 'cloud-2')] }, next, 'cloud-2'))).toBe(
      'applied',
    );
  });

  it('rotates the keys of an issuer in the ring that the gate holds', async () => {
    const { issuerKeys } = trust;
    const next = newIssuer('ES256', 'https://issuer.example', 'issuer-2');
    await trust.take(bundle(1, { issuers: [trusted(next)] }));
    expect(issuerKeys.get('issuer-1')).toBeUndefined();
    expect(issuerKeys.get('issuer-2')).toMatchObject({ alg: 'ES256', iss: 'https://issuer.example' });
  });
});

describe('the age of a bundle', () => {
  beforeEach(async () => {
    await trust.take(bundle(1));
  });

  it.each([
    ['fresh up to 24 hours', DAY_MS, 'fresh'],
    ['stale from then on', DAY_MS + 1_000, 'stale'],
    ['stale up to 30 days', 30 * DAY_MS, 'stale'],
    ['and then ended', 30 * DAY_MS + 1_000, 'ended'],
  ])('is %s', async (_, ageMs, stage) => {
    await clock.advance(ageMs);
    expect(trust.stage).toBe(stage);
  });

  it('when it has ended keeps everybody out, unless the venue admits; a new bundle lets them in again', async () => {
    await clock.advance(30 * DAY_MS);
    expect(trust.isRefused).toBe(false);
    await clock.advance(1_000);
    expect(trust.isRefused).toBe(true);
    expect((await open('admit')).isRefused).toBe(false);
    await trust.take(bundle(2));
    expect(trust.isRefused).toBe(false);
  });

  it('is told once it is stale, then every day, and the cloud is asked while it lasts', async () => {
    const asked: CloudRequest[] = [];
    trust.start((request) => asked.push(request));
    await clock.advance(DAY_MS);
    expect(staleEvents()).toEqual([]);
    expect(asked).toEqual([]);
    await clock.advance(3600_000);
    expect(staleEvents()).toEqual([{ version: 1, ageHours: 25 }]);
    expect(asked).toEqual([{ need: 'trust', have: 1 }]);
    await clock.advance(DAY_MS);
    expect(staleEvents()).toHaveLength(2);
    trust.close();
  });

  it('does not count where no bundle ever came: the configuration ends with the operator', async () => {
    journal.close();
    path = join(temporaryFolder(), 'journal.db');
    journal = openJournal(path);
    trust = await open();
    await clock.advance(90 * DAY_MS);
    expect(trust).toMatchObject({ version: 0, stage: 'fresh', isRefused: false });
  });
});

describe('a bundle of a stolen cloud key that would be final', () => {
  it('by its version: one that is 1,000,000 above the one in force is taken, and one more above is not', async () => {
    expect(await trust.take(bundle(1_000_001))).toBe('refused');
    expect(await trust.take(bundle(1_000_000))).toBe('applied');
    expect(await trust.take(bundle(Number.MAX_SAFE_INTEGER))).toBe('refused');
    expect(said).toContain('1000000 above the one in force');
    expect(await trust.take(bundle(1_000_001))).toBe('applied');
    await restart();
    expect(trust.version).toBe(1_000_001);
  });

  it('by its date: five minutes ahead of a trusted clock are taken, and a second more is not', async () => {
    const ahead = (seconds: number) => ({ iat: NOW_S + seconds });
    expect(await trust.take(bundle(1, ahead(301)))).toBe('refused');
    expect(said).toContain('ahead of the time');
    expect(trust.version).toBe(0);
    expect(await trust.take(bundle(1, ahead(300)))).toBe('applied');
  });

  it('is taken whatever its date where nobody vouches for the clock: it may be the clock that is late', async () => {
    clock.trusted = 'untrusted';
    expect(await trust.take(bundle(1, { iat: NOW_S + 365 * 24 * 3600 }))).toBe('applied');
  });

  it('that names two keys of two issuers alike is refused as a whole, and the field told', async () => {
    const issuers = [trusted(newIssuer()), trusted(newIssuer('EdDSA', 'https://second.example'))];
    expect(await trust.take(bundle(1, { issuers }))).toBe('refused');
    expect(said).toContain('issuers: a kid is there twice');
    expect(trust.version).toBe(0);
  });
});
