import { describe, expect, it, onTestFinished } from 'vitest';
import { Inbox } from '../../../gateway/uplink/inbox.ts';
import { inbound } from '../cloud.ts';
import { settled } from '../manual-clock.ts';

/** An inbox whose listener on each topic takes until it is told; `begun` names the messages that were handed over. */
function slowInbox(...topics: readonly string[]) {
  const inbox = new Inbox();
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  for (const topic of topics) {
    inbox.listen(topic, 100, ({ text }) => {
      begun.push(text);
      return new Promise<void>((resolve, reject) => {
        ends.set(text, (error) => (error === undefined ? resolve() : reject(error)));
      });
    });
  }
  const end = async (text: string, error?: Error) => {
    ends.get(text)?.(error);
    await settled();
  };
  return { inbox, begun, end };
}

/** Rejections that nobody handled until the test is over, in place of the runner's word on them. */
function unhandled(): readonly unknown[] {
  const seen: unknown[] = [];
  const note = (error: unknown) => seen.push(error);
  const before = process.rawListeners('unhandledRejection') as (() => void)[];
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', note);
  onTestFinished(() => {
    process.off('unhandledRejection', note);
    for (const listener of before) process.on('unhandledRejection', listener);
  });
  return seen;
}

describe('messages of one topic', () => {
  it('are handed over one after another, in the order of their coming', async () => {
    const { inbox, begun, end } = slowInbox('a');
    for (const text of ['1', '2', '3']) inbox.take('a', inbound(text));
    await settled();
    expect(begun).toEqual(['1']);
    await end('1');
    expect(begun).toEqual(['1', '2']);
    await end('2');
    expect(begun).toEqual(['1', '2', '3']);
  });

  it('do not wait for those of another', async () => {
    const { inbox, begun } = slowInbox('a', 'b');
    inbox.take('a', inbound('of a'));
    inbox.take('b', inbound('of b'));
    await settled();
    expect(begun).toEqual(['of a', 'of b']);
  });

  it('that nobody listens to are passed over', async () => {
    const { inbox, begun } = slowInbox('a');
    inbox.take('b', inbound('of b'));
    await inbox.idle();
    expect(begun).toEqual([]);
    expect(inbox.topics).toEqual(['a']);
  });
});

describe('a listener that rejects', () => {
  it.each<[string, (bug: Error) => unknown]>([
    ['with a promise', (bug) => Promise.reject(bug)],
    [
      'by throwing',
      (bug) => {
        throw bug;
      },
    ],
  ])('%s ends the process as any bug, and does not stop the next message', async (_, fail) => {
    const stray = unhandled();
    const bug = new Error('a bug');
    const inbox = new Inbox();
    const taken: string[] = [];
    inbox.listen('a', 100, ({ text }) => (text === '1' ? fail(bug) : taken.push(text)));
    inbox.take('a', inbound('1'));
    inbox.take('a', inbound('2'));
    await inbox.idle();
    await settled();
    expect(taken).toEqual(['2']);
    expect(stray).toEqual([bug]);
  });
});

describe('an inbox', () => {
  it('is idle when the last message of every topic is done, and not before', async () => {
    const { inbox, end } = slowInbox('a', 'b');
    for (const [topic, text] of [
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ] as const)
      inbox.take(topic, inbound(text));
    await settled();
    let isIdle = false;
    void inbox.idle().then(() => (isIdle = true));
    for (const text of ['1', '2']) {
      await end(text);
      expect(isIdle).toBe(false);
    }
    await end('3');
    expect(isIdle).toBe(true);
  });
});
