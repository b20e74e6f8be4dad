/** Opens an address in the browser of this machine, where there is one. Never an error: the address stands on the terminal. */
import { spawn } from 'node:child_process';
import type { Terminal } from '../terminal.ts';

/** The program that opens an address, and its words before it; null where nobody sees a browser. */
export function opener(platform: string, environment: Terminal['environment']): readonly string[] | null {
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['cmd', '/c', 'start', ''];
  const hasScreen = [environment.DISPLAY, environment.WAYLAND_DISPLAY].some((one) => one !== undefined && one !== '');
  return hasScreen ? ['xdg-open'] : null;
}

export function openBrowser(address: string, environment: Terminal['environment']): Promise<boolean> {
  const found = opener(process.platform, environment);
  if (found === null) return Promise.resolve(false);
  const [program, ...words] = found;
  return new Promise((resolve) => {
    const child = spawn(program, [...words, address], { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => resolve(true));
    child.unref();
  });
}
