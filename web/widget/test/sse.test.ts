import { describe, expect, it } from 'vitest';
import { createParser, type Frame } from '../src/panel/core/sse.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function read(...pieces: Uint8Array[]): Frame[] {
  const parse = createParser();
  return pieces.flatMap(parse);
}

describe('the event stream parser', () => {
  it('reads id, event and data, and joins data lines', () => {
    expect(read(bytes('id: 7\nevent: message.created\ndata: {"a":\ndata: 1}\n\n'))).toEqual([
      { id: '7', event: 'message.created', data: '{"a":\n1}' },
    ]);
  });

  it('skips comments, unknown fields and frames without data', () => {
    expect(read(bytes(': hb\n\nretry: 5\nevent: hello\n\ndata: x\n\n'))).toEqual([
      { id: '', event: 'message', data: 'x' },
    ]);
  });

  it('keeps the id for later frames and takes one leading space only', () => {
    expect(read(bytes('id:9\ndata:  a\n\ndata:b\n\n'))).toEqual([
      { id: '9', event: 'message', data: ' a' },
      { id: '9', event: 'message', data: 'b' },
    ]);
  });

  it('ignores an id with a null character', () => {
    expect(read(bytes('id: 3\ndata: a\n\nid: 4\0\ndata: b\n\n')).map(({ id }) => id)).toEqual(['3', '3']);
  });

  it.each(['\n', '\r\n', '\r'])('understands lines that end with %j', (end) => {
    const text = ['id: 1', 'event: typing', 'data: one', 'data: two', '', ''].join(end);
    // A lone CR at the end of a piece may be half of a CRLF, so it counts once something follows.
    const [frame] = read(bytes(text), bytes(end === '\r' ? 'x' : ''));
    expect(frame).toEqual({ id: '1', event: 'typing', data: 'one\ntwo' });
  });

  it('gives the same frames wherever the bytes are cut', () => {
    const all = bytes(
      'id: 1\r\nevent: message.created\r\ndata: Grüße 🚂\r\ndata: مرحبا\r\n\r\n: hb\n\nid: 2\ndata: z\n\n',
    );
    const whole = read(all);
    expect(whole).toHaveLength(2);
    expect(whole[0]?.data).toBe('Grüße 🚂\nمرحبا');
    for (let cut = 0; cut <= all.length; cut++) {
      expect(read(all.slice(0, cut), all.slice(cut))).toEqual(whole);
    }
    expect(read(...Array.from(all, (byte) => Uint8Array.of(byte)))).toEqual(whole);
  });
});
