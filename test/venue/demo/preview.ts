import type { Director } from './director.ts';
import type { DemoMember } from './acts.ts';

/**
 * What a check-out would cost now, asked as the member's phone asks: with the pass and a proof that signs the gateway's
 * nonce (RFC 9449 section 8).
 *
 * @throws Error with `statusCode` 502 while the gateway does not answer
 */
export async function previewFor(director: Director, member: DemoMember): Promise<unknown> {
  const path = '/api/stays/preview';
  const htu = `${director.publicOrigin}${path}`;
  const ask = async (nonce?: string): Promise<Response> => {
    const headers = await director.members.dpop(member, 'POST', htu, nonce);
    return fetch(`http://127.0.0.1:${director.gatewayPort}${path}`, {
      method: 'POST',
      headers: { authorization: headers.authorization, dpop: headers.dpop },
    });
  };
  try {
    const first = await ask();
    const nonce = first.headers.get('dpop-nonce');
    const answer = first.status === 401 && nonce !== null ? await ask(nonce) : first;
    return await answer.json();
  } catch (error) {
    throw Object.assign(new Error('The gateway does not answer.', { cause: error }), {
      statusCode: 502,
      code: 'gateway-dead',
    });
  }
}
