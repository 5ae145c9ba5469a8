// Tables as the API server makes them (meta.k8s.io/v1 Table) and as kubectl prints them: text/tabwriter
// with a minimal cell of 6 and 3 spaces between columns; the last cell of a line is not padded.

import type { Cell, Column, ColumnContext } from '../kinds/columns.ts';
import type { Kind } from '../kinds/kind.ts';
import type { KubeObject } from '../kinds/object.ts';

/** One line: the cells of all columns, and the object they were taken from. */
export interface TableRow {
  readonly cells: readonly Cell[];
  readonly object: KubeObject;
}

/** A Table of objects of one kind, wide columns included. */
export interface ApiTable {
  readonly columns: readonly Pick<Column, 'name' | 'type' | 'wide'>[];
  readonly rows: readonly TableRow[];
}

/** Which columns of a table are printed, and how. */
export interface PrintOptions {
  /** `-o wide`. */
  readonly wide?: boolean;
  /** `--no-headers` is false. */
  readonly headers?: boolean;
  /** `-A`: a NAMESPACE column first. */
  readonly namespaces?: boolean;
  /** `--show-labels`: a LABELS column last. */
  readonly labels?: boolean;
  /** Written before every name: 'egressip.k8s.ovn.org/'. */
  readonly namePrefix?: string;
  /** `--output-watch-events`: a column before all others. */
  readonly events?: readonly string[];
}

/** The server's Table of these objects, in their order. */
export function tableOf<T extends KubeObject>(
  kind: Kind<T>,
  objects: readonly T[],
  context: ColumnContext,
): ApiTable {
  const { columns } = kind;
  return {
    columns,
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object, context)),
      object,
    })),
  };
}

/** Header and cells as kubectl would show them, still unpadded. */
export interface TableTexts {
  /** In capitals. */
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The texts of a table. */
export function tableTexts(table: ApiTable, options: PrintOptions = {}): TableTexts {
  const shown = table.columns.flatMap((column, at) =>
    column.wide && options.wide !== true ? [] : [at],
  );
  const header = shown.map((at) => table.columns[at]?.name.toUpperCase() ?? '');
  const rows = table.rows.map(({ cells }) =>
    shown.map((at) => {
      const prefix = table.columns[at]?.name === 'Name' ? (options.namePrefix ?? '') : '';
      return prefix + cellText(cells[at] ?? null);
    }),
  );
  const objects = table.rows.map((row) => row.object);
  if (options.namespaces === true) {
    header.unshift('NAMESPACE');
    rows.forEach((row, at) => {
      row.unshift(objects[at]?.metadata.namespace ?? '');
    });
  }
  if (options.labels === true) {
    header.push('LABELS');
    rows.forEach((row, at) => {
      row.push(labelsText(objects[at]?.metadata.labels));
    });
  }
  if (options.events !== undefined) {
    header.unshift('EVENT');
    rows.forEach((row, at) => {
      row.unshift(options.events?.[at] ?? '');
    });
  }
  return { header, rows };
}

/** Only the first line of a text fits in a cell. */
function cellText(cell: Cell): string {
  if (cell === null) return '';
  const text = String(cell);
  const end = text.search(/[\n\r\f]/);
  return end < 0 ? text : `${text.slice(0, end)}...`;
}

function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? '<none>' : pairs.sort().join(',');
}

const MINIMAL_CELL = 6;
const PADDING = 3;

/** Pads the cells of lines; what is printed later (a watch) keeps to widths seen before (RememberWidths). */
export class TableLayout {
  #widths: number[] = [];

  /** Lines without newlines. */
  lines(rows: readonly (readonly string[])[]): readonly string[] {
    for (const row of rows) {
      for (let at = 0; at < row.length - 1; at++) {
        const width = Math.max(MINIMAL_CELL, displayLength(row[at] ?? '') + PADDING);
        this.#widths[at] = Math.max(this.#widths[at] ?? 0, width);
      }
    }
    return rows.map((row) =>
      row.map((cell, at) => (at < row.length - 1 ? this.#pad(cell, at) : cell)).join(''),
    );
  }

  #pad(cell: string, at: number): string {
    return cell + ' '.repeat((this.#widths[at] ?? 0) - displayLength(cell));
  }
}

/** tabwriter counts code points. */
function displayLength(text: string): number {
  return [...text].length;
}

/** The lines that `oc get` prints for a table, header first; blanks at their ends belong to them. */
export function tableLines(table: ApiTable, options: PrintOptions = {}): readonly string[] {
  const { header, rows } = tableTexts(table, options);
  return new TableLayout().lines(options.headers === false ? rows : [header, ...rows]);
}
