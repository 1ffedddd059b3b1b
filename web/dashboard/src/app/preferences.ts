import { Store } from '../lib/store';

export type Theme = 'system' | 'light' | 'dark';

/** Choices about this browser. They say nothing about anybody, and are the only thing that is kept in it. */
export interface Preferences {
  theme: Theme;
  singleKeys: boolean;
  enterSends: boolean;
  details: boolean;
}

const stored = (name: string): string | null => {
  try {
    return localStorage.getItem(`botimum.${name}`);
  } catch {
    return null;
  }
};

const keep = (name: string, value: string): void => {
  try {
    localStorage.setItem(`botimum.${name}`, value);
  } catch {
    // Storage is switched off: the choice lasts until the tab closes.
  }
};

const theme = stored('theme');

export const preferences = new Store<Preferences>({
  theme: theme === 'light' || theme === 'dark' ? theme : 'system',
  singleKeys: stored('single-keys') !== 'off',
  enterSends: stored('enter-sends') !== 'off',
  details: stored('details') !== 'off',
});

export function setTheme(next: Theme): void {
  keep('theme', next);
  if (next === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  preferences.set((p) => ({ ...p, theme: next }));
}

export function setSingleKeys(isOn: boolean): void {
  keep('single-keys', isOn ? 'on' : 'off');
  preferences.set((p) => ({ ...p, singleKeys: isOn }));
}

export function setEnterSends(isOn: boolean): void {
  keep('enter-sends', isOn ? 'on' : 'off');
  preferences.set((p) => ({ ...p, enterSends: isOn }));
}

export function setDetails(isOn: boolean): void {
  keep('details', isOn ? 'on' : 'off');
  preferences.set((p) => ({ ...p, details: isOn }));
}

/** Whether the page is dark now, by choice or by the system. */
export function isDark(): boolean {
  const chosen = preferences.get().theme;
  return chosen === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : chosen === 'dark';
}

export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
