/** What a command may touch: its streams, and nothing of the process. */
export interface CommandIo {
  /** Standard input: text or UTF-8 bytes in pieces of any size. A Node stream is one. */
  readonly stdin: AsyncIterable<string | Uint8Array>;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** 0: done. 1: a negative answer. 2: bad input, told on standard error by the name of the field. */
export type ExitCode = 0 | 1 | 2;

/** One word after `genkan`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the name, with an example. */
  readonly usage: string;
  /** Never rejects for bad input: that is exit code 2 and a message. */
  readonly run: (io: CommandIo, args: readonly string[]) => Promise<ExitCode>;
}
