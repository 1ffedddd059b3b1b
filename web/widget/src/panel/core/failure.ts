import type { BotimumError } from '@botimum/browser/types';

/** What every rejected promise of the widget holds. */
export class Failure extends Error implements BotimumError {
  constructor(
    readonly code: string,
    message: string,
    /** HTTP status; 0 where the server was not reached. */
    readonly status = 0,
    /** Milliseconds that the server asks us to wait. */
    readonly retryAfter = 0,
  ) {
    super(message);
  }
}

export function asFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure('unexpected', String(error));
}

/** Whether trying the same thing again later can help. */
export function isTransient(error: unknown): error is Failure {
  if (!(error instanceof Failure)) return false;
  const { code, status } = error;
  return code === 'network' || status === 408 || status === 429 || status >= 500;
}

/** Reads an `application/problem+json` answer (RFC 9457); a proxy's HTML page gives a plain failure. */
export async function fromResponse(response: Response): Promise<Failure> {
  const { status, headers } = response;
  const { code, detail, errors } = await response.json().catch(() => ({}));
  const wait = Number(headers.get('retry-after')) || 0;
  return new Failure(
    code ?? 'http_error',
    errors?.[0]?.detail ?? detail ?? `HTTP ${status}`,
    status,
    wait * 1000,
  );
}
