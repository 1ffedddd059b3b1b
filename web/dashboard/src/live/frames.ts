/** One server-sent event. A comment (the heartbeat) gives a frame with type "comment". */
export interface Frame {
  id: string | null;
  type: string;
  data: string;
}

/** Splits a text stream into frames. Feed it chunks as they come; a frame cut in two waits for its rest. */
export class FrameParser {
  private rest = '';
  private id: string | null = null;
  private type = '';
  private data: string[] = [];

  push(chunk: string): Frame[] {
    const frames: Frame[] = [];
    const text = this.rest + chunk;
    const lines = text.split(/\r\n|\n|\r/);
    this.rest = lines.pop() ?? '';
    // A carriage return at the very end may be half of a CRLF: keep it until the other half shows.
    if (text.endsWith('\r')) this.rest = `${lines.pop() ?? ''}\r`;
    for (const line of lines) this.line(line, frames);
    return frames;
  }

  private line(line: string, frames: Frame[]): void {
    if (line === '') {
      this.finish(frames);
      return;
    }
    if (line.startsWith(':')) {
      frames.push({ id: null, type: 'comment', data: line.slice(1).trim() });
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'id') this.id = value;
    else if (field === 'event') this.type = value;
    else if (field === 'data') this.data.push(value);
  }

  private finish(frames: Frame[]): void {
    if (this.data.length || this.type) {
      frames.push({ id: this.id, type: this.type || 'message', data: this.data.join('\n') });
    }
    this.id = null;
    this.type = '';
    this.data = [];
  }
}
