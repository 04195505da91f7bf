import type { ControllerEvent, ControllerReport, DoorInput } from '../ports.ts';
import type { Message } from '../protocol.ts';

/** What is known of a board: its report, and which of it was read from a status before the event itself came. */
export interface Knowledge {
  readonly report: ControllerReport;
  readonly leaseId: number | null;
  /** `lock` and the inputs whose change was told from a status; the event that still comes is not told again. */
  readonly told: ReadonlySet<Changed>;
}

type Changed = 'lock' | `input ${DoorInput}`;

/** Nothing is known: before the first status, and from `offline` or `reset` on. */
export const UNKNOWN: Knowledge = {
  report: {
    released: null,
    causes: null,
    inputs: null,
    supplyMv: null,
    lastLeaseId: null,
    doorState: null,
    faults: null,
  },
  leaseId: null,
  told: new Set(),
};

type Word = Extract<Message, { readonly type: 'status' | 'lock' | 'input' | 'door' }>;

/** What is known after a word of the board, and the events that it means. */
export interface Learned {
  readonly knowledge: Knowledge;
  readonly events: readonly ControllerEvent[];
}

/**
 * What a word of the board changes, and what the gateway is to hear of it. Pure. A change whose event was lost on
 * the line is told from the next status, at the latest 500 ms later, with the time of that status. The first
 * status changes nothing: it is where knowledge begins.
 */
export function learn(before: Knowledge, word: Word): Learned {
  switch (word.type) {
    case 'status':
      return fromStatus(before, word);
    case 'lock':
      return fromLock(before, word);
    case 'input':
      return fromInput(before, word);
    case 'door': {
      const { doorState, faults } = word.fields;
      return { knowledge: { ...before, report: { ...before.report, doorState, faults } }, events: [] };
    }
  }
}

function fromStatus(before: Knowledge, { fields }: Extract<Word, { type: 'status' }>): Learned {
  const has = new Set<DoorInput>(fields.inputs);
  const inputs: Record<DoorInput, boolean> = {
    contact: has.has('contact'),
    bolt: has.has('bolt'),
    'exit-button': has.has('exit-button'),
    fire: has.has('fire'),
    tamper: has.has('tamper'),
    'relay-readback': has.has('relay-readback'),
  };
  const leaseId = fields.causes.includes('lease') ? fields.leaseId : null;
  const events: ControllerEvent[] = [];
  const told = new Set<Changed>();
  const { report } = before;
  if (report.causes !== null && report.inputs !== null) {
    const { released, causes } = fields;
    if (!sameLock(before, released, causes, leaseId)) {
      events.push({ kind: 'lock', released, causes, leaseId, atMs: fields.uptimeMs });
      told.add('lock');
    }
    for (const [input, active] of Object.entries(inputs) as [DoorInput, boolean][]) {
      if (report.inputs[input] === active) continue;
      events.push({ kind: 'input', input, active, atMs: fields.uptimeMs });
      told.add(`input ${input}`);
    }
  }
  const { released, causes, supplyMv, doorState, faults } = fields;
  const lastLeaseId = fields.leasesObeyed > 0 ? fields.lastLeaseId : null;
  return {
    knowledge: {
      report: { released, causes, inputs, supplyMv, lastLeaseId, doorState, faults },
      leaseId,
      told,
    },
    events,
  };
}

function fromLock(before: Knowledge, { fields }: Extract<Word, { type: 'lock' }>): Learned {
  const { released, causes, atMs } = fields;
  const leaseId = causes.includes('lease') ? fields.leaseId : null;
  if (before.told.has('lock') && sameLock(before, released, causes, leaseId)) {
    return { knowledge: { ...before, told: without(before.told, 'lock') }, events: [] };
  }
  const lastLeaseId = leaseId ?? before.report.lastLeaseId;
  const report = { ...before.report, released, causes, lastLeaseId };
  return {
    knowledge: { report, leaseId, told: without(before.told, 'lock') },
    events: [{ kind: 'lock', released, causes, leaseId, atMs }],
  };
}

function fromInput(before: Knowledge, { fields }: Extract<Word, { type: 'input' }>): Learned {
  const { input, active, atMs } = fields;
  const { report } = before;
  const told = without(before.told, `input ${input}`);
  if (before.told.has(`input ${input}`) && report.inputs?.[input] === active) {
    return { knowledge: { ...before, told }, events: [] };
  }
  const inputs = report.inputs === null ? null : { ...report.inputs, [input]: active };
  return {
    knowledge: { ...before, report: { ...report, inputs }, told },
    events: [{ kind: 'input', input, active, atMs }],
  };
}

function sameLock(
  { report, leaseId: lastLeaseId }: Knowledge,
  released: boolean,
  causes: readonly string[],
  leaseId: number | null,
): boolean {
  return report.released === released && report.causes?.join() === causes.join() && lastLeaseId === leaseId;
}

function without(keys: ReadonlySet<Changed>, key: Changed): ReadonlySet<Changed> {
  return new Set([...keys].filter((each) => each !== key));
}
