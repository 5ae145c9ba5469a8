// What zod finds wrong with the shape of a topology, in words for who wrote it: unknown and missing
// keys, wrong types, values that do not mean anything. Of a union (a step, an expectation) only the
// branch that was meant are reported.

import { z } from 'zod';
import { suggest } from '../base/suggest.ts';
import { oneLine } from './one-line.ts';
import { isMap, type PlainMap, type PlainValue, valueAt } from './plain-value.ts';
import type { Path } from './position.ts';
import type { EntryPart } from './source.ts';
import { allKeys, keysMeant, markingKey, schemaAt, type ZodSchema } from './walk.ts';

/** One thing that is wrong with the shape of a value. */
export interface ShapeProblem {
  readonly path: Path;
  readonly part: EntryPart;
  readonly message: string;
  readonly remedy: string | null;
  /** What has to go so that the rest can be looked at. */
  readonly prune: Path;
  /** Of an unknown key the path of the known one that was probably meant. */
  readonly meant?: Path;
}

type Issue = z.core.$ZodIssue;

/** One schema of a union, and why it refused the value. */
interface Branch {
  readonly option: ZodSchema;
  readonly issues: readonly Issue[];
}

/** All problems of `value`, which `schema` refused with `issues`. */
export function explainIssues(
  issues: readonly Issue[],
  schema: ZodSchema,
  value: PlainValue,
): ShapeProblem[] {
  return withoutMisspelled(issues.flatMap((issue) => explain(issue, schema, value, [])));
}

/** A required key that was misspelled is not missing as well. */
function withoutMisspelled(problems: readonly ShapeProblem[]): ShapeProblem[] {
  const meant = new Set(problems.flatMap((problem) => problem.meant?.map(String).join('/') ?? []));
  const isMissing = ({ path, prune }: ShapeProblem): boolean => prune.length < path.length;
  return problems.filter(
    (problem) => !(isMissing(problem) && meant.has(problem.path.map(String).join('/'))),
  );
}

function explain(issue: Issue, schema: ZodSchema, root: PlainValue, base: Path): ShapeProblem[] {
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
      const message = issue.issues[0]?.message ?? 'this cannot be a name';
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
      const isScalar = typeof value === 'number' || typeof value === 'boolean';
      // A bare 123 may be meant as a name; a duration of 50 lacks its unit, and quotes do not help.
      const isPlainText = !issue.message.startsWith('expected') || /\bnames?\b/.test(expected);
      if (issue.expected === 'string' && isScalar && isPlainText) {
        return { message: `${expected}, found ${found}`, remedy: `put it in quotes: "${found}"` };
      }
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
    ...(near === null ? {} : { meant: [...path, near] }),
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
  schema: ZodSchema | null,
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
    const options = meant.map(({ option }) => option);
    const marks = meant.flatMap((branch) => markingKey(branch.option, options) ?? []);
    const marked = meant.filter((branch) => {
      const mark = markingKey(branch.option, options);
      return mark !== null && Object.hasOwn(value, mark);
    });
    if (marked.length === 0) return [noBranch(path, value, marks, allKeys(options))];
    if (marked.length > 1) return [severalBranches(path, value, marks)];
    meant = marked;
  }
  const [branch] = meant;
  if (branch === undefined) return [unmatched(path, value, issue.message)];
  return branch.issues.flatMap((inner) => explain(inner, branch.option, root, path));
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
  const message = `${given.map((key) => `"${key}"`).join(' and ')} cannot be combined`;
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

/** Whether a branch of a union cannot have been meant by a value of this type. */
function isWrongType(issue: Issue, value: PlainValue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') {
    return issue.errors.every((branch) => branch.some((inner) => isWrongType(inner, value)));
  }
  return (
    issue.code === 'invalid_type' || (issue.code === 'invalid_value' && typeof value !== 'string')
  );
}

function toPath(path: readonly PropertyKey[]): Path {
  return path.map((segment) => (typeof segment === 'number' ? segment : String(segment)));
}

function orList(words: readonly string[]): string {
  if (words.length === 1) return `"${words[0]}"`;
  return `one of ${words.join(', ')}`;
}
