/** Texts in which `«…»` marks where a mistake is expected. */

export interface Marked {
  text: string;
  line: number;
  column: number;
  length: number;
}

export function unmark(marked: string): Marked {
  const start = marked.indexOf('«');
  const text = marked.replace('«', '').replace('»', '');
  const before = text.slice(0, start);
  const line = before.split('\n').length;
  const column = start - before.lastIndexOf('\n');
  return { text, line, column, length: marked.indexOf('»') - start - 1 };
}
