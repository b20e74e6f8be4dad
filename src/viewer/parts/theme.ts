/** Light or dark: what the system says until somebody chooses; the choice is kept where the browser lets a file keep one. */
import { DARK, LIGHT } from '../../report/page/palette.ts';
import type { Palette } from '../../report/page/palette.ts';
import { Store } from '../view-state.ts';
import { useStore } from './use-store.ts';

export type Theme = 'light' | 'dark';

const KEY = 'reconverge-theme';
const system = window.matchMedia('(prefers-color-scheme: dark)');

export const themeStore = new Store<{ theme: Theme }>({ theme: chosenTheme() ?? systemTheme() });

function systemTheme(): Theme {
  return system.matches ? 'dark' : 'light';
}

function chosenTheme(): Theme | null {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === 'light' || kept === 'dark' ? kept : null;
  } catch {
    return null;
  }
}

system.addEventListener('change', () => {
  if (chosenTheme() === null) show(systemTheme());
});
show(themeStore.get().theme);

function show(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
  themeStore.set({ theme });
}

export function switchTheme(): void {
  const theme = themeStore.get().theme === 'dark' ? 'light' : 'dark';
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Not kept: the next opening begins with the system's.
  }
  show(theme);
}

export function paletteOf(theme: Theme): Palette {
  return theme === 'dark' ? DARK : LIGHT;
}

export function usePalette(): Palette {
  return paletteOf(useStore(themeStore, ({ theme }) => theme));
}
