// A topology built in code, copied into the same plain values that YAML gives: its builder keeps
// the objects, and what only a program can contain (functions, cycles) is reported by its path.

import type { Diagnostic, DiagnosticSeverity } from './diagnostic.ts';
import { emptyMap, type PlainValue } from './plain-value.ts';
import { formatPath, type Path, type Position } from './position.ts';
import type { EntryPart, Source, SourceMap } from './source.ts';

/** As in source.ts: what a lab can sensibly have. */
const VALUE_LIMIT = 1_000_000;
const DEPTH_LIMIT = 32;

/** Copies `value`; `label` stands for the file in diagnostics. */
export function readObject(value: unknown, label: string): Source {
  const copier = new Copier(label);
  return { value: copier.copy(value, [], 0), map: copier, diagnostics: copier.diagnostics };
}

class Copier implements SourceMap {
  readonly diagnostics: Diagnostic[] = [];
  readonly #label: string;
  #values = 0;

  constructor(label: string) {
    this.#label = label;
  }

  position(path: Path, _part: EntryPart): Position {
    return { file: this.#label, line: 0, column: 0, path: formatPath(path) };
  }

  diagnostic(
    path: Path,
    part: EntryPart,
    message: string,
    remedy: string | null,
    severity: DiagnosticSeverity = 'error',
  ): Diagnostic {
    return { severity, position: this.position(path, part), message, remedy, source: null };
  }

  /** The path says where, as ever. */
  graft(): void {}

  copy(value: unknown, path: Path, depth: number): PlainValue {
    if (value === null || value === undefined) return null;
    if (typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value === 'number') return value;
    if (depth > DEPTH_LIMIT)
      return this.#refuse(path, 'this is nested too deeply or contains itself');
    if (++this.#values > VALUE_LIMIT) {
      if (this.#values > VALUE_LIMIT + 1) return null;
      return this.#refuse(path, `there are more than ${VALUE_LIMIT} lists and maps`);
    }
    if (Array.isArray(value)) {
      return value.map((item: unknown, index) => this.copy(item, [...path, index], depth + 1));
    }
    if (typeof value !== 'object')
      return this.#refuse(path, `a ${typeof value} is not allowed here`);
    const map = emptyMap();
    for (const [key, inner] of Object.entries(value)) {
      // What is not given may well be written as undefined in code.
      if (inner === undefined) continue;
      if (key === '__proto__') this.#refuse(path, '"__proto__" cannot be a name');
      else map[key] = this.copy(inner, [...path, key], depth + 1);
    }
    return map;
  }

  #refuse(path: Path, message: string): null {
    this.diagnostics.push(this.diagnostic(path, 'value', message, null));
    return null;
  }
}
