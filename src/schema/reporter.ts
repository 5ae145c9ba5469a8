// What every normalizer needs, whatever section it reads: the names that the file declares, and where to
// complain. A complaint about what follows from another complaint is not made.

import { suggest } from '../base/suggest.ts';
import type { Declared, NameKind } from './declared.ts';
import type { Diagnostic } from './diagnostic.ts';
import { oneLine } from './one-line.ts';
import { isMap, valueAt } from './plain-value.ts';
import { formatPath, type Path, type Position } from './position.ts';
import type { Pruned } from './prune.ts';
import type { EntryPart, SourceMap } from './source.ts';

/** Collects what is wrong with one file, each thing with its place. */
export class Reporter {
  readonly declared: Declared;
  readonly diagnostics: Diagnostic[] = [];
  readonly #map: SourceMap;
  readonly #value: Pruned;
  /** Where something was wrong, as the user counts. */
  readonly #damage: Path[];
  /** Places where something stands in for what had to go. */
  readonly #standIns: ReadonlySet<string>;

  constructor(declared: Declared, map: SourceMap, value: Pruned) {
    this.declared = declared;
    this.#map = map;
    this.#value = value;
    this.#damage = [...value.damage];
    this.#standIns = new Set(value.standIns.map(formatPath));
  }

  /** Says what is wrong with the value at `path`, or with its key. */
  report(
    path: Path,
    message: string,
    remedy: string | null = null,
    part: EntryPart = 'value',
  ): void {
    const original = this.#value.original(path);
    // A stand-in for something that was reported already.
    if (this.#standIns.has(formatPath(original))) return;
    this.#damage.push(original);
    this.diagnostics.push(this.#map.diagnostic(original, part, message, remedy));
  }

  /** Says what is sound and probably not what was meant: the topology runs with it. */
  warn(path: Path, message: string, remedy: string, part: EntryPart = 'value'): void {
    const original = this.#value.original(path);
    this.diagnostics.push(this.#map.diagnostic(original, part, message, remedy, 'warning'));
  }

  /** Says that something is missing at `path`, unless what was there has been complained of. */
  reportMissing(
    path: Path,
    message: string,
    remedy: string | null = null,
    part: EntryPart = 'key',
  ): void {
    if (!this.damaged(path)) this.report(path, message, remedy, part);
  }

  /** Whether something at or below `path` was complained of: what follows from it is no news. */
  damaged(path: Path): boolean {
    const original = this.#value.original(path);
    return this.#damage.some((damage) => original.every((segment, i) => damage[i] === segment));
  }

  position(path: Path, part: EntryPart = 'value'): Position {
    return this.#map.position(this.#value.original(path), part);
  }

  /** Whether the file has something at `path`, sound or not. */
  mentions(path: Path): boolean {
    return valueAt(this.#value.root, path) !== undefined || this.damaged(path);
  }

  /** Whether the user wrote a list there, where one value would do as well. */
  isList(path: Path): boolean {
    return Array.isArray(valueAt(this.#value.root, path));
  }

  /** What is at `path` as one line, without the braces around it and without the keys in `except`. */
  text(path: Path, ...except: readonly string[]): string {
    const value = valueAt(this.#value.root, path) ?? null;
    if (!isMap(value)) return oneLine(value);
    const kept = Object.entries(value).filter(([key]) => !except.includes(key));
    return kept.map(([key, inner]) => `${key}: ${oneLine(inner)}`).join(', ');
  }

  /** Whether `name` is one of `kinds`; complains when it is not. */
  known(name: string, path: Path, ...kinds: readonly NameKind[]): boolean {
    if (kinds.some((kind) => this.declared.has(kind, name))) return true;
    this.unknown(alternatives(kinds), name, this.declared.names(...kinds), path);
    return false;
  }

  /** The word that was probably meant, or null. */
  suggest(word: string, known: readonly string[]): string | null {
    // Nobody reads that far; and a file may name thousands of things thousands of times.
    return this.diagnostics.length > 100 ? null : suggest(word, known.slice(0, 500));
  }

  /** Complains that there is no `what` "name". */
  unknown(
    what: string,
    name: string,
    known: readonly string[],
    path: Path,
    part: EntryPart = 'value',
  ): void {
    const near = this.suggest(name, known);
    const list = known.length > 12 ? [...known.slice(0, 12), '...'] : known;
    const remedy = list.length === 0 ? 'none is defined' : `known: ${list.join(', ')}`;
    this.report(
      path,
      `there is no ${what} "${name}"`,
      near === null ? remedy : `did you mean "${near}"?`,
      part,
    );
  }

  /** Complains unless exactly one of `keys` is in `given`; then says which. */
  exactlyOne<Key extends string>(
    given: { readonly [key in Key]?: unknown },
    keys: readonly Key[],
    path: Path,
  ): Key | null {
    const present = keys.filter((key) => given[key] !== undefined);
    const [only] = present;
    if (only !== undefined && present.length === 1) return only;
    const list = keys.join(', ');
    if (only === undefined) this.reportMissing(path, `this needs one of ${list}`);
    else this.report(path, `${present.join(' and ')} cannot be combined`, `keep one of ${list}`);
    return null;
  }
}

/** 'pod, host or node'. */
function alternatives(kinds: readonly string[]): string {
  const last = kinds.at(-1) ?? '';
  return kinds.length < 2 ? last : `${kinds.slice(0, -1).join(', ')} or ${last}`;
}
