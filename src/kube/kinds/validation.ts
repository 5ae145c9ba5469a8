// What the API server refuses: the OpenAPI patterns of the OpenShift 4.x CRDs (hostsubnet,
// netnamespace), the shape of metadata, and nothing else. Canonical CIDRs, duplicates and overlaps
// pass here; whether a tracker then takes the object is its own matter (fabric/openshift-sdn/control/validation.ts).

import { unreachable } from '../../base/assert.ts';
import { MAXIMUM_VNI } from '../../wire/vxlan.ts';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import type { StatusCause } from '../server/status.ts';
import type { Kind } from './objects.ts';

const OCTET = '([0-9]|[0-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])';
const QUAD = `^(${OCTET}\\.){3}${OCTET}`;
/** The pattern of hostIP and egressIPs, as the 422 message shows it. */
const ADDRESS_PATTERN: string = `${QUAD}$`;
/** The pattern of subnet and egressCIDRs. */
const CIDR_PATTERN: string = `${QUAD}/([0-9]|[12][0-9]|3[0-2])$`;
const HOST_PATTERN = '^[a-z0-9.-]+$';
const SUBDOMAIN = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';

interface Field {
  readonly type: 'string' | 'integer' | 'array';
  readonly required?: boolean;
  readonly pattern?: string;
  readonly maximum?: number;
}

const fields: { readonly [K in Kind]?: Readonly<Record<string, Field>> } = {
  HostSubnet: {
    host: { type: 'string', required: true, pattern: HOST_PATTERN },
    hostIP: { type: 'string', required: true, pattern: ADDRESS_PATTERN },
    // Not in the 4.3-era CRD, and with the assign-subnet annotation it may be empty.
    subnet: { type: 'string', pattern: `${CIDR_PATTERN}|^$` },
    egressIPs: { type: 'array', pattern: ADDRESS_PATTERN },
    egressCIDRs: { type: 'array', pattern: CIDR_PATTERN },
  },
  NetNamespace: {
    netname: { type: 'string', required: true, pattern: HOST_PATTERN },
    netid: { type: 'integer', required: true, maximum: MAXIMUM_VNI },
    egressIPs: { type: 'array', pattern: ADDRESS_PATTERN },
  },
};

const compiled = new Map<string, RegExp>();

function matches(pattern: string, text: string): boolean {
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    expression = new RegExp(pattern);
    compiled.set(pattern, expression);
  }
  return expression.test(text);
}

/** What is wrong with an object of this kind; empty when the server would store it. */
export function validate(kind: Kind, object: JsonObject): readonly StatusCause[] {
  const causes = metadataCauses(object.metadata);
  for (const [name, field] of Object.entries(fields[kind] ?? {})) {
    const value = object[name];
    if (value !== undefined && value !== null) causes.push(...fieldCauses(name, value, field));
    else if (field.required === true) causes.push(required(name));
  }
  return causes;
}

function required(field: string): StatusCause {
  return { reason: 'FieldValueRequired', message: 'Required value', field };
}

function wrong(field: string, shown: string | number, why: string): StatusCause {
  const value = typeof shown === 'string' ? JSON.stringify(shown) : shown;
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${value}: ${why}`, field };
}

function wrongType(field: string, wanted: string, value: JsonValue): StatusCause {
  const found = typeName(value);
  const message = `Invalid value: "${found}": ${field} in body must be of type ${wanted}: "${found}"`;
  return { reason: 'FieldValueTypeInvalid', message, field };
}

function typeName(value: JsonValue): string {
  if (value === null) return 'null';
  if (isJsonArray(value)) return 'array';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

function fieldCauses(name: string, value: JsonValue, field: Field): readonly StatusCause[] {
  switch (field.type) {
    case 'array':
      if (!isJsonArray(value)) return [wrongType(name, 'array', value)];
      return value.flatMap((item, at) => textCauses(`${name}[${at}]`, item, field.pattern));
    case 'integer':
      return integerCauses(name, value, field.maximum ?? Number.MAX_SAFE_INTEGER);
    case 'string':
      return textCauses(name, value, field.pattern);
    default:
      return unreachable(field.type);
  }
}

function integerCauses(name: string, value: JsonValue, maximum: number): readonly StatusCause[] {
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return [wrongType(name, 'integer', value)];
  }
  if (value >= 0 && value <= maximum) return [];
  const bound = value < 0 ? 'greater than or equal to 0' : `less than or equal to ${maximum}`;
  return [wrong(name, value, `${name} in body should be ${bound}`)];
}

function textCauses(
  name: string,
  value: JsonValue,
  pattern: string | undefined,
): readonly StatusCause[] {
  if (typeof value !== 'string') return [wrongType(name, 'string', value)];
  if (pattern === undefined || matches(pattern, value)) return [];
  return [wrong(name, value, `${name} in body should match '${pattern.replace('|^$', '')}'`)];
}

function metadataCauses(metadata: JsonValue | undefined): StatusCause[] {
  if (!isJsonObject(metadata)) return [wrongType('metadata', 'object', metadata ?? null)];
  const causes: StatusCause[] = [];
  const { name } = metadata;
  if (typeof name !== 'string' || name === '') causes.push(required('metadata.name'));
  else if (name.length > 253 || !matches(`^${SUBDOMAIN}$`, name)) {
    causes.push(wrong('metadata.name', name, SUBDOMAIN_HELP));
  }
  for (const map of ['labels', 'annotations']) {
    const entries = metadata[map];
    if (entries === undefined) continue;
    if (isJsonObject(entries)) causes.push(...entryCauses(map, entries));
    else causes.push(wrongType(`metadata.${map}`, 'object', entries));
  }
  return causes;
}

function entryCauses(map: string, entries: JsonObject): readonly StatusCause[] {
  const at = `metadata.${map}`;
  return Object.entries(entries).flatMap(([key, value]) => {
    const problem = labelKeyProblem(key);
    if (problem !== null) return [wrong(at, key, problem)];
    if (typeof value !== 'string') return [wrongType(`${at}.${key}`, 'string', value)];
    const badValue = map === 'labels' ? labelValueProblem(value) : null;
    return badValue === null ? [] : [wrong(at, value, badValue)];
  });
}

const SUBDOMAIN_HELP = `a DNS-1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`;
const NAME = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const KEY_HELP = `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${NAME}')`;
const VALUE_HELP = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(${NAME})?')`;

/** What is wrong with the key of a label or annotation, or null (IsQualifiedName). */
export function labelKeyProblem(key: string): string | null {
  const slash = key.lastIndexOf('/');
  const prefix = key.slice(0, Math.max(slash, 0));
  const name = key.slice(slash + 1);
  if (name === '') return 'name part must be non-empty';
  if (name.length > 63) return 'name part must be no more than 63 characters';
  if (!matches(`^${NAME}$`, name)) return KEY_HELP;
  if (slash === 0) return 'prefix part must be non-empty';
  if (slash > 0 && !matches(`^${SUBDOMAIN}$`, prefix)) return `prefix part ${SUBDOMAIN_HELP}`;
  return null;
}

/** What is wrong with the value of a label, or null (IsValidLabelValue). */
export function labelValueProblem(value: string): string | null {
  if (value.length > 63) return 'must be no more than 63 characters';
  return value === '' || matches(`^${NAME}$`, value) ? null : VALUE_HELP;
}
