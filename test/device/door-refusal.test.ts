import { afterEach, describe, expect, it } from 'vitest';
import { doorController } from '../../device/door/controller.ts';
import type { OpenTransport } from '../../device/door/transport.ts';
import type { ControllerEvent, DoorController } from '../../device/ports.ts';
import { crc16, encodeMessage, pack7 } from '../../device/protocol.ts';
import { protocol } from '../../device/protocol.generated.ts';
import { Heard } from './listening.ts';

const open: DoorController[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((controller) => controller.close()));
});

const FIRMATA_VERSION = [0xf9, 2, 5];
const name14 = (name: string): number[] => [...Buffer.from(name)].flatMap((byte) => [byte & 0x7f, byte >> 7]);

/**
 * The answers of another board, byte for byte as firmata-io understands them: 20 pins that can be inputs and
 * outputs. `hello` is sent after each version report, as our firmware does.
 */
function otherBoard(name: string, hello: Uint8Array = new Uint8Array(0)): OpenTransport {
  const answers = new Map<number, readonly number[]>([
    [0x79, [0xf0, 0x79, 2, 5, ...name14(name), 0xf7]],
    [0x6b, [0xf0, 0x6c, ...Array.from({ length: 20 }, () => [0, 1, 1, 1, 0x7f]).flat(), 0xf7]],
    [0x69, [0xf0, 0x6a, ...Array.from({ length: 20 }, () => 0x7f), 0xf7]],
  ]);
  return (listener) =>
    Promise.resolve({
      write: (bytes, done) => {
        const answer = bytes[0] === 0xf9 ? [...FIRMATA_VERSION, ...hello] : answers.get(bytes[1] ?? 0);
        if (answer !== undefined) setImmediate(() => listener.bytes(Uint8Array.from(answer)));
        done();
      },
      close: () => Promise.resolve(),
    });
}

function listenTo(openTransport: OpenTransport): {
  controller: DoorController;
  heard: Heard<ControllerEvent>;
} {
  const controller = doorController({ door: 'front', openTransport });
  open.push(controller);
  const heard = new Heard<ControllerEvent>();
  controller.onEvent(heard.listener);
  controller.start();
  return { controller, heard };
}

describe('a board that must not hold a lock', () => {
  it('is refused by name if it is stock Firmata', async () => {
    const { controller, heard } = listenTo(otherBoard('StandardFirmata.ino'));
    expect(await heard.first(() => true)).toEqual({
      kind: 'offline',
      reason: `"StandardFirmata.ino" 2.5 is not our firmware (protocol ${protocol.version}) and must not hold a lock`,
    });
    expect(await controller.pulse({ id: 1, durationMs: 500 })).toBe('unreachable');
  });

  it('is refused with both protocol versions if it speaks another one', async () => {
    const hello = encodeMessage('hello', 0, {
      bootNonce: 1,
      resetCause: 'power-on',
      protocolVersion: protocol.version + 1,
      firmwareMajor: 3,
      firmwareMinor: 1,
      buildId: 0,
    });
    const { heard } = listenTo(otherBoard('genkan', hello));
    expect(await heard.first(() => true)).toEqual({
      kind: 'offline',
      reason: `firmware 3.1 speaks protocol ${protocol.version + 1}, the gateway ${protocol.version}`,
    });
  });

  it('is refused if its hello has another layout', async () => {
    const hello = Uint8Array.of(protocol.messages.hello.id, 0, 0, 1, 2, 3);
    const crc = crc16(hello);
    const frame = pack7(Uint8Array.of(...hello, crc & 0xff, crc >> 8));
    const sysex = Uint8Array.of(0xf0, protocol.sysexCommand, ...frame, 0xf7);
    const { heard } = listenTo(otherBoard('genkan', sysex));
    expect(await heard.first(() => true)).toEqual({
      kind: 'offline',
      reason: `"genkan" 2.5 speaks another version of our protocol than ${protocol.version}`,
    });
  });

  it('is told apart from a line on which nothing answers', async () => {
    const { heard } = listenTo(() =>
      Promise.resolve({ write: (_bytes, done) => done(), close: () => Promise.resolve() }),
    );
    expect(await heard.first(() => true)).toEqual({
      kind: 'offline',
      reason: 'no greeting within 3000 ms: nothing that speaks Firmata answers',
    });
  });

  it('is one event, however often its line cannot be opened', async () => {
    let attempts = 0;
    const { heard } = listenTo(() => {
      attempts += 1;
      return attempts < 3
        ? Promise.reject(new Error('no such port'))
        : otherBoard('StandardFirmata.ino')({ bytes: () => undefined, lost: () => undefined });
    });
    await heard.first((event) => event.kind === 'offline' && event.reason.startsWith('no greeting'));
    expect(heard.events[0]).toEqual({ kind: 'offline', reason: 'no such port' });
    expect(heard.events).toHaveLength(2);
  });
});
