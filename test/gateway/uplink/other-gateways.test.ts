import { decodeTime } from 'ulid';
import { describe, expect, it } from 'vitest';
import { otherGateway } from '../../../gateway/journal/other-gateway.ts';
import { beginEpoch } from '../../../gateway/journal/successor.ts';
import { needs } from '../../needs.ts';
import { EPOCH, openJournal } from '../../temporary.ts';
import { until } from '../../venue/until.ts';
import { startMosquitto } from './brokers.ts';
import { Listener, startLine, topics, type Line } from './cloud.ts';

const NEXT = '01JD1111111111111111111111';

/** A journal that was restored from a copy: the machine that it was copied from may be running still. */
const restored = (path: string): void => {
  openJournal(path).close();
  beginEpoch({
    ...{ path, from: path, aside: `${path}.aside` },
    birth: { epoch: NEXT, leaseBase: 1 },
    isCopy: true,
  });
};
const seenBy = ({ journal }: Line) => otherGateway(journal);

describe('two gateways at work for one venue', needs('mosquitto'), () => {
  it('notice each other, also the one that was there first, and until when the other was', async () => {
    const broker = await startMosquitto();
    const old = await startLine(broker);
    old.uplink.start();
    await until('the old gateway is up', () => old.uplink.isOnline);
    const young = await startLine(broker, {}, { prepare: restored, gateway: 'gw-2', sessions: 'young' });
    young.uplink.start();
    await until('both have noticed', () => seenBy(old) !== null && seenBy(young) !== null);
    const fromMs = decodeTime(NEXT);
    expect(seenBy(old)).toMatchObject({ gateway: 'gw-2', epoch: NEXT, fromMs, untilMs: null });
    expect(seenBy(young)).toMatchObject({ gateway: 'gw-1', epoch: EPOCH, fromMs, untilMs: null });
    const closed = young.uplink.close();
    await until('the old one knows that it is alone', () => seenBy(old)?.untilMs !== null);
    expect(seenBy(old)).toMatchObject({ untilMs: old.clock.wallMs() });
    await young.clock.advance(1_000);
    await closed;
  });

  it('notice each other although they go by one name, so that the broker lets in one at a time', async () => {
    const broker = await startMosquitto();
    const old = await startLine(broker);
    const young = await startLine(broker, {}, { prepare: restored, sessions: 'young' });
    old.uplink.start();
    await until('the old gateway is up', () => old.uplink.isOnline);
    young.uplink.start();
    // Whose epoch the younger one took over may be only its own past: that is seen after a few turns.
    for (let turn = 0; turn < 10 && (seenBy(old) === null || seenBy(young) === null); turn += 1) {
      const [ousted, other] = turn % 2 === 0 ? [old, young] : [young, old];
      await until('one has ousted the other', () => other.uplink.isOnline && !ousted.uplink.isOnline);
      await ousted.clock.advance(1_000 * 2 ** Math.floor(turn / 2));
    }
    expect(seenBy(old)).toMatchObject({ epoch: NEXT });
    expect(seenBy(young)).toMatchObject({ epoch: EPOCH });
  });
});

describe('one gateway', needs('mosquitto'), () => {
  it('takes neither its own last life nor the late will of that for another', async () => {
    const broker = await startMosquitto();
    const listener = await Listener.join(broker);
    const before = { session: 'before', gateway: 'gw-1', epoch: EPOCH, at: null };
    await listener.publish(topics.gatewayState, JSON.stringify({ ...before, online: true }), true);
    const line = await startLine(broker);
    line.uplink.start();
    await until('the gateway is up', () => line.uplink.isOnline);
    await listener.publish(topics.gatewayState, JSON.stringify({ ...before, online: false }), true);
    // Whoever comes now is heard after that.
    const another = { ...before, session: 'another', gateway: 'gw-2', online: true };
    expect(seenBy(line)).toBeNull();
    await listener.publish(topics.gatewayState, JSON.stringify(another), true);
    await until('another is noticed', () => seenBy(line) !== null);
    expect(seenBy(line)).toMatchObject({ session: 'another' });
  });

  it('says again that it is there when the late will of its last life has taken the place of its birth', async () => {
    const broker = await startMosquitto();
    const listener = await Listener.join(broker);
    const before = { session: 'before', gateway: 'gw-1', epoch: EPOCH, at: null };
    const line = await startLine(broker);
    line.uplink.start();
    await until('the gateway is up', () => line.uplink.isOnline);
    await listener.publish(topics.gatewayState, JSON.stringify({ ...before, online: false }), true);
    const [birth, , again] = await listener.until(topics.gatewayState, 3);
    expect(again?.text).toBe(birth?.text);
    const late = await Listener.join(broker);
    const [kept] = await late.until(topics.gatewayState, 1);
    expect(JSON.parse(kept?.text ?? '')).toMatchObject({ online: true, session: 'session-1' });
  });

  it('passes over what is no state', async () => {
    const broker = await startMosquitto();
    const listener = await Listener.join(broker);
    const line = await startLine(broker);
    line.uplink.start();
    await until('the gateway is up', () => line.uplink.isOnline);
    for (const text of ['', '{', '{"online":true}']) await listener.publish(topics.gatewayState, text, false);
    await listener.until(topics.gatewayState, 4);
    expect(seenBy(line)).toBeNull();
  });
});
