import { describe, expect, it } from 'vitest';
import { UNKNOWN, learn } from '../../device/door/knowledge.ts';
import type { Knowledge } from '../../device/door/knowledge.ts';
import type { MessageFields } from '../../device/protocol.generated.ts';

type Status = MessageFields['status'];
const secured: Status = {
  bootNonce: 1,
  uptimeMs: 1000,
  released: false,
  causes: [],
  inputs: ['bolt'],
  leaseId: 0,
  supplyMv: 12_000,
  badFrames: 0,
  doorState: 'secured',
  faults: [],
  leasesObeyed: 0,
  lastLeaseId: 0,
  fence: 0,
};
const status = (fields: Partial<Status>) =>
  ({ type: 'status', sequence: 0, fields: { ...secured, ...fields } }) as const;
const lock = (fields: MessageFields['lock']) => ({ type: 'lock', sequence: 0, fields }) as const;
const input = (fields: MessageFields['input']) => ({ type: 'input', sequence: 0, fields }) as const;

const known: Knowledge = learn(UNKNOWN, status({})).knowledge;
const leased = { released: true, causes: ['lease'], leaseId: 9 } as const;

describe('what is known of a board', () => {
  it('begins with the first status, which is no change', () => {
    const { knowledge, events } = learn(UNKNOWN, status({}));
    expect(events).toEqual([]);
    expect(knowledge.report).toEqual({
      released: false,
      causes: [],
      inputs: {
        contact: false,
        bolt: true,
        'exit-button': false,
        fire: false,
        tamper: false,
        'relay-readback': false,
      },
      supplyMv: 12_000,
      lastLeaseId: null,
      doorState: 'secured',
      faults: [],
    });
  });

  it('follows the lock, with the lease that is a cause', () => {
    const { knowledge, events } = learn(known, lock({ ...leased, atMs: 1100 }));
    expect(events).toEqual([{ kind: 'lock', released: true, causes: ['lease'], leaseId: 9, atMs: 1100 }]);
    expect(knowledge.report).toMatchObject({ released: true, causes: ['lease'] });
  });

  it('names no lease where none is a cause', () => {
    const { events } = learn(known, lock({ released: true, causes: ['fire'], leaseId: 0, atMs: 1100 }));
    expect(events).toEqual([{ kind: 'lock', released: true, causes: ['fire'], leaseId: null, atMs: 1100 }]);
  });

  it('follows an input', () => {
    const { knowledge, events } = learn(known, input({ input: 'contact', active: true, atMs: 1200 }));
    expect(events).toEqual([{ kind: 'input', input: 'contact', active: true, atMs: 1200 }]);
    expect(knowledge.report.inputs).toMatchObject({ contact: true, bolt: true });
  });

  it('stays unknown by an input that comes before the first status', () => {
    const { knowledge, events } = learn(UNKNOWN, input({ input: 'contact', active: true, atMs: 1 }));
    expect(knowledge.report.inputs).toBeNull();
    expect(events).toHaveLength(1);
  });

  it('learns from the next status what a lost event did not tell', () => {
    const { events } = learn(known, status({ ...leased, inputs: ['contact'], uptimeMs: 1500 }));
    expect(events).toEqual([
      { kind: 'lock', released: true, causes: ['lease'], leaseId: 9, atMs: 1500 },
      { kind: 'input', input: 'contact', active: true, atMs: 1500 },
      { kind: 'input', input: 'bolt', active: false, atMs: 1500 },
    ]);
  });

  it('tells a change once if the status outruns the event', () => {
    const after = learn(known, status({ ...leased, inputs: ['bolt', 'contact'], uptimeMs: 1500 })).knowledge;
    const late = learn(after, lock({ ...leased, atMs: 1499 }));
    expect(late.events).toEqual([]);
    expect(learn(late.knowledge, input({ input: 'contact', active: true, atMs: 1499 })).events).toEqual([]);
    expect(learn(late.knowledge, lock({ ...leased, atMs: 1600 })).events).toHaveLength(1);
  });

  it('includes the last lease that was obeyed, from a status or from the lock itself', () => {
    const { report } = learn(UNKNOWN, status({ leasesObeyed: 1, lastLeaseId: 0 })).knowledge;
    expect(report.lastLeaseId).toBe(0);
    expect(learn(known, lock({ ...leased, atMs: 1100 })).knowledge.report.lastLeaseId).toBe(9);
  });

  it("includes the firmware's own view of the door, which is no event", () => {
    const fields = { atMs: 5, doorState: 'lock-fault', faults: ['bolt'] } as const;
    const { knowledge, events } = learn(known, { type: 'door', sequence: 0, fields });
    expect(knowledge.report).toMatchObject({ doorState: 'lock-fault', faults: ['bolt'] });
    expect(events).toEqual([]);
  });

  it('tells the same lease taken over by the next one', () => {
    const one = learn(known, lock({ ...leased, atMs: 1100 })).knowledge;
    expect(learn(one, status({ ...leased, inputs: ['bolt'] })).events).toEqual([]);
    expect(learn(one, status({ ...leased, leaseId: 10, inputs: ['bolt'] })).events).toHaveLength(1);
  });
});
