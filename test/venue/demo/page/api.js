/** A refusal with the `code` of its problem details (RFC 9457). */
export class Refused extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * Asks the demo's server for something.
 *
 * @param {string} path
 * @param {object} body
 * @throws {Refused}
 */
export async function ask(path, body) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Refused(answer.code ?? 'unknown', answer.title ?? String(response.status));
  return answer;
}

export const act = (what) => ask('/demo/act', what);
