// YAML text to plain values that remember where each of them was written. Done by hand over the
// parser's nodes rather than by its toJS, for what a hostile or careless file may contain: aliases
// that multiply (the budget counts what they expand to), deep nesting, keys given twice, keys that
// JavaScript treats specially. Never throws on any text.

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
} from 'yaml';
import type { Diagnostic } from './diagnostic.ts';
import { diagnosticIn, type Place, Places, type SourceMap, type SourceText } from './places.ts';
import { emptyMap, type PlainList, type PlainMap, type PlainValue } from './plain-value.ts';
import type { Path } from './position.ts';
import { TextLines } from './text-lines.ts';
import { isOneVariable, Variables } from './variables.ts';

export type { EntryPart, SourceMap } from './places.ts';

/** A text longer than this is refused before it is parsed. */
export const SOURCE_LIMIT_BYTES: number = 1024 * 1024;
/** Values a file may expand to; a thousand nodes with pods and flows need a fifth of it. */
const VALUE_LIMIT = 250_000;
/** A topology is 7 levels deep. */
const DEPTH_LIMIT = 32;

/** A parsed text, with the place of each value. */
export interface Source {
  /** Null when the text is not usable YAML. */
  readonly value: PlainValue;
  readonly map: SourceMap;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads one YAML document; `variables` stand for what `${NAME}` does. */
export function readSource(text: string, file: string, variables?: Variables): Source {
  const reader = new SourceReader(text, file, variables ?? new Variables());
  return { value: reader.read(), map: reader.places, diagnostics: reader.diagnostics };
}

/** What the YAML parser's complaints mean for who wrote the file. */
const SYNTAX_REMEDIES: Readonly<Record<string, string>> = {
  BAD_ALIAS: 'an alias needs an anchor of the same name (&name) before it',
  BAD_INDENT: 'entries of one level start in the same column; close every [ and {',
  BAD_SCALAR_START: 'put the value in quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'start the inner entries on lines of their own, or quote a value with ": "',
  MISSING_CHAR: 'close the quote or bracket, or add what is missing',
  MULTILINE_IMPLICIT_KEY: 'put the key on one line, or check the indentation',
  MULTIPLE_DOCS: 'one file is one lab: move what follows "---" to a file of its own',
  TAB_AS_INDENT: 'indent with spaces',
};
/** The parser recurses into nested collections, and tells of it as V8 does. */
const STACK_EXHAUSTED = 'call stack';
const KNOWN_TAG = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/;

class SourceReader {
  readonly diagnostics: Diagnostic[] = [];
  readonly places: Places;
  readonly #source: SourceText;
  readonly #variables: Variables;
  readonly #anchors = new Map<string, Node>();
  /** Anchored nodes being read: an alias inside its own anchor has no end. */
  readonly #open = new Set<Node>();
  #values = 0;

  constructor(text: string, file: string, variables: Variables) {
    this.#source = { text, file, lines: new TextLines(text) };
    this.#variables = variables;
    this.places = new Places(this.#source);
  }

  read(): PlainValue {
    if (this.#source.text.length > SOURCE_LIMIT_BYTES) {
      const size = `${(this.#source.text.length / SOURCE_LIMIT_BYTES).toFixed(1)} MiB`;
      return this.#refuse(`the file is too large: ${size}`, 'a topology has at most 1 MiB');
    }
    let document: Document.Parsed;
    try {
      document = parseDocument(this.#source.text, {
        prettyErrors: false,
        // Ours is linear, and says where the first one is.
        uniqueKeys: false,
        logLevel: 'error',
      });
    } catch (error) {
      // No text is known to bring this about; a bug in the parser is still not the end of us.
      return this.#refuse(`this is not readable as YAML: ${String(error)}`, null);
    }
    for (const { code, pos, message } of [...document.errors, ...document.warnings]) {
      const remedy = SYNTAX_REMEDIES[code] ?? null;
      if (message.includes(STACK_EXHAUSTED)) {
        return this.#refuse('the file is nested too deeply', 'a topology is 7 levels deep');
      }
      const start = Math.min(pos[0], this.#source.text.length);
      this.#at(start, pos[1], [], `YAML: ${lowerFirst(message)}`, remedy);
    }
    if (this.diagnostics.length > 0) return null;
    const value = this.#value(document.contents, this.places.root, 0, []);
    return this.#values > VALUE_LIMIT ? null : value;
  }

  #value(given: Node | null, place: Place, depth: number, path: Path): PlainValue {
    if (++this.#values > VALUE_LIMIT) {
      if (this.#values === VALUE_LIMIT + 1) {
        const message = `the file expands to more than ${VALUE_LIMIT} values`;
        this.#at(place.range[0], place.range[1], path, message, 'use fewer aliases');
      }
      return null;
    }
    const node = isAlias(given) ? this.#resolve(given.source, place, path) : given;
    if (node === null) return null;
    if (depth > DEPTH_LIMIT) {
      this.#at(place.range[0], place.range[1], path, 'this is nested too deeply', null);
      return null;
    }
    if ('anchor' in node && node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (node.tag !== undefined && !KNOWN_TAG.test(node.tag)) {
      const message = `the YAML tag ${node.tag} is not allowed here`;
      this.#at(place.range[0], place.range[1], path, message, 'leave the tag out');
    }
    if (isScalar(node)) return this.#scalar(node, place, path);
    if (this.#open.has(node)) {
      this.#at(place.range[0], place.range[1], path, 'this alias contains itself', null);
      return null;
    }
    this.#open.add(node);
    let value: PlainValue = null;
    if (isSeq<Node>(node)) value = this.#list(node.items, place, depth, path);
    else if (isMap<Node, Node | null>(node)) value = this.#map(node.items, place, depth, path);
    this.#open.delete(node);
    return value;
  }

  #list(items: readonly Node[], place: Place, depth: number, path: Path): PlainList {
    return items.map((item, index) => {
      const child = this.#place(rangeOf(item) ?? place.range, null);
      place.children.set(index, child);
      return this.#value(item, child, depth + 1, [...path, index]);
    });
  }

  #map(
    items: readonly Pair<Node, Node | null>[],
    place: Place,
    depth: number,
    path: Path,
  ): PlainMap {
    const map = emptyMap();
    const merged: Node[] = [];
    for (const pair of items) {
      const keyRange = rangeOf(pair.key) ?? place.range;
      const key = this.#key(pair.key, keyRange, path);
      if (key === null || this.#values > VALUE_LIMIT) continue;
      if (key === MERGE) {
        if (pair.value !== null) merged.push(pair.value);
        continue;
      }
      const first = place.children.get(key);
      if (first !== undefined) {
        const line = this.#source.lines.lineOf(first.key?.[0] ?? 0);
        const message = `"${key}" is given twice`;
        const remedy = `the first is in line ${line}: rename or remove one`;
        this.#at(keyRange[0], keyRange[1], [...path, key], message, remedy);
        continue;
      }
      const child = this.#place(rangeOf(pair.value) ?? keyRange, keyRange);
      place.children.set(key, child);
      map[key] = this.#value(pair.value, child, depth + 1, [...path, key]);
    }
    for (const node of merged) this.#merge(node, map, place, depth, path);
    return map;
  }

  /** `<<: *base` or `<<: [*first, *second]`: gives what is not given yet (YAML's merge key). */
  #merge(node: Node, map: PlainMap, place: Place, depth: number, path: Path): void {
    const range = rangeOf(node) ?? place.range;
    const own = isAlias(node) ? this.#resolve(node.source, place, path) : node;
    const bases = isSeq<Node>(own) ? own.items : own === null ? [] : [own];
    for (const base of bases) {
      const from = this.#place(range, null);
      const value = this.#value(base, from, depth + 1, path);
      if (this.#values > VALUE_LIMIT) return;
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        const remedy = 'give "<<" the alias of a mapping (<<: *name), or a list of such aliases';
        this.#at(range[0], range[1], path, 'only mappings can be merged', remedy);
        continue;
      }
      for (const [key, inner] of Object.entries(value)) {
        if (Object.hasOwn(map, key)) continue;
        map[key] = inner;
        const child = from.children.get(key);
        if (child !== undefined) place.children.set(key, child);
      }
    }
  }

  #key(node: Node, range: readonly [number, number], path: Path): string | null {
    const scalar = isAlias(node) ? this.#anchors.get(node.source) : node;
    if (!isScalar(scalar)) {
      this.#at(range[0], range[1], path, 'a key is a plain word', null);
      return null;
    }
    const key = typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? '');
    // Objects keep these to themselves: zod skips the one, and a frame would print the others badly.
    if (key === '__proto__' || key === '') {
      this.#at(range[0], range[1], path, `"${key}" cannot be a name`, 'choose another name');
      return null;
    }
    return key;
  }

  #resolve(anchor: string, place: Place, path: Path): Node | null {
    const node = this.#anchors.get(anchor);
    if (node !== undefined) return node;
    const message = `there is no anchor &${anchor} before this alias`;
    this.#at(place.range[0], place.range[1], path, message, SYNTAX_REMEDIES.BAD_ALIAS ?? null);
    return null;
  }

  #place(range: readonly [number, number], key: readonly [number, number] | null): Place {
    return { source: this.#source, range, key, children: new Map() };
  }

  /** A value that is one variable is typed as if its value stood there: `port: "${PORT}"` is a number. */
  #scalar(node: Scalar, place: Place, path: Path): PlainValue {
    const plain = plainScalar(node);
    if (typeof plain !== 'string' || !plain.includes('${')) return plain;
    const { problem, text } = this.#variables.expand(plain);
    if (problem !== null) {
      this.#at(place.range[0], place.range[1], path, problem.message, problem.remedy);
    }
    if (problem !== null || !isOneVariable(plain)) return text;
    const typed = parseDocument(text, { prettyErrors: false, logLevel: 'silent' });
    return typed.errors.length === 0 && isScalar(typed.contents)
      ? plainScalar(typed.contents)
      : text;
  }

  #refuse(message: string, remedy: string | null): null {
    this.#at(0, 0, [], message, remedy);
    return null;
  }

  #at(start: number, end: number, path: Path, message: string, remedy: string | null): void {
    this.diagnostics.push(diagnosticIn(this.#source, [start, end], path, message, remedy));
  }
}

/** YAML's key for what is given elsewhere. */
const MERGE = '<<';

function rangeOf(node: Node | null | undefined): readonly [number, number] | null {
  const range = node?.range;
  return range === null || range === undefined ? null : [range[0], range[1]];
}

function plainScalar(node: Scalar): PlainValue {
  const { value, source } = node;
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  // What YAML 1.1 makes of '2020-05-09' (a %YAML directive asks for it) is text to us.
  return source ?? String(value);
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
