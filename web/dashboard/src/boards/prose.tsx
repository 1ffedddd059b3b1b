import { Fragment, type ReactNode } from 'react';
import { type Block, type Inline, parse } from './markdown';

/** What somebody wrote in Markdown, shown. It becomes elements, never HTML of its own: nothing in it can act. */
export function Markdown({ text, className = '' }: { text: string; className?: string }) {
  return <div className={`space-y-2.5 wrap-anywhere ${className}`}>{parse(text).map(block)}</div>;
}

function block(b: Block, key: number): ReactNode {
  switch (b.kind) {
    case 'heading':
      return (
        <p key={key} role="heading" aria-level={4} className="pt-1 font-semibold">
          {inlines(b.text)}
        </p>
      );
    case 'quote':
      return (
        <blockquote key={key} className="border-l-2 border-line-strong pl-3 text-ink-soft">
          {b.blocks.map(block)}
        </blockquote>
      );
    case 'code':
      return (
        <pre
          key={key}
          className="rounded-sm border border-line bg-sunken p-2.5 font-mono text-sm whitespace-pre-wrap"
        >
          {b.text}
        </pre>
      );
    case 'list': {
      const List = b.isOrdered ? 'ol' : 'ul';
      return (
        <List key={key} className={`space-y-1 pl-5 ${b.isOrdered ? 'list-decimal' : 'list-disc'}`}>
          {b.items.map((item, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a text's lines have no other name.
            <li key={i}>
              {item.map((inner, j) => (inner.kind === 'text' ? lines(inner.text, j) : block(inner, j)))}
            </li>
          ))}
        </List>
      );
    }
    case 'rule':
      return <hr key={key} className="border-line" />;
    default:
      return <p key={key}>{lines(b.text, 0)}</p>;
  }
}

const lines = (text: Inline[], key: number) => <Fragment key={key}>{inlines(text)}</Fragment>;

function inlines(all: Inline[]): ReactNode[] {
  return all.map((part, i) => inline(part, i));
}

function inline(part: Inline, key: number): ReactNode {
  if (typeof part === 'string') return part;
  switch (part.kind) {
    case 'code':
      return (
        <code key={key} className="rounded-sm bg-sunken px-1 font-mono text-sm">
          {part.text}
        </code>
      );
    case 'strong':
      return <strong key={key}>{inlines(part.inner)}</strong>;
    case 'em':
      return <em key={key}>{inlines(part.inner)}</em>;
    case 'strike':
      return <s key={key}>{inlines(part.inner)}</s>;
    case 'break':
      return <br key={key} />;
    default:
      return (
        <a
          key={key}
          href={part.href}
          target="_blank"
          rel="noopener noreferrer nofollow"
          className="font-medium text-accent-text underline underline-offset-2"
        >
          {inlines(part.inner)}
        </a>
      );
  }
}
