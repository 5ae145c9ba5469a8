// What the API server refuses: what does not fit the fields of the kind or the rules for metadata, and
// nothing else. Canonical CIDRs, duplicates and overlaps pass here; whether a component then takes the
// object is its own matter.

import { unreachable } from '../../base/assert.ts';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import {
  type FieldCause,
  invalidValue,
  matches,
  requiredValue,
  unsupportedValue,
  wrongType,
} from './cause.ts';
import type { Kind } from './kind.ts';
import { metadataCauses } from './metadata.ts';
import type { ArraySchema, IntegerSchema, ObjectSchema, Schema, StringSchema } from './schema.ts';

const NONE: readonly never[] = [];

/** What is wrong with an object of this kind; empty when the server would store it. */
export function validate({ fields, required }: Kind, object: JsonObject): readonly FieldCause[] {
  const causes = [...metadataCauses(object.metadata)];
  fieldCauses('', object, fields, required, causes);
  return causes;
}

// A lab of a thousand nodes stores thousands of objects before it starts, nearly all without a fault:
// what is found is added to one list.

function fieldCauses(
  path: string,
  object: JsonObject,
  fields: ObjectSchema['properties'],
  required: readonly string[],
  causes: FieldCause[],
): void {
  for (const name of Object.keys(fields)) {
    const schema = fields[name];
    const value = object[name];
    if (schema === undefined) continue;
    const at = path === '' ? name : `${path}.${name}`;
    if (value !== undefined && value !== null) valueCauses(at, value, schema, causes);
    else if (required.includes(name)) causes.push(requiredValue(at));
  }
}

function valueCauses(path: string, value: JsonValue, schema: Schema, causes: FieldCause[]): void {
  switch (schema.type) {
    case 'string':
      causes.push(...textCauses(path, value, schema));
      return;
    case 'integer':
      causes.push(...integerCauses(path, value, schema));
      return;
    case 'boolean':
      if (typeof value !== 'boolean') causes.push(wrongType(path, 'boolean', value));
      return;
    case 'array':
      listCauses(path, value, schema, causes);
      return;
    case 'map':
      if (!isJsonObject(value)) causes.push(wrongType(path, 'object', value));
      else {
        for (const [key, item] of Object.entries(value)) {
          valueCauses(`${path}.${key}`, item, schema.values, causes);
        }
      }
      return;
    case 'object':
      if (!isJsonObject(value)) causes.push(wrongType(path, 'object', value));
      else fieldCauses(path, value, schema.properties, schema.required ?? NONE, causes);
      return;
    default:
      unreachable(schema);
  }
}

function listCauses(
  path: string,
  value: JsonValue,
  schema: ArraySchema,
  causes: FieldCause[],
): void {
  if (!isJsonArray(value)) causes.push(wrongType(path, 'array', value));
  else {
    for (const [at, item] of value.entries()) {
      valueCauses(`${path}[${at}]`, item, schema.items, causes);
    }
  }
}

function integerCauses(
  path: string,
  value: JsonValue,
  { maximum = Number.MAX_SAFE_INTEGER }: IntegerSchema,
): readonly FieldCause[] {
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return [wrongType(path, 'integer', value)];
  }
  if (value >= 0 && value <= maximum) return NONE;
  const bound = value < 0 ? 'greater than or equal to 0' : `less than or equal to ${maximum}`;
  return [invalidValue(path, value, `${path} in body should be ${bound}`)];
}

function textCauses(
  path: string,
  value: JsonValue,
  { enum: supported, mayBeEmpty, pattern }: StringSchema,
): readonly FieldCause[] {
  if (typeof value !== 'string') return [wrongType(path, 'string', value)];
  if (value === '' && mayBeEmpty === true) return NONE;
  if (supported !== undefined && !supported.includes(value)) {
    return [unsupportedValue(path, value, supported)];
  }
  if (pattern === undefined || matches(pattern, value)) return NONE;
  return [invalidValue(path, value, `${path} in body should match '${pattern}'`)];
}
