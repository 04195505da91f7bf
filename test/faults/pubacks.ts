/** MQTT's PUBACK, in the upper half of a packet's first byte. */
const PUBACK = 4;

/**
 * Counts the PUBACKs in a broker's bytes to one client. Only the fixed headers are read, so a packet may arrive in any
 * pieces.
 *
 * @param counted called for each, when its first byte and its length have arrived
 */
export function countPubacks(counted: () => void): (bytes: Uint8Array) => void {
  let type: number | null = null;
  let length = 0;
  let shift = 0;
  let skip = 0;
  return (bytes) => {
    for (let at = 0; at < bytes.length; at += 1) {
      if (skip > 0) {
        const step = Math.min(skip, bytes.length - at);
        skip -= step;
        at += step - 1;
        continue;
      }
      const byte = bytes[at] ?? 0;
      if (type === null) {
        type = byte >> 4;
        length = 0;
        shift = 0;
        continue;
      }
      length |= (byte & 0x7f) << shift;
      shift += 7;
      if ((byte & 0x80) !== 0) continue;
      skip = length;
      if (type === PUBACK) counted();
      type = null;
    }
  };
}
