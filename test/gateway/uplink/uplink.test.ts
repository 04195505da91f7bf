import mqtt from 'mqtt';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { DoorState } from '../../../shared/contract/state.ts';
import { settled } from '../manual-clock.ts';
import { newSigner } from '../signing.ts';
import { EPOCH } from '../../temporary.ts';
import { until } from '../../venue/until.ts';
import { needs } from '../../needs.ts';
import { startAedes, startMosquitto } from './brokers.ts';
import { Listener, numbersOf, startLine, topics } from './cloud.ts';

const doorState: Omit<DoorState, 'session'> = {
  door: 'front',
  controller: 'online',
  mode: 'normal',
  modeSource: 'default',
  lock: 'secured',
  leaf: 'closed',
  alarms: [],
  at: '2025-10-20T10:00:00+09:00',
};

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('the line to a broker of MQTT 5', needs('mosquitto'), () => {
  it('announces itself, retained, asks for the receipt, and says what the doors are', async () => {
    const broker = await startMosquitto();
    const { uplink } = await startLine(broker);
    uplink.publishDoorState(doorState);
    uplink.start();
    const first = await Listener.join(broker);
    await first.until(topics.doorState('front'), 1);
    // Whoever comes later hears what was retained.
    const late = await Listener.join(broker);
    const [birth] = await late.until(topics.gatewayState, 1);
    const [door] = await late.until(topics.doorState('front'), 1);
    expect(birth).toMatchObject({ retained: true });
    expect(JSON.parse(birth?.text ?? '')).toEqual({
      online: true,
      session: 'session-1',
      gateway: 'gw-1',
      epoch: EPOCH,
      at: '2025-10-20T10:00:00+09:00',
    });
    expect(door).toMatchObject({ retained: true });
    expect(JSON.parse(door?.text ?? '')).toEqual({ session: 'session-1', ...doorState });
    expect(late.on(topics.requests)).toEqual([]);
  });

  it('asks for the receipt with what it has', async () => {
    const broker = await startMosquitto();
    const { uplink } = await startLine(broker);
    const listener = await Listener.join(broker);
    uplink.start();
    const [request] = await listener.until(topics.requests, 1);
    expect(JSON.parse(request?.text ?? '')).toEqual({ need: 'receipt', have: { epoch: EPOCH, seq: 0 } });
  });

  it('asks again half an hour after its start: what the broker lost meanwhile is not missing until the next one', async () => {
    const broker = await startMosquitto();
    const { uplink, clock } = await startLine(broker);
    const listener = await Listener.join(broker);
    const heard: string[] = [];
    uplink.listen(topics.reservations, 4_096, ({ text }) => heard.push(text));
    uplink.askAtBirth(() => ({ need: 'reservations', have: 7 }));
    uplink.start();
    await listener.until(topics.requests, 2);
    // The birth is acknowledged: the line is up, and the cloud has answered.
    await vi.waitFor(() => expect(uplink.isOnline).toBe(true));
    await listener.publish(topics.reservations, 'nothing new', false);
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    for (let minute = 1; minute < 30; minute += 1) {
      await clock.advance(60_000);
      await listener.until(topics.gatewayState, 1 + minute);
      await settled();
    }
    await clock.advance(60_000 - 1);
    expect(listener.on(topics.requests)).toHaveLength(2);
    await clock.advance(1);
    const requests = await listener.until(topics.requests, 4);
    expect(requests.slice(2).map(({ text }) => (JSON.parse(text) as { need: string }).need)).toEqual([
      'receipt',
      'reservations',
    ]);
  });

  it('sends events exactly as they are journalled, in order, QoS 1, named as CloudEvents', async () => {
    const broker = await startMosquitto();
    const { uplink, journal, append } = await startLine(broker);
    const listener = await Listener.join(broker);
    append(3);
    uplink.start();
    await listener.until(topics.events, 1);
    append(3);
    const heard = await listener.until(topics.events, 6);
    expect(heard.map(({ text }) => text)).toEqual(journal.eventsAfter(0, 10).map(({ body }) => body));
    for (const message of heard) {
      expect(message).toMatchObject({ qos: 1, retained: false, contentType: 'application/cloudevents+json' });
    }
  });

  it('says offline when it closes, and leaves its will when it is cut off', async () => {
    const broker = await startMosquitto();
    const { uplink } = await startLine(broker);
    const listener = await Listener.join(broker);
    uplink.start();
    await listener.until(topics.gatewayState, 1);
    await uplink.close();
    const [, farewell] = await listener.until(topics.gatewayState, 2);
    expect(JSON.parse(farewell?.text ?? '')).toMatchObject({ online: false, session: 'session-1' });

    const second = await startLine(broker);
    second.uplink.start();
    await listener.until(topics.gatewayState, 3);
    // Somebody with the same client id ends its session: the broker cuts it off without a good-bye.
    const thief = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, {
      clientId: 'genkan-shibuya-1-gw-1',
      protocolVersion: 5,
      reconnectPeriod: 0,
    });
    onTestFinished(() => void thief.end(true));
    const states = (await listener.until(topics.gatewayState, 4))
      .slice(3)
      .map(({ text }) => JSON.parse(text) as object);
    expect(states).toContainEqual(expect.objectContaining({ online: false, session: 'session-1', at: null }));
  });

  it('starts again at the receipt after a cut: what was only acknowledged by the broker is sent once more', async () => {
    const broker = await startMosquitto();
    const { uplink, journal, clock, append, receipt } = await startLine(broker);
    const listener = await Listener.join(broker);
    uplink.start();
    await listener.until(topics.gatewayState, 1);
    append(5);
    await listener.until(topics.events, 5);
    await listener.publish(topics.receipts, receipt(2), false);
    await vi.waitFor(() => expect(journal.custody.seq).toBe(2));
    await broker.kill();
    await vi.waitFor(() => expect(uplink.isOnline).toBe(false));
    append(1);

    const again = await Listener.join(await startMosquitto(broker.port));
    await clock.advance(1_000);
    expect(numbersOf(await again.until(topics.events, 4))).toEqual([3, 4, 5, 6]);
    expect(JSON.parse(again.on(topics.gatewayState)[0]?.text ?? '')).toMatchObject({ session: 'session-2' });
  });

  it('starts at a retained receipt that it had lost', async () => {
    const broker = await startMosquitto();
    const { uplink, journal, append, receipt } = await startLine(broker);
    append(4);
    const listener = await Listener.join(broker);
    await listener.publish(topics.receipts, receipt(3), true);
    uplink.start();
    await vi.waitFor(() => expect(journal.custody.seq).toBe(3));
  });

  it('sends again after 15 seconds without a receipt', async () => {
    const broker = await startMosquitto();
    const { uplink, clock, append } = await startLine(broker);
    const listener = await Listener.join(broker);
    append(2);
    uplink.start();
    await listener.until(topics.events, 2);
    await clock.advance(14_999);
    expect(listener.on(topics.events)).toHaveLength(2);
    await clock.advance(1);
    expect(numbersOf(await listener.until(topics.events, 4))).toEqual([1, 2, 1, 2]);
  });

  it('drains a backlog of 2,000 events in order, each once', async () => {
    const broker = await startMosquitto();
    const { uplink, append } = await startLine(broker);
    append(2_000);
    const listener = await Listener.join(broker);
    uplink.start();
    expect(numbersOf(await listener.until(topics.events, 2_000))).toEqual(upTo(2_000));
  });
});

describe('a receipt', needs('mosquitto'), () => {
  it.each([
    [
      'signed by somebody else',
      (line: Awaited<ReturnType<typeof startLine>>) => line.receipt(3, {}, newSigner('EdDSA')),
    ],
    [
      'for another venue',
      (line: Awaited<ReturnType<typeof startLine>>) => line.receipt(3, { venue: 'ueno-1' }),
    ],
    [
      'of another epoch',
      (line: Awaited<ReturnType<typeof startLine>>) => line.receipt(3, { epoch: `${EPOCH.slice(0, -1)}1` }),
    ],
    [
      'with another chain head',
      (line: Awaited<ReturnType<typeof startLine>>) => line.receipt(3, { head: 'a'.repeat(64) }),
    ],
    [
      'of an event that is still to come',
      (line: Awaited<ReturnType<typeof startLine>>) => line.receipt(4, { head: 'a'.repeat(64) }),
    ],
    [
      'of 5,000 bytes',
      (line: Awaited<ReturnType<typeof startLine>>) => line.receipt(3, { filling: 'a'.repeat(5_000) }),
    ],
    ['that is no token', () => '{"seq":3}'],
  ])('%s changes nothing, and the good one after it is accepted', async (_, bad) => {
    const broker = await startMosquitto();
    const line = await startLine(broker);
    const listener = await Listener.join(broker);
    line.append(3);
    line.uplink.start();
    await listener.until(topics.events, 3);
    await listener.publish(topics.receipts, bad(line), false);
    // A receipt never goes back: had the bad one been taken for the number 3, neither 1 nor 2 would follow.
    await listener.publish(topics.receipts, line.receipt(1), false);
    await vi.waitFor(() => expect(line.journal.custody.seq).toBe(1));
    await listener.publish(topics.receipts, line.receipt(2), false);
    await vi.waitFor(() => expect(line.journal.custody.seq).toBe(2));
  });
});

describe('what is said while the gateway is away', needs('mosquitto'), () => {
  it.each([5, '3.1.1'] as const)(
    'is kept by a broker of MQTT %s where it is a command, and nothing else is',
    async (protocol) => {
      const broker = await startMosquitto();
      const cloud = await Listener.join(broker);
      const before = await startLine(broker, { protocol });
      before.uplink.listen(topics.commands, 4_096, () => undefined);
      before.uplink.start();
      await until('the line is up', () => before.uplink.isOnline);
      await before.uplink.close();
      await cloud.publish(topics.receipts, 'a receipt', false);
      await cloud.publish(topics.commands, 'a check-out', false);
      const line = await startLine(broker, { protocol });
      const heard: string[] = [];
      for (const topic of [topics.receipts, topics.commands])
        line.uplink.listen(topic, 4_096, ({ text, retained }) => heard.push(`${text} ${retained}`));
      line.uplink.start();
      await until('the command is there', () => heard.length > 0);
      await until('the line is up', () => line.uplink.isOnline);
      await cloud.publish(topics.receipts, 'another', false);
      await until('another receipt is there', () => heard.length > 1);
      expect(heard).toEqual(['a check-out false', 'another false']);
    },
  );
});

describe('a line that closes', () => {
  it('waits for what it has taken, so that the journal is not closed under it', async () => {
    const broker = await startAedes();
    const { uplink } = await startLine(broker);
    const taken: string[] = [];
    let end: () => void = () => undefined;
    uplink.listen(topics.trust, 4096, async ({ text }) => {
      taken.push(text);
      if (text === 'first') await new Promise<void>((resolve) => (end = resolve));
    });
    uplink.start();
    const cloud = await Listener.join(broker, 4);
    await cloud.until(topics.requests, 1);
    for (const text of ['first', 'second']) await cloud.publish(topics.trust, text, false);
    await cloud.until(topics.trust, 2);
    await vi.waitFor(() => expect(taken).toEqual(['first']));
    await broker.kill();
    await vi.waitFor(() => expect(uplink.isOnline).toBe(false));
    let isClosed = false;
    const closed = uplink.close().then(() => (isClosed = true));
    await settled();
    expect(isClosed).toBe(false);
    end();
    await closed;
    expect(taken).toEqual(['first', 'second']);
  });
});

describe('the line to a broker of MQTT 3.1.1 alone', () => {
  it('falls back, and sends the same events', async () => {
    const broker = await startAedes();
    const { uplink, journal, append } = await startLine(broker);
    const listener = await Listener.join(broker, 4);
    append(3);
    uplink.start();
    const heard = await listener.until(topics.events, 3);
    expect(heard.map(({ text }) => text)).toEqual(journal.eventsAfter(0, 10).map(({ body }) => body));
    expect(uplink.isOnline).toBe(true);
  });

  it('takes receipts there too', async () => {
    const broker = await startAedes();
    const { uplink, journal, append, receipt } = await startLine(broker);
    const listener = await Listener.join(broker, 4);
    append(3);
    uplink.start();
    await listener.until(topics.events, 3);
    await listener.publish(topics.receipts, receipt(3), true);
    await vi.waitFor(() => expect(journal.custody.seq).toBe(3));
  });
});
