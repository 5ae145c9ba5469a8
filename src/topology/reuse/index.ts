// What lets a big file say a thing once, undone before the file is checked: included files, counted
// machines, defaults, and keys that begin with "x-", which hold what anchors point at.

import type { Diagnostic } from '../../schema/diagnostic.ts';
import { isMap, type PlainMap, valueAt } from '../../schema/plain-value.ts';
import type { Source } from '../../schema/source.ts';
import { expandCounts } from './count.ts';
import { applyDefaults } from './defaults.ts';
import type { Includes } from './include.ts';

/** Changes the source's value in place; the map learns where everything was written. */
export function undoReuse(source: Source, includes: Includes): Diagnostic[] {
  const { map, value } = source;
  if (!isMap(value)) return [];
  includes.apply(source);
  for (const section of [value, valueAt(value, ['cluster']), valueAt(value, ['scenario'])]) {
    if (isMap(section)) dropExtensions(section);
  }
  return [...includes.diagnostics, ...expandCounts(value, map), ...applyDefaults(value, map)];
}

function dropExtensions(section: PlainMap): void {
  for (const key of Object.keys(section)) if (key.startsWith('x-')) delete section[key];
}
