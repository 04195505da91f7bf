import mqtt from 'mqtt';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { conditionsOf } from '../../../gateway/alarms/conditions.ts';
import { alarmFacts } from '../../../gateway/alarms/facts.ts';
import { ALL_EVENTS } from '../../../shared/contract/topics.ts';
import { MINUTE_MS, SECOND_MS } from '../../../shared/time.ts';
import { settled } from '../manual-clock.ts';
import { startLine, topics, type Line } from './cloud.ts';
import { LyingBroker, type Lies } from './lying-broker.ts';
import { exampleConfig } from '../example.ts';

/** How long a broker may owe an answer. */
const DEADLINE_MS = 20 * SECOND_MS;

/** Longest pause after one failed attempt, and after two; the chance is 0 here. */
const PAUSE_MS = 2 * SECOND_MS;

const on = (topic: string, manner: 'mute' | 'close' | 'drop' | 'lose'): Lies => ({
  publish: (published) => (published === topic ? manner : 'answer'),
});

/**
 * A line to a broker with these lies, the consumers behind it, and what operators are called for.
 *
 * @param append what is in the journal when the line starts; default five events
 */
async function begin(
  lies: Lies,
  over: Parameters<typeof startLine>[1] = {},
  append = (line: Line) => line.append(5),
) {
  const broker = await LyingBroker.start();
  broker.lies = lies;
  const line = await startLine(broker, over);
  const { journal, clock, uplink } = line;
  const stored = consume(broker, line);
  const facts = alarmFacts({
    config: exampleConfig(),
    journal,
    clock,
    doors: { health: () => [] },
    readers: { health: () => [] },
    controllers: [],
    trust: null,
    certificate: null,
    denials: { floodedDoors: () => [], doorsWithoutCodes: () => [] },
    line: uplink,
  });
  append(line);
  return {
    broker,
    line,
    uplink,
    clock,
    kinds: () => conditionsOf(facts()).map(({ kind }) => kind),
    /** Resolves when so many messages were published on a topic, and what the broker says to it has come. */
    published: async (topic: string, count: number) => {
      await vi.waitFor(() =>
        expect(broker.published.filter((published) => published === topic)).toHaveLength(count),
      );
      await roundTrip();
    },
    /** Everything is in the common store, each once and as they came in order, and the gateway has the receipt. */
    delivered: async (came: 'in order' | 'in any order' = 'in order') => {
      await vi.waitFor(() => expect(journal.custody.seq).toBe(journal.lastSeq));
      const rows = [...stored];
      if (came === 'in any order') rows.sort(([one], [other]) => one - other);
      expect(rows.map(([, text]) => text)).toEqual(journal.eventsAfter(0, 1_000).map(({ body }) => body));
    },
    /** Lets time pass in which messages go to and fro. */
    pass: async (ms: number) => {
      for (let left = ms; left > 0; left -= SECOND_MS) {
        await clock.advance(Math.min(left, SECOND_MS));
        await roundTrip();
      }
    },
  };
}

/** The consumers' common store, by number, and their signed word on how far it goes without a gap. */
function consume(broker: LyingBroker, { receipt }: Line): ReadonlyMap<number, string> {
  const stored = new Map<number, string>();
  let upTo = 0;
  broker.onPassedOn = (topic, text) => {
    if (topic !== topics.events) return;
    const seq = Number((JSON.parse(text) as { sequence: string }).sequence);
    expect(stored.get(seq) ?? text).toBe(text);
    stored.set(seq, text);
    const before = upTo;
    while (stored.has(upTo + 1)) upTo += 1;
    if (upTo > before) broker.say(topics.receipts, receipt(upTo));
  };
  return stored;
}

/** An event of more than 1,000 bytes: an operator's reason may have 500 characters. */
function appendLarge({ journal, clock }: Line): void {
  const data = {
    command: 'c-1',
    cmd: 'check-out',
    via: 'console',
    by: 'operator-7',
    target: 's-1',
    effect: 'checked-out',
    reason: '理'.repeat(300),
  } as const;
  journal.write((writer) =>
    writer.append({ name: 'command.executed', subject: 'shibuya-1', data }, clock.wallMs(), 'trusted'),
  );
}

/** Turns of the loop in which everything that is on the loopback arrives, and is answered. */
async function roundTrip(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await settled();
}

/** Lets an attempt fail before each of these pauses, and one after the last. */
async function fail(
  { line, clock }: Pick<Awaited<ReturnType<typeof begin>>, 'line' | 'clock'>,
  pausesMs: readonly number[],
) {
  for (const [before, pauseMs] of pausesMs.entries()) {
    await vi.waitFor(() => expect(line.losses()).toBe(before + 1));
    await clock.advance(pauseMs);
  }
  await vi.waitFor(() => expect(line.losses()).toBe(pausesMs.length + 1));
}

describe('a broker that says nothing', () => {
  it.each<[string, Lies]>([
    ['after CONNECT', { connect: () => 'mute' }],
    ['after CONNACK', { subscribe: () => 'mute' }],
    ['about the birth', on(topics.gatewayState, 'mute')],
    ['about a request', on(topics.requests, 'mute')],
  ])('%s is no line, and after 20 s no connection; the next one delivers', async (_, lies) => {
    const { broker, uplink, clock, kinds, delivered } = await begin(lies);
    uplink.start();
    await vi.waitFor(() => expect(broker.connects).toHaveLength(1));
    await roundTrip();
    await clock.advance(DEADLINE_MS - 1);
    await roundTrip();
    expect(broker.open).toBe(1);
    expect(uplink.isOnline).toBe(false);
    broker.lies = {};
    await clock.advance(1);
    await vi.waitFor(() => expect(broker.open).toBe(0));
    await clock.advance(PAUSE_MS);
    await delivered();
    expect(uplink.isOnline).toBe(true);
    expect(kinds()).toEqual([]);
  });

  it('about the birth at every connection is a line that is down, after ten minutes', async () => {
    const { broker, uplink, kinds, pass, delivered, published } = await begin(
      on(topics.gatewayState, 'mute'),
    );
    uplink.start();
    kinds();
    await published(topics.gatewayState, 1);
    await pass(10 * MINUTE_MS);
    expect(kinds()).toContain('line-down');
    broker.lies = {};
    await pass(DEADLINE_MS + MINUTE_MS);
    await delivered();
    expect(kinds()).toEqual([]);
  });

  it('after three PUBACKs of events is no connection 20 s later, and the next one delivers the rest', async () => {
    const { broker, uplink, clock, published, delivered } = await begin({
      publish: (topic, nth) => (topic === topics.events && nth > 3 ? 'lose' : 'answer'),
    });
    uplink.start();
    await published(topics.events, 5);
    expect(uplink.isOnline).toBe(true);
    broker.lies = {};
    await clock.advance(DEADLINE_MS);
    expect(uplink.isOnline).toBe(false);
    await clock.advance(PAUSE_MS);
    await delivered();
  });

  it('about one event is no connection after 20 s, though it answers everything else', async () => {
    const { broker, line, uplink, clock, published, delivered } = await begin({
      publish: (topic, nth) => (topic === topics.events && nth === 2 ? 'mute' : 'answer'),
    });
    uplink.start();
    await published(topics.events, 5);
    await clock.advance(DEADLINE_MS / 2);
    line.append(3);
    await published(topics.events, 8);
    expect(broker.open).toBe(1);
    await clock.advance(DEADLINE_MS / 2);
    await vi.waitFor(() => expect(broker.open).toBe(0));
    await clock.advance(PAUSE_MS);
    await delivered();
  });

  it('about any event of two connections in a row is one that takes no events', async () => {
    const { broker, uplink, clock, kinds, published, delivered } = await begin(on(topics.events, 'lose'));
    uplink.start();
    for (const sent of [5, 10]) {
      await published(topics.events, sent);
      expect(kinds()).toEqual([]);
      await clock.advance(DEADLINE_MS);
      await clock.advance(sent === 5 ? PAUSE_MS : 0);
    }
    expect(kinds()).toEqual(['events-refused']);
    broker.lies = {};
    await clock.advance(2 * PAUSE_MS);
    await delivered();
    expect(kinds()).toEqual([]);
  });

  it('for 19 s at a time and answers then, loses no connection: a slow line is a line', async () => {
    const { broker, line, uplink, clock, published } = await begin({ publish: () => 'late' });
    uplink.start();
    await published(topics.gatewayState, 1);
    for (let answered = 0; answered < 8; answered += 1) {
      await clock.advance(DEADLINE_MS - 1);
      broker.answerLate();
      await roundTrip();
    }
    expect(broker.connects).toHaveLength(1);
    await vi.waitFor(() => expect(line.journal.custody.seq).toBe(5));
  });
});

describe('a broker that hangs up on a denied publish', () => {
  it.each([
    ['of events', topics.events],
    ['of the birth', topics.gatewayState],
  ])('%s refuses events within 30 s, though it says so with no code', async (_, denied) => {
    const { broker, uplink, kinds, pass, delivered } = await begin(on(denied, 'close'));
    uplink.start();
    await vi.waitFor(() => expect(broker.published).toContain(denied));
    await vi.waitFor(() => expect(uplink.isOnline).toBe(false));
    // Alarms look every ten seconds.
    await pass(30 * SECOND_MS - 10 * SECOND_MS);
    expect(kinds()).toEqual(['events-refused']);
    broker.lies = {};
    await pass(MINUTE_MS);
    await delivered();
    await pass(30 * SECOND_MS);
    expect(kinds()).toEqual([]);
  });

  it('and one that died once with an event on the way refuses none', async () => {
    const { broker, uplink, clock, kinds, delivered } = await begin(on(topics.events, 'close'));
    uplink.start();
    await vi.waitFor(() => expect(broker.published).toContain(topics.events));
    await vi.waitFor(() => expect(uplink.isOnline).toBe(false));
    broker.lies = {};
    expect(kinds()).toEqual([]);
    await clock.advance(PAUSE_MS);
    await delivered();
    expect(kinds()).toEqual([]);
  });
});

describe('a broker that refuses the subscription', () => {
  it.each([
    ['of receipts', 5, topics.receipts, 0x87],
    ['of receipts, in MQTT 3.1.1', 4, topics.receipts, 0x80],
    ['of commands', 5, topics.commands, 0x8f],
  ])('%s is told of, asked again, and gets the events meanwhile', async (_, protocol, refused, code) => {
    const { broker, line, uplink, kinds, pass, published, delivered } = await begin({
      connect: (version) => (version > protocol ? 0x84 : 'answer'),
      subscribe: (topic) => (topic === refused ? code : 'answer'),
    });
    uplink.listen(topics.commands, 4096, () => undefined);
    uplink.start();
    await published(topics.events, 5);
    expect(uplink.isOnline).toBe(true);
    expect(uplink.refusedTopics).toEqual([refused]);
    expect(kinds()).toEqual(['subscription-refused']);
    const received = refused === topics.receipts ? 0 : 5;
    await vi.waitFor(() => expect(line.journal.custody.seq).toBe(received));
    await pass(1 * SECOND_MS);
    expect(kinds()).toEqual(['subscription-refused']);
    broker.lies = {};
    await pass(2 * SECOND_MS);
    await delivered();
    expect(kinds()).toEqual([]);
  });
});

describe('a broker that acknowledges events and drops them', () => {
  it('leaves billing without them: told after 15 minutes, an alarm after 60, and over with the receipt', async () => {
    const { broker, uplink, kinds, pass, published, delivered } = await begin(on(topics.events, 'drop'));
    uplink.start();
    await published(topics.events, 5);
    await pass(15 * MINUTE_MS - 1);
    expect(kinds()).toEqual([]);
    await pass(1);
    expect(kinds()).toEqual(['billing-late']);
    await pass(45 * MINUTE_MS - 1);
    expect(kinds()).toEqual(['billing-late']);
    await pass(1);
    expect(kinds()).toEqual(['billing-silent']);
    expect(uplink.isOnline).toBe(true);
    broker.lies = {};
    await pass(16 * MINUTE_MS);
    await delivered();
    expect(kinds()).toEqual([]);
  });
});

describe('a broker that grants a subscription and never delivers on it', () => {
  it('of consumers who share one is billing that is silent after an hour; a plain one gets everything', async () => {
    const { broker, uplink, kinds, pass, published, delivered } = await begin({
      subscribe: (topic) => (topic.startsWith('$share/') ? 'deaf' : 'answer'),
    });
    const store = broker.onPassedOn;
    broker.onPassedOn = () => undefined;
    const consumer = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { protocolVersion: 5 });
    onTestFinished(() => void consumer.end(true));
    consumer.on('message', (topic, body) => store(topic, body.toString()));
    await consumer.subscribeAsync(`$share/billing/${ALL_EVENTS}`, { qos: 1 });
    uplink.start();
    await published(topics.events, 5);
    await pass(15 * MINUTE_MS);
    expect(kinds()).toEqual(['billing-late']);
    await pass(45 * MINUTE_MS);
    expect(kinds()).toEqual(['billing-silent']);
    expect(uplink.isOnline).toBe(true);
    await consumer.subscribeAsync(ALL_EVENTS, { qos: 1 });
    await pass(16 * MINUTE_MS);
    await delivered();
    expect(kinds()).toEqual([]);
  });

  it('of receipts lets the gateway call billing silent, which has each event once; the next connection hears them', async () => {
    const { broker, line, uplink, kinds, pass, published, delivered } = await begin({
      subscribe: (topic) => (topic === topics.receipts ? 'deaf' : 'answer'),
    });
    uplink.start();
    await published(topics.events, 5);
    await pass(60 * MINUTE_MS);
    expect(kinds()).toEqual(['billing-silent']);
    expect(uplink.refusedTopics).toEqual([]);
    expect(line.journal.custody.seq).toBe(0);
    broker.lies = {};
    broker.cut();
    await pass(MINUTE_MS);
    await delivered();
    expect(kinds()).toEqual([]);
  });
});

describe('a broker that hangs up on a CONNECT without a CONNACK', () => {
  const speaks = (...versions: number[]): Lies => ({
    connect: (protocol) => (versions.includes(protocol) ? 'answer' : 'close'),
  });

  it('of MQTT 5 is asked in 3.1.1 next, gets everything, and is asked in 3.1.1 at once when it comes back', async () => {
    const { broker, line, uplink, pass, delivered } = await begin(speaks(4));
    uplink.start();
    await pass(PAUSE_MS);
    await delivered();
    expect(broker.connects).toEqual([5, 4]);
    await broker.kill();
    await vi.waitFor(() => expect(uplink.isOnline).toBe(false));
    line.append(1);
    const again = await LyingBroker.start(broker.port);
    again.lies = speaks(4);
    const stored = consume(again, line);
    await pass(2 * PAUSE_MS);
    await vi.waitFor(() => expect([...stored.keys()]).toEqual([6]));
    expect(again.connects).toEqual([4]);
  });

  it('of any version is asked in turns, at growing pauses', async () => {
    const venue = await begin(speaks());
    venue.uplink.start();
    await fail(venue, [1_000, 2_000, 4_000, 8_000]);
    expect(venue.broker.connects).toEqual([5, 4, 5, 4, 5]);
  });

  it.each([
    [5, [5, 5, 5]],
    ['3.1.1', [4, 4, 4]],
  ] as const)('is asked in no other version than the %s of the configuration', async (protocol, connects) => {
    const venue = await begin(speaks(), { protocol });
    venue.uplink.start();
    await fail(venue, [1_000, 2_000]);
    expect(venue.broker.connects).toEqual(connects);
  });

  it('is asked in MQTT 5 three times more where that has worked: a balancer before a broker that starts', async () => {
    const venue = await begin({});
    venue.uplink.start();
    await venue.delivered();
    venue.broker.lies = { connect: () => 'close', publish: () => 'close' };
    venue.uplink.sync();
    await fail(venue, [1_000, 2_000, 4_000, 8_000, 16_000]);
    expect(venue.broker.connects).toEqual([5, 5, 5, 5, 4, 5]);
  });
});

describe('a broker that is not there', () => {
  it('is asked in MQTT 5 when it comes: nobody has refused that', async () => {
    const { broker, line, uplink, clock, pass } = await begin({});
    await broker.kill();
    uplink.start();
    await fail({ line, clock }, [1_000, 2_000]);
    const there = await LyingBroker.start(broker.port);
    await pass(4_000);
    await vi.waitFor(() => expect(there.connects).toEqual([5]));
  });
});

describe('a broker that keeps nothing, or loses questions', () => {
  const need = 'reservations';

  it('is asked after 20 s and 40 s more until the cloud has answered, and not after that', async () => {
    const { broker, uplink, pass } = await begin({});
    uplink.listen(topics.reservations, 4_096, ({ text }) => (text === 'good' ? 'old' : 'refused'));
    uplink.askAtBirth(() => ({ need, have: 7 }));
    let asked = 0;
    broker.onPassedOn = (topic, text) => {
      if (topic === topics.requests && text.includes(need)) asked += 1;
    };
    uplink.start();
    await vi.waitFor(() => expect(uplink.isOnline).toBe(true));
    broker.say(topics.reservations, 'of somebody else');
    await pass(20 * SECOND_MS - 1);
    expect(asked).toBe(1);
    await pass(1);
    expect(asked).toBe(2);
    await pass(40 * SECOND_MS);
    expect(asked).toBe(3);
    broker.say(topics.reservations, 'good');
    await pass(20 * MINUTE_MS);
    expect(asked).toBe(3);
  });

  it('says each minute that the gateway is there, and when that was', async () => {
    const { broker, uplink, pass } = await begin({});
    const said: string[] = [];
    broker.onPassedOn = (topic, text) => {
      if (topic === topics.gatewayState) said.push((JSON.parse(text) as { at: string }).at);
    };
    uplink.start();
    await vi.waitFor(() => expect(uplink.isOnline).toBe(true));
    await pass(2 * MINUTE_MS);
    expect(said.map((at) => at.slice(11, 19))).toEqual(['10:00:00', '10:01:00', '10:02:00']);
  });
});

describe('a broker of MQTT 3.1.1 that hangs up on a packet of more than 800 bytes', () => {
  it('gets everything else, is told once of the two that are larger, and takes them when it takes more', async () => {
    const limit = { bytes: 800 };
    const { broker, line, uplink, kinds, pass } = await begin({
      connect: (protocol) => (protocol === 5 ? 0x84 : 'answer'),
      publish: (topic, _, bytes) => (topic === topics.events && bytes > limit.bytes ? 'close' : 'answer'),
    });
    appendLarge(line);
    line.append(2);
    appendLarge(line);
    line.append(1);
    uplink.start();
    // Three connections end: one with a full window, and two with the first of them alone.
    await pass(30 * SECOND_MS);
    expect(uplink.isOnline).toBe(true);
    expect(kinds()).toEqual(['events-refused']);
    expect(uplink.refusal).toBe('packet-too-large');
    const gaps = line.journal
      .eventsAfter(10, 10)
      .map(({ body }) => JSON.parse(body) as { type: string; data: object });
    expect(gaps.map(({ type, data }) => [type, data])).toEqual([
      ['genkan.gateway.gap.v1', { from: 6, to: 6 }],
      ['genkan.gateway.gap.v1', { from: 9, to: 9 }],
    ]);
    expect(line.journal.custody.seq).toBe(5);
    expect(line.losses()).toBeLessThanOrEqual(5);
    limit.bytes = 16_000;
    broker.cut();
    await pass(2 * MINUTE_MS);
    // Those two come after the others.
    await vi.waitFor(() => expect(line.journal.custody.seq).toBe(12));
    expect(kinds()).toEqual([]);
  });
});

describe('a broker of MQTT 3.1.1 that hangs up, before it has taken any event,', () => {
  const begins = (hangsUpOn: (bytes: number) => boolean) =>
    begin(
      {
        connect: (protocol) => (protocol === 5 ? 0x84 : 'answer'),
        publish: (topic, _, bytes) => (topic === topics.events && hangsUpOn(bytes) ? 'close' : 'answer'),
      },
      {},
      (line) => {
        appendLarge(line);
        line.append(3);
      },
    );
  const gapsOf = ({ journal }: Line) =>
    journal
      .eventsAfter(0, 100)
      .map(({ body }) => JSON.parse(body) as { type: string; data: object })
      .flatMap(({ type, data }) => (type === 'genkan.gateway.gap.v1' ? [data] : []));

  it('on the first of all, of more than 800 bytes, gets what is smaller, is told once, and takes it when it takes more', async () => {
    const limit = { bytes: 800 };
    const { broker, line, uplink, kinds, pass, delivered } = await begins((bytes) => bytes > limit.bytes);
    uplink.start();
    await pass(30 * SECOND_MS);
    expect(uplink.refusal).toBe('packet-too-large');
    expect(kinds()).toEqual(['events-refused']);
    expect(gapsOf(line)).toEqual([{ from: 1, to: 1 }]);
    // The version, a full window, and twice the first of all alone.
    expect(line.losses()).toBe(4);
    limit.bytes = 16_000;
    broker.cut();
    await pass(MINUTE_MS);
    await delivered('in any order');
    expect(kinds()).toEqual([]);
  });

  it('on every event, whatever its size, minds something else: nothing is set aside, and it is an alarm', async () => {
    const may = { publish: false };
    const { line, uplink, kinds, pass, delivered } = await begins(() => !may.publish);
    uplink.start();
    await pass(5 * MINUTE_MS);
    expect(uplink.refusal).toBe('not-acknowledged');
    expect(kinds()).toEqual(['events-refused']);
    may.publish = true;
    await pass(2 * MINUTE_MS);
    await delivered('in any order');
    expect(gapsOf(line)).toEqual([]);
    expect(kinds()).toEqual([]);
  });
});

describe('a cloud that was restored from a backup', () => {
  it('says less than before, once, and gets the rest again; an older word that comes late changes nothing', async () => {
    const { broker, line, uplink, delivered } = await begin({});
    uplink.start();
    await delivered();
    const { journal, receipt } = line;
    const sent = () => broker.published.filter((topic) => topic === topics.events).length;
    const before = sent();
    // Signed in the second of the newest receipt, and before it.
    for (const iat of [1, 0]) broker.say(topics.receipts, receipt(2, { iat }));
    broker.say(topics.receipts, receipt(2, { iat: 2, head: 'a'.repeat(64) }));
    await roundTrip();
    expect(journal.custody.seq).toBe(5);
    broker.say(topics.receipts, receipt(2, { iat: 2 }));
    // Events 3, 4 and 5, and the one that tells of them.
    await vi.waitFor(() => expect(sent()).toBe(before + 4));
    expect(JSON.parse(journal.eventsAfter(5, 1)[0]?.body ?? '')).toMatchObject({
      type: 'genkan.gateway.receipt-returned.v1',
      data: { from: 3, to: 5 },
    });
    await delivered();
    expect(journal.lastSeq).toBe(6);
  });

  it('and has lost everything, is sent everything', async () => {
    const { broker, line, uplink, delivered } = await begin({});
    uplink.start();
    await delivered();
    broker.onPassedOn = () => undefined;
    broker.say(topics.receipts, line.receipt(0, { iat: 2, head: 'a'.repeat(64) }));
    await vi.waitFor(() => expect(line.journal.custody.seq).toBe(0));
    expect(line.journal.lastSeq).toBe(6);
  });
});

describe('several nodes of a broker', () => {
  it('are tried in turns, each in both versions where it hangs up; one that knows nothing gets what has no receipt', async () => {
    const [first, second] = [await LyingBroker.start(), await LyingBroker.start()];
    first.lies = { connect: () => 'close' };
    const url = [first, second].map(({ port }) => `mqtt://127.0.0.1:${port}`);
    const line = await startLine(second, { url });
    const stored = consume(second, line);
    line.append(3);
    line.uplink.start();
    for (const losses of [1, 2]) {
      await vi.waitFor(() => expect(line.losses()).toBe(losses));
      await line.clock.advance(losses * 1_000);
    }
    await vi.waitFor(() => expect(line.journal.custody.seq).toBe(3));
    expect([first.connects, second.connects]).toEqual([[5, 4], [5]]);
    expect([...stored.keys()]).toEqual([1, 2, 3]);
    // That node dies; the first has come to its senses, and has nothing retained.
    first.lies = {};
    const again = consume(first, line);
    await second.kill();
    await vi.waitFor(() => expect(line.uplink.isOnline).toBe(false));
    line.append(1);
    await line.clock.advance(4_000);
    await vi.waitFor(() => expect([...again.keys()]).toEqual([4]));
  });
});

describe('a broker with 200 MiB retained', () => {
  it.each([
    ['5', 40],
    ['3.1.1', 200],
  ])(
    'of MQTT %s costs no memory at %i MiB, and the receipt after it is taken',
    async (version, mebibytes) => {
      const { broker, line, uplink, published } = await begin({
        connect: (protocol) => (protocol > (version === '5' ? 5 : 4) ? 0x84 : 'answer'),
        publish: (topic) => (topic === topics.events ? 'drop' : 'answer'),
      });
      uplink.start();
      await published(topics.events, 5);
      const before = process.memoryUsage().arrayBuffers;
      let peak = before;
      const look = setInterval(() => (peak = Math.max(peak, process.memoryUsage().arrayBuffers)), 5);
      await broker.flood(topics.receipts, mebibytes * 1024 * 1024);
      clearInterval(look);
      broker.say(topics.receipts, line.receipt(5));
      await vi.waitFor(() => expect(line.journal.custody.seq).toBe(5), { timeout: 10_000 });
      expect(peak - before).toBeLessThan(100 * 1024 * 1024);
      expect(uplink.isOnline).toBe(true);
      // A broker that listens need not send it at all.
      expect(broker.packetBytesMax.at(-1)).toBe(version === '5' ? 4_096 + 16_384 : undefined);
    },
  );
});
