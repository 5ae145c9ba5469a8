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

/** What is wrong with an object of this kind; empty when the server would store it. */
export function validate({ fields, required }: Kind, object: JsonObject): readonly FieldCause[] {
  return [...metadataCauses(object.metadata), ...fieldCauses('', object, fields, required)];
}

function fieldCauses(
  path: string,
  object: JsonObject,
  fields: ObjectSchema['properties'],
  required: readonly string[],
): readonly FieldCause[] {
  return Object.entries(fields).flatMap(([name, schema]) => {
    const value = object[name];
    const at = path === '' ? name : `${path}.${name}`;
    if (value !== undefined && value !== null) return valueCauses(at, value, schema);
    return required.includes(name) ? [requiredValue(at)] : [];
  });
}

function valueCauses(path: string, value: JsonValue, schema: Schema): readonly FieldCause[] {
  switch (schema.type) {
    case 'string':
      return textCauses(path, value, schema);
    case 'integer':
      return integerCauses(path, value, schema);
    case 'boolean':
      return typeof value === 'boolean' ? [] : [wrongType(path, 'boolean', value)];
    case 'array':
      return listCauses(path, value, schema);
    case 'map':
      if (!isJsonObject(value)) return [wrongType(path, 'object', value)];
      return Object.entries(value).flatMap(([key, item]) =>
        valueCauses(`${path}.${key}`, item, schema.values),
      );
    case 'object':
      if (!isJsonObject(value)) return [wrongType(path, 'object', value)];
      return fieldCauses(path, value, schema.properties, schema.required ?? []);
    default:
      return unreachable(schema);
  }
}

function listCauses(path: string, value: JsonValue, schema: ArraySchema): readonly FieldCause[] {
  if (!isJsonArray(value)) return [wrongType(path, 'array', value)];
  return value.flatMap((item, at) => valueCauses(`${path}[${at}]`, item, schema.items));
}

function integerCauses(
  path: string,
  value: JsonValue,
  { maximum = Number.MAX_SAFE_INTEGER }: IntegerSchema,
): readonly FieldCause[] {
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return [wrongType(path, 'integer', value)];
  }
  if (value >= 0 && value <= maximum) return [];
  const bound = value < 0 ? 'greater than or equal to 0' : `less than or equal to ${maximum}`;
  return [invalidValue(path, value, `${path} in body should be ${bound}`)];
}

function textCauses(
  path: string,
  value: JsonValue,
  { enum: supported, mayBeEmpty, pattern }: StringSchema,
): readonly FieldCause[] {
  if (typeof value !== 'string') return [wrongType(path, 'string', value)];
  if (value === '' && mayBeEmpty === true) return [];
  if (supported !== undefined && !supported.includes(value)) {
    return [unsupportedValue(path, value, supported)];
  }
  if (pattern === undefined || matches(pattern, value)) return [];
  return [invalidValue(path, value, `${path} in body should match '${pattern}'`)];
}
