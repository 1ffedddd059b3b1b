import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from './button';
import { toast } from './toast';

/** Copies a text and says so in place. */
export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      toast('The browser did not allow copying. Select the text and copy it by hand.', { tone: 'problem' });
    }
  };
  return (
    <Button size="sm" onPress={copy} icon={isCopied ? <Check size={14} /> : <Copy size={14} />}>
      {isCopied ? 'Copied' : label}
    </Button>
  );
}
