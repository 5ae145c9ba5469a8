// A JSON document as kubectl prints it with `-o yaml` (sigs.k8s.io/yaml): sorted keys, two blanks of
// indentation, lists not indented under their key, strings quoted only where YAML would misread them.

import { isJsonArray, isJsonObject, type JsonValue } from '../json.ts';

/** Ends with a newline. */
export function yamlText(value: JsonValue): string {
  if (isJsonObject(value) && Object.keys(value).length > 0) return mapText(value, 0);
  if (isJsonArray(value) && value.length > 0) return listText(value, 0);
  return `${scalarText(value, 0)}\n`;
}

/** The same value with the keys of all objects sorted, as Go marshals maps. */
export function withSortedKeys(value: JsonValue): JsonValue {
  if (isJsonArray(value)) return value.map(withSortedKeys);
  if (!isJsonObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, withSortedKeys(value[key] ?? null)]));
}

function mapText(map: { readonly [key: string]: JsonValue }, depth: number): string {
  const indent = ' '.repeat(depth);
  return Object.keys(map)
    .sort()
    .map((key) => `${indent}${scalarText(key, depth)}:${afterKey(map[key] ?? null, depth)}`)
    .join('');
}

function afterKey(value: JsonValue, depth: number): string {
  if (isJsonObject(value) && Object.keys(value).length > 0) return `\n${mapText(value, depth + 2)}`;
  if (isJsonArray(value) && value.length > 0) return `\n${listText(value, depth)}`;
  return ` ${scalarText(value, depth)}\n`;
}

function listText(list: readonly JsonValue[], depth: number): string {
  const indent = ' '.repeat(depth);
  return list
    .map((item) => {
      const nested = (isJsonObject(item) || isJsonArray(item)) && Object.keys(item).length > 0;
      if (!nested) return `${indent}- ${scalarText(item, depth)}\n`;
      const text = isJsonArray(item)
        ? listText(item, depth + 2)
        : mapText(item as { readonly [key: string]: JsonValue }, depth + 2);
      return `${indent}- ${text.slice(depth + 2)}`;
    })
    .join('');
}

/** Words that YAML 1.1 takes for something other than a string. */
const RESERVED = /^(?:~|null|true|false|yes|no|on|off|y|n|\.inf|\.nan|<<|=)$/i;
/** What some YAML reader may take for a number; quoting too much is harmless. */
const NUMBER =
  /^[-+]?[\d_]*\.?[\d_]*(?:e[-+]?\d+)?$|^[-+]?0[xob][\da-f_]+$|^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/i;
/** Several lines, none of which a block scalar could misread. */
const BLOCK = /^[!-~][ -~]*(?:\n+[!-~][ -~]*)+\n?$|^[!-~][ -~]*\n$/;
const DATE = /^\d{4}-\d\d?-\d\d?/;

function scalarText(value: JsonValue, depth: number): string {
  if (typeof value !== 'string')
    return Array.isArray(value) ? '[]' : isJsonObject(value) ? '{}' : String(value);
  if (BLOCK.test(value)) return blockText(value, depth);
  const ambiguous = RESERVED.test(value) || NUMBER.test(value) || DATE.test(value);
  if (value === '' || ambiguous || hasControl(value)) return JSON.stringify(value);
  const special = /^[\s\-?:,[\]{}#&*!|>'"%@`]/.test(value) && !/^[-?:][^\s]/.test(value);
  const unsafe = special || /: |\s#|:$|\s$/.test(value);
  return unsafe ? `'${value.replaceAll("'", "''")}'` : value;
}

function blockText(value: string, depth: number): string {
  const indent = ' '.repeat(depth + 2);
  const body = value
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => (line === '' ? '' : indent + line));
  return `|${value.endsWith('\n') ? '' : '-'}\n${body.join('\n')}`;
}

function hasControl(value: string): boolean {
  for (const char of value) if (char < ' ' || char === '\u007f') return true;
  return false;
}
