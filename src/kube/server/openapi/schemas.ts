// The fields of kinds as OpenAPI schemas, for version 2 (`definitions`) and version 3 (`components`).

import { unreachable } from '../../../base/assert.ts';
import type { JsonObject } from '../../json.ts';
import type { Kind } from '../../kinds/kind.ts';
import { COMMON_FIELDS, META_FIELDS } from '../../kinds/meta-fields.ts';
import type { ArraySchema, Fields, Schema, StringSchema } from '../../kinds/schema.ts';

/** Where schemas refer to each other: '#/definitions/' or '#/components/schemas/'. */
export type ReferencePrefix = '#/definitions/' | '#/components/schemas/';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** The name of a kind's schema: 'io.k8s.api.core.v1.Node', 'org.ovn.k8s.v1.EgressIP'. */
export function schemaName({ group, name, version }: Kind): string {
  const domain = group === '' ? 'io.k8s.api.core' : group.split('.').reverse().join('.');
  return `${domain}.${version}.${name}`;
}

/** The schemas of these kinds, by name, with that of their metadata. */
export function schemasOf(kinds: readonly Kind[], prefix: ReferencePrefix): JsonObject {
  const own = kinds.map((kind): [string, JsonObject] => [
    schemaName(kind),
    kindSchema(kind, prefix),
  ]);
  const meta = {
    type: 'object',
    description: 'ObjectMeta is metadata that all persisted resources must have.',
    properties: propertiesOf(META_FIELDS),
  };
  return Object.fromEntries([...own, [META, meta]]);
}

function kindSchema(
  { description, fields, group, name, required, version }: Kind,
  prefix: ReferencePrefix,
): JsonObject {
  const { apiVersion, kind } = propertiesOf(COMMON_FIELDS);
  const reference: JsonObject = { $ref: `${prefix}${META}` };
  const about = COMMON_FIELDS.metadata?.description ?? '';
  // A reference beside other keys is no OpenAPI 3.0; version 2 ignores them.
  const metadata: JsonObject =
    prefix === '#/definitions/'
      ? { ...reference, description: about }
      : { description: about, allOf: [reference], default: {} };
  return {
    type: 'object',
    description,
    properties: {
      apiVersion: apiVersion ?? {},
      kind: kind ?? {},
      metadata,
      ...propertiesOf(fields),
    },
    ...(required.length === 0 ? {} : { required }),
    'x-kubernetes-group-version-kind': [{ group, kind: name, version }],
  };
}

function propertiesOf(fields: Fields): Readonly<Record<string, JsonObject>> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, schema]) => [name, openApiSchema(schema)]),
  );
}

function openApiSchema(schema: Schema): JsonObject {
  const { description } = schema;
  switch (schema.type) {
    case 'string':
      return { type: 'string', description, ...textRules(schema) };
    case 'boolean':
      return { type: 'boolean', description };
    case 'integer': {
      const { maximum } = schema;
      const bound: JsonObject = maximum === undefined ? {} : { maximum };
      return { type: 'integer', format: 'int64', description, minimum: 0, ...bound };
    }
    case 'array':
      return {
        type: 'array',
        description,
        items: openApiSchema(schema.items),
        ...listRules(schema),
      };
    case 'map':
      return {
        type: 'object',
        description,
        additionalProperties: openApiSchema(schema.values),
      };
    case 'object': {
      const { open = false, properties, required = [] } = schema;
      return {
        type: 'object',
        description,
        properties: propertiesOf(properties),
        ...(required.length === 0 ? {} : { required }),
        ...(open ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
      };
    }
    default:
      return unreachable(schema);
  }
}

function textRules({ enum: supported, format, mayBeEmpty, pattern }: StringSchema): JsonObject {
  const whole = mayBeEmpty === true && pattern !== undefined ? `${pattern}|^$` : pattern;
  return {
    ...(format === undefined ? {} : { format }),
    ...(whole === undefined ? {} : { pattern: whole }),
    ...(supported === undefined ? {} : { enum: supported }),
  };
}

function listRules({ keys }: ArraySchema): JsonObject {
  const [first] = keys ?? [];
  if (keys === undefined || first === undefined) return { 'x-kubernetes-list-type': 'atomic' };
  return {
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': keys,
    'x-kubernetes-patch-strategy': 'merge',
    'x-kubernetes-patch-merge-key': first,
  };
}
