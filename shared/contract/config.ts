import * as z from 'zod';
import { venueKindSchema } from './charge.ts';
import { keyIdSchema } from './pass.ts';
import { policySchema } from './policy.ts';
import { codeKindSchema } from './presence.ts';
import {
  civilDateSchema,
  keyCoordinateSchema,
  opaqueIdSchema,
  sideSchema,
  slugSchema,
} from './primitives.ts';
import { refusePublished } from './published-keys.ts';

const timeOfDaySchema = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'HH:MM, 00:00 to 24:00')
  .meta({ description: 'HH:MM. A closing at or before the opening is on the next day.' });

/** An IANA name that this machine knows; a wrong one would otherwise be found by the first visit. */
const timeZoneSchema = z
  .string()
  .refine((zone) => {
    try {
      return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
    } catch {
      return false;
    }
  }, 'must be a time zone such as Asia/Tokyo')
  .describe('The venue’s time zone, by its IANA name.');

/** Opening hours of a venue; `null` for one that never closes. */
export const hoursSchema = z.strictObject({
  open: timeOfDaySchema,
  close: timeOfDaySchema,
  exceptions: z
    .array(
      z
        .strictObject({
          date: civilDateSchema.describe('The day that differs, YYYY-MM-DD.'),
          open: timeOfDaySchema.exactOptional(),
          close: timeOfDaySchema.exactOptional(),
        })
        .refine(
          ({ open, close }) => (open === undefined) === (close === undefined),
          'needs open and close, or neither for a day on which the venue stays shut',
        ),
    )
    .default([])
    .describe('Days that differ: other hours, or closed all day with `open` and `close` left out.'),
});
export type Hours = z.infer<typeof hoursSchema>;

/** What a ticket's holder may do here, beyond what the ticket itself says. */
const ticketRulesSchema = z.strictObject({
  venueClass: z
    .enum(['normal', 'regus-lounge'])
    .default('normal')
    .describe('`regus-lounge` is closed to basic tickets (プレミアムプラン・法人プランのみご利用可).'),
  reentry: z.boolean().default(true).describe('Whether a visit may be left and gone on with on one use.'),
  usesPerDay: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('The most visits of a ticket in a day, from 1; `null`: no limit.'),
  minutesPerDay: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('The longest time of a ticket in a day, in minutes, from 1; `null`: no limit.'),
  breakCounts: z
    .boolean()
    .default(false)
    .describe('Whether a break (途中抜け) between two visits of a day counts towards `minutesPerDay`.'),
  renewalAnchor: z
    .enum(['purchase-day', 'chain'])
    .default('purchase-day')
    .describe('Which day renewals follow: the day of purchase, or the day of the renewal before.'),
});

/** The venue: its rules, hours, and what it may hold. */
export const venueSchema = z.strictObject({
  id: slugSchema.describe(
    'The venue’s id: lower-case letters, digits and inner hyphens, at most 64 characters.',
  ),
  name: z.string().min(1).max(100).describe('Its name, for people, 1 to 100 characters.'),
  kind: venueKindSchema,
  timeZone: timeZoneSchema.default('Asia/Tokyo'),
  hours: hoursSchema.nullable().describe('Its opening hours; `null`: it never closes.'),
  capacity: z
    .int()
    .min(1)
    .max(10_000)
    .describe('Seats, 1 to 10,000, for tickets and for the occupancy sign.'),
  earlyEntryMinutes: z
    .int()
    .min(0)
    .max(120)
    .default(0)
    .describe('Minutes before a reservation’s start from which its user may enter, 0 to 120. Never charged.'),
  guests: z
    .boolean()
    .default(true)
    .describe(
      'Whether the meeting rooms take guests. スペースによっては、会議室にゲストを呼ぶことが可能です。',
    ),
  ticket: ticketRulesSchema
    .prefault({})
    .describe('What a ticket’s holder may do here, beyond what the ticket itself says.'),
  occupancy: z
    .strictObject({
      fewFree: z
        .int()
        .min(0)
        .max(10_000)
        .default(3)
        .describe('Free seats, 0 to 10,000, from which on it is △.'),
    })
    .prefault({})
    .describe('The sign ○△×: △ from so few free seats on, × at none.'),
  staffHours: z.record(slugSchema, hoursSchema).default({}).describe('Time tables that staff passes name.'),
  policy: policySchema.prefault({}).describe('How the venue answers what the billing document leaves open.'),
});
export type VenueConfig = z.infer<typeof venueSchema>;

const scannerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('serial').describe('A reader at a serial port.'),
    side: sideSchema,
    path: z.string().min(1).describe('Its port, such as `/dev/genkan-front-entry`.'),
    baudRate: z.int().min(1200).default(9600).describe('Its rate in bits a second, from 1,200.'),
  }),
  z.strictObject({
    kind: z.literal('hid').describe('A reader at USB.'),
    side: sideSchema,
    vendorId: z.int().min(0).max(0xffff).describe('Its USB vendor id, 0 to 65,535.'),
    productId: z.int().min(0).max(0xffff).describe('Its USB product id, 0 to 65,535.'),
    serialNumber: z
      .string()
      .min(1)
      .exactOptional()
      .describe('Its serial number: needed where two readers of one model hang at the same gateway.'),
    mode: z
      .enum(['pos', 'keyboard'])
      .default('pos')
      .describe('`keyboard`: the fallback for a reader that can only type. Default `pos`.'),
    layout: z
      .enum(['us', 'jis'])
      .default('us')
      .describe(
        'Which keyboard a reader in keyboard mode believes to be. Set at the reader; not seen from outside.',
      ),
  }),
]);

/** A lock on the gateway's own pins has no keeper: they float while it boots, and nothing ends a release when it hangs. */
const NO_GPIO =
  "a lock must not hang on the gateway's own GPIO: nothing would end a release when the gateway hangs, and its pins float while it boots; use an ATmega328P with our firmware (hardware/README.md)";

/** The board that holds the lock. */
const controllerSchema = z.strictObject({
  kind: z
    .literal('serial', { error: ({ input }) => (input === 'gpio' ? NO_GPIO : undefined) })
    .default('serial')
    .describe('An ATmega328P on a serial port, with our firmware. There is no other kind.'),
  path: z
    .string()
    .min(1)
    .refine((path) => !/^(?:\/dev\/(?:gpio|mem)|\/sys\/|gpio)/i.test(path), NO_GPIO)
    .describe('Its port, such as `/dev/genkan-front`.'),
});

/** One door: its board, its readers, and how its lock behaves. */
export const doorSchema = z.strictObject({
  id: slugSchema.describe(
    'The door’s id: lower-case letters, digits and inner hyphens, at most 64 characters.',
  ),
  role: z
    .enum(['entrance', 'inner'])
    .default('entrance')
    .describe('`entrance` opens and closes stays; `inner` only admits.'),
  spaces: z
    .array(opaqueIdSchema)
    .default([])
    .describe('On an inner door: the spaces it leads to. Empty: whoever is checked in may pass.'),
  pulseMs: z
    .int()
    .min(200)
    .max(10_000)
    .default(3_000)
    .describe(
      'How long the lock is released for a grant, in milliseconds, 200 to the firmware’s limit of 10,000.',
    ),
  takenWithinMs: z
    .int()
    .min(0)
    .max(60_000)
    .default(5_000)
    .describe('How long after the pulse an opening still counts as taken, in milliseconds, 0 to 60,000.'),
  egressSensing: z
    .enum(['button', 'handle-switch', 'none'])
    .default('button')
    .describe(
      'What tells that somebody leaves. `button`, `handle-switch`: wired to the exit button’s terminals, so an opening without any cause is forced. `none`: leaving is not sensed, so such an opening has an unknown cause and is no alarm.',
    ),
  exitButtonMs: z
    .int()
    .min(1_000)
    .max(30_000)
    .default(5_000)
    .describe(
      'How long one press of the exit button releases the lock, in milliseconds, the firmware’s limits of 1,000 to 30,000.',
    ),
  heldOpenMs: z
    .int()
    .min(5_000)
    .max(3_600_000)
    .multipleOf(1_000)
    .default(30_000)
    .describe(
      'How long the door may stand open, in milliseconds, 5,000 to 3,600,000. Whole seconds: the board counts them too, and warns before.',
    ),
  buzzer: z
    .boolean()
    .default(true)
    .describe(
      'Whether the board’s buzzer sounds: at a signal to the member, before held-open, and at an alarm.',
    ),
  boltSense: z
    .enum(['lock', 'latch', 'none'])
    .default('lock')
    .describe(
      'What the bolt’s terminals are wired to. `lock`: the strike’s own monitor or the maglock’s bond sensor. `latch`: a latch in its keeper, which stays there while the lock is released. `none`: nothing.',
    ),
  openHours: hoursSchema
    .nullable()
    .default(null)
    .describe(
      'Hours in which the door stands open by itself, holidays as exceptions; `null`: never. A scan still checks in and out.',
    ),
  lockToleranceMs: z
    .int()
    .min(100)
    .max(10_000)
    .default(1_000)
    .describe(
      'How long relay read-back and bolt may disagree with the output before it is a fault, in milliseconds, 100 to 10,000.',
    ),
  code: z
    .union([
      codeKindSchema.transform((kind) => ({ entry: kind, exit: kind })),
      z.strictObject({
        entry: codeKindSchema.default('static').describe('What is posted outside.'),
        exit: codeKindSchema.default('static').describe('What is posted inside.'),
      }),
    ])
    .prefault('static')
    .describe(
      'What is posted for phones, on both sides or on each: a printed sheet (`static`, on the venue’s own network only) or a display (`rotating`).',
    ),
  controller: controllerSchema.describe('The board that holds the lock.'),
  scanners: z.array(scannerSchema).default([]).describe('Its readers of codes.'),
});
export type DoorConfig = z.infer<typeof doorSchema>;

const publicKeyMembers = {
  kid: keyIdSchema,
  x: keyCoordinateSchema,
  d: z
    .never('a private key has no place on a gateway')
    .exactOptional()
    .describe('Never: a private key has no place on a gateway.'),
};

/**
 * A public key in JWK form with the two members that fix how it is used, Ed25519 or P-256. A published one is refused:
 * its private half is no secret.
 */
export const publicKeySchema = z
  .discriminatedUnion(
    'kty',
    [
      z.looseObject({
        ...publicKeyMembers,
        alg: z.literal('EdDSA').describe('The algorithm that it signs with.'),
        kty: z.literal('OKP').describe('Its type.'),
        crv: z.literal('Ed25519').describe('Its curve.'),
      }),
      z.looseObject({
        ...publicKeyMembers,
        alg: z.literal('ES256').describe('The algorithm that it signs with.'),
        kty: z.literal('EC').describe('Its type.'),
        crv: z.literal('P-256').describe('Its curve.'),
        y: keyCoordinateSchema,
      }),
    ],
    { error: 'must be a public JWK, of kty "OKP" (Ed25519) or "EC" (P-256)' },
  )
  .check(refusePublished);
export type PublicKey = z.infer<typeof publicKeySchema>;

/** Who issues passes, in a list of them. */
export const issuerNameSchema = z.string().min(1).describe('The `iss` of the passes.');
/** The keys of an issuer. */
export const issuerKeysSchema = z
  .array(publicKeySchema)
  .min(1)
  .describe('The keys that its passes may be signed with.');

const brokerUrlSchema = z
  .url({ protocol: /^(mqtts?|wss?)$/ })
  .describe('The broker: mqtts, mqtt, wss or ws.');
const httpUrlSchema = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));

const membersSchema = z.strictObject({
  issuer: httpUrlSchema
    .nullable()
    .default(null)
    .describe(
      'The issuer of passes: a phone enrols at `<issuer>/enrol` and fetches its pass from `<issuer>/passes` (gateway/web/ENROLMENT.md). `null`: the door page can open for nobody and says so.',
    ),
  wallet: httpUrlSchema
    .nullable()
    .default(null)
    .describe(
      'The wallet of members of many venues, who keep one key there: `<wallet>/signer` signs in a frame of the door page, `<wallet>/handoff` where a browser gives that frame no key (gateway/web/ENROLMENT.md). It and the venue’s public origin belong to one registrable domain. `null`: a phone is enrolled at each venue.',
    ),
  support: z
    .string()
    .regex(/^[+]?[0-9][0-9 ()-]{2,30}$/, 'a telephone number')
    .nullable()
    .default(null)
    .describe('The telephone number that a member calls when the door stays shut.'),
});
export type MembersConfig = z.infer<typeof membersSchema>;

/** The serial ports of a door, each with the field that names it. */
function portsOf({ controller, scanners }: DoorConfig, door: number) {
  const at = (...rest: (string | number)[]) => ['doors', door, ...rest, 'path'];
  return [
    { at: at('controller'), path: controller.path },
    ...scanners.flatMap((scanner, index) =>
      scanner.kind === 'serial' ? [{ at: at('scanners', index), path: scanner.path }] : [],
    ),
  ];
}

/** How operators are reached when something is wrong. */
const notificationsSchema = z.strictObject({
  language: z.enum(['ja', 'en']).default('ja').describe('The language that they are written to in.'),
  quietHours: z
    .strictObject({
      from: timeOfDaySchema.describe('From when, HH:MM in the venue’s zone.'),
      to: timeOfDaySchema.describe('Until when, HH:MM; before `from`: of the next day.'),
    })
    .refine(({ from, to }) => from !== to, 'from and to must differ')
    .nullable()
    .default(null)
    .describe(
      'The venue’s time in which only critical alarms are told; the others wait for its end. `null`: never.',
    ),
  remindMinutes: z
    .int()
    .min(5)
    .max(1_440)
    .nullable()
    .default(30)
    .describe(
      'Minutes, 5 to 1,440, after which an alarm that nobody has seen is told again; `null`: it is told once.',
    ),
  webhook: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }).describe('Where it is posted to.'),
      secretFile: z
        .string()
        .min(1)
        .exactOptional()
        .describe(
          'First line: the secret that signs each message (Standard Webhooks). Left out: nothing is signed.',
        ),
    })
    .nullable()
    .default(null)
    .describe('A message by HTTP, signed as Standard Webhooks; `null`: none.'),
  email: z
    .strictObject({
      url: z
        .url({ protocol: /^smtps?$/ })
        .describe(
          '`smtps://` with TLS from the start, `smtp://` with STARTTLS, which is a must beyond this host.',
        ),
      username: z.string().min(1).exactOptional().describe('The account there.'),
      passwordFile: z.string().min(1).exactOptional().describe('A file whose first line is its password.'),
      ca: z
        .string()
        .min(1)
        .exactOptional()
        .describe('A PEM file, where the server’s certificate is of no public authority.'),
      from: z.email().describe('The sender’s address.'),
      to: z.array(z.email()).min(1).max(20).describe('The addresses that are written to, 1 to 20.'),
    })
    .nullable()
    .default(null)
    .describe('Mail by SMTP; `null`: none.'),
});
export type NotificationsConfig = z.infer<typeof notificationsSchema>;

/** The whole configuration of a gateway, as its file has it. An error names the field. */
export const gatewayConfigSchema = z
  .strictObject({
    venue: venueSchema.describe('The venue: its rules, its hours, and what it may hold.'),
    gateway: z
      .strictObject({
        id: slugSchema.describe(
          'The gateway’s id: lower-case letters, digits and inner hyphens, at most 64 characters.',
        ),
        journal: z.string().min(1).describe('The file of its journal.'),
        key: z
          .string()
          .min(1)
          .exactOptional()
          .describe(
            'The gateway’s own Ed25519 key, PKCS #8 in PEM, mode 0600; made at the first start. Default: the journal with `.key`.',
          ),
        retentionDays: z
          .int()
          .min(62)
          .max(3_650)
          .default(90)
          .describe(
            'How long the journal keeps what the cloud has received, in days, 62 to 3,650. A ticket’s uses are counted from it, so that it may not be shorter than two of a ticket’s longest periods.',
          ),
      })
      .describe('The gateway, and what it keeps.'),
    http: z
      .strictObject({
        host: z.string().default('127.0.0.1').describe('The address that is listened at.'),
        port: z
          .int()
          .min(0)
          .max(65_535)
          .default(8080)
          .describe('Its port, 0 to 65,535; 0: any that is free.'),
        publicOrigin: httpUrlSchema.describe(
          'The venue’s public origin, as phones see it: what a proof’s `htu` must begin with.',
        ),
        lan: z
          .array(z.union([z.cidrv4(), z.cidrv6()], 'must be a prefix such as 192.168.1.0/24 or fd00::/64'))
          .min(1)
          .exactOptional()
          .describe(
            'The prefixes of the venue’s own network, which stands for presence where a printed sheet is posted. Left out: the private networks in which this host has an address. Name them where the host is in others too, such as an office’s or a VPN.',
          ),
        displayTokenFile: z
          .string()
          .min(1)
          .exactOptional()
          .describe(
            'A file whose first line, of 16 characters or more, a display at a door opens its page with once. Left out: codes are shown on this host only.',
          ),
        metricsTokenFile: z
          .string()
          .min(1)
          .exactOptional()
          .describe(
            'The same for a Prometheus on another host, which sends it as a bearer token. Left out: this host only.',
          ),
        tls: z
          .strictObject({
            cert: z.string().min(1).describe('The certificate with its chain, PEM.'),
            key: z.string().min(1).describe('Its private key, PEM.'),
          })
          .exactOptional()
          .describe(
            'The certificate for the host of `publicOrigin`, with its chain, and its private key: PEM files, read anew when they are renewed. Left out: plain HTTP, where phones cannot use their keys but on this host.',
          ),
      })
      .describe('How it is reached by HTTP.'),
    doors: z.array(doorSchema).min(1).max(64).describe('The doors, 1 to 64; one of them an entrance.'),
    console: z
      .strictObject({
        accounts: z
          .string()
          .min(1)
          .exactOptional()
          .describe(
            'The file of accounts, mode 0600, written by `genkan operator`. Default: the journal with `.operators.json`.',
          ),
        idleMinutes: z
          .int()
          .min(1)
          .max(1_440)
          .default(30)
          .describe('Minutes, 1 to 1,440, after which a session without a request ends.'),
        longestHours: z
          .int()
          .min(1)
          .max(168)
          .default(12)
          .describe('Hours, 1 to 168, after which a session ends in any case.'),
        lineDownMinutes: z
          .int()
          .min(1)
          .max(1_440)
          .default(10)
          .describe('Minutes, 1 to 1,440, for which the line may be down before it is an alarm.'),
        billingLateMinutes: z
          .int()
          .min(1)
          .max(1_440)
          .default(15)
          .describe(
            'Minutes, 1 to 1,440, for which billing may leave an event without a receipt before it is a warning, whatever the line says.',
          ),
        billingSilentMinutes: z
          .int()
          .min(2)
          .max(43_200)
          .default(60)
          .describe(
            'Minutes, 2 to 43,200, for which it may before somebody is called at any hour. Longer than `billingLateMinutes`.',
          ),
      })
      .prefault({})
      .describe('The operators’ console.'),
    localBus: z
      .strictObject({
        host: z.string().default('0.0.0.0').describe('The address that is listened at.'),
        port: z.int().min(0).max(65_535).default(8883).describe('Its port, 0 to 65,535.'),
        cert: z.string().min(1).describe('Its certificate with the chain, PEM.'),
        key: z.string().min(1).describe('The private key of that, PEM.'),
      })
      .nullable()
      .default(null)
      .describe(
        'MQTT over TLS on the venue’s own network, for tablets and Home Assistant; accounts of `genkan operator`. `null`: none.',
      ),
    notifications: notificationsSchema
      .prefault({})
      .describe('How operators are reached when something is wrong.'),
    members: membersSchema.prefault({}).describe('What the door page offers a member beside the door.'),
    uplink: z
      .strictObject({
        url: z
          .union([brokerUrlSchema, z.array(brokerUrlSchema).min(1).max(8)])
          .describe(
            'Where the broker is; of several, at most 8, each of the same cluster, the next one after each failure.',
          ),
        username: z.string().exactOptional().describe('The account there.'),
        passwordFile: z
          .string()
          .exactOptional()
          .describe('A file whose first line is the password; a password has no place in this file.'),
        ca: z
          .string()
          .exactOptional()
          .describe('Who signs the broker’s certificate, PEM. Left out: a public authority.'),
        cert: z.string().exactOptional().describe('The gateway’s own certificate there, PEM.'),
        key: z.string().exactOptional().describe('The private key of that, PEM.'),
        protocol: z
          .literal(['auto', 5, '3.1.1'])
          .exactOptional()
          .describe(
            'Version of MQTT. `auto`: 5 and 3.1.1 in turns until the broker takes one, and that one then. Default: that.',
          ),
        homeAssistant: z
          .boolean()
          .exactOptional()
          .describe(
            'Announces the venue to a Home Assistant at the cloud’s broker. Its locks cannot be commanded there. Default: no.',
          ),
        eventsPerSecond: z
          .int()
          .min(1)
          .max(100_000)
          .default(90)
          .describe('Events a second while a backlog drains, 1 to 100,000. AWS IoT allows 100 a connection.'),
      })
      .nullable()
      .describe('The line to the cloud; `null`: no cloud, events wait in the journal.'),
    trust: z
      .strictObject({
        issuers: z
          .array(z.strictObject({ iss: issuerNameSchema, keys: issuerKeysSchema }))
          .min(1)
          .describe('Who may issue passes for this venue.'),
        cloud: z.array(publicKeySchema).min(1).describe('Who may sign receipts and commands.'),
        whenTooOld: z
          .enum(['refuse', 'admit'])
          .default('refuse')
          .describe(
            'What happens when the cloud’s word on keys and revocations is older than 30 days: `refuse` lets nobody in.',
          ),
      })
      .describe('Whose signatures count until the cloud says otherwise.'),
    clock: z
      .strictObject({
        source: z
          .enum(['timesyncd', 'host'])
          .default('timesyncd')
          .describe(
            '`timesyncd`: synchronised while `syncMark` is young. `host`: the operator vouches for the host’s clock.',
          ),
        syncMark: z
          .string()
          .min(1)
          .default('/run/systemd/timesync/synchronized')
          .describe(
            'A file that is touched on every successful synchronisation. Default: systemd-timesyncd’s.',
          ),
        rtc: z
          .boolean()
          .default(false)
          .describe(
            'Whether the host has a clock with a battery: it is believed, as a holdover, until the network is there.',
          ),
        whenUntrusted: z
          .enum(['admit', 'refuse'])
          .default('admit')
          .describe(
            'What entry does while nobody vouches for the time. `admit`: by what is known of it, and the stay is flagged.',
          ),
      })
      .prefault({})
      .describe('Who vouches for the time (gateway/clock/README.md).'),
    log: z
      .strictObject({
        level: z
          .enum(['debug', 'info', 'warn', 'error'])
          .default('info')
          .describe('The least that is logged.'),
      })
      .prefault({})
      .describe('The log, JSON lines on standard output.'),
  })
  .superRefine((config, context) => {
    const complain = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    const { billingLateMinutes, billingSilentMinutes } = config.console;
    if (billingSilentMinutes <= billingLateMinutes)
      complain(['console', 'billingSilentMinutes'], 'must be longer than console.billingLateMinutes');
    const seen = new Set<string>();
    config.doors.forEach((door, index) => {
      if (seen.has(door.id)) complain(['doors', index, 'id'], `${door.id} is there twice`);
      seen.add(door.id);
    });
    const ports = new Set<string>();
    for (const { at, path } of config.doors.flatMap(portsOf)) {
      if (ports.has(path)) complain(at, `${path} is there twice: one port, one device`);
      ports.add(path);
    }
    const kids = new Set<string>();
    config.trust.cloud.forEach((key, index) => {
      if (config.trust.cloud.findIndex(({ kid }) => kid === key.kid) !== index) {
        complain(['trust', 'cloud', index], `kid ${key.kid} is there twice`);
      }
    });
    config.trust.issuers.forEach((issuer, index) => {
      for (const key of issuer.keys) {
        if (kids.has(key.kid)) complain(['trust', 'issuers', index, 'keys'], `kid ${key.kid} is there twice`);
        kids.add(key.kid);
      }
    });
    if (config.http.tls !== undefined && !config.http.publicOrigin.startsWith('https:'))
      complain(['http', 'publicOrigin'], 'must begin with https: where http.tls is set');
    if (!config.doors.some((door) => door.role === 'entrance')) complain(['doors'], 'needs one entrance');
  });
export type GatewayConfig = z.infer<typeof gatewayConfigSchema>;
