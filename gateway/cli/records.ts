import { createReadStream } from 'node:fs';
import type { CommandIo, ExitCode } from './command.ts';

/** Characters of one JSON text that is read as a whole: a line, or a document over several lines. */
const RECORD_CHARS_MAX = 64 * 1024 * 1024;
/** Answers are written in pieces of about this size: one write a line would cost more than the line. */
const WRITE_CHARS = 64 * 1024;

/** Bad input. The message names the field and, where there are several inputs, the place. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** One JSON value of the input, and how to name it in a message (`line 3: `, or nothing where it is the only one). */
interface JsonRecord {
  readonly place: string;
  readonly value: unknown;
}

/**
 * Answers each JSON value of standard input, or of the file that the one argument names (`-` is standard input), with
 * one line of JSON. The input is one object over any number of lines, one object per line, or an array.
 *
 * It stops at the first bad input with exit code 2: what came before is answered, nothing after is, so that the number
 * of answers says how far it came.
 *
 * @param answer text of the answer, one line of JSON; throws `InputError` for a value it does not take
 */
export async function answerRecords(
  io: CommandIo,
  args: readonly string[],
  answer: (value: unknown) => string | Promise<string>,
): Promise<ExitCode> {
  let pending = '';
  try {
    let answered = 0;
    for await (const records of jsonRecords(openInput(io, args))) {
      for (const record of records) {
        const text = answerAt(record, answer);
        // Waited for only where there is something to wait for: a turn of the loop costs more than a charge.
        pending += `${typeof text === 'string' ? text : await text}\n`;
        answered += 1;
        if (pending.length >= WRITE_CHARS) {
          io.stdout(pending);
          pending = '';
        }
      }
    }
    if (answered === 0) throw new InputError('input: empty, expected JSON');
    return 0;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    io.stdout(pending);
    pending = '';
    io.stderr(`${error.message}\n`);
    return 2;
  } finally {
    if (pending !== '') io.stdout(pending);
  }
}

/** The answer to one value; a refusal is told with its place before every line. */
function answerAt(
  { place, value }: JsonRecord,
  answer: (value: unknown) => string | Promise<string>,
): string | Promise<string> {
  try {
    const text = answer(value);
    return typeof text === 'string'
      ? text
      : text.catch((error: unknown) => Promise.reject(placed(place, error)));
  } catch (error) {
    throw placed(place, error);
  }
}

function placed(place: string, error: unknown): Error {
  if (error instanceof InputError) return new InputError(error.message.replace(/^/gm, place));
  return error instanceof Error ? error : new Error(String(error));
}

function openInput(io: CommandIo, args: readonly string[]): AsyncIterable<string | Uint8Array> {
  const [file, ...rest] = args;
  if (rest.length > 0) throw new InputError(`argument "${rest[0] ?? ''}": expected at most one file`);
  if (file === undefined || file === '-') return io.stdin;
  if (file.startsWith('-')) throw new InputError(`argument "${file}": unknown option`);
  return readFile(file);
}

async function* readFile(file: string): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of createReadStream(file)) yield chunk as Uint8Array;
  } catch (error) {
    throw new InputError(
      `${file}: cannot be read (${error instanceof Error ? error.message : String(error)})`,
    );
  }
}

/** The JSON values of a stream, some at a time. Lines as long as the first is a value by itself, else one document. */
async function* jsonRecords(input: AsyncIterable<string | Uint8Array>): AsyncIterable<Iterable<JsonRecord>> {
  let lineNumber = 0;
  /** `null` until the first line that is not blank has shown what the input is. */
  let isLines: boolean | null = null;
  let rest = '';
  for await (const text of decoded(input)) {
    rest += text;
    if (rest.length > RECORD_CHARS_MAX)
      throw new InputError(`input: more than ${RECORD_CHARS_MAX} characters at once`);
    if (isLines === false || !text.includes('\n')) continue;
    const end = rest.lastIndexOf('\n');
    const lines = rest.slice(0, end).split('\n');
    isLines ??= looksLikeLines(lines);
    if (isLines !== true) continue;
    yield parseLines(lines, lineNumber);
    lineNumber += lines.length;
    rest = rest.slice(end + 1);
  }
  if (isLines === true) yield parseLines([rest], lineNumber);
  else yield parseDocument(rest);
}

async function* decoded(input: AsyncIterable<string | Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of input)
      yield typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) throw new InputError('input: not UTF-8');
    throw error;
  }
}

/** Whether the first line that is not blank is an object by itself; `null` while there is none. */
function looksLikeLines(lines: readonly string[]): boolean | null {
  const first = lines.find((line) => line.trim() !== '');
  if (first === undefined) return null;
  try {
    return !Array.isArray(JSON.parse(first));
  } catch {
    return false;
  }
}

function* parseLines(lines: readonly string[], before: number): Iterable<JsonRecord> {
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const place = `line ${before + index + 1}: `;
    yield { place, value: parseJson(line, place) };
  }
}

function* parseDocument(text: string): Iterable<JsonRecord> {
  if (text.trim() === '') return;
  const value = parseJson(text, 'input: ');
  if (!Array.isArray(value)) yield { place: '', value };
  else
    for (const [index, item] of (value as unknown[]).entries())
      yield { place: `item ${index + 1}: `, value: item };
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${place}not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
}
