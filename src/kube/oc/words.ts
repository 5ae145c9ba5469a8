// A typed command line as words, quoted as in a POSIX shell (XCU 2.2) but without any shell: nothing
// is expanded, piped or executed. What a shell would give a meaning that we cannot is refused.

import { EgressLabError } from '../../base/errors.ts';

/** Unquoted, these would make a shell do something other than pass a word on. */
const OPERATORS = ';|&<>`';

function refuse(text: string, at: number, message: string, hint: string): never {
  const column = at + 1;
  throw new EgressLabError('EGL_OC_QUOTING', `${message} at column ${column} of: ${text.trim()}`, {
    hint,
  });
}

function refuseExpansion(text: string, at: number): void {
  const next = text[at + 1] ?? '';
  if (!/[A-Za-z_{(]/.test(next)) return;
  refuse(
    text,
    at,
    'a shell would expand "$" here, which the lab does not',
    'Put it in single quotes.',
  );
}

/** Splits one command line into words. @throws EgressLabError EGL_OC_QUOTING */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let at = 0;
  while (at < text.length) {
    const char = text[at] ?? '';
    if (char === '\n' && text.slice(at).trim() !== '' && (word !== null || words.length > 0)) {
      refuse(
        text,
        at,
        'a second line',
        'One command at a time; end a line with a backslash to go on.',
      );
    }
    if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
      at++;
    } else if (char === '\\') {
      // A backslash before the end of the line joins the lines.
      if (text[at + 1] !== '\n') word = (word ?? '') + (text[at + 1] ?? '\\');
      at += 2;
    } else if (char === "'" || char === '"') {
      const quoted = char === "'" ? readSingle(text, at) : readDouble(text, at);
      word = (word ?? '') + quoted.content;
      at = quoted.end;
    } else {
      if (OPERATORS.includes(char)) {
        const hint =
          'There is no shell here: one oc command only. Quote the character if you mean it literally.';
        refuse(text, at, `a shell would act on "${char}"`, hint);
      }
      if (char === '$') refuseExpansion(text, at);
      word = (word ?? '') + char;
      at++;
    }
  }
  if (word !== null) words.push(word);
  return words;
}

interface Quoted {
  readonly content: string;
  /** Just after the closing quote. */
  readonly end: number;
}

function readSingle(text: string, start: number): Quoted {
  const end = text.indexOf("'", start + 1);
  if (end < 0) refuse(text, start, 'a single quote is never closed', "Add the closing '.");
  return { content: text.slice(start + 1, end), end: end + 1 };
}

function readDouble(text: string, start: number): Quoted {
  let content = '';
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at] ?? '';
    const next = text[at + 1] ?? '';
    if (char === '"') return { content, end: at + 1 };
    if (char === '\\' && '"\\$`\n'.includes(next) && next !== '') {
      if (next !== '\n') content += next;
      at++;
      continue;
    }
    if (char === '$') refuseExpansion(text, at);
    content += char;
  }
  return refuse(text, start, 'a double quote is never closed', 'Add the closing ".');
}
