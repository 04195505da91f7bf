import * as z from 'zod';
import { venueKindSchema } from './charge.ts';
import { keyIdSchema } from './pass.ts';
import { policySchema } from './policy.ts';
import { codeKindSchema } from './presence.ts';
import { civilDateSchema, keyCoordinateSchema, opaqueIdSchema, slugSchema } from './primitives.ts';
import { refusePublished } from './published-keys.ts';

const timeOfDaySchema = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'HH:MM, 00:00 to 24:00')
  .meta({ description: 'HH:MM. A closing at or before the opening is on the next day.' });

/** An IANA name that this machine knows; a wrong one would otherwise be found by the first visit. */
const timeZoneSchema = z.string().refine((zone) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}, 'must be a time zone such as Asia/Tokyo');

/** Opening hours of a venue; `null` for one that never closes. */
export const hoursSchema = z.strictObject({
  open: timeOfDaySchema,
  close: timeOfDaySchema,
  /** Days that differ: other hours, or closed all day with `open` and `close` left out. */
  exceptions: z
    .array(
      z
        .strictObject({
          date: civilDateSchema,
          open: timeOfDaySchema.exactOptional(),
          close: timeOfDaySchema.exactOptional(),
        })
        .refine(
          ({ open, close }) => (open === undefined) === (close === undefined),
          'needs open and close, or neither for a day on which the venue stays shut',
        ),
    )
    .default([]),
});
export type Hours = z.infer<typeof hoursSchema>;

/** What a ticket's holder may do here, beyond what the ticket itself says. */
const ticketRulesSchema = z.strictObject({
  /** `regus-lounge` is closed to basic tickets (プレミアムプラン・法人プランのみご利用可). */
  venueClass: z.enum(['normal', 'regus-lounge']).default('normal'),
  reentry: z.boolean().default(true),
  usesPerDay: z.int().min(1).nullable().default(null),
  minutesPerDay: z.int().min(1).nullable().default(null),
  /** Whether a break (途中抜け) between two visits of a day counts towards `minutesPerDay`. */
  breakCounts: z.boolean().default(false),
  /** Which day renewals follow: the day of purchase, or the day of the renewal before. */
  renewalAnchor: z.enum(['purchase-day', 'chain']).default('purchase-day'),
});

/** The venue: its rules, hours, and what it may hold. */
export const venueSchema = z.strictObject({
  id: slugSchema,
  name: z.string().min(1).max(100),
  kind: venueKindSchema,
  timeZone: timeZoneSchema.default('Asia/Tokyo'),
  hours: hoursSchema.nullable(),
  /** Seats, for tickets and for the occupancy sign. */
  capacity: z.int().min(1).max(10_000),
  /** Minutes before a reservation's start from which its user may enter. Never charged. */
  earlyEntryMinutes: z.int().min(0).max(120).default(0),
  /** Whether the meeting rooms take guests. スペースによっては、会議室にゲストを呼ぶことが可能です。 */
  guests: z.boolean().default(true),
  ticket: ticketRulesSchema.prefault({}),
  /** The sign ○△×: △ from so few free seats on, × at none. */
  occupancy: z.strictObject({ fewFree: z.int().min(0).max(10_000).default(3) }).prefault({}),
  /** Time tables that staff passes name. */
  staffHours: z.record(slugSchema, hoursSchema).default({}),
  policy: policySchema.prefault({}),
});
export type VenueConfig = z.infer<typeof venueSchema>;

const scannerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('serial'),
    side: z.enum(['entry', 'exit']),
    path: z.string().min(1),
    baudRate: z.int().min(1200).default(9600),
  }),
  z.strictObject({
    kind: z.literal('hid'),
    side: z.enum(['entry', 'exit']),
    vendorId: z.int().min(0).max(0xffff),
    productId: z.int().min(0).max(0xffff),
    /** Needed where two readers of one model hang at the same gateway. */
    serialNumber: z.string().min(1).exactOptional(),
    /** `keyboard`: the fallback for a reader that can only type. Default `pos`. */
    mode: z.enum(['pos', 'keyboard']).default('pos'),
    /** Which keyboard a reader in keyboard mode believes to be. Set at the reader; not seen from outside. */
    layout: z.enum(['us', 'jis']).default('us'),
  }),
]);

/** A lock on the gateway's own pins has no keeper: they float while it boots, and nothing ends a release when it hangs. */
const NO_GPIO =
  "a lock must not hang on the gateway's own GPIO: nothing would end a release when the gateway hangs, and its pins float while it boots; use an ATmega328P with our firmware (hardware/README.md)";

/** The board that holds the lock. */
const controllerSchema = z.strictObject({
  /** An ATmega328P on a serial port, with our firmware. There is no other kind. */
  kind: z
    .literal('serial', { error: ({ input }) => (input === 'gpio' ? NO_GPIO : undefined) })
    .default('serial'),
  path: z
    .string()
    .min(1)
    .refine((path) => !/^(?:\/dev\/(?:gpio|mem)|\/sys\/|gpio)/i.test(path), NO_GPIO),
});

/** One door: its board, its readers, and how its lock behaves. */
export const doorSchema = z.strictObject({
  id: slugSchema,
  /** `entrance` opens and closes stays; `inner` only admits. */
  role: z.enum(['entrance', 'inner']).default('entrance'),
  /** On an inner door: the spaces it leads to. Empty: whoever is checked in may pass. */
  spaces: z.array(opaqueIdSchema).default([]),
  /** How long the lock is released for a grant, in milliseconds. Below the firmware's limit of 10,000. */
  pulseMs: z.int().min(200).max(10_000).default(3_000),
  /** How long after the pulse an opening still counts as taken, in milliseconds. */
  takenWithinMs: z.int().min(0).max(60_000).default(5_000),
  /**
   * What tells that somebody leaves. `button`, `handle-switch`: wired to the exit button's terminals, so an opening
   * without any cause is forced. `none`: leaving is not sensed, so such an opening has an unknown cause and is no alarm.
   */
  egressSensing: z.enum(['button', 'handle-switch', 'none']).default('button'),
  /** How long one press of the exit button releases the lock, in milliseconds. Source: the firmware's limits. */
  exitButtonMs: z.int().min(1_000).max(30_000).default(5_000),
  /** How long the door may stand open, in milliseconds. Whole seconds: the board counts them too, and warns before. */
  heldOpenMs: z.int().min(5_000).max(3_600_000).multipleOf(1_000).default(30_000),
  /** Whether the board's buzzer sounds: at a signal to the member, before held-open, and at an alarm. */
  buzzer: z.boolean().default(true),
  /**
   * What the bolt's terminals are wired to. `lock`: the strike's own monitor or the maglock's bond sensor. `latch`: a
   * latch in its keeper, which stays there while the lock is released. `none`: nothing.
   */
  boltSense: z.enum(['lock', 'latch', 'none']).default('lock'),
  /** Hours in which the door stands open by itself, holidays as exceptions; `null`: never. A scan still checks in and out. */
  openHours: hoursSchema.nullable().default(null),
  /** How long relay read-back and bolt may disagree with the output before it is a fault, in milliseconds. */
  lockToleranceMs: z.int().min(100).max(10_000).default(1_000),
  /**
   * What is posted for phones, on both sides or on each: a printed sheet (`static`, on the venue's own network only) or
   * a display (`rotating`).
   */
  code: z
    .union([
      codeKindSchema.transform((kind) => ({ entry: kind, exit: kind })),
      z.strictObject({ entry: codeKindSchema.default('static'), exit: codeKindSchema.default('static') }),
    ])
    .prefault('static'),
  controller: controllerSchema,
  scanners: z.array(scannerSchema).default([]),
});
export type DoorConfig = z.infer<typeof doorSchema>;

const publicKeyMembers = {
  kid: keyIdSchema,
  x: keyCoordinateSchema,
  d: z.never('a private key has no place on a gateway').exactOptional(),
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
        alg: z.literal('EdDSA'),
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
      }),
      z.looseObject({
        ...publicKeyMembers,
        alg: z.literal('ES256'),
        kty: z.literal('EC'),
        crv: z.literal('P-256'),
        y: keyCoordinateSchema,
      }),
    ],
    { error: 'must be a public JWK, of kty "OKP" (Ed25519) or "EC" (P-256)' },
  )
  .check(refusePublished);
export type PublicKey = z.infer<typeof publicKeySchema>;

const brokerUrlSchema = z.url({ protocol: /^(mqtts?|wss?)$/ });
const httpUrlSchema = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));

const membersSchema = z.strictObject({
  /**
   * The issuer of passes: a phone enrols at `<issuer>/enrol` and fetches its pass from `<issuer>/passes`
   * (gateway/web/ENROLMENT.md). `null`: the door page can open for nobody and says so.
   */
  issuer: httpUrlSchema.nullable().default(null),
  /**
   * The wallet of members of many venues, who keep one key there: `<wallet>/signer` signs in a frame of the door page,
   * `<wallet>/handoff` where a browser gives that frame no key (gateway/web/ENROLMENT.md). It and the venue's public
   * origin belong to one registrable domain. `null`: a phone is enrolled at each venue.
   */
  wallet: httpUrlSchema.nullable().default(null),
  /** The telephone number that a member calls when the door stays shut. */
  support: z
    .string()
    .regex(/^[+]?[0-9][0-9 ()-]{2,30}$/, 'a telephone number')
    .nullable()
    .default(null),
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
  language: z.enum(['ja', 'en']).default('ja'),
  /** The venue's time in which only critical alarms are told; the others wait for its end. `null`: never. */
  quietHours: z
    .strictObject({ from: timeOfDaySchema, to: timeOfDaySchema })
    .refine(({ from, to }) => from !== to, 'from and to must differ')
    .nullable()
    .default(null),
  /** Minutes after which an alarm that nobody has seen is told again; `null`: it is told once. */
  remindMinutes: z.int().min(5).max(1_440).nullable().default(30),
  webhook: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }),
      /** First line: the secret that signs each message (Standard Webhooks). Left out: nothing is signed. */
      secretFile: z.string().min(1).exactOptional(),
    })
    .nullable()
    .default(null),
  email: z
    .strictObject({
      /** `smtps://` with TLS from the start, `smtp://` with STARTTLS, which is a must beyond this host. */
      url: z.url({ protocol: /^smtps?$/ }),
      username: z.string().min(1).exactOptional(),
      passwordFile: z.string().min(1).exactOptional(),
      /** A PEM file, where the server's certificate is of no public authority. */
      ca: z.string().min(1).exactOptional(),
      from: z.email(),
      to: z.array(z.email()).min(1).max(20),
    })
    .nullable()
    .default(null),
});
export type NotificationsConfig = z.infer<typeof notificationsSchema>;

/** The whole configuration of a gateway, as its file has it. An error names the field. */
export const gatewayConfigSchema = z
  .strictObject({
    venue: venueSchema,
    gateway: z.strictObject({
      id: slugSchema,
      journal: z.string().min(1),
      /** The gateway's own Ed25519 key, PKCS #8 in PEM, mode 0600; made at the first start. Default: the journal with `.key`. */
      key: z.string().min(1).exactOptional(),
      /**
       * How long the journal keeps what the cloud has received, in days. A ticket's uses are counted from it, so that it
       * may not be shorter than two of a ticket's longest periods.
       */
      retentionDays: z.int().min(62).max(3_650).default(90),
    }),
    http: z.strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(8080),
      /** The venue's public origin, as phones see it: what a proof's `htu` must begin with. */
      publicOrigin: httpUrlSchema,
      /**
       * A file whose first line, of 16 characters or more, a display at a door opens its page with once. Left out: codes
       * are shown on this host only.
       */
      displayTokenFile: z.string().min(1).exactOptional(),
      /** The same for a Prometheus on another host, which sends it as a bearer token. Left out: this host only. */
      metricsTokenFile: z.string().min(1).exactOptional(),
      /**
       * The certificate for the host of `publicOrigin`, with its chain, and its private key: PEM files, read anew when
       * they are renewed. Left out: plain HTTP, where phones cannot use their keys but on this host.
       */
      tls: z.strictObject({ cert: z.string().min(1), key: z.string().min(1) }).exactOptional(),
    }),
    doors: z.array(doorSchema).min(1).max(64),
    /** The operators' console. */
    console: z
      .strictObject({
        /** The file of accounts, mode 0600, written by `genkan operator`. Default: the journal with `.operators.json`. */
        accounts: z.string().min(1).exactOptional(),
        /** Minutes after which a session without a request ends, and hours after which it ends in any case. */
        idleMinutes: z.int().min(1).max(1_440).default(30),
        longestHours: z.int().min(1).max(168).default(12),
        /** Minutes for which the line may be down before it is an alarm. */
        lineDownMinutes: z.int().min(1).max(1_440).default(10),
        /** Minutes for which billing may leave an event without a receipt before it is a warning, whatever the line says. */
        billingLateMinutes: z.int().min(1).max(1_440).default(15),
        /** Minutes for which it may before somebody is called at any hour. Longer than `billingLateMinutes`. */
        billingSilentMinutes: z.int().min(2).max(43_200).default(60),
      })
      .prefault({}),
    /** MQTT over TLS on the venue's own network, for tablets and Home Assistant; accounts of `genkan operator`. */
    localBus: z
      .strictObject({
        host: z.string().default('0.0.0.0'),
        port: z.int().min(0).max(65_535).default(8883),
        /** PEM files. */
        cert: z.string().min(1),
        key: z.string().min(1),
      })
      .nullable()
      .default(null),
    notifications: notificationsSchema.prefault({}),
    /** What the door page offers a member beside the door. */
    members: membersSchema.prefault({}),
    uplink: z
      .strictObject({
        /** Where the broker is; of several, each of the same cluster, the next one after each failure. */
        url: z.union([brokerUrlSchema, z.array(brokerUrlSchema).min(1).max(8)]),
        username: z.string().exactOptional(),
        /** A file whose first line is the password; a password has no place in this file. */
        passwordFile: z.string().exactOptional(),
        /** PEM files. */
        ca: z.string().exactOptional(),
        cert: z.string().exactOptional(),
        key: z.string().exactOptional(),
        /** Version of MQTT. `auto`: 5 and 3.1.1 in turns until the broker takes one, and that one then. Default: that. */
        protocol: z.literal(['auto', 5, '3.1.1']).exactOptional(),
        /** Announces the venue to a Home Assistant at the cloud's broker. Its locks cannot be commanded there. Default: no. */
        homeAssistant: z.boolean().exactOptional(),
        /** Events a second while a backlog drains. AWS IoT allows 100 a connection. */
        eventsPerSecond: z.int().min(1).max(100_000).default(90),
      })
      .nullable(),
    trust: z.strictObject({
      /** Who may issue passes for this venue. */
      issuers: z
        .array(z.strictObject({ iss: z.string().min(1), keys: z.array(publicKeySchema).min(1) }))
        .min(1),
      /** Who may sign receipts and commands. */
      cloud: z.array(publicKeySchema).min(1),
      /** What happens when the cloud's word on keys and revocations is older than 30 days: `refuse` lets nobody in. */
      whenTooOld: z.enum(['refuse', 'admit']).default('refuse'),
    }),
    clock: z
      .strictObject({
        /** `timesyncd`: synchronised while `syncMark` is young. `host`: the operator vouches for the host's clock. */
        source: z.enum(['timesyncd', 'host']).default('timesyncd'),
        /** A file that is touched on every successful synchronisation. Default: systemd-timesyncd's. */
        syncMark: z.string().min(1).default('/run/systemd/timesync/synchronized'),
        /** Whether the host has a clock with a battery: it is believed, as a holdover, until the network is there. */
        rtc: z.boolean().default(false),
        /** What entry does while nobody vouches for the time. `admit`: by what is known of it, and the stay is flagged. */
        whenUntrusted: z.enum(['admit', 'refuse']).default('admit'),
      })
      .prefault({}),
    log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
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
