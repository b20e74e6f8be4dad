/** One file's text with its lines: turns an offset into file, line, column and length. */

export interface Place {
  file: string;
  line: number;
  column: number;
  length: number;
}

export class SourceText {
  readonly file: string;
  readonly text: string;
  readonly #lineStarts: number[] = [0];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#lineStarts.push(at + 1);
  }

  /** A range of the text; one that spans lines is underlined to the end of its first line. */
  range(start: number, end: number): Place {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#lineStarts[middle] <= start) low = middle;
      else high = middle - 1;
    }
    const lineEnd = this.text.indexOf('\n', start);
    const last = Math.min(end, lineEnd < 0 ? this.text.length : lineEnd);
    return {
      file: this.file,
      line: low + 1,
      column: start - this.#lineStarts[low] + 1,
      length: Math.max(1, last - start),
    };
  }

  /** Where a place of this text begins. */
  offsetOf({ line, column }: Place): number {
    return this.#lineStarts[line - 1] + column - 1;
  }
}
