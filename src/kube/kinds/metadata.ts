// What the API server refuses in `metadata`: names, labels and annotations
// (apimachinery pkg/api/validation/objectmeta.go, pkg/util/validation).

import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import {
  type FieldCause,
  invalidValue,
  matches,
  requiredValue,
  tooLong,
  wrongType,
} from './cause.ts';

const SUBDOMAIN = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const SUBDOMAIN_HELP = `a DNS-1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`;
const NAME = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const WHOLE_SUBDOMAIN = `^${SUBDOMAIN}$`;
const WHOLE_NAME = `^${NAME}$`;
const KEY_HELP = `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${NAME}')`;
const VALUE_HELP = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(${NAME})?')`;

/** TotalAnnotationSizeLimitB. */
const MAX_ANNOTATION_OCTETS = 256 * 1024;

/** What is wrong with the metadata of an object; empty when nothing is. */
export function metadataCauses(metadata: JsonValue | undefined): readonly FieldCause[] {
  if (!isJsonObject(metadata)) return [wrongType('metadata', 'object', metadata ?? null)];
  const causes: FieldCause[] = [];
  const { name } = metadata;
  if (typeof name !== 'string' || name === '') causes.push(requiredValue('metadata.name'));
  else if (name.length > 253 || !matches(WHOLE_SUBDOMAIN, name)) {
    causes.push(invalidValue('metadata.name', name, SUBDOMAIN_HELP));
  }
  for (const map of ['labels', 'annotations'] as const) {
    const entries = metadata[map];
    if (entries === undefined) continue;
    if (isJsonObject(entries)) causes.push(...entryCauses(map, entries));
    else causes.push(wrongType(`metadata.${map}`, 'object', entries));
  }
  const { annotations } = metadata;
  if (isJsonObject(annotations) && octetsIn(annotations) > MAX_ANNOTATION_OCTETS) {
    causes.push(tooLong('metadata.annotations', MAX_ANNOTATION_OCTETS));
  }
  return causes;
}

/** Keys and values together, in UTF-8 (ValidateAnnotationsSize). */
function octetsIn(entries: JsonObject): number {
  let sum = 0;
  for (const [key, value] of Object.entries(entries)) {
    sum += utf8Length(key) + (typeof value === 'string' ? utf8Length(value) : 0);
  }
  return sum;
}

function utf8Length(text: string): number {
  let octets = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    // Each half of a surrogate pair stands for two of its four octets.
    octets += unit < 0x800 || (unit & 0xf800) === 0xd800 ? 1 : 2;
  }
  return octets;
}

function entryCauses(map: 'labels' | 'annotations', entries: JsonObject): readonly FieldCause[] {
  const at = `metadata.${map}`;
  return Object.entries(entries).flatMap(([key, value]) => {
    const problem = labelKeyProblem(key);
    if (problem !== null) return [invalidValue(at, key, problem)];
    if (typeof value !== 'string') return [wrongType(`${at}.${key}`, 'string', value)];
    const badValue = map === 'labels' ? labelValueProblem(value) : null;
    return badValue === null ? [] : [invalidValue(at, value, badValue)];
  });
}

/** What is wrong with the key of a label or annotation, or null (IsQualifiedName). */
export function labelKeyProblem(key: string): string | null {
  const slash = key.lastIndexOf('/');
  const prefix = key.slice(0, Math.max(slash, 0));
  const name = key.slice(slash + 1);
  if (name === '') return 'name part must be non-empty';
  if (name.length > 63) return 'name part must be no more than 63 characters';
  if (!matches(WHOLE_NAME, name)) return KEY_HELP;
  if (slash === 0) return 'prefix part must be non-empty';
  if (slash > 0 && !matches(WHOLE_SUBDOMAIN, prefix)) return `prefix part ${SUBDOMAIN_HELP}`;
  return null;
}

/** What is wrong with the value of a label, or null (IsValidLabelValue). */
export function labelValueProblem(value: string): string | null {
  if (value.length > 63) return 'must be no more than 63 characters';
  return value === '' || matches(WHOLE_NAME, value) ? null : VALUE_HELP;
}
