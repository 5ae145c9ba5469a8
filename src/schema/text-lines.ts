// Offsets of a text as lines and columns. The YAML parser's own counter can count a line too many at
// the end of a file that breaks off in the middle of something.

/** The lines of one text. */
export class TextLines {
  readonly #length: number;
  /** Offset at which each line starts, ascending. */
  readonly #starts: number[] = [0];

  constructor(text: string) {
    this.#length = text.length;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      this.#starts.push(at + 1);
    }
  }

  /** The line, from 1, in which an offset is; what is behind the end is in the last one. */
  lineOf(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** Where a line starts. */
  startOf(line: number): number {
    return this.#starts[line - 1] ?? this.#length;
  }

  /** Where the next line starts, or the text ends. */
  endOf(line: number): number {
    return this.#starts[line] ?? this.#length;
  }
}
