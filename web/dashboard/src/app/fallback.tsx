import { Link, useRouter } from '@tanstack/react-router';
import { problemText } from '../api/problem';

/** Shown when a screen could not be loaded at all. */
export function Unreachable({ error, reset }: { error: unknown; reset?: () => void }) {
  const router = useRouter();
  const again = () => {
    reset?.();
    void router.invalidate();
  };
  return (
    <div className="flex h-full items-center justify-center p-6">
      <div className="max-w-sm text-center">
        <h1 className="text-lg font-semibold">This screen could not be loaded</h1>
        <p className="mt-2 text-ink-soft">{problemText(error)}</p>
        <button
          type="button"
          onClick={again}
          className="mt-5 h-10 rounded-md bg-accent px-4 font-medium text-on-accent hover:bg-accent-hover"
        >
          Try again
        </button>
      </div>
    </div>
  );
}

export function Missing() {
  return (
    <div className="flex h-full items-center justify-center p-6 text-center">
      <div>
        <h1 className="text-lg font-semibold">There is nothing at this address</h1>
        <Link
          to="/inbox"
          className="mt-3 inline-block font-medium text-accent-text underline underline-offset-2"
        >
          Go to the inbox
        </Link>
      </div>
    </div>
  );
}
