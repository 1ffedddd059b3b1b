/** A frame of a server-sent event stream. */
export interface Frame {
  id: string;
  event: string;
  data: string;
}

/**
 * Reads the event stream format (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream)
 * from pieces cut anywhere, inside a line ending or a UTF-8 character too. `id` sticks to later frames, as there.
 * Gives back the function that takes a piece and returns the frames it completes.
 */
export function createParser(): (piece: Uint8Array) => Frame[] {
  const decoder = new TextDecoder();
  let rest = '';
  let id = '';
  let event = '';
  let data: string[] = [];
  return (piece) => {
    // A CR at the very end may be half of a CRLF: it waits for what follows.
    const lines = (rest + decoder.decode(piece, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    const frames: Frame[] = [];
    for (const line of lines) {
      if (!line) {
        if (data.length) frames.push({ id, event: event || 'message', data: data.join('\n') });
        data = [];
        event = '';
      }
      const [, name, value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
      if (name === 'data') data.push(value);
      if (name === 'event') event = value;
      if (name === 'id' && !value.includes('\0')) id = value;
    }
    return frames;
  };
}
