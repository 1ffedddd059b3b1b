import { useStore } from '../lib/store';
import { liveStatus } from '../live/state';

/** Says whether the screen is live. Quiet while it is; amber when time may be passing unseen. */
export function Connection() {
  const status = useStore(liveStatus);
  const isLive = status === 'live';
  const text = isLive ? 'Live' : status === 'connecting' ? 'Connecting…' : 'Reconnecting…';
  return (
    <div
      role="status"
      title={
        isLive
          ? 'New messages appear by themselves.'
          : 'The line to the server is cut. What you write is kept and sent.'
      }
      className="flex h-7 items-center gap-2.5 px-3 text-xs text-ink-faint max-lg:justify-center max-lg:px-0"
    >
      <span className={`size-2 rounded-full ${isLive ? 'bg-ink-faint' : 'bg-time'}`} aria-hidden="true" />
      <span className={`max-lg:sr-only ${isLive ? '' : 'text-time-text'}`}>{text}</span>
    </div>
  );
}

/** The same for a phone, where it shows only when something is amiss. */
export function ConnectionStrip() {
  const status = useStore(liveStatus);
  if (status !== 'reconnecting') return null;
  return (
    <p
      role="status"
      className="border-b border-time-line bg-time-soft px-4 py-1 text-center text-xs text-time-text md:hidden"
    >
      Reconnecting… What you write is kept.
    </p>
  );
}
