// Where and why a text is not JSON, in the words of Go's encoding/json, since those are what the API
// server and kubectl show. `JSON.parse` decides what is valid; this scanner only explains a failure.

import type { JsonValue } from './json.ts';

/** A value, or why and where the text is not JSON. */
export type ParsedJson =
  | { readonly ok: true; readonly value: JsonValue }
  /** `offset` counts UTF-16 units from 0. */
  | { readonly ok: false; readonly message: string; readonly offset: number };

class SyntaxProblem extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Parses a JSON text; never throws. */
export function parseJson(text: string): ParsedJson {
  if (isTooDeep(text)) return { ok: false, message: 'exceeded max depth', offset: 0 };
  try {
    const value: JsonValue = JSON.parse(text);
    return { ok: true, value };
  } catch {
    return explain(text);
  }
}

function explain(text: string): ParsedJson {
  try {
    const scanner = new Scanner(text);
    scanner.document();
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    return { ok: false, message: error.message, offset: error.offset };
  }
  return { ok: false, message: 'invalid JSON', offset: 0 };
}

/** Go's limit is 10,000; what is stored is looked through by recursion, which has less room. */
const MAX_DEPTH = 1000;

/** Whether brackets nest deeper than that: `JSON.parse` has no limit, and all that comes after it has one. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) quoted = !quoted;
    else if (quoted) {
      if (char === BACKSLASH) at++;
    } else if (char === BRACE || char === BRACKET) {
      if (++depth > MAX_DEPTH) return true;
    } else if (char === CLOSING_BRACE || char === CLOSING_BRACKET) depth--;
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

class Scanner {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#value('looking for beginning of value');
    this.#space();
    if (this.#at < this.#text.length) this.#fail('after top-level value');
  }

  #fail(context: string): never {
    const char = this.#text[this.#at];
    if (char === undefined) throw new SyntaxProblem('unexpected end of JSON input', this.#at);
    const shown = char === "'" ? `'\\''` : `'${char}'`;
    throw new SyntaxProblem(`invalid character ${shown} ${context}`, this.#at);
  }

  #space(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'x')) this.#at++;
  }

  #value(context: string): void {
    this.#space();
    const char = this.#text[this.#at] ?? '';
    if (char === '{' || char === '[') {
      if (++this.#depth > MAX_DEPTH) throw new SyntaxProblem('exceeded max depth', this.#at);
      this.#at++;
      if (char === '{') this.#object();
      else this.#array();
      this.#depth--;
    } else if (char === '"') this.#string();
    else if (char === '-' || (char >= '0' && char <= '9')) this.#number();
    else if (char === 't') this.#literal('true');
    else if (char === 'f') this.#literal('false');
    else if (char === 'n') this.#literal('null');
    else this.#fail(context);
  }

  #object(): void {
    this.#space();
    if (this.#text[this.#at] === '}') {
      this.#at++;
      return;
    }
    for (;;) {
      this.#space();
      if (this.#text[this.#at] !== '"') this.#fail('looking for beginning of object key string');
      this.#string();
      this.#space();
      if (this.#text[this.#at] !== ':') this.#fail('after object key');
      this.#at++;
      this.#value('looking for beginning of value');
      this.#space();
      if (this.#text[this.#at++] === ',') continue;
      if (this.#text[--this.#at] !== '}') this.#fail('after object key:value pair');
      this.#at++;
      return;
    }
  }

  #array(): void {
    this.#space();
    if (this.#text[this.#at] === ']') {
      this.#at++;
      return;
    }
    for (;;) {
      this.#value('looking for beginning of value');
      this.#space();
      if (this.#text[this.#at++] === ',') continue;
      if (this.#text[--this.#at] !== ']') this.#fail('after array element');
      this.#at++;
      return;
    }
  }

  #string(): void {
    this.#at++;
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined || char < ' ') this.#fail('in string literal');
      this.#at++;
      if (char === '"') return;
      if (char !== '\\') continue;
      const escaped = this.#text[this.#at] ?? '';
      if (escaped === 'u') {
        for (let digit = 0; digit < 4; digit++) {
          this.#at++;
          if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? '')) {
            this.#fail('in \\u hexadecimal character escape');
          }
        }
      } else if (escaped === '' || !'"\\/bfnrt'.includes(escaped)) {
        this.#fail('in string escape code');
      }
      this.#at++;
    }
  }

  #digits(context: string): void {
    if (!/\d/.test(this.#text[this.#at] ?? '')) this.#fail(context);
    while (/\d/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #number(): void {
    if (this.#text[this.#at] === '-') this.#at++;
    if (this.#text[this.#at] === '0') this.#at++;
    else this.#digits('in numeric literal');
    if (this.#text[this.#at] === '.') {
      this.#at++;
      this.#digits('after decimal point in numeric literal');
    }
    if ('eE'.includes(this.#text[this.#at] ?? 'x')) {
      this.#at++;
      if ('+-'.includes(this.#text[this.#at] ?? 'x')) this.#at++;
      this.#digits('in exponent of numeric literal');
    }
  }

  #literal(word: string): void {
    for (const char of word) {
      if (this.#text[this.#at] !== char) {
        this.#fail(`in literal ${word} (expecting '${char}')`);
      }
      this.#at++;
    }
  }
}
