/** What the gateway refused, with its stable code. */
export class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * Asks the gateway.
 *
 * @param {string} path
 * @param {{ method?: string, body?: unknown }} [options] a body makes it a POST
 * @throws {Refused} for an answer that is an error, unless it is a command's result
 */
export async function ask(path, { method, body } = {}) {
  const response = await fetch(path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  if (response.status === 204) return null;
  const answer = await response.json();
  // A command that the door did not carry out is an answer, not an error.
  if (!response.ok && answer.outcome === undefined)
    throw new Refused(response.status, answer.code, answer.title);
  return answer;
}
