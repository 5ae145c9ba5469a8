// As much OpenAPI as makes `kubectl create`, `apply`, `replace` and `edit` work: it only looks whether
// the server validates fields itself.

import type { JsonObject } from '../json.ts';
import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import type { GroupVersion, KindRegistry } from '../kinds/registry.ts';

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
  return {
    openapi: '3.0.0',
    info: { title: 'egresslab', version: 'v1' },
    paths: Object.fromEntries(served.map((kind) => [objectPath(kind), patchOf(kind)])),
    components: { schemas: {} },
  };
}

function objectPath(kind: Kind): string {
  const namespace = kind.namespaced ? 'namespaces/{namespace}/' : '';
  return `/${pathOf(kind)}/${namespace}${kind.plural}/{name}`;
}

function patchOf({ group, name, version }: Kind): JsonObject {
  return {
    patch: {
      'x-kubernetes-action': 'patch',
      'x-kubernetes-group-version-kind': { group, version, kind: name },
      parameters: [{ name: 'fieldValidation', in: 'query', schema: { type: 'string' } }],
      responses: {},
    },
  };
}
