import { readFileSync } from 'node:fs';
import type { Transporter } from 'nodemailer';
import type { NotificationsConfig } from '../../shared/contract/config.ts';
import { DELIVERY_TIMEOUT_MS, type Channel } from './channel.ts';

/** A mail server on this host is reached without a wire that anybody could listen at. */
const THIS_HOST = /^(?:localhost|127\.0\.0\.1|\[?::1\]?)$/;

/** Sends each message as a mail of plain text. Beyond this host nothing is sent without TLS. */
export function email(
  { url, username, ca, from, to }: NonNullable<NotificationsConfig['email']>,
  password: string | null,
): Channel {
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === 'smtps:';
  const options = {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && !THIS_HOST.test(hostname),
    ...(username !== undefined && { auth: { user: username, pass: password ?? '' } }),
    ...(ca !== undefined && { tls: { ca: readFileSync(ca) } }),
    connectionTimeout: DELIVERY_TIMEOUT_MS,
    greetingTimeout: DELIVERY_TIMEOUT_MS,
    socketTimeout: DELIVERY_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
  let transport: Transporter | null = null;
  const domain = from.split('@')[1] ?? 'genkan.invalid';
  return {
    name: 'email',
    async deliver({ id, subject, text }) {
      // Loaded with the first mail: whoever waits at the door of a gateway that starts does not wait for it.
      transport ??= (await import('nodemailer')).createTransport(options);
      await transport.sendMail({
        from,
        to: [...to],
        subject,
        text,
        // The same at every attempt: a mail that was taken although its answer was lost is one mail to a mailbox.
        messageId: `<${id}@${domain}>`,
        headers: { 'auto-submitted': 'auto-generated' },
      });
    },
    close: () => transport?.close(),
  };
}
