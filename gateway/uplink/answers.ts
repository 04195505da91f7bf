import type { Logger } from 'pino';
import { SECOND_MS } from '../../shared/time.ts';
import type { Clock } from '../clock/clock.ts';
import type { Attempt, BrokerConnection, ConnectBroker, ConnectionListener, Ending } from './broker.ts';
import { PublishRefused } from './refusal.ts';

/** How long a broker may owe the answer that is due next, in milliseconds. */
export const ANSWER_WITHIN_MS = 20 * SECOND_MS;

/** What a broker answers CONNECT, SUBSCRIBE and PUBLISH with. */
export type Answer = 'CONNACK' | 'SUBACK' | 'PUBACK';

/** As `ConnectionListener`, with what the broker has owed longest at the end of the connection. */
export interface WatchedListener extends Omit<ConnectionListener, 'onClosed'> {
  onClosed(ending: Ending, owed: Answer | null): void;
}

export interface WatchOptions {
  readonly connect: ConnectBroker;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Connects, and counts the connection as lost when the broker owes an answer too long: one that has lost its mind, or
 * the node behind it, still answers pings. Only the answer that is owed longest is waited for, from when it became that
 * one: on a slow line the last of a full window may take its time, as long as one comes after the other.
 */
export function connectWatched(
  { connect, clock, log }: WatchOptions,
  attempt: Attempt,
  listener: WatchedListener,
): BrokerConnection {
  /** In the order of their asking. */
  const debts = new Set<{ readonly answer: Answer }>();
  let isOver = false;
  let cancel: () => void = () => undefined;
  const oldest = () => debts.values().next().value ?? null;
  const close = (ending: Ending) => {
    if (isOver) return;
    isOver = true;
    cancel();
    listener.onClosed(ending, oldest()?.answer ?? null);
  };
  const wait = () => {
    cancel();
    const owed = oldest();
    if (isOver || owed === null) return;
    cancel = clock.after(ANSWER_WITHIN_MS, () => {
      log.warn({ owed: owed.answer }, 'the broker owes an answer: the connection counts as lost');
      connection.end();
      close('lost');
    });
  };
  const owe = (answer: Answer) => {
    const debt = { answer };
    debts.add(debt);
    if (oldest() === debt) wait();
    return () => {
      const wasOldest = oldest() === debt;
      debts.delete(debt);
      if (wasOldest) wait();
    };
  };
  /** What is rejected for the connection's end stays owed. */
  const answered = async <T>(answer: Answer, asked: Promise<T>): Promise<T> => {
    const settle = owe(answer);
    try {
      const result = await asked;
      settle();
      return result;
    } catch (error) {
      if (error instanceof PublishRefused) settle();
      throw error;
    }
  };

  const connected = owe('CONNACK');
  const connection = connect(attempt, {
    onConnected: (limits) => {
      connected();
      listener.onConnected(limits);
    },
    onMessage: (topic, message) => listener.onMessage(topic, message),
    onClosed: close,
  });
  return {
    publish: (message) => answered('PUBACK', connection.publish(message)),
    subscribe: (topics) => answered('SUBACK', connection.subscribe(topics)),
    end: () => {
      isOver = true;
      cancel();
      connection.end();
    },
  };
}
