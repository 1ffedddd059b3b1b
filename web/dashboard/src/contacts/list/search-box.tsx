import { Search } from 'lucide-react';

interface SearchBoxProps {
  text: string;
  setText: (text: string) => void;
  field: React.RefObject<HTMLInputElement | null>;
  className: string;
}

/** Finds people by what is typed. */
export function SearchBox({ text, setText, field, className }: SearchBoxProps) {
  return (
    <div className={`relative ${className}`}>
      <Search
        size={15}
        className="absolute top-1/2 left-2.5 -translate-y-1/2 text-ink-faint"
        aria-hidden="true"
      />
      <input
        ref={field}
        type="search"
        aria-label="Find a contact"
        value={text}
        onChange={(e) => setText(e.target.value)}
        placeholder="Name, whole e-mail or phone number"
        className="h-8 w-full rounded-md border border-line-field bg-surface pr-3 pl-8 text-sm max-md:h-9"
      />
    </div>
  );
}
