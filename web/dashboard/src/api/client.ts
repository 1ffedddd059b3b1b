import createClient, { type Middleware } from 'openapi-fetch';
import { Problem, readProblem } from './problem';
import type { paths } from './schema.gen';

/** The REST API's root on the same origin. */
export const API = '/api/v1';

let csrfToken = '';
let onExpired: () => void = () => {};

/** Sets the token that every changing request carries. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** The token, for what the client below does not send. */
export const csrf = (): string => csrfToken;

/** Says what happens when the server no longer knows the session. */
export function setExpiredHandler(handler: () => void): void {
  onExpired = handler;
}

/** Asking these is how one finds out whether there is a session: a 401 there ends none. */
const beforeSession = new Set(['/api/v1/session', '/api/v1/setup']);

const habits: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET' && csrfToken) request.headers.set('X-CSRF-Token', csrfToken);
  },
  async onResponse({ response, schemaPath }) {
    if (response.ok) return;
    const problem = await readProblem(response);
    if (problem.status === 401 && !beforeSession.has(schemaPath)) onExpired();
    throw problem;
  },
  onError({ error }) {
    if (error instanceof Problem || (error instanceof DOMException && error.name === 'AbortError')) return;
    return new Problem(0, 'unreachable', 'The server could not be reached. Nothing was lost; try again.');
  },
};

/** The REST API, typed by its own document. It throws a Problem for anything but a 2xx. */
export const client = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? '',
  credentials: 'same-origin',
});
client.use(habits);

/** An answer with the version it has, for If-Match. */
export interface Answer<T> {
  data: T;
  etag: string | null;
}

interface Settled<T> {
  data?: T;
  response: Response;
}

/** The body of an answer. */
export async function body<T>(asked: Promise<Settled<T>>): Promise<T> {
  return (await asked).data as T;
}

/** The body of an answer, and its ETag. */
export async function versioned<T>(asked: Promise<Settled<T>>): Promise<Answer<T>> {
  const { data, response } = await asked;
  return { data: data as T, etag: response.headers.get('ETag') };
}
