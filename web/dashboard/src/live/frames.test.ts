import { describe, expect, it } from 'vitest';
import { FrameParser } from './frames';

const wire = ': hb\n\nid: 7\nevent: message.created\ndata: {"a":1}\n\nevent: hello\ndata: {"sequence":7}\n\n';
const frames = [
  { id: null, type: 'comment', data: 'hb' },
  { id: '7', type: 'message.created', data: '{"a":1}' },
  { id: null, type: 'hello', data: '{"sequence":7}' },
];

describe('FrameParser', () => {
  it('reads frames wherever the network cuts them', () => {
    for (let cut = 0; cut <= wire.length; cut++) {
      const parser = new FrameParser();
      expect([...parser.push(wire.slice(0, cut)), ...parser.push(wire.slice(cut))]).toEqual(frames);
    }
  });

  it('reads every line ending, a CRLF cut in two included', () => {
    const text = wire.replaceAll('\n', '\r\n');
    const parser = new FrameParser();
    expect([...text].flatMap((char) => parser.push(char))).toEqual(frames);
  });

  it('joins several data lines and forgets the id of the frame before', () => {
    const parser = new FrameParser();
    parser.push('id: 1\nevent: a\ndata: x\n\n');
    expect(parser.push('event: typing\ndata: one\ndata: two\n\n')).toEqual([
      { id: null, type: 'typing', data: 'one\ntwo' },
    ]);
  });
});
