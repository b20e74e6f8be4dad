/** Where in a TOML file each `section.key` stands: the parser says it of errors only. */

export interface KeyPlace {
  /** From 1. */
  line: number;
  column: number;
  length: number;
  /** Of the value, and as much of it as stands in this line. */
  valueColumn: number;
  value: string;
}

/** The first place of each key; of a section its header, under the section's name. */
export function keyPlaces(text: string): Map<string, KeyPlace> {
  const places = new Map<string, KeyPlace>();
  let section = '';
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const header = /^(\s*\[\[?\s*)([A-Za-z0-9_."-]+)\s*\]/.exec(line);
    if (header !== null) {
      section = `${header[2]}.`;
      add(places, header[2], {
        ...{ line: index + 1, column: header[1].length + 1, length: header[2].length },
        ...{ valueColumn: 1, value: '' },
      });
      continue;
    }
    const pair = /^(\s*)([A-Za-z0-9_-]+)(\s*=\s*)([^#]*)/.exec(line);
    if (pair === null) continue;
    const [, before, key, between, value] = pair;
    add(places, section + key, {
      ...{ line: index + 1, column: before.length + 1, length: key.length },
      ...{ valueColumn: before.length + key.length + between.length + 1, value: value.trim() },
    });
  }
  return places;
}

function add(places: Map<string, KeyPlace>, name: string, place: KeyPlace): void {
  if (!places.has(name)) places.set(name, place);
}
