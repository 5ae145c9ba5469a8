// What `kubectl explain`, `create`, `apply` and `edit` read about the kinds: OpenAPI version 3, a
// document for each group and version, and version 2, one for all. Paths carry what kubectl looks for:
// the kind behind them and the query parameters of writes.

import type { JsonObject } from '../../json.ts';
import { apiVersionOf, type Kind } from '../../kinds/kind.ts';
import type { GroupVersion, KindRegistry } from '../../kinds/registry.ts';
import { schemaName, schemasOf } from './schemas.ts';

const INFO: JsonObject = { title: 'egresslab', version: 'v1' };

function pathOf(each: GroupVersion): string {
  return each.group === '' ? `api/${each.version}` : `apis/${apiVersionOf(each)}`;
}

/** `GET /openapi/v3`. */
export function openApiIndex(kinds: KindRegistry): JsonObject {
  const paths = kinds.groupVersions().map(pathOf);
  const entries = paths.map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=1` }]);
  return { paths: Object.fromEntries(entries) };
}

/** `GET /openapi/v3/<path>`, such as 'apis/network.openshift.io/v1'; null when there is no such path. */
export function openApiDocument(kinds: KindRegistry, path: string): JsonObject | null {
  const found = kinds.groupVersions().find((each) => pathOf(each) === path);
  if (found === undefined) return null;
  const served = kinds.in(found);
  const schemaOf = (kind: Kind): JsonObject => ({
    content: {
      'application/json': { schema: { $ref: `#/components/schemas/${schemaName(kind)}` } },
    },
  });
  return {
    openapi: '3.0.0',
    info: INFO,
    paths: pathsOf(
      served,
      (kind) => ({ 200: { description: 'OK', ...schemaOf(kind) } }),
      parameter3,
    ),
    components: { schemas: schemasOf(served, '#/components/schemas/') },
  };
}

/** `GET /openapi/v2` as JSON. */
export function swaggerDocument({ kinds }: KindRegistry): JsonObject {
  const schemaOf = (kind: Kind): JsonObject => ({ $ref: `#/definitions/${schemaName(kind)}` });
  return {
    swagger: '2.0',
    info: INFO,
    paths: pathsOf(
      kinds,
      (kind) => ({ 200: { description: 'OK', schema: schemaOf(kind) } }),
      parameter2,
    ),
    definitions: schemasOf(kinds, '#/definitions/'),
  };
}

type Parameter = (name: string) => JsonObject;

function parameter2(name: string): JsonObject {
  return { name, in: 'query', type: 'string', uniqueItems: true };
}

function parameter3(name: string): JsonObject {
  return { name, in: 'query', schema: { type: 'string', uniqueItems: true } };
}

function pathsOf(
  kinds: readonly Kind[],
  responsesOf: (kind: Kind) => JsonObject,
  parameter: Parameter,
): JsonObject {
  const entries = kinds.flatMap((kind): [string, JsonObject][] => {
    const namespace = kind.namespaced ? 'namespaces/{namespace}/' : '';
    const collection = `/${pathOf(kind)}/${namespace}${kind.plural}`;
    const responses = responsesOf(kind);
    const operation = (action: string, parameters: readonly string[]): JsonObject => ({
      responses,
      parameters: parameters.map(parameter),
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': {
        group: kind.group,
        kind: kind.name,
        version: kind.version,
      },
    });
    return [
      [collection, { get: operation('list', LISTING), post: operation('post', WRITING) }],
      [
        `${collection}/{name}`,
        {
          get: operation('get', []),
          put: operation('put', WRITING),
          patch: operation('patch', [...WRITING, 'force']),
          delete: operation('delete', ['dryRun']),
        },
      ],
    ];
  });
  return Object.fromEntries(entries);
}

const LISTING = ['continue', 'fieldSelector', 'labelSelector', 'limit', 'resourceVersion', 'watch'];
const WRITING = ['dryRun', 'fieldManager', 'fieldValidation'];
