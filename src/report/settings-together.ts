/** What is not modelled, for people: names of settings stand in one sentence. */
import { plural } from '../base/human.ts';

/** Names of settings, of which a real file has many, as one sentence before the others. */
export function settingsTogether(texts: readonly string[]): string[] {
  const settings = texts.filter((text) => /^[a-z][a-z0-9_-]*([.][a-z0-9_-]+)*$/.test(text));
  if (settings.length === 0) return [...texts];
  const sentence = `${plural(settings.length, 'setting')} of the database: ${settings.join(', ')}`;
  return [sentence, ...texts.filter((text) => !settings.includes(text))];
}
