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
import type { IntegerSchema, ObjectSchema, Schema, StringSchema } from './schema.ts';

const NONE: readonly never[] = [];

/** What is wrong with an object of this kind; empty when the server would store it. */
export function validate({ fields, required }: Kind, object: JsonObject): readonly FieldCause[] {
  const check = new Validation();
  check.fields(object, fields, required);
  const metadata = metadataCauses(object.metadata);
  return check.causes.length === 0 ? metadata : [...metadata, ...check.causes];
}

/**
 * One walk through an object. A lab of a thousand nodes stores thousands of objects before it starts,
 * nearly all without a fault: where the walk stands becomes a text only for one.
 */
class Validation {
  readonly causes: FieldCause[] = [];
  /** Names of fields and keys of maps; the numbers are indices of lists. */
  readonly #place: (string | number)[] = [];

  fields(
    object: JsonObject,
    fields: ObjectSchema['properties'],
    required: readonly string[] = NONE,
  ): void {
    for (const name in fields) {
      const schema = fields[name];
      if (schema === undefined) continue;
      const value = object[name];
      this.#place.push(name);
      if (value !== undefined && value !== null) this.#value(value, schema);
      else if (required.includes(name)) this.causes.push(requiredValue(this.#path));
      this.#place.pop();
    }
  }

  #value(value: JsonValue, schema: Schema): void {
    switch (schema.type) {
      case 'string':
        this.#text(value, schema);
        return;
      case 'integer':
        this.#integer(value, schema);
        return;
      case 'boolean':
        if (typeof value !== 'boolean') this.#wrongType('boolean', value);
        return;
      case 'array':
        if (isJsonArray(value)) this.#items(value, schema.items);
        else this.#wrongType('array', value);
        return;
      case 'map':
        if (isJsonObject(value)) this.#entries(value, schema.values);
        else this.#wrongType('object', value);
        return;
      case 'object':
        if (isJsonObject(value)) this.fields(value, schema.properties, schema.required);
        else this.#wrongType('object', value);
        return;
      default:
        unreachable(schema);
    }
  }

  #items(items: readonly JsonValue[], schema: Schema): void {
    let at = 0;
    for (const item of items) {
      this.#place.push(at++);
      this.#value(item, schema);
      this.#place.pop();
    }
  }

  #entries(map: JsonObject, schema: Schema): void {
    for (const [key, value] of Object.entries(map)) {
      this.#place.push(key);
      this.#value(value, schema);
      this.#place.pop();
    }
  }

  #integer(value: JsonValue, { maximum = Number.MAX_SAFE_INTEGER }: IntegerSchema): void {
    if (typeof value !== 'number' || !Number.isInteger(value)) this.#wrongType('integer', value);
    else if (value < 0) this.#invalid(value, 'be greater than or equal to 0');
    else if (value > maximum) this.#invalid(value, `be less than or equal to ${maximum}`);
  }

  #text(value: JsonValue, { enum: supported, mayBeEmpty, pattern }: StringSchema): void {
    if (typeof value !== 'string') this.#wrongType('string', value);
    else if (value === '' && mayBeEmpty === true) return;
    else if (supported !== undefined && !supported.includes(value)) {
      this.causes.push(unsupportedValue(this.#path, value, supported));
    } else if (pattern !== undefined && !matches(pattern, value)) {
      this.#invalid(value, `match '${pattern}'`);
    }
  }

  #invalid(value: string | number, should: string): void {
    const path = this.#path;
    this.causes.push(invalidValue(path, value, `${path} in body should ${should}`));
  }

  #wrongType(wanted: string, value: JsonValue): void {
    this.causes.push(wrongType(this.#path, wanted, value));
  }

  get #path(): string {
    return this.#place.reduce<string>(joined, '');
  }
}

function joined(path: string, part: string | number): string {
  if (typeof part === 'number') return `${path}[${part}]`;
  return path === '' ? part : `${path}.${part}`;
}
