import { createHash } from 'node:crypto';
import type { Clock } from '../clock/clock.ts';
import { TokenBuckets } from '../limits/token-buckets.ts';
import type { Gate } from './gate.ts';

/** What one address may have verified: a phone asks four times in a visit. */
const OF_ADDRESS = { burst: 60, everyMs: 200 };

/** What may be verified beside one presence ticket: whoever holds it has just read the display of a door. */
const OF_TICKET = { burst: 20, everyMs: 5_000 };

/** What may be verified of one pass that was good before. */
const OF_PASS = { burst: 20, everyMs: 1_000 };

/** What all the others may have verified together: 100 a second, a tenth of a core. */
const OF_OTHERS = { burst: 100, everyMs: 10 };

/** Passes that are known to be good by their digest: the visitors of some days. */
const KNOWN_MAX = 4_096;

/**
 * A gate that does not verify without end for one source. A request is paid for by the first of these that can: its
 * address, the presence ticket that it carries, its pass where that was good before, and what is set aside for
 * everybody else. So whoever has used up the address of a member, or shares it, has not used up the member: there is
 * the display at the door, the pass of the visits before, and the next second.
 *
 * Readers are not limited here: one reads a few codes a second.
 */
export function guardGate(gate: Gate, clock: Pick<Clock, 'monotonicMs'>): Gate {
  const addresses = new TokenBuckets(OF_ADDRESS);
  const tickets = new TokenBuckets(OF_TICKET);
  const passes = new TokenBuckets(OF_PASS);
  const others = new TokenBuckets(OF_OTHERS);
  const known = new Set<string>();

  const remember = (pass: string): void => {
    known.delete(pass);
    known.add(pass);
    const [oldest] = known;
    if (known.size > KNOWN_MAX && oldest !== undefined) known.delete(oldest);
  };

  return {
    scan: (bytes) => gate.scan(bytes),
    async request(request) {
      const { from = 'unknown', nonce } = request;
      const nowMs = clock.monotonicMs();
      const pass = createHash('sha256').update(request.pass).digest('base64url');
      const isPaid =
        addresses.take(from, nowMs) ||
        (nonce !== undefined && tickets.take(nonce, nowMs)) ||
        (known.has(pass) && passes.take(pass, nowMs)) ||
        others.take('all', nowMs);
      if (!isPaid) return { kind: 'too-many' };
      const verdict = await gate.request(request);
      if (verdict.kind === 'credential') remember(pass);
      return verdict;
    },
  };
}
