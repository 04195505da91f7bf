import { generate, parser, type Packet } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { MqttPackets, PacketRefused } from '../../../gateway/limits/mqtt-packets.ts';
import { Seeded } from '../../seeded.ts';

const publish = (topic: string, bytes: number, qos: 0 | 1 = 1, protocolVersion: 4 | 5 = 4) =>
  generate(
    { cmd: 'publish', topic, payload: Buffer.alloc(bytes, 'x'), qos, messageId: 7, dup: false, retain: true },
    { protocolVersion },
  );

/** What passes of bytes that come in pieces of so many, as packets, and what was cut. */
function read(bytes: Buffer, pieceBytes: (left: number) => number, protocol: 4 | 5 = 4) {
  const cut: [string, number][] = [];
  const packets: Packet[] = [];
  const reader = parser({ protocolVersion: protocol });
  reader.on('packet', (packet: Packet) => packets.push(packet));
  const watch = new MqttPackets(4_096, {
    protocol,
    bytesMax: (topic) => (topic === 'large' ? 20_000 : 2_000),
    onCut: (topic, size) => cut.push([topic, size]),
  });
  for (let at = 0; at < bytes.length;) {
    const size = pieceBytes(bytes.length - at);
    for (const piece of watch.take(bytes.subarray(at, at + size))) reader.parse(piece);
    at += size;
  }
  const texts = packets.map((packet) =>
    packet.cmd === 'publish' ? `${packet.topic} ${packet.qos} ${packet.payload.length}` : packet.cmd,
  );
  return { texts, cut };
}

describe('a stream of MQTT packets', () => {
  const stream = Buffer.concat([
    publish('small', 10),
    publish('small', 2_000),
    publish('small', 2_001),
    generate({ cmd: 'pingresp' }),
    publish('large', 20_000),
    publish('large', 20_001, 0),
    publish('small', 30_000),
    generate({ cmd: 'puback', messageId: 3 }),
    publish('small', 0),
  ]);
  const kept = [
    'small 1 10',
    'small 1 2000',
    'small 1 0',
    'pingresp',
    'large 1 20000',
    'large 0 0',
    'small 1 0',
    'puback',
    'small 1 0',
  ];
  const cuts = [
    ['small', 2_001],
    ['large', 20_001],
    ['small', 30_000],
  ];

  it.each([
    ['whole', (left: number) => left],
    ['byte by byte', () => 1],
    ['in pieces of 1,448 bytes', () => 1_448],
  ])('that comes %s keeps every packet, and what is larger than its topic may be is empty', (_, size) => {
    expect(read(stream, size)).toEqual({ texts: kept, cut: cuts });
  });

  it('comes out the same however it is cut into pieces, 50 times', () => {
    const random = new Seeded(16);
    for (let time = 0; time < 50; time += 1)
      expect(read(stream, () => random.between(1, 30_000)).texts).toEqual(kept);
  });

  it('of MQTT 5 has a PUBLISH that is cut without its properties', () => {
    const bytes = Buffer.concat([publish('small', 2_100, 1, 5), publish('small', 5, 1, 5)]);
    expect(read(bytes, () => 3, 5)).toMatchObject({
      texts: ['small 1 0', 'small 1 5'],
      cut: [['small', 2_101]],
    });
  });

  it.each([
    ['a packet of another kind that is too large', Buffer.from([0x90, 0x81, 0x20])],
    ['a length that does not end', Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff])],
    ['a topic that is longer than its packet', Buffer.from([0x30, 0xff, 0x7f, 0xff, 0xff])],
  ])('is refused for %s, before it has come', (_, bytes) => {
    expect(() => read(bytes, () => 1)).toThrow(PacketRefused);
  });
});
