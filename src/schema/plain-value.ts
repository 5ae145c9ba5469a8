// What YAML and objects built in code become before any schema looks at them.

import type { Path } from './position.ts';

/** A value of YAML or JSON. */
export type PlainValue = string | number | boolean | null | PlainList | PlainMap;
/** A sequence. */
export type PlainList = PlainValue[];
/** Made without a prototype: 'constructor' is a name like any other. */
export interface PlainMap {
  [key: string]: PlainValue;
}

/** An object without a prototype. */
export function emptyMap(): PlainMap {
  return Object.create(null) as PlainMap;
}

/** What is at `path`; undefined when nothing is. */
export function valueAt(root: PlainValue, path: Path): PlainValue | undefined {
  let value: PlainValue | undefined = root;
  for (const segment of path) {
    if (Array.isArray(value)) value = typeof segment === 'number' ? value[segment] : undefined;
    else if (isMap(value) && Object.hasOwn(value, segment)) value = value[segment];
    else return undefined;
  }
  return value;
}

/** Whether it is a mapping. */
export function isMap(value: PlainValue | undefined): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
