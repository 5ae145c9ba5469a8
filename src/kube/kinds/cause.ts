// One field that is wrong, in the words of the API server (apimachinery util/validation/field,
// kube-openapi pkg/validation): kubectl prints them as they stand.

import { isJsonArray, type JsonValue } from '../json.ts';

/** One field that was wrong, as `Status.details.causes` lists it. */
export type FieldCause = {
  readonly reason: string;
  readonly message: string;
  /** JSON path from the object's root: 'egressIPs[0]'. */
  readonly field: string;
};

/** The field is missing. */
export function requiredValue(field: string): FieldCause {
  return { reason: 'FieldValueRequired', message: 'Required value', field };
}

/** The field has a value that does not pass. */
export function invalidValue(field: string, shown: string | number, why: string): FieldCause {
  const value = typeof shown === 'string' ? JSON.stringify(shown) : shown;
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${value}: ${why}`, field };
}

/** The field is larger than the server stores. */
export function tooLong(field: string, limitBytes: number): FieldCause {
  const message = `Too long: may not be more than ${limitBytes} bytes`;
  return { reason: 'FieldValueTooLong', message, field };
}

/** The field has a value that is none of the few it may have. */
export function unsupportedValue(
  field: string,
  shown: string,
  supported: readonly string[],
): FieldCause {
  const list = supported.map((each) => JSON.stringify(each)).join(', ');
  const message = `Unsupported value: ${JSON.stringify(shown)}: supported values: ${list}`;
  return { reason: 'FieldValueNotSupported', message, field };
}

/** The field is of another type. @param wanted as OpenAPI names types */
export function wrongType(field: string, wanted: string, value: JsonValue): FieldCause {
  const found = typeName(value);
  const message = `Invalid value: "${found}": ${field} in body must be of type ${wanted}: "${found}"`;
  return { reason: 'FieldValueTypeInvalid', message, field };
}

function typeName(value: JsonValue): string {
  if (value === null) return 'null';
  if (isJsonArray(value)) return 'array';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

const compiled = new Map<string, RegExp>();

/** Whether a text matches a pattern; patterns are compiled once. */
export function matches(pattern: string, text: string): boolean {
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    expression = new RegExp(pattern);
    compiled.set(pattern, expression);
  }
  return expression.test(text);
}
