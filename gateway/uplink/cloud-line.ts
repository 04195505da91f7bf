import type { CloudRequest } from '../../shared/contract/receipt.ts';
import type { Occupancy } from '../../shared/contract/state.ts';
import type { MessageListener } from './inbox.ts';
import type { DoorReport } from './retained.ts';

/** The line to the cloud as the gateway's other parts see it. Nothing at the door waits for it. */
export interface CloudLine {
  /** Whether this venue has a cloud to have a line to. */
  readonly isFitted: boolean;
  /** Whether the broker has acknowledged the birth, and the connection stands. */
  readonly isOnline: boolean;
  /** For how long the present connection has been, from the attempt on, in milliseconds; 0 where there is none. */
  readonly connectedForMs: number;
  /** Why the broker takes no events at the moment (`Acceptance.refusal`), or `null`. */
  readonly refusal: string | null;
  /** Topics that the broker lets this gateway not hear at the moment. */
  readonly refusedTopics: readonly string[];

  /**
   * Takes what the cloud says on a topic: one message after another, in the order of their coming. The next one waits
   * until a promise of the listener is settled, and so does `close`. A listener that throws or rejects has a bug, which
   * ends the process. To be called before `start`.
   *
   * @param bytesMax largest message that is kept; of a larger one an empty text comes
   */
  listen(topic: string, bytesMax: number, listener: MessageListener): void;
  /** A question that is put at every birth and every half hour; `null` where there is nothing to ask. To be called before `start`. */
  askAtBirth(question: () => CloudRequest | null): void;

  /** Connects, and goes on doing so until `close`. */
  start(): void;
  /** Says farewell and hangs up. Resolves when all that was taken is done: the journal may be closed then. */
  close(): Promise<void>;

  /** Asks the cloud for everything that it may have and the gateway has not. @returns whether there is a line */
  sync(): boolean;
  /** Sends the ledger again from a number on. @returns whether there is a line */
  replay(fromSeq: number): boolean;
  /** Puts a question now; without a line it is put at the next birth. */
  ask(request: CloudRequest): void;
  /** Answers a message. An answer without a line is lost: whoever asked asks again. */
  answer(topic: string, body: string, correlationData: Buffer | null): void;

  /** Announces a door's state, now and at every birth. */
  publishDoorState(state: DoorReport): void;
  /** Announces how full the venue is, now and at every birth. */
  publishOccupancy(occupancy: Occupancy): void;
  /** Publishes a signed head of the journal, now and at every birth. */
  publishCheckpoint(token: string): void;
}

const nothing = (): void => undefined;

/** The line of a venue without a cloud: it is never up, nothing is heard of it, and what is said on it is lost. */
export const NO_LINE: CloudLine = {
  isFitted: false,
  isOnline: false,
  connectedForMs: 0,
  refusal: null,
  refusedTopics: [],
  listen: nothing,
  askAtBirth: nothing,
  start: nothing,
  close: () => Promise.resolve(),
  sync: () => false,
  replay: () => false,
  ask: nothing,
  answer: nothing,
  publishDoorState: nothing,
  publishOccupancy: nothing,
  publishCheckpoint: nothing,
};
