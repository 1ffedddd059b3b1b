import { Problem, readProblem } from './problem';

/** The REST API's root on the same origin. */
export const API = '/api/v1';

interface CallOptions {
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  ifMatch?: string | null;
  idempotencyKey?: string;
  signal?: AbortSignal | undefined;
}

export interface Answer<T> {
  data: T;
  etag: string | null;
  status: number;
}

let csrfToken = '';
let onExpired: () => void = () => {};

/** Sets the token that every changing request carries. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** Says what happens when the server no longer knows the session. */
export function setExpiredHandler(handler: () => void): void {
  onExpired = handler;
}

/** Asks the API and gives the decoded body with its ETag. Throws a Problem for anything but a 2xx. */
export async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<Answer<T>> {
  const response = await send(method, path, options);
  if (!response.ok) {
    const problem = await readProblem(response);
    if (problem.status === 401 && path !== '/session' && path !== '/setup') onExpired();
    throw problem;
  }
  const data = response.status === 204 ? undefined : await response.json();
  return { data: data as T, etag: response.headers.get('ETag'), status: response.status };
}

async function send(method: string, path: string, options: CallOptions): Promise<Response> {
  const headers = new Headers({ Accept: 'application/json' });
  if (options.body !== undefined) headers.set('Content-Type', 'application/json');
  if (method !== 'GET' && csrfToken) headers.set('X-CSRF-Token', csrfToken);
  if (options.ifMatch) headers.set('If-Match', options.ifMatch);
  if (options.idempotencyKey) headers.set('Idempotency-Key', options.idempotencyKey);
  try {
    return await fetch(API + path + queryString(options.query), {
      method,
      headers,
      credentials: 'same-origin',
      body: options.body === undefined ? null : JSON.stringify(options.body),
      signal: options.signal ?? null,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, 'unreachable', 'The server could not be reached. Nothing was lost; try again.');
  }
}

function queryString(query: CallOptions['query']): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== '') params.set(key, String(value));
  }
  const text = params.toString();
  return text && `?${text}`;
}
