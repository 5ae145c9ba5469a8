// Finding one's way in a zod schema: what stands at a path, which keys it knows, and how the branches
// of a union are told apart. For the messages of shape.ts; nothing is parsed here.

import { z } from 'zod';
import { isMap, type PlainValue } from './plain-value.ts';
import type { Path, PathSegment } from './position.ts';

/** Any zod schema. */
export type ZodSchema = z.core.$ZodType;

/** The first key that a branch requires and no other one knows: it says which branch is meant. */
export function markingKey(option: ZodSchema, all: readonly ZodSchema[]): string | null {
  const others = allKeys(all.filter((other) => other !== option));
  return requiredKeys(option).find((key) => !others.includes(key)) ?? null;
}

/** Looks through optional, default and transform to what a user writes. */
function written(schema: ZodSchema): ZodSchema {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodPrefault
  ) {
    return written(schema.def.innerType);
  }
  if (schema instanceof z.ZodLazy) return written(schema.def.getter());
  return schema instanceof z.ZodPipe ? written(schema.def.in) : schema;
}

/** The schema of what is at `path`; null when none can be told. */
export function schemaAt(schema: ZodSchema, path: Path): ZodSchema | null {
  let at: ZodSchema | null = written(schema);
  for (const segment of path) {
    at = within(at, segment);
    if (at === null) return null;
  }
  return at;
}

/** The schema of an entry; of a union the first branch that has such an entry. */
function within(schema: ZodSchema, segment: PathSegment): ZodSchema | null {
  let inner: ZodSchema | undefined;
  if (typeof segment === 'number') {
    if (schema instanceof z.ZodArray) inner = schema.element;
  } else if (schema instanceof z.ZodObject) {
    if (Object.hasOwn(schema.shape, segment)) inner = schema.shape[segment];
  } else if (schema instanceof z.ZodRecord) {
    inner = schema.valueType;
  }
  if (schema instanceof z.ZodUnion) {
    for (const option of schema.options) {
      const found = within(written(option), segment);
      if (found !== null) return found;
    }
  }
  return inner === undefined ? null : written(inner);
}

function knownKeys(schema: ZodSchema | null): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** Of a union the keys of the branch that `value` names; zod tells a lone candidate's problems as its own. */
export function keysMeant(schema: ZodSchema | null, value: PlainValue | undefined): string[] {
  if (!(schema instanceof z.ZodUnion) || !isMap(value)) return knownKeys(schema);
  const options = schema.options;
  const meant = options.filter((option) => {
    const mark = markingKey(option, options);
    return mark !== null && Object.hasOwn(value, mark);
  });
  return allKeys(meant.length > 0 ? meant : options);
}

function requiredKeys(option: ZodSchema): string[] {
  const schema = written(option);
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape)
    .filter(([, value]) => value._zod.optin === undefined)
    .map(([key]) => key);
}

/** Every key that some branch knows. */
export function allKeys(options: readonly ZodSchema[]): string[] {
  return options.flatMap((option) => knownKeys(written(option)));
}
