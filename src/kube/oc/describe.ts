// `oc describe` for the objects of the lab, in the layout of kubectl's generic describer: labels and
// annotations first, then every field under its spelled-out name, then the Events.

import { humanDuration } from '../duration.ts';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import type { Event } from '../kinds/event.ts';
import { asDocument, type KubeObject } from '../kinds/object.ts';
import { parseTimestamp, type WallClock } from '../wall-clock.ts';

interface Line {
  readonly level: number;
  readonly label: string;
  readonly value: string | null;
}

/** Shown at the top already, or noise. */
const SHOWN_ABOVE = ['name', 'namespace', 'labels', 'annotations', 'managedFields'];

/** Ends with a newline. */
export function describeObject(
  object: KubeObject,
  events: readonly Event[],
  clock: WallClock,
): string {
  const { name, namespace = '', labels = {}, annotations = {} } = object.metadata;
  const lines: Line[] = [
    { level: 0, label: 'Name', value: name },
    { level: 0, label: 'Namespace', value: namespace },
    ...mapLines('Labels', labels, '='),
    ...mapLines('Annotations', annotations, ': '),
    ...contentLines(asDocument(object), 0, true),
  ];
  return `${layOut(lines)}${eventsText(events, clock)}`;
}

function mapLines(
  label: string,
  map: Readonly<Record<string, string>>,
  separator: string,
): readonly Line[] {
  const pairs = Object.keys(map)
    .sort()
    .map((key) => `${key}${separator}${map[key]}`);
  if (pairs.length === 0) return [{ level: 0, label, value: '<none>' }];
  return pairs.map((value, at) => ({ level: 0, label: at === 0 ? label : '', value }));
}

function contentLines(content: JsonObject, level: number, top: boolean): readonly Line[] {
  return Object.keys(content)
    .sort()
    .flatMap((key) => {
      const value = content[key] ?? null;
      const label = spelledOut(key);
      if (isJsonObject(value)) {
        const inner = top && key === 'metadata' ? withoutKeys(value, SHOWN_ABOVE) : value;
        return [{ level, label, value: null }, ...contentLines(inner, level + 1, false)];
      }
      if (isJsonArray(value))
        return [{ level, label, value: null }, ...listLines(value, level + 1)];
      return [{ level, label, value: String(value) }];
    });
}

function listLines(list: readonly JsonValue[], level: number): readonly Line[] {
  return list.flatMap((item) =>
    isJsonObject(item)
      ? contentLines(item, level, false)
      : [{ level, label: '', value: String(item) }],
  );
}

function withoutKeys(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

const ACRONYMS = ['API', 'URL', 'UID', 'OSB', 'GUID'];

/** kubectl's smartLabelFor: hostIP → 'Host IP', and egressIPs → 'Egress I Ps', as it really prints. */
export function spelledOut(field: string): string {
  if (/[^A-Za-z-]/.test(field)) return field;
  const parts = field.match(/[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+/g) ?? [field];
  return parts
    .map((part) => {
      if (ACRONYMS.includes(part.toUpperCase())) return part.toUpperCase();
      return part.charAt(0).toUpperCase() + part.slice(1);
    })
    .join(' ');
}

/** Values of one indentation that follow each other share a column, two blanks after the longest label. */
function layOut(lines: readonly Line[]): string {
  const width = Math.max(
    ...lines.map(({ level, label, value }) => (value === null ? 0 : 2 * level + label.length + 1)),
  );
  return lines
    .map(({ level, label, value }) => {
      const head = `${'  '.repeat(level)}${label === '' ? '' : `${label}:`}`;
      if (value === null) return `${head}\n`;
      // Items of a list stand under their label.
      if (label === '' && level > 0) return `${head}${value}\n`;
      return `${head.padEnd(width + 2)}${value}\n`;
    })
    .join('');
}

function eventsText(events: readonly Event[], clock: WallClock): string {
  if (events.length === 0) return `${'Events:'.padEnd(9)}<none>\n`;
  const rows = events.map((event) => {
    const age = humanDuration(clock.seconds() - (parseTimestamp(event.lastTimestamp) ?? 0));
    return [event.type, event.reason, age, event.source.component, event.message];
  });
  const table = [
    ['Type', 'Reason', 'Age', 'From', 'Message'],
    ['----', '------', '----', '----', '-------'],
    ...rows,
  ];
  const widths = [0, 1, 2, 3].map((at) => Math.max(...table.map((row) => row[at]?.length ?? 0)));
  const body = table.map(
    (row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}\n`,
  );
  return `Events:\n${body.join('')}`;
}
