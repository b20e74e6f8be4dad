/** Names cut to a width so that no two that differ come out alike: in the middle, else around where they differ, else numbered. */
import { clip, displayWidth, takeColumns } from './width.ts';

/** `widths[i]` is the room of the i-th name. */
export function shortNames(names: readonly string[], widths: readonly number[]): string[] {
  const cut = names.map((name, index) => cutMiddle(name, widths[index]));
  return cut.map((text, index) => {
    const alike = names.filter((name, other) => cut[other] === text && name !== names[index]);
    return alike.length === 0 ? text : whereItDiffers(names[index], alike, { width: widths[index], index });
  });
}

/** `full-prim…y-seconds`: ends of names often say more than their middles. */
function cutMiddle(name: string, width: number): string {
  if (displayWidth(name) <= width) return name;
  const head = Math.ceil((width - 1) / 2);
  if (width < 4) return clip(name, width);
  return `${takeColumns(name, head)}…${lastColumns(name, width - 1 - head)}`;
}

function lastColumns(text: string, columns: number): string {
  const characters = [...text];
  let from = characters.length;
  while (from > 0 && displayWidth(characters.slice(from - 1).join('')) <= columns) from--;
  return characters.slice(from).join('');
}

function whereItDiffers(
  name: string,
  alike: readonly string[],
  { width, index }: { width: number; index: number },
): string {
  let same = 0;
  while (alike.every((other) => other.startsWith(name.slice(0, same + 1)))) same++;
  const text = clip(`…${name.slice(same)}`, width);
  const isTold = same < name.length && alike.every((other) => clip(`…${other.slice(same)}`, width) !== text);
  if (isTold) return text;
  const number = `#${index + 1}`;
  return `${clip(name, width - number.length)}${number}`;
}
