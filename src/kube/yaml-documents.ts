// YAML as clients send it (`kubectl apply -f`, server-side apply): one or several documents, read as
// JSON values. JSON is YAML, so both come in here. Bytes from outside never throw.

import { parseAllDocuments } from 'yaml';
import type { JsonValue } from './json.ts';
import { parseJson } from './json-syntax.ts';

/** The documents of a text, or why it is none. */
export type ParsedYaml =
  | { readonly ok: true; readonly documents: readonly JsonValue[] }
  | { readonly ok: false; readonly message: string };

/** Aliases can make a small text a large value; nothing real uses more than a few. */
const MAX_ALIASES = 100;

/** Reads all documents of a text; empty ones are left out. */
export function parseYaml(text: string): ParsedYaml {
  const documents: JsonValue[] = [];
  try {
    const parsed = parseAllDocuments(text, { version: '1.1', schema: 'core', logLevel: 'error' });
    for (const document of parsed) {
      const [error] = document.errors;
      if (error !== undefined) return { ok: false, message: firstLine(error.message) };
      const value = document.toJS({ maxAliasCount: MAX_ALIASES });
      // What JSON does not have (an infinite number, a date) becomes what JSON makes of it.
      const json = parseJson(JSON.stringify(value ?? null));
      if (json.ok && json.value !== null) documents.push(json.value);
    }
  } catch (error) {
    // Too many aliases, or nested too deep for the reader.
    return { ok: false, message: error instanceof Error ? firstLine(error.message) : 'not YAML' };
  }
  return { ok: true, documents };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
