// What zod finds wrong with the shape of a topology, in words for who wrote it: unknown and missing
// keys, wrong types, values that do not mean anything. Of a union (a step, an expectation) only the
// branch that was meant is told.

import { z } from 'zod';
import { suggest } from '../base/suggest.ts';
import { oneLine } from './one-line.ts';
import type { Path, PathSegment } from './position.ts';
import type { Part, PlainMap, PlainValue } from './source.ts';

export interface ShapeProblem {
  readonly path: Path;
  readonly part: Part;
  readonly message: string;
  readonly remedy: string | null;
  /** What has to go so that the rest can be looked at. */
  readonly prune: Path;
}

type Schema = z.core.$ZodType;
type Issue = z.core.$ZodIssue;

/** One schema of a union, and why it refused the value. */
interface Branch {
  readonly option: Schema;
  readonly issues: readonly Issue[];
}

/** All problems of `value`, which `schema` refused with `issues`. */
export function explainIssues(
  issues: readonly Issue[],
  schema: Schema,
  value: PlainValue,
): ShapeProblem[] {
  return issues.flatMap((issue) => explain(issue, schema, value, []));
}

function explain(issue: Issue, schema: Schema, root: PlainValue, base: Path): ShapeProblem[] {
  const inner = toPath(issue.path);
  const path = [...base, ...inner];
  const value = valueAt(root, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) =>
        unknownKey(key, path, keysMeant(schemaAt(schema, inner), value)),
      );
    case 'invalid_union':
      return explainUnion(issue, schemaAt(schema, inner), root, path);
    case 'invalid_key': {
      const message = issue.issues[0]?.message ?? 'this can not be a name';
      return [{ path, part: 'key', message, remedy: null, prune: path }];
    }
    default: {
      if (value === undefined) return [missing(path)];
      const { message, remedy } = expectation(issue, value);
      return [{ path, part: 'value', message, remedy, prune: path }];
    }
  }
}

/** 'expected X, found Y' and, where X is one of several words, the one that was probably meant. */
function expectation(
  issue: Issue,
  value: PlainValue,
): { readonly message: string; readonly remedy: string | null } {
  const found = value === null ? 'nothing' : foundText(value);
  switch (issue.code) {
    case 'invalid_value': {
      const known = issue.values.map(String);
      const near = typeof value === 'string' ? suggest(value, known) : null;
      return {
        message: `expected ${orList(known)}, found ${found}`,
        remedy: near === null ? null : `did you mean "${near}"?`,
      };
    }
    case 'invalid_type': {
      const expected = issue.message.startsWith('expected')
        ? issue.message
        : `expected ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
      const isMapping = issue.expected === 'object' || issue.expected === 'record';
      const remedy = value === null && isMapping ? 'write {} for an empty one' : null;
      return { message: `${expected}, found ${found}`, remedy };
    }
    case 'too_small':
    case 'too_big':
      return { message: `${issue.message}, found ${oneLine(value, 60)}`, remedy: null };
    case 'invalid_format':
    case 'custom':
      return {
        message: issue.message.startsWith('expected')
          ? `${issue.message}, found ${found}`
          : issue.message,
        remedy: null,
      };
    default:
      return { message: `${issue.message}, found ${found}`, remedy: null };
  }
}

/** How the messages of our own schemas begin. */
const EXPECTED = 'expected ';

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys to values',
  record: 'a mapping of names to values',
};

function foundText(value: PlainValue): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  const text = typeof value === 'string' ? `"${value}"` : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

function unknownKey(key: string, path: Path, known: readonly string[]): ShapeProblem {
  const near = suggest(key, known);
  const list = known.length > 0 ? `known here: ${known.join(', ')}` : null;
  return {
    path: [...path, key],
    part: 'key',
    message: `unknown key "${key}"`,
    remedy: near === null ? list : `did you mean "${near}"?`,
    prune: [...path, key],
  };
}

function missing(path: Path): ShapeProblem {
  const parent = path.slice(0, -1);
  const key = String(path.at(-1));
  const whose = parent.length === 0 ? 'the topology' : `"${String(parent.at(-1))}"`;
  const subject = typeof parent.at(-1) === 'number' ? 'this entry' : whose;
  return {
    path,
    part: 'key',
    message: `"${key}" is missing`,
    remedy: `${subject} needs the key "${key}"`,
    prune: parent,
  };
}

function explainUnion(
  issue: z.core.$ZodIssueInvalidUnion,
  schema: Schema | null,
  root: PlainValue,
  path: Path,
): ShapeProblem[] {
  const value = valueAt(root, path);
  if (value === undefined) return [missing(path)];
  if (!(schema instanceof z.ZodUnion)) return [unmatched(path, value, issue.message)];
  const branches = schema.options.map((option, index) => ({
    option,
    issues: issue.errors[index] ?? [],
  }));
  // A branch of another type ("expected a list" of a mapping) was not meant.
  let meant = branches.filter(({ issues }) => !issues.some((inner) => isWrongType(inner, value)));
  if (meant.length === 0) return [unmatched(path, value, typesMessage(branches, value))];
  if (meant.length > 1 && isMap(value)) {
    const marks = meant.flatMap((branch) => markingKey(branch, meant) ?? []);
    const marked = meant.filter((branch) => {
      const mark = markingKey(branch, meant);
      return mark !== null && Object.hasOwn(value, mark);
    });
    if (marked.length === 0) return [noBranch(path, value, marks, allKeys(meant))];
    if (marked.length > 1) return [severalBranches(path, value, marks)];
    meant = marked;
  }
  const [branch] = meant;
  if (branch === undefined) return [unmatched(path, value, issue.message)];
  return branch.issues.flatMap((inner) => explain(inner, branch.option, root, path));
}

/** The first key that a branch requires and no other one knows: it says which branch is meant. */
function markingKey(branch: Branch, all: readonly Branch[]): string | null {
  const others = allKeys(all.filter((other) => other !== branch));
  return requiredKeys(branch.option).find((key) => !others.includes(key)) ?? null;
}

function noBranch(
  path: Path,
  value: PlainMap,
  marks: readonly string[],
  known: readonly string[],
): ShapeProblem {
  for (const key of Object.keys(value)) {
    const near = known.includes(key) ? null : suggest(key, marks);
    if (near !== null) {
      const at = [...path, key];
      const remedy = `did you mean "${near}"?`;
      return { path: at, part: 'key', message: `unknown key "${key}"`, remedy, prune: path };
    }
  }
  const message = 'this entry does not say what it is about';
  const remedy = `it needs one of: ${marks.join(', ')}`;
  return { path, part: 'value', message, remedy, prune: path };
}

function severalBranches(path: Path, value: PlainMap, marks: readonly string[]): ShapeProblem {
  const given = marks.filter((key) => Object.hasOwn(value, key));
  const message = `${given.map((key) => `"${key}"`).join(' and ')} do not go together`;
  return { path, part: 'value', message, remedy: 'make an entry of each', prune: path };
}

function unmatched(path: Path, value: PlainValue, message: string): ShapeProblem {
  const found = value === null ? 'nothing' : foundText(value);
  const text = message.startsWith('expected') ? `${message}, found ${found}` : oneLine(value);
  return { path, part: 'value', message: text, remedy: null, prune: path };
}

function typesMessage(branches: readonly Branch[], value: PlainValue): string {
  const expected = branches.flatMap(({ issues }) =>
    issues
      .filter((issue) => isWrongType(issue, value))
      .map((issue) => {
        if (issue.message.startsWith(EXPECTED)) return issue.message.slice(EXPECTED.length);
        if (issue.code === 'invalid_value') return orList(issue.values.map(String));
        const type = issue.code === 'invalid_type' ? issue.expected : 'string';
        return TYPE_NAMES[type] ?? type;
      }),
  );
  return `${EXPECTED}${[...new Set(expected)].join(', or ')}`;
}

/** Whether a branch of a union can not have been meant by a value of this type. */
function isWrongType(issue: Issue, value: PlainValue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') {
    return issue.errors.every((branch) => branch.some((inner) => isWrongType(inner, value)));
  }
  return (
    issue.code === 'invalid_type' || (issue.code === 'invalid_value' && typeof value !== 'string')
  );
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

export function isMap(value: PlainValue | undefined): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Looks through optional, default and transform to what a user writes. */
function written(schema: Schema): Schema {
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

function schemaAt(schema: Schema, path: Path): Schema | null {
  let at: Schema | null = written(schema);
  for (const segment of path) {
    at = within(at, segment);
    if (at === null) return null;
  }
  return at;
}

/** The schema of an entry; of a union the first branch that has such an entry. */
function within(schema: Schema, segment: PathSegment): Schema | null {
  let inner: Schema | undefined;
  if (schema instanceof z.ZodObject) inner = schema.shape[String(segment)];
  else if (schema instanceof z.ZodRecord) inner = schema.valueType;
  else if (schema instanceof z.ZodArray) inner = schema.element;
  else if (schema instanceof z.ZodUnion) {
    for (const option of schema.options) {
      const found = within(written(option), segment);
      if (found !== null) return found;
    }
  }
  return inner === undefined ? null : written(inner);
}

function knownKeys(schema: Schema | null): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** Of a union the keys of the branch that `value` names; zod tells a lone candidate's problems as its own. */
function keysMeant(schema: Schema | null, value: PlainValue | undefined): string[] {
  if (!(schema instanceof z.ZodUnion) || !isMap(value)) return knownKeys(schema);
  const branches = schema.options.map((option) => ({ option, issues: [] }));
  const meant = branches.filter((branch) => {
    const mark = markingKey(branch, branches);
    return mark !== null && Object.hasOwn(value, mark);
  });
  return allKeys(meant.length > 0 ? meant : branches);
}

function requiredKeys(option: Schema): string[] {
  const schema = written(option);
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape)
    .filter(([, value]) => value._zod.optin === undefined)
    .map(([key]) => key);
}

function allKeys(branches: readonly Branch[]): string[] {
  return branches.flatMap(({ option }) => knownKeys(written(option)));
}

function toPath(path: readonly PropertyKey[]): Path {
  return path.map((segment) => (typeof segment === 'number' ? segment : String(segment)));
}

function orList(words: readonly string[]): string {
  if (words.length === 1) return `"${words[0]}"`;
  return `one of ${words.join(', ')}`;
}
