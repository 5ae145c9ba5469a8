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
import { type Diagnostic, excerpt } from './diagnostic.ts';
import { emptyMap, type PlainList, type PlainMap, type PlainValue } from './plain-value.ts';
import { formatPath, type Path, type PathSegment, type Position } from './position.ts';
import { TextLines } from './text-lines.ts';

/** A text longer than this is refused before it is parsed. */
export const SOURCE_LIMIT_BYTES: number = 1024 * 1024;
/** Values a file may expand to; a thousand nodes with pods and flows need a fifth of it. */
const VALUE_LIMIT = 250_000;
/** A topology is 7 levels deep. */
const DEPTH_LIMIT = 32;

/** Offsets of a value and of the key before it, and the same for what it contains. */
interface Place {
  readonly range: readonly [number, number];
  readonly key: readonly [number, number] | null;
  readonly children: Map<PathSegment, Place>;
}

/** The place of a value, or of its key, in the text. */
export type Part = 'key' | 'value';

/** Knows where everything was written. */
export interface SourceMap {
  /** Where what is at `path` was written, or the nearest thing around it. */
  position(path: Path, part: Part): Position;
  /** A diagnostic about it. */
  diagnostic(path: Path, part: Part, message: string, remedy: string | null): Diagnostic;
}

export interface Source {
  /** Null when the text is not usable YAML. */
  readonly value: PlainValue;
  readonly map: SourceMap;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads one YAML document. */
export function readSource(text: string, file: string): Source {
  const reader = new SourceReader(text, file);
  return { value: reader.read(), map: reader, diagnostics: reader.diagnostics };
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

class SourceReader implements SourceMap {
  readonly diagnostics: Diagnostic[] = [];
  readonly #text: string;
  readonly #file: string;
  readonly #lines: TextLines;
  readonly #anchors = new Map<string, Node>();
  /** Anchored nodes being read: an alias inside its own anchor has no end. */
  readonly #open = new Set<Node>();
  #root: Place | null = null;
  #values = 0;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
    this.#lines = new TextLines(text);
  }

  read(): PlainValue {
    if (this.#text.length > SOURCE_LIMIT_BYTES) {
      const size = `${(this.#text.length / SOURCE_LIMIT_BYTES).toFixed(1)} MiB`;
      return this.#refuse(`the file is too large: ${size}`, 'a topology has at most 1 MiB');
    }
    let document: Document.Parsed;
    try {
      document = parseDocument(this.#text, {
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
      const start = Math.min(pos[0], this.#text.length);
      this.#at(start, pos[1], [], `YAML: ${lowerFirst(message)}`, remedy);
    }
    if (this.diagnostics.length > 0) return null;
    const root = this.#place([0, 0], null);
    this.#root = root;
    const value = this.#value(document.contents, root, 0, []);
    return this.#values > VALUE_LIMIT ? null : value;
  }

  position(path: Path, part: Part): Position {
    return this.#position(this.#range(path, part)[0], path);
  }

  diagnostic(path: Path, part: Part, message: string, remedy: string | null): Diagnostic {
    const [start, end] = this.#range(path, part);
    return this.#make(start, end, path, message, remedy);
  }

  #range(path: Path, part: Part): readonly [number, number] {
    let place = this.#root ?? this.#place([0, 0], null);
    let exact = true;
    for (const segment of path) {
      const child = place.children.get(segment);
      exact = child !== undefined;
      if (child === undefined) break;
      place = child;
    }
    // A missing key is reported at the key of its parent.
    return (part === 'key' || !exact ? place.key : null) ?? place.range;
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
    if (isScalar(node)) return plainScalar(node);
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
    for (const pair of items) {
      const keyRange = rangeOf(pair.key) ?? place.range;
      const key = this.#key(pair.key, keyRange, path);
      if (key === null || this.#values > VALUE_LIMIT) continue;
      const first = place.children.get(key);
      if (first !== undefined) {
        const line = this.#lines.lineOf(first.key?.[0] ?? 0);
        const message = `"${key}" is given twice`;
        const remedy = `the first is in line ${line}: rename or remove one`;
        this.#at(keyRange[0], keyRange[1], [...path, key], message, remedy);
        continue;
      }
      const child = this.#place(rangeOf(pair.value) ?? keyRange, keyRange);
      place.children.set(key, child);
      map[key] = this.#value(pair.value, child, depth + 1, [...path, key]);
    }
    return map;
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
    if (key === '<<') {
      const remedy = 'repeat the entries, or put an alias in place of a whole value';
      this.#at(range[0], range[1], path, 'merge keys (<<) are not supported', remedy);
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
    return { range, key, children: new Map() };
  }

  #refuse(message: string, remedy: string | null): null {
    this.#at(0, 0, [], message, remedy);
    return null;
  }

  #at(start: number, end: number, path: Path, message: string, remedy: string | null): void {
    this.diagnostics.push(this.#make(start, end, path, message, remedy));
  }

  #make(
    start: number,
    end: number,
    path: Path,
    message: string,
    remedy: string | null,
  ): Diagnostic {
    const line = this.#lines.lineOf(start);
    const [lineStart, lineEnd] = [this.#lines.startOf(line), this.#lines.endOf(line)];
    const source = excerpt(this.#text, lineStart, lineEnd, start, end);
    return { position: this.#position(start, path), message, remedy, source };
  }

  #position(start: number, path: Path): Position {
    const line = this.#lines.lineOf(start);
    const column = start - this.#lines.startOf(line) + 1;
    return { file: this.#file, line, column, path: formatPath(path) };
  }
}

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
