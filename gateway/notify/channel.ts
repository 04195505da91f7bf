import type { NoticeMessage } from './message.ts';

/** A way to reach somebody. */
export interface Channel {
  readonly name: 'webhook' | 'email';
  /** Resolves when the other side has taken the message into its hands. @throws Error saying why it did not */
  deliver(message: NoticeMessage): Promise<void>;
  close(): void;
}

/** How long a delivery may take, in milliseconds. */
export const DELIVERY_TIMEOUT_MS = 15_000;
