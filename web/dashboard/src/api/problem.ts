export interface FieldProblem {
  field: string;
  detail: string;
}

/** An answer that is not a success: application/problem+json, or what stands in for it when the server is out of reach. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: FieldProblem[];
  readonly retryAfter: number | null;

  constructor(
    status: number,
    code: string,
    message: string,
    fields: FieldProblem[] = [],
    retryAfter: number | null = null,
  ) {
    super(message);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.fields = fields;
    this.retryAfter = retryAfter;
  }

  /** The text for one field. The server names nested fields with a path ("body.email"): the last step counts. */
  field(name: string): string | undefined {
    const hit = this.fields.find((f) => f.field === name || f.field.split('.').pop() === name);
    return hit && sentence(hit.detail);
  }
}

/** Reads a failed response. Never throws: a proxy's HTML page becomes a plain sentence too. */
export async function readProblem(response: Response): Promise<Problem> {
  const retryAfter = Number(response.headers.get('Retry-After')) || null;
  let body: { code?: string; title?: string; detail?: string; errors?: FieldProblem[] } = {};
  try {
    body = await response.json();
  } catch {
    // Not JSON: the status alone says what happened.
  }
  const text = body.detail || body.title || fallback(response.status);
  const fields = (body.errors ?? []).filter((f) => typeof f?.field === 'string');
  return new Problem(response.status, body.code ?? 'http_error', sentence(text), fields, retryAfter);
}

function fallback(status: number): string {
  if (status === 401) return 'Please sign in again.';
  if (status === 403) return 'Your role does not allow this.';
  if (status === 404) return 'This is no longer here.';
  if (status === 429) return 'That was a lot at once. Wait a moment and try again.';
  if (status >= 500) return 'The server could not do this just now. Nothing was lost; try again.';
  return 'This did not work. Try again.';
}

function sentence(text: string): string {
  const trimmed = text.trim();
  if (!trimmed) return trimmed;
  const start = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(start) ? start : `${start}.`;
}

/** What to tell a person about any thrown thing. */
export function problemText(error: unknown): string {
  if (error instanceof Problem) return error.status === 401 ? 'Your session has ended.' : error.message;
  return 'The server could not be reached. Nothing was lost; try again.';
}

export function isStatus(error: unknown, ...statuses: number[]): error is Problem {
  return error instanceof Problem && statuses.includes(error.status);
}
