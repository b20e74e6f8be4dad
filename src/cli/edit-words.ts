/**
 * Edits of a variant as one would type them, so that a replay command runs the same. A text that reads as itself stands
 * bare; any other (`"3"`, an empty one, several lines) is quoted, or it would come back as something else.
 */
import { readYaml } from '../scenario/yaml-source.ts';

export function editWords(edit: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(edit).flatMap(([path, value]) => {
    if (value === null) return ['--remove', path];
    return ['--set', `${path}=${typeof value === 'string' && readsAsItself(value) ? value : JSON.stringify(value)}`];
  });
}

function readsAsItself(text: string): boolean {
  const { data, mistakes } = readYaml('', text);
  return mistakes.length === 0 && data === text;
}
