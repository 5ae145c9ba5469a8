// kubectl's JSONPath templates (client-go util/jsonpath), as far as people use them:
// text, {.a.b}, {.items[*].x}, {.a['k']}, {.a[0:2]}, {..name}, {.a[?(@.type=="Ready")].status},
// {range .items[*]}...{end}, {"\n"}. A missing field gives nothing; several results are joined by a
// blank. Left out: unions, functions, comparisons other than ==, !=, <, <=, >, >=.

import { isJsonArray, isJsonObject, type JsonValue } from '../json.ts';

/** The text of a template, or what is wrong with it. */
export type JsonPathResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string };

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'deep'; readonly name: string }
  | { readonly kind: 'all' }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'slice'; readonly from: number; readonly to: number | null }
  | {
      readonly kind: 'filter';
      readonly path: Path;
      readonly operator: string;
      readonly value: JsonValue;
    };
type Path = readonly Step[];

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'range'; readonly path: Path; readonly body: readonly Part[] };

class TemplateProblem extends Error {}

/** Fills a template from a document. */
export function renderJsonPath(template: string, document: JsonValue): JsonPathResult {
  try {
    const parts = parseTemplate(template.includes('{') ? template : `{${template}}`);
    return { ok: true, text: render(parts, document) };
  } catch (error) {
    if (!(error instanceof TemplateProblem)) throw error;
    return { ok: false, message: `error parsing jsonpath ${template}, ${error.message}` };
  }
}

/** What one path finds, for sorting. @throws never; a malformed path finds nothing */
export function findJsonPath(template: string, document: JsonValue): readonly JsonValue[] {
  try {
    const [part] = parseTemplate(template);
    return part?.kind === 'path' ? walk(part.path, document) : [];
  } catch (error) {
    if (!(error instanceof TemplateProblem)) throw error;
    return [];
  }
}

function parseTemplate(template: string): readonly Part[] {
  const tokens = tokenize(template);
  const [parts, rest] = parseParts(tokens);
  if (rest.length > 0) throw new TemplateProblem('not in range, nothing to end');
  return parts;
}

/** Texts outside braces as they are, actions as '{...'. */
function tokenize(template: string): readonly string[] {
  const tokens: string[] = [];
  let at = 0;
  while (at < template.length) {
    if (template[at] !== '{') {
      const end = template.indexOf('{', at);
      tokens.push(template.slice(at, end < 0 ? template.length : end));
      at = end < 0 ? template.length : end;
      continue;
    }
    const end = endOfAction(template, at + 1);
    tokens.push(`{${template.slice(at + 1, end).trim()}`);
    at = end + 1;
  }
  return tokens;
}

function endOfAction(template: string, start: number): number {
  let quote = '';
  for (let at = start; at < template.length; at++) {
    const char = template[at] ?? '';
    if (quote !== '') {
      if (char === '\\') at++;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '}') return at;
  }
  throw new TemplateProblem('unclosed action');
}

/** Up to an {end}, or to the end; returns what follows that {end} too. */
function parseParts(tokens: readonly string[]): readonly [readonly Part[], readonly string[]] {
  const parts: Part[] = [];
  let rest = tokens;
  for (;;) {
    const [token, ...after] = rest;
    if (token === undefined) return [parts, []];
    rest = after;
    if (!token.startsWith('{')) parts.push({ kind: 'text', text: token });
    else if (token === '{end') return [parts, ['', ...rest]];
    else if (token.startsWith('{range ')) {
      const path = parsePath(token.slice('{range '.length).trim());
      const [body, [end, ...beyond]] = parseParts(rest);
      if (end === undefined) throw new TemplateProblem('unterminated range');
      parts.push({ kind: 'range', path, body });
      rest = beyond;
    } else if (/^\{["']/.test(token)) parts.push({ kind: 'text', text: unquote(token.slice(1)) });
    else parts.push({ kind: 'path', path: parsePath(token.slice(1)) });
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

function unquote(text: string): string {
  if (text.length < 2 || text.at(-1) !== text[0])
    throw new TemplateProblem('unterminated quoted string');
  return text.slice(1, -1).replaceAll(/\\(.)/gs, (_, char: string) => ESCAPES[char] ?? char);
}

function parsePath(text: string): Path {
  const steps: Step[] = [];
  let rest = text.replace(/^[$@]/, '');
  while (rest !== '') {
    const deep = /^\.\.((?:\\.|[^.[\]\\\s])+)/s.exec(rest);
    const field = /^\.((?:\\.|[^.[\]\\\s])*)/s.exec(rest);
    const bracket = /^\[((?:'[^']*'|"[^"]*"|[^\]'"])*)\]/s.exec(rest);
    const found = deep ?? field ?? bracket;
    if (found === null) throw new TemplateProblem(`unrecognized character in action: ${rest[0]}`);
    const name = (found[1] ?? '').replaceAll(/\\(.)/gs, '$1');
    if (deep !== null) steps.push({ kind: 'deep', name });
    else if (field === null) steps.push(parseBracket(found[1] ?? ''));
    else if (name === '*') steps.push({ kind: 'all' });
    else if (name !== '') steps.push({ kind: 'field', name });
    rest = rest.slice(found[0].length);
  }
  return steps;
}

function parseBracket(text: string): Step {
  const inner = text.trim();
  if (inner === '*') return { kind: 'all' };
  if (/^-?\d+$/.test(inner)) return { kind: 'index', index: Number(inner) };
  const slice = /^(-?\d*):(-?\d*)$/.exec(inner);
  if (slice !== null) {
    const to = slice[2] === '' || slice[2] === undefined ? null : Number(slice[2]);
    return { kind: 'slice', from: Number(slice[1] ?? 0), to };
  }
  if (/^(['"]).*\1$/s.test(inner)) return { kind: 'field', name: inner.slice(1, -1) };
  const filter = /^\?\(\s*(@[^=!<>\s]*)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?))?\s*\)$/s.exec(inner);
  if (filter === null) throw new TemplateProblem(`invalid array index ${inner}`);
  const path = parsePath(filter[1] ?? '@');
  if (filter[2] === undefined) return { kind: 'filter', path, operator: 'exists', value: null };
  return { kind: 'filter', path, operator: filter[2], value: literal(filter[3] ?? '') };
}

function literal(text: string): JsonValue {
  if (/^["']/.test(text)) return unquote(text);
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new TemplateProblem(`unrecognized literal ${text}`);
}

function walk(path: Path, document: JsonValue): readonly JsonValue[] {
  return path.reduce<readonly JsonValue[]>(
    (values, step) => values.flatMap((value) => take(step, value)),
    [document],
  );
}

function take(step: Step, value: JsonValue): readonly JsonValue[] {
  switch (step.kind) {
    case 'field': {
      const found =
        isJsonObject(value) && Object.hasOwn(value, step.name) ? value[step.name] : undefined;
      return found === undefined ? [] : [found];
    }
    case 'deep':
      return [
        ...take({ kind: 'field', name: step.name }, value),
        ...children(value).flatMap((child) => take(step, child)),
      ];
    case 'all':
      return children(value);
    case 'index':
      return isJsonArray(value) ? value.slice(step.index).slice(0, 1) : [];
    case 'slice':
      return isJsonArray(value) ? value.slice(step.from, step.to ?? value.length) : [];
    case 'filter':
      return isJsonArray(value) ? value.filter((item) => passes(step, item)) : [];
  }
}

function children(value: JsonValue): readonly JsonValue[] {
  if (isJsonArray(value)) return value;
  return isJsonObject(value) ? Object.values(value) : [];
}

function passes(
  { path, operator, value }: Step & { readonly kind: 'filter' },
  item: JsonValue,
): boolean {
  const [found] = walk(path, item);
  if (found === undefined) return false;
  if (operator === 'exists') return true;
  if (operator === '==') return found === value;
  if (operator === '!=') return found !== value;
  if (typeof found !== typeof value || (typeof found !== 'number' && typeof found !== 'string'))
    return false;
  if (typeof value !== 'number' && typeof value !== 'string') return false;
  const order = found < value ? -1 : found > value ? 1 : 0;
  return operator.startsWith('<')
    ? order < 0 || (order === 0 && operator === '<=')
    : order > 0 || (order === 0 && operator === '>=');
}

function render(parts: readonly Part[], document: JsonValue): string {
  return parts
    .map((part) => {
      if (part.kind === 'text') return part.text;
      if (part.kind === 'path') return walk(part.path, document).map(valueText).join(' ');
      return walk(part.path, document)
        .map((item) => render(part.body, item))
        .join('');
    })
    .join('');
}

function valueText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
