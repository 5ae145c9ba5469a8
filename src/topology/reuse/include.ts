// `include: hosts.yaml`: what another file beside this one says, as if it stood here. Maps are joined name
// by name, lists of links, attachments and steps follow each other, and of two values this file's counts.

import type { Diagnostic } from '../../schema/diagnostic.ts';
import type { SourceMap } from '../../schema/places.ts';
import { isMap, type PlainMap, type PlainValue } from '../../schema/plain-value.ts';
import type { Path } from '../../schema/position.ts';
import { readSource, type Source } from '../../schema/source.ts';
import type { Variables } from '../../schema/variables.ts';

/** The text of a file beside the topology, or why there is none. */
export type IncludeReader = (name: string) => IncludedText | IncludeProblem;

/** A file that was read. */
export interface IncludedText {
  readonly text: string;
}

/** A file that was not. */
export interface IncludeProblem {
  /** A sentence without a period. */
  readonly problem: string;
  /** What to do; null when the problem says it. */
  readonly remedy: string | null;
}

/** Files that one topology may be made of. */
const FILE_LIMIT = 64;
const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*\.ya?ml$/;
const APPENDED: ReadonlySet<string> = new Set(['links', 'attach', 'scenario.steps']);

/** Joins files; used once per topology. */
export class Includes {
  readonly diagnostics: Diagnostic[] = [];
  /** The texts of all files that were included, in their order. */
  readonly texts: string[] = [];
  readonly #read: IncludeReader | null;
  readonly #variables: Variables;
  readonly #seen: Set<string>;

  /** `file` is the topology's own name. */
  constructor(file: string, read: IncludeReader | null, variables: Variables) {
    this.#read = read;
    this.#variables = variables;
    this.#seen = new Set([file.replace(/^.*[/\\]/, '')]);
  }

  /** Takes `include` out of the root and joins what it names; the root is changed in place. */
  apply({ map, value }: Pick<Source, 'map' | 'value'>): void {
    if (!isMap(value) || !Object.hasOwn(value, 'include')) return;
    const { include = null } = value;
    delete value.include;
    const names = Array.isArray(include) ? include : [include];
    names.forEach((name, index) => {
      const at: Path = Array.isArray(include) ? ['include', index] : ['include'];
      this.#join(value, map, name, at);
    });
  }

  #join(root: PlainMap, map: SourceMap, name: PlainValue, at: Path): void {
    const complain = (message: string, remedy: string | null): void => {
      this.diagnostics.push(map.diagnostic(at, 'value', message, remedy));
    };
    if (typeof name !== 'string' || !FILE_NAME.test(name)) {
      complain(
        'expected the name of a file beside this one',
        'such as hosts.yaml, without a folder',
      );
      return;
    }
    if (this.#seen.has(name)) {
      complain(`${name} is part of this topology already`, 'include each file once');
      return;
    }
    if (this.#seen.size > FILE_LIMIT) {
      complain(`a topology is made of at most ${FILE_LIMIT} files`, null);
      return;
    }
    this.#seen.add(name);
    const found = this.#read?.(name) ?? {
      problem: 'there is no file around this topology to look beside',
      remedy: 'save it as a file, or write what is included in its place',
    };
    if ('problem' in found) {
      complain(found.problem, found.remedy);
      return;
    }
    this.texts.push(found.text);
    const included = readSource(found.text, name, this.#variables);
    this.diagnostics.push(...included.diagnostics);
    if (included.value === null) return;
    if (!isMap(included.value)) {
      complain(
        `${name} has no sections`,
        'it is written like a topology, with any of its sections',
      );
      return;
    }
    this.apply(included);
    join(root, map, included.value, included.map, []);
  }
}

function join(into: PlainMap, map: SourceMap, from: PlainMap, of: SourceMap, path: Path): void {
  for (const [key, value] of Object.entries(from)) {
    const at = [...path, key];
    const own = into[key];
    if (own === undefined) {
      into[key] = value;
      map.graft(at, at, of);
    } else if (isMap(own) && isMap(value)) {
      join(own, map, value, of, at);
    } else if (Array.isArray(own) && Array.isArray(value) && APPENDED.has(at.join('.'))) {
      value.forEach((item, index) => {
        map.graft([...at, own.length], [...at, index], of);
        own.push(item);
      });
    }
  }
}
