import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ReceiptClaims } from '../../shared/contract/receipt.ts';

const CONSUMER = fileURLToPath(new URL('consumer.py', import.meta.url));

/** What the consumer holds at its end, and what is not right with it. */
export interface ConsumerReport {
  readonly stored: number;
  /** Numbers that are not there below the highest that is. */
  readonly missing: number;
  readonly duplicates: number;
  /** Places that came a second time with other bytes. */
  readonly conflicts: readonly string[];
  readonly rejected: readonly string[];
  readonly refused: readonly string[];
  readonly checkpoints: number;
  /** Places where a checkpoint of the gateway has another head than the chain of what is stored. */
  readonly wrongHeads: readonly string[];
  /** Yen of the charge in force, by stay. */
  readonly bill: Readonly<Record<string, number>>;
  readonly wrongCharges: readonly string[];
}

/** A line of what the consumer says. */
interface Said {
  readonly receipt?: ReceiptClaims;
  readonly ordered?: string;
  readonly answer?: { readonly command: string | null; readonly outcome: string; readonly effect?: string };
  readonly report?: ConsumerReport;
}

/** The consumer in Python, as a process of its own. */
export class PythonConsumer {
  /** Every receipt that it has signed, oldest first. */
  readonly receipts: ReceiptClaims[] = [];
  readonly answers: Required<Said>['answer'][] = [];
  #report: ConsumerReport | null = null;
  #complaint = '';
  readonly #process: ChildProcessWithoutNullStreams;

  /** @param options of its command line, by name */
  constructor(options: Readonly<Record<string, string>>) {
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    this.#process = spawn('/usr/bin/python3', [CONSUMER, ...args], {
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    });
    createInterface({ input: this.#process.stdout }).on('line', (line) =>
      this.#hear(JSON.parse(line) as Said),
    );
    this.#process.stderr.on('data', (text: Buffer) => (this.#complaint += text.toString()));
  }

  /** Orders something of the gateway, by the command's own members. */
  order(members: Readonly<Record<string, string>>): void {
    this.#process.stdin.write(`${JSON.stringify(members)}\n`);
  }

  /** Ends it. @throws Error with what it complained of */
  async report(): Promise<ConsumerReport> {
    const closed = once(this.#process, 'close');
    this.#process.stdin.end();
    await closed;
    if (this.#report === null) throw new Error(this.#complaint);
    return this.#report;
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #hear({ receipt, answer, report }: Said): void {
    if (receipt !== undefined) this.receipts.push(receipt);
    if (answer !== undefined) this.answers.push(answer);
    if (report !== undefined) this.#report = report;
  }
}
