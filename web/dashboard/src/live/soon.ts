import type { QueryClient, QueryKey } from '@tanstack/react-query';

interface Ask {
  queryKey: QueryKey;
  /** When it was asked for last, in milliseconds. */
  at: number;
  timer: ReturnType<typeof setTimeout> | null;
}

/**
 * Asks anew for what events changed, but seldom: a job over thousands of people tells of each. The first event is
 * followed at once (or after `first` milliseconds), what comes then at most once in `every`, and the last one always.
 * An answer under way is waited for, since asking again would throw it away.
 */
export class Soon {
  private readonly asks = new Map<string, Ask>();

  constructor(
    private readonly client: QueryClient,
    private readonly every: number,
    private readonly first = 0,
  ) {}

  invalidate(queryKey: QueryKey): void {
    const name = JSON.stringify(queryKey);
    const ask = this.asks.get(name) ?? { queryKey, at: Number.NEGATIVE_INFINITY, timer: null };
    if (ask.timer) return;
    this.asks.set(name, ask);
    const wait = Math.max(this.first, ask.at + this.every - Date.now());
    if (wait > 0) this.later(name, ask, wait);
    else this.now(name, ask);
  }

  private later(name: string, ask: Ask, wait: number): void {
    ask.timer = setTimeout(() => {
      ask.timer = null;
      if (this.client.isFetching({ queryKey: ask.queryKey, type: 'active' }))
        this.later(name, ask, this.every);
      else this.now(name, ask);
    }, wait);
  }

  private now(name: string, ask: Ask): void {
    ask.at = Date.now();
    void this.client.invalidateQueries({ queryKey: ask.queryKey });
    // Forgotten when nothing came for a while: there are as many names as people.
    setTimeout(() => {
      if (!ask.timer && ask.at + this.every <= Date.now()) this.asks.delete(name);
    }, this.every);
  }
}
