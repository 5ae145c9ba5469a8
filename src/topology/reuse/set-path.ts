// `--set segments.lan.latency=5ms`: one value of a file that is read, replaced by its path. Segments are keys, or
// places in a list from 0; a key that has dots itself is found as well.

import { hintAmong } from '../../base/suggest.ts';
import { isMap, type PlainValue } from '../../schema/plain-value.ts';

/** What is wrong with a path. */
export interface PathProblem {
  readonly message: string;
  readonly remedy: string;
}

/** Whether the name of a setting is a path and not that of a variable. */
export function isPath(name: string): boolean {
  return name.includes('.');
}

/** Replaces or adds a value in place; null when that went well. The last key of a mapping may be a new one. */
export function setPath(root: PlainValue, path: string, value: PlainValue): PathProblem | null {
  let at = root;
  let rest = path.split('.');
  let sofar = '';
  for (;;) {
    if (Array.isArray(at)) {
      const [place = '', ...later] = rest;
      const index = /^\d+$/.test(place) ? Number(place) : -1;
      const item = at[index];
      if (item === undefined) {
        const count = at.length === 1 ? 'one entry' : `${at.length} entries`;
        const remedy = `the first of its ${count} is ${sofar}.0`;
        return { message: `${sofar} has no entry "${place}"`, remedy };
      }
      if (later.length === 0) {
        at[index] = value;
        return null;
      }
      at = item;
      sofar = `${sofar}.${place}`;
      rest = later;
    } else if (isMap(at)) {
      const map = at;
      const length = keyLength(Object.keys(map), rest);
      const key = rest.slice(0, length).join('.');
      const child = map[key];
      const later = rest.slice(length);
      if (later.length === 0) {
        map[key] = value;
        return null;
      }
      const where = sofar === '' ? key : `${sofar}.${key}`;
      if (child === undefined) {
        return { message: `there is no ${where}`, remedy: hintAmong(key, Object.keys(map)) };
      }
      at = child;
      sofar = where;
      rest = later;
    } else {
      const remedy = `set ${sofar} itself`;
      return { message: `${sofar} is one value, and has no "${rest.join('.')}"`, remedy };
    }
  }
}

/** How many segments make the longest key that there is; one when none is there. */
function keyLength(keys: readonly string[], segments: readonly string[]): number {
  for (let length = segments.length; length > 0; length--) {
    if (keys.includes(segments.slice(0, length).join('.'))) return length;
  }
  return 1;
}
