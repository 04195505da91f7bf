/** A refusal with the `code` of its problem details (RFC 9457). */
export class Refused extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * Asks the demo's server for something.
 *
 * @template Answer
 * @param {string} path
 * @param {object} body
 * @returns {Promise<Answer>}
 * @throws {Refused}
 */
export async function ask(path, body) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = /** @type {Answer & { code?: string, title?: string }} */ (await response.json());
  if (!response.ok) throw new Refused(answer.code ?? 'unknown', answer.title ?? String(response.status));
  return answer;
}

/**
 * Does something to the venue.
 *
 * @param {import('../acts.ts').Act} what
 * @returns {Promise<import('../acts.ts').ActResult>}
 */
export const act = (what) => ask('/demo/act', what);
