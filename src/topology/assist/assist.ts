// Help while a topology is written: which keys and values can stand at a place, and what a key means. All of it
// comes from the JSON Schema that `egresslab schema` prints, and from names in the text itself.

import { parseDocument } from 'yaml';
import { placeAt } from './place.ts';

/** Something that can stand at a place. */
export interface Suggestion {
  readonly text: string;
  /** What it means, or what its value is; may be empty. */
  readonly about: string;
  /** A key, which a colon follows; else a value. */
  readonly isKey: boolean;
}

type Schema = Readonly<Record<string, unknown>>;

/** More than anybody reads. */
const LIMIT = 200;
/** Keys whose values are names of the topology. */
const SEGMENT_KEYS: ReadonlySet<string> = new Set(['segment', 'segments', 'heal']);
const MACHINE_KEYS: ReadonlySet<string> = new Set([
  'fail',
  'from',
  'gateway',
  'node',
  'on',
  'partition',
  'restore',
  'to',
]);

/** What can stand at an offset, and the word that it would take the place of. */
export function suggestionsAt(
  schema: Schema,
  text: string,
  offset: number,
): { readonly word: string; readonly suggestions: readonly Suggestion[] } {
  const place = placeAt(text, offset);
  if (place === null) return { word: '', suggestions: [] };
  const { key, path, word } = place;
  const here = resolve(schema, path);
  const found =
    key === null
      ? [...keysOf(schema, here), ...valuesOf(here, path.at(-1) === '[]')]
      : [...valuesOf(resolve(schema, [...path, key]), true), ...namesFor(key, text)];
  return { word, suggestions: found.slice(0, LIMIT) };
}

/** What the key at an offset means; null where none is, or nothing is known. */
export function meaningAt(schema: Schema, text: string, offset: number): string | null {
  const start = text.slice(0, offset).search(/[A-Za-z0-9_-]*$/);
  const [name = ''] = /^[A-Za-z0-9_-]*/.exec(text.slice(start)) ?? [];
  const place = placeAt(text, start);
  if (place === null || place.key !== null || name === '') return null;
  const [own] = resolve(schema, [...place.path, name]);
  const about = keysOf(schema, resolve(schema, place.path)).find(
    (each) => each.text === name,
  )?.about;
  return about === undefined || (about === '' && own === undefined) ? null : `${name}: ${about}`;
}

function keysOf(root: Schema, schemas: readonly Schema[]): Suggestion[] {
  const keys = new Map<string, Suggestion>();
  for (const { properties } of schemas) {
    for (const [text, of] of Object.entries(isRecord(properties) ? properties : {})) {
      if (keys.has(text) || !isRecord(of)) continue;
      const described = expand(root, of).find(({ description }) => typeof description === 'string');
      const about = String(described?.description ?? '');
      keys.set(text, {
        text,
        about: [about, defaultOf(of)].filter((each) => each !== '').join('; '),
        isKey: true,
      });
    }
  }
  return [...keys.values()];
}

function defaultOf(schema: Schema): string {
  const { default: standard } = schema;
  return standard === undefined ? '' : `default ${JSON.stringify(standard)}`;
}

function valuesOf(schemas: readonly Schema[], isWanted: boolean): Suggestion[] {
  if (!isWanted) return [];
  const values = new Set<string>();
  for (const schema of schemas) {
    if (Array.isArray(schema.enum)) for (const each of schema.enum) values.add(String(each));
    if (schema.const !== undefined) values.add(String(schema.const));
    if (schema.type === 'boolean') for (const each of ['true', 'false']) values.add(each);
  }
  return [...values].map((text) => ({ text, about: '', isKey: false }));
}

/** All schemas that what stands at a path may have. */
function resolve(root: Schema, path: readonly string[]): readonly Schema[] {
  let here = expand(root, root);
  for (const key of path) here = here.flatMap((schema) => below(root, schema, key));
  return here;
}

function below(root: Schema, schema: Schema, key: string): Schema[] {
  if (key === '[]') return isRecord(schema.items) ? expand(root, schema.items) : [];
  const { additionalProperties, properties } = schema;
  const own = isRecord(properties) ? properties[key] : undefined;
  if (isRecord(own)) return expand(root, own);
  return isRecord(additionalProperties) ? expand(root, additionalProperties) : [];
}

/** A schema and all that it refers to or consists of. */
function expand(root: Schema, schema: Schema, depth = 0): Schema[] {
  // Definitions refer to each other in a circle only through keys.
  if (depth > 16) return [];
  const parts = [schema.allOf, schema.anyOf, schema.oneOf].flatMap((each): unknown[] =>
    Array.isArray(each) ? each : [],
  );
  if (typeof schema.$ref === 'string') parts.push(definition(root, schema.$ref));
  return [schema, ...parts.filter(isRecord).flatMap((part) => expand(root, part, depth + 1))];
}

function definition(root: Schema, reference: string): unknown {
  const name = reference.replace('#/definitions/', '');
  return isRecord(root.definitions) ? root.definitions[name] : undefined;
}

function namesFor(key: string, text: string): Suggestion[] {
  const isSegment = SEGMENT_KEYS.has(key);
  if (!isSegment && !MACHINE_KEYS.has(key)) return [];
  const top = plainOf(text);
  if (!isRecord(top)) return [];
  const cluster = isRecord(top.cluster) ? top.cluster : {};
  const named = isSegment
    ? { segment: top.segments }
    : { host: top.hosts, node: cluster.nodes, pod: cluster.pods };
  return Object.entries(named).flatMap(([about, names]) =>
    Object.keys(isRecord(names) ? names : {}).map((name) => ({ text: name, about, isKey: false })),
  );
}

/** Null for what has no value, such as an anchor that does not exist. */
function plainOf(text: string): unknown {
  try {
    return parseDocument(text, { logLevel: 'silent' }).toJS({ maxAliasCount: 100 });
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
