/** Paths of files as a scenario writes them, relative to its own folder; `/` and `\` both divide. Text only: nothing is read. */
import type { Place } from './source-text.ts';

/** `../base/prod.yaml` → `../base`; empty where there is no folder. */
export function folderOf(path: string): string {
  const at = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  return at < 0 ? '' : at === 0 ? '/' : path.slice(0, at);
}

/** The path as it is from where `folder` is; a path from the root stays as it is. */
export function joinPath(folder: string, path: string): string {
  if (isAbsolute(path)) return path;
  const steps: string[] = [];
  const start = isAbsolute(folder) ? (/^(?:[A-Za-z]:)?[/\\]/.exec(folder)?.[0] ?? '') : '';
  for (const step of `${folder.slice(start.length)}/${path}`.split(/[/\\]/)) {
    if (step === '' || step === '.') continue;
    if (step === '..' && steps.length > 0 && steps[steps.length - 1] !== '..') steps.pop();
    else if (step !== '..' || start === '') steps.push(step);
  }
  return start + steps.join('/');
}

function isAbsolute(path: string): boolean {
  return /^(?:[A-Za-z]:)?[/\\]/.test(path);
}

/** Named where it is not the scenario's own: what it extends. */
export function otherFile(own: string, { file, line }: Place): { file?: string } {
  return line === 0 || file === own ? {} : { file: joinPath(folderOf(own), file) };
}
