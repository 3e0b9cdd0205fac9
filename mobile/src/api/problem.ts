import type { components } from './schema';

export type ProblemDocument = components['schemas']['ProblemDocument'];
export type FieldProblem = components['schemas']['FieldProblem'];

/** An answer of the API that is not a success: a problem document (RFC 9457), or a proxy's answer without one. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';

  constructor(
    readonly status: number,
    /** Stable; decisions are made by it. `http_STATUS` where a proxy answered without a problem document. */
    readonly code: string,
    readonly detail: string,
    readonly requestId: string | null,
    readonly retryAfterSec: number | null,
    readonly fields: readonly FieldProblem[],
  ) {
    super(`${code}: ${detail}`);
  }
}

/** No answer arrived: the network was lost, the request timed out, or the address is wrong. */
export class NetworkFailure extends Error {
  override readonly name = 'NetworkFailure';
}

/** Seconds of a `Retry-After` header, which is a number of seconds or an HTTP date. */
export function retryAfterSec(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\s*\d+\s*$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now) / 1000));
}

export async function problemOf(response: Response, now: number): Promise<ApiProblem> {
  const document = await documentOf(response);
  return new ApiProblem(
    response.status,
    document?.code ?? `http_${response.status}`,
    document?.detail ?? response.statusText,
    document?.requestId ?? response.headers.get('X-Request-Id'),
    retryAfterSec(response.headers.get('Retry-After'), now),
    document?.errors ?? [],
  );
}

async function documentOf(response: Response): Promise<ProblemDocument | null> {
  let body: unknown;
  try {
    body = JSON.parse(await response.text());
  } catch {
    return null;
  }
  return isProblemDocument(body) ? body : null;
}

function isProblemDocument(body: unknown): body is ProblemDocument {
  return (
    typeof body === 'object' &&
    body !== null &&
    'code' in body &&
    typeof body.code === 'string' &&
    'detail' in body &&
    typeof body.detail === 'string'
  );
}
