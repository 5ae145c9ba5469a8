// The shape of an object's fields, written once per kind: validation, unknown-field checks, strategic
// merges, field ownership and OpenAPI (`kubectl explain`) all read it.

/** What every field has. */
interface Described {
  /** One or two sentences, as `kubectl explain` prints them. */
  readonly description: string;
}

/** A text. */
export interface StringSchema extends Described {
  readonly type: 'string';
  /** A regular expression (OpenAPI `pattern`). */
  readonly pattern?: string;
  /** '' passes in spite of the pattern. */
  readonly mayBeEmpty?: boolean;
  /** The only texts that pass. */
  readonly enum?: readonly string[];
  /** OpenAPI `format`, such as 'date-time'. */
  readonly format?: string;
}

/** A whole number, 0 or more. */
export interface IntegerSchema extends Described {
  readonly type: 'integer';
  readonly maximum?: number;
}

/** True or false. */
export interface BooleanSchema extends Described {
  readonly type: 'boolean';
}

/** A list. */
export interface ArraySchema extends Described {
  readonly type: 'array';
  readonly items: Schema;
  /** The fields by which items are told apart (x-kubernetes-list-map-keys); absent: the list is one value. */
  readonly keys?: readonly string[];
}

/** Texts by free keys, such as labels. */
export interface MapSchema extends Described {
  readonly type: 'map';
  readonly values: Schema;
}

/** Named fields. */
export interface ObjectSchema extends Described {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  /** True: fields that are not listed are kept (x-kubernetes-preserve-unknown-fields). */
  readonly open?: boolean;
}

/** Any of them. */
export type Schema =
  | StringSchema
  | IntegerSchema
  | BooleanSchema
  | ArraySchema
  | MapSchema
  | ObjectSchema;

/** The named fields of an object. */
export type Fields = ObjectSchema['properties'];

/** A text field. */
export function text(description: string, rules: Partial<StringSchema> = {}): StringSchema {
  return { ...rules, type: 'string', description };
}

/** A point in time, RFC 3339. */
export function timestamp(description: string): StringSchema {
  return text(description, { format: 'date-time' });
}

/** A whole number from 0 to `maximum`. */
export function integer(description: string, maximum?: number): IntegerSchema {
  return { type: 'integer', description, ...(maximum === undefined ? {} : { maximum }) };
}

/** A truth value. */
export function boolean(description: string): BooleanSchema {
  return { type: 'boolean', description };
}

/** A list that is replaced as a whole. */
export function list(description: string, items: Schema): ArraySchema {
  return { type: 'array', description, items };
}

/** A list whose items are told apart by the given fields. */
export function keyedList(
  description: string,
  keys: readonly string[],
  items: Schema,
): ArraySchema {
  return { type: 'array', description, items, keys };
}

/** Texts by free keys. */
export function textMap(description: string): MapSchema {
  return { type: 'map', description, values: text('') };
}

/** Named fields; others are unknown. */
export function object(
  description: string,
  properties: Fields,
  required: readonly string[] = [],
): ObjectSchema {
  return { type: 'object', description, properties, required };
}

/** Named fields among others that are kept as they are: Kubernetes knows more of them than the lab. */
export function openObject(description: string, properties: Fields): ObjectSchema {
  return { type: 'object', description, properties, open: true };
}
