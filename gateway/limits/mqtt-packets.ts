/** A packet that is larger than its reader takes, or no MQTT at all: the connection is over. */
export class PacketRefused extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = 'PacketRefused';
  }
}

/** How much of the payload of a PUBLISH its topic may have; what has more is cut to nothing, and told. */
export interface PayloadBounds {
  /** 5, or 4 for MQTT 3.1.1. */
  readonly protocol: 4 | 5;
  /** Payload and properties, in bytes. */
  readonly bytesMax: (topic: string) => number;
  readonly onCut: (topic: string, bytes: number) => void;
}

const PUBLISH = 3;
const NOTHING = Buffer.alloc(0);

/** Where a packet begins, as far as it must be known: its length, and of a PUBLISH the topic. */
interface Head {
  readonly type: number;
  readonly flags: number;
  /** Bytes of the packet after its fixed header. */
  readonly length: number;
  /** Bytes of the fixed header itself. */
  readonly bytes: number;
  /** Topic with its length, and packet id, of a large PUBLISH; else empty. */
  readonly opening: Buffer;
  readonly topic: string;
}

/**
 * Watches a stream of MQTT packets by their fixed headers, before anybody keeps one: a parser gathers a packet of up to
 * 256 MB whole, also one that nobody has asked for, and from who has not signed in yet. Source: MQTT 3.1.1, 2.2 and 3.3.
 */
export class MqttPackets {
  readonly #packetBytesMax: number;
  readonly #payload: PayloadBounds | null;
  #held = NOTHING;
  /** Bytes of the present packet that are still to come, and whether they are dropped. */
  #left = 0;
  #isCut = false;

  /**
   * @param packetBytesMax largest packet in bytes, after its fixed header
   * @param payload default: a PUBLISH is bound like any other packet
   */
  constructor(packetBytesMax: number, payload: PayloadBounds | null = null) {
    this.#packetBytesMax = packetBytesMax;
    this.#payload = payload;
  }

  /**
   * Takes what has come and returns what of it may be read on.
   *
   * @throws PacketRefused
   */
  take(chunk: Buffer): readonly Buffer[] {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = NOTHING;
    const passed: Buffer[] = [];
    const pass = (piece: Buffer) => piece.length > 0 && passed.push(piece);
    let from = 0;
    let at = 0;
    while (at < bytes.length) {
      if (this.#left === 0) {
        const head = this.#headOf(bytes.subarray(at));
        if (head === null) {
          this.#held = Buffer.from(bytes.subarray(at));
          break;
        }
        this.#isCut = this.#bound(head);
        this.#left = head.bytes + head.length;
        if (this.#isCut) {
          pass(bytes.subarray(from, at));
          pass(this.#emptied(head));
        }
      }
      const taken = Math.min(this.#left, bytes.length - at);
      this.#left -= taken;
      at += taken;
      if (this.#isCut) from = at;
    }
    pass(bytes.subarray(from, at));
    return passed;
  }

  /** Whether the packet is cut. @throws PacketRefused for one that is too large and cannot be */
  #bound({ type, length, topic, opening }: Head): boolean {
    if (type !== PUBLISH || this.#payload === null) {
      if (length > this.#packetBytesMax) throw new PacketRefused(`a packet of ${length} bytes`);
      return false;
    }
    const bytes = length - opening.length;
    if (opening.length === 0 || bytes <= this.#payload.bytesMax(topic)) return false;
    this.#payload.onCut(topic, bytes);
    return true;
  }

  /** `null` where more of it has to come. */
  #headOf(bytes: Buffer): Head | null {
    const fixed = fixedHeaderOf(bytes);
    if (fixed === null) return null;
    const { type, flags, length } = fixed;
    const head = { ...fixed, opening: NOTHING, topic: '' };
    // What is smaller than any other packet may be needs no look at its topic.
    if (type !== PUBLISH || this.#payload === null || length <= SMALL_BYTES) return head;
    if (bytes.length < fixed.bytes + 2) return null;
    const topicBytes = bytes.readUInt16BE(fixed.bytes);
    const openingBytes = 2 + topicBytes + ((flags & 0b0110) === 0 ? 0 : 2);
    if (openingBytes > length) throw new PacketRefused('a topic that is longer than its packet');
    const end = fixed.bytes + openingBytes;
    if (bytes.length < end) return null;
    const opening = bytes.subarray(fixed.bytes, end);
    return { ...head, opening, topic: opening.toString('utf8', 2, 2 + topicBytes) };
  }

  /** The same PUBLISH without properties and payload, so that it is acknowledged like any other. */
  #emptied({ type, flags, opening }: Head): Buffer {
    const properties = this.#payload?.protocol === 5 ? [0] : [];
    const length = opening.length + properties.length;
    return Buffer.concat([
      Buffer.from([(type << 4) | flags, ...lengthBytes(length)]),
      opening,
      Buffer.from(properties),
    ]);
  }
}

/** A PUBLISH of so many bytes is never cut: most are, and their topics need not be read. */
const SMALL_BYTES = 1_024;

/** @throws PacketRefused where the length does not end */
function fixedHeaderOf(bytes: Buffer): Pick<Head, 'type' | 'flags' | 'length' | 'bytes'> | null {
  const [first = 0] = bytes;
  let length = 0;
  for (let index = 1; index <= 4; index += 1) {
    const byte = bytes[index];
    if (byte === undefined) return null;
    length += (byte & 0x7f) * 128 ** (index - 1);
    if (byte < 0x80) return { type: first >> 4, flags: first & 0x0f, length, bytes: index + 1 };
  }
  throw new PacketRefused('a length of more than four bytes');
}

function lengthBytes(length: number): readonly number[] {
  return length < 0x80 ? [length] : [(length & 0x7f) | 0x80, ...lengthBytes(length >> 7)];
}
