import { createHmac } from 'node:crypto';
import { SECOND_MS } from '../../shared/time.ts';
import { DELIVERY_TIMEOUT_MS, type Channel } from './channel.ts';

export interface WebhookOptions {
  readonly url: string;
  /** Signs every message, where there is one. */
  readonly secret: string | null;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
}

/**
 * POSTs each message as JSON, signed as Standard Webhooks 1.0.0 has it: `webhook-id`, `webhook-timestamp`,
 * `webhook-signature: v1,<base64 of HMAC-SHA256 over id.timestamp.body>`. Any 2xx answer is a yes; a redirect is none.
 */
export function webhook({ url, secret, nowMs }: WebhookOptions): Channel {
  return {
    name: 'webhook',
    async deliver({ id, body }) {
      const text = JSON.stringify(body);
      const timestamp = String(Math.floor(nowMs() / SECOND_MS));
      const signature =
        secret === null
          ? {}
          : {
              'webhook-signature': `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${text}`).digest('base64')}`,
            };
      const answer = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': timestamp,
          ...signature,
        },
        body: text,
        redirect: 'manual',
        signal: AbortSignal.timeout(DELIVERY_TIMEOUT_MS),
      });
      await answer.body?.cancel();
      if (!answer.ok) throw new Error(`the webhook answered ${answer.status}`);
    },
    close: () => undefined,
  };
}

/** `whsec_` and base64, as the standard's libraries print a secret; anything else is the key itself. */
function keyOf(secret: string): Buffer {
  const prefix = 'whsec_';
  return secret.startsWith(prefix) ? Buffer.from(secret.slice(prefix.length), 'base64') : Buffer.from(secret);
}
