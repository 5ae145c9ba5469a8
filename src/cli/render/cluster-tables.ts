// The cluster before and after, as `oc get` printed it; the command stands above so that a reader
// knows what to type on a real cluster.

import type { Table, TableSet } from '../../scenario/report.ts';
import type { Style } from './style.ts';
import { formatLabTime, printableLines } from './text.ts';

/** `previous` (null at the start) lets a table that has not changed be said in a word. */
export function renderClusterTables(
  tables: TableSet,
  previous: TableSet | null,
  style: Style,
): string[] {
  const when = previous === null ? 'Before' : `After ${formatLabTime(tables.at)}`;
  return [
    style.bold(when),
    ...renderOne('oc get nodes', tables.nodes, previous?.nodes ?? null, style),
    ...renderOne('oc get hostsubnets', tables.hostSubnets, previous?.hostSubnets ?? null, style),
  ];
}

function renderOne(command: string, table: Table, before: Table | null, style: Style): string[] {
  const prompt = style.dim(`$ ${command}`);
  if (before !== null && before.text === table.text)
    return [`${prompt}   ${style.dim('(as before)')}`];
  return [prompt, ...printableLines(table.text).split('\n')];
}
