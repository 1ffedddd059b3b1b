import { describe, expect, it } from 'vitest';
import { problemText, readProblem } from './problem';

const answer = (status: number, body: string, headers = {}) => new Response(body, { status, headers });

describe('readProblem', () => {
  it('reads the detail, the code and the fields, nested ones too', async () => {
    const p = await readProblem(
      answer(
        422,
        JSON.stringify({
          title: 'x',
          detail: 'some fields',
          code: 'invalid',
          errors: [{ field: 'body.email', detail: 'is not an address' }],
        }),
      ),
    );
    expect([p.status, p.code, p.message]).toEqual([422, 'invalid', 'Some fields.']);
    expect(p.field('email')).toBe('Is not an address.');
    expect(p.field('name')).toBeUndefined();
  });

  it("turns a proxy's page into a plain sentence", async () => {
    const p = await readProblem(answer(502, '<html>Bad gateway</html>'));
    expect(p.message).toMatch(/try again/);
    expect(p.message).not.toContain('html');
  });

  it('knows how long to wait', async () => {
    const p = await readProblem(answer(429, '{}', { 'Retry-After': '90' }));
    expect(p.retryAfter).toBe(90);
  });
});

describe('problemText', () => {
  it('never shows the words of a program', () => {
    expect(problemText(new TypeError('Cannot read properties of undefined'))).toMatch(/could not be reached/);
  });
});
