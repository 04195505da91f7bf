import type { GatewayConfig } from '../../shared/contract/config.ts';
import { MINUTE_MS } from '../../shared/time.ts';
import { readSecret } from '../config.ts';
import type { Channel } from './channel.ts';
import { email } from './email.ts';
import { Notifier, type NotifierOptions } from './notifier.ts';
import { isQuiet } from './quiet.ts';
import { webhook } from './webhook.ts';

/** A notifier for each channel of the configuration: a mail server that does not answer holds up no webhook. */
export function createNotifiers(
  { notifications, venue, http }: GatewayConfig,
  options: Pick<NotifierOptions, 'alarms' | 'journal' | 'clock' | 'log' | 'onAttempt'>,
): readonly Notifier[] {
  const { language, quietHours, remindMinutes } = notifications;
  const channels: Channel[] = [];
  if (notifications.webhook !== null) {
    const { url, secretFile } = notifications.webhook;
    const secret = secretFile === undefined ? null : readSecret(secretFile);
    channels.push(webhook({ url, secret, nowMs: () => options.clock.wallMs() }));
  }
  if (notifications.email !== null) {
    const { passwordFile } = notifications.email;
    channels.push(email(notifications.email, passwordFile === undefined ? null : readSecret(passwordFile)));
  }
  return channels.map(
    (channel) =>
      new Notifier({
        ...options,
        channel,
        context: { venue, language, url: `${http.publicOrigin}/console#/alarms` },
        rules: (nowMs) => ({
          isQuiet: isQuiet(quietHours, nowMs, venue.timeZone),
          remindAfterMs: remindMinutes === null ? null : remindMinutes * MINUTE_MS,
        }),
      }),
  );
}
