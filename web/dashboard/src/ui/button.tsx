import type { ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps as AriaProps } from 'react-aria-components/Button';

type Look = 'primary' | 'plain' | 'quiet' | 'loss';

const looks: Record<Look, string> = {
  primary: 'bg-accent text-on-accent data-[hovered]:bg-accent-hover data-[pressed]:bg-accent-hover',
  plain: 'border border-line-strong bg-surface text-ink data-[hovered]:bg-hover data-[pressed]:bg-pressed',
  quiet: 'text-ink-soft data-[hovered]:bg-hover data-[hovered]:text-ink data-[pressed]:bg-pressed',
  loss: 'bg-loss text-on-loss data-[hovered]:bg-loss-hover data-[pressed]:bg-loss-hover',
};

export interface ButtonProps extends Omit<AriaProps, 'className' | 'children' | 'style'> {
  look?: Look;
  size?: 'sm' | 'md' | 'lg';
  icon?: ReactNode;
  children?: ReactNode;
  className?: string;
  busy?: boolean;
}

const sizes = {
  sm: 'h-7 gap-1.5 px-2.5 text-sm',
  md: 'h-8 gap-2 px-3 text-sm',
  lg: 'h-10 gap-2 px-4 text-base',
};

/** A button. `busy` keeps it in place, focused and deaf, rather than swapping in a spinner that moves things. */
export function Button({
  look = 'plain',
  size = 'md',
  icon,
  children,
  className = '',
  busy,
  onPress,
  ...props
}: ButtonProps) {
  return (
    <AriaButton
      {...props}
      onPress={busy ? undefined : onPress}
      aria-disabled={busy || undefined}
      className={`inline-flex shrink-0 items-center justify-center rounded-md font-medium whitespace-nowrap transition-colors data-[disabled]:opacity-45 ${busy ? 'opacity-60' : ''} ${sizes[size]} ${looks[look]} ${className}`}
    >
      {icon}
      {children}
    </AriaButton>
  );
}

interface IconButtonProps extends Omit<ButtonProps, 'children' | 'size' | 'busy' | 'icon'> {
  label: string;
  children: ReactNode;
}

/** A square button that shows only a picture; the label is for those who do not see it, and for the tooltip. */
export function IconButton({ label, look = 'quiet', className = '', children, ...props }: IconButtonProps) {
  return (
    <AriaButton
      {...props}
      aria-label={label}
      className={`inline-flex size-8 shrink-0 items-center justify-center rounded-md transition-colors data-[disabled]:opacity-45 ${looks[look]} ${className}`}
    >
      {children}
    </AriaButton>
  );
}
