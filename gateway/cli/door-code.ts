import { accessSync, constants, writeFileSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import { parseArgs } from 'node:util';
import type { GatewayConfig } from '../../shared/contract/config.ts';
import { postedUrl, STATIC_CODE } from '../../shared/contract/presence.ts';
import { sideSchema } from '../../shared/contract/primitives.ts';
import { ConfigError, loadConfig } from '../config.ts';
import { pdfOf } from '../door-code/pdf.ts';
import { MissingFace, pngOf, shapesOf } from '../door-code/pictures.ts';
import { drawSheet, PAPERS, type Paper } from '../door-code/sheet.ts';
import { textsIn } from '../messages/catalogue.ts';
import type { Command, CommandIo, ExitCode } from './command.ts';
import { InputError } from './records.ts';

/** Dots an inch of a PNG: what office printers have. */
const DPI = 300;

/** Bytes of a Wi-Fi's name (IEEE 802.11, SSID element). */
const WIFI_BYTES_MAX = 32;

const USAGE = `door-code --config FILE [--door ID] [--side entry|exit] [--paper a4|a5] [--wifi NAME] [--out FILE]

The sheet that is posted at a door: the code for the members' phones, in the venue's name, with what to do in Japanese
and English. The ending of FILE tells what is written: .pdf (to print), .svg or .png (${DPI} dpi). Default:
<venue>-<door>-<side>.pdf. --door may be left out where there is one door; --side is 'entry' and --paper 'a4' when left
out; --wifi prints the name of the venue's Wi-Fi, without which a sheet opens nothing.

A printed code names the door and proves nothing: it is taken on the venue's own network only. A door whose code
rotates (doors[].code) has a display instead: /display/<door>.

  npm run -s genkan -- door-code --config genkan.yaml --door front --side exit --wifi Lounge --out exit.pdf
`;

/** `genkan door-code`: prints what is posted at a door. */
export const doorCodeCommand: Command = {
  name: 'door-code',
  summary: 'prints the sheet with the code of a door',
  usage: USAGE,
  run: (io, args) => {
    try {
      print(io, args);
      return Promise.resolve<ExitCode>(0);
    } catch (error) {
      if (!(error instanceof Error) || !isTold(error)) throw error;
      io.stderr(`door-code: ${error.message}\n`);
      return Promise.resolve<ExitCode>(2);
    }
  },
};

/** An option that is not known, or what is thrown here on purpose. */
function isTold(error: Error): boolean {
  return (
    error instanceof InputError ||
    error instanceof ConfigError ||
    error instanceof MissingFace ||
    ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
  );
}

function print(io: CommandIo, args: readonly string[]): void {
  const { values } = parseArgs({
    args: [...args],
    options: {
      config: { type: 'string' },
      door: { type: 'string' },
      side: { type: 'string', default: 'entry' },
      paper: { type: 'string', default: 'a4' },
      wifi: { type: 'string' },
      out: { type: 'string' },
    },
  });
  if (values.config === undefined) throw new InputError('--config: missing');
  const config = loadConfig(values.config, {});
  const side = sideSchema.safeParse(values.side);
  if (!side.success) throw new InputError(`--side: entry or exit, not ${values.side}`);
  if (!isPaper(values.paper))
    throw new InputError(`--paper: ${Object.keys(PAPERS).join(' or ')}, not ${values.paper}`);
  if (values.wifi !== undefined && (values.wifi === '' || Buffer.byteLength(values.wifi) > WIFI_BYTES_MAX))
    throw new InputError(`--wifi: 1 to ${WIFI_BYTES_MAX} bytes`);
  const door = doorOf(config, values.door);
  if (door.code[side.data] === 'rotating')
    throw new InputError(
      `--side: the code of ${door.id} ${side.data} rotates (doors[].code): a sheet would open nothing; open /display/${door.id}?side=${side.data} on a screen at the door`,
    );

  const { paper } = values;
  const url = postedUrl(config.http.publicOrigin, door.id, side.data, STATIC_CODE);
  const drawing = drawSheet({
    venue: config.venue.name,
    side: side.data,
    url,
    wifi: values.wifi ?? null,
    support: config.members.support,
    paper,
  });
  const file = values.out ?? `${config.venue.id}-${door.id}-${side.data}.pdf`;
  const title = `${config.venue.name} ${textsIn('ja').display[side.data]}`;
  requireFolder(file);
  write(file, encode(drawing, { file, paper, title }));
  if (!isSecure(config.http.publicOrigin))
    io.stderr('door-code: http.publicOrigin: not https; at this address phones cannot use their keys\n');
  io.stdout(`${JSON.stringify({ file, url, door: door.id, side: side.data, paper })}\n`);
}

function doorOf({ doors }: GatewayConfig, wanted: string | undefined): GatewayConfig['doors'][number] {
  const known = doors.map(({ id }) => id).join(', ');
  if (wanted === undefined && doors.length > 1) throw new InputError(`--door: missing; one of ${known}`);
  const door = wanted === undefined ? doors[0] : doors.find(({ id }) => id === wanted);
  if (door === undefined) throw new InputError(`--door: no door ${wanted ?? ''}; there is ${known}`);
  return door;
}

function encode(
  drawing: string,
  { file, paper, title }: { file: string; paper: Paper; title: string },
): string | Uint8Array {
  const { width: widthMm, height: heightMm } = PAPERS[paper];
  switch (extname(file).toLowerCase()) {
    case '.svg':
      return shapesOf(drawing);
    case '.png':
      return pngOf(shapesOf(drawing), { dpi: DPI, widthMm });
    case '.pdf':
      return pdfOf(shapesOf(drawing), { title, widthMm, heightMm });
    default:
      throw new InputError(`--out: must end in .pdf, .svg or .png: ${file}`);
  }
}

/** Before the drawing, which takes a while. */
function requireFolder(file: string): void {
  try {
    accessSync(dirname(file), constants.W_OK);
  } catch {
    throw new InputError(`--out: cannot write to ${dirname(file)}`);
  }
}

function write(file: string, content: string | Uint8Array): void {
  try {
    writeFileSync(file, content);
  } catch (error) {
    throw new InputError(`--out: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function isPaper(text: string): text is Paper {
  return text in PAPERS;
}

/** Browsers take a host of its own for secure too (Secure Contexts, section 3.2). */
function isSecure(origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  return protocol === 'https:' || hostname === 'localhost' || hostname === '127.0.0.1';
}
