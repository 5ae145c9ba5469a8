// Columns that line up, two spaces between them. The last column may hold several values, which go
// below each other when they do not fit the width.

import { displayWidth, padEnd, padStart, printable } from './text.ts';

/** A column of a table in the terminal. */
export interface TextColumn {
  readonly title: string;
  /** Numbers stand right. */
  readonly align?: 'left' | 'right';
}

/** A cell; several values are only for the last column. */
export type TextCell = string | readonly string[];

const GAP = '  ';

/** Lines without trailing spaces, header first. `width` bounds the last column only. */
export function renderTable(
  columns: readonly TextColumn[],
  rows: readonly (readonly TextCell[])[],
  width: number,
): string[] {
  const last = columns.length - 1;
  const widths = columns.map((column, index) =>
    index === last
      ? 0
      : Math.max(
          displayWidth(column.title),
          ...rows.map((row) => displayWidth(textOf(row[index] ?? ''))),
        ),
  );
  const indent = widths.slice(0, last).reduce((sum, each) => sum + each + GAP.length, 0);
  const line = (cells: readonly TextCell[]): string[] => {
    const head = columns
      .slice(0, last)
      .map((column, index) => {
        const pad = column.align === 'right' ? padStart : padEnd;
        return pad(textOf(cells[index] ?? ''), widths[index] ?? 0) + GAP;
      })
      .join('');
    const [first = '', ...rest] = fold(cells[last] ?? '', width - indent);
    return [head + first, ...rest.map((more) => ' '.repeat(indent) + more)].map((text) =>
      text.trimEnd(),
    );
  };
  return [columns.map((column) => column.title), ...rows].flatMap(line);
}

function textOf(cell: TextCell): string {
  return printable(typeof cell === 'string' ? cell : cell.join(' '));
}

/** As many values on a line as fit, at least one. */
function fold(cell: TextCell, width: number): string[] {
  if (typeof cell === 'string') return [printable(cell)];
  const lines: string[] = [];
  for (const value of cell.map(printable)) {
    const current = lines.at(-1);
    const joined = current === undefined ? value : `${current}, ${value}`;
    if (current !== undefined && displayWidth(joined) <= width) lines[lines.length - 1] = joined;
    else if (current === undefined) lines.push(value);
    else {
      lines[lines.length - 1] = `${current},`;
      lines.push(value);
    }
  }
  return lines;
}
