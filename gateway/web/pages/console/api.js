/**
 * @import { SessionAnswer, VenueNow } from '../../answers.ts'
 * @import { PublishedEvent } from '../../../../shared/contract/events.ts'
 *
 * @typedef {Extract<SessionAnswer, { name: string }>} Session
 * @typedef {{ session: Session, state: VenueNow | null, known: VenueNow | null, recent: PublishedEvent[] }} Context what
 *   the views are given: who looks, the state now (`null`: nobody knows), the last that was heard, and the newest events
 * @typedef {{ live: (context: Context) => void }} View a view on the page: `live` is called with every new state
 * @typedef {{ code: string, title: string, outcome: string }} Told problem details, or a command's result
 * @typedef {'unlock' | 'hold-open' | 'secure' | 'lockdown' | 'resume'} DoorCommand
 */

/** What the gateway refused, with its stable code. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * Asks the gateway.
 *
 * @template Answer
 * @param {string} path
 * @param {{ method?: string, body?: unknown }} [options] a body makes it a POST
 * @returns {Promise<Answer>}
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
  const answer = /** @type {Partial<Told>} */ (response.status === 204 ? {} : await response.json());
  // A command that the door did not carry out is an answer, not an error.
  if (!response.ok && answer.outcome === undefined)
    throw new Refused(response.status, answer.code ?? 'unknown', answer.title ?? response.statusText);
  return /** @type {Answer} */ (answer);
}
