import type { Api } from './client';
import { problemOf } from './problem';

/**
 * The signed address that a path of the API redirects to; it works for some minutes.
 *
 * A media element or a download sends no token and cannot say why it failed, so the redirect is followed here, by a
 * request for one byte. Browsers do not send the token on to the other origin.
 */
export async function signedAddress(api: Api, path: string): Promise<string> {
  const answer = await api.send({
    url: api.baseUrl + path,
    method: 'GET',
    headers: { Range: 'bytes=0-0' },
    body: null,
    signal: null,
  });
  if (!answer.ok) throw await problemOf(answer, api.clock.now());
  void answer.body?.cancel().catch(() => undefined);
  return answer.url;
}
