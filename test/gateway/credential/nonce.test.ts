import { beforeEach, describe, expect, it } from 'vitest';
import { createNonceSource, type NonceSource } from '../../../gateway/credential/nonce.ts';
import { ManualClock } from '../manual-clock.ts';

let clock: ManualClock;
let nonces: NonceSource;
beforeEach(() => {
  clock = new ManualClock('2026-11-24T10:00:00+09:00');
  nonces = createNonceSource(Buffer.alloc(32, 1), clock);
});

describe('a nonce', () => {
  it('is good for 90 seconds and not at the 90th', async () => {
    const nonce = nonces.issue();
    expect(nonces.expiresS(nonce)).toBe(clock.wallMs() / 1000 + 90);
    await clock.advance(89_999);
    expect(nonces.expiresS(nonce)).not.toBeNull();
    await clock.advance(1);
    expect(nonces.expiresS(nonce)).toBeNull();
  });

  it('neither lives longer nor dies when the wall clock is turned', () => {
    const nonce = nonces.issue();
    for (const wall of ['2099-01-01T00:00:00Z', '1999-01-01T00:00:00Z']) {
      clock.jumpTo(wall);
      expect(nonces.expiresS(nonce)).toBe(clock.wallMs() / 1000 + 90);
    }
  });

  it('of a former process is not good: its secret is gone', () => {
    expect(createNonceSource(Buffer.alloc(32, 2), clock).expiresS(nonces.issue())).toBeNull();
  });

  it('whose instant was changed is not good', () => {
    const [instant = '', salt = '', tag = ''] = nonces.issue().split('.');
    const later = (Number.parseInt(instant, 36) + 1).toString(36);
    expect(nonces.expiresS(`${later}.${salt}.${tag}`)).toBeNull();
    expect(nonces.expiresS(`${instant}.${salt}x.${tag}`)).toBeNull();
    expect(nonces.expiresS(`${instant}.${salt}.${tag.slice(0, -2)}`)).toBeNull();
  });

  it('is another one each time', () => {
    expect(nonces.issue()).not.toBe(nonces.issue());
  });

  it('has one spelling', () => {
    const nonce = nonces.issue();
    for (const twin of [`${nonce}.`, `${nonce}=`, ` ${nonce}`, `${nonce}\n`, `${nonce}.x`]) {
      expect(nonces.expiresS(twin), JSON.stringify(twin)).toBeNull();
    }
  });

  it.each(['', '.', 'x', '..', '1.'])('is not "%s"', (text) => {
    expect(nonces.expiresS(text)).toBeNull();
  });
});
