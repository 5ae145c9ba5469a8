// The cluster before and after, as `oc get` prints it; the command stands above so that a reader
// knows what to type on a real cluster.

import { type ObjectTables, objectTableLines } from '../../view/objects.ts';
import type { Style } from './style.ts';
import { formatLabTime, printableLines } from './text.ts';

/** `previous` (null at the start) lets a table that has not changed be said in a word. */
export function renderObjectTables(
  { at, tables }: ObjectTables,
  previous: ObjectTables | null,
  style: Style,
): string[] {
  const lines = [style.bold(previous === null ? 'Before' : `After ${formatLabTime(at)}`)];
  for (const [name, table] of Object.entries(tables)) {
    if (!table.printed) continue;
    const prompt = style.dim(`$ oc get ${name}`);
    const text = objectTableLines(table).join('\n');
    const before = previous?.tables[name];
    const isUnchanged = before !== undefined && objectTableLines(before).join('\n') === text;
    if (isUnchanged) lines.push(`${prompt}   ${style.dim('(as before)')}`);
    else lines.push(prompt, ...printableLines(text).split('\n'));
  }
  return lines;
}
