// As much OpenAPI as makes `kubectl create`, `apply`, `replace` and `edit` work: it only looks whether
// the server validates fields itself. Real schemas (`kubectl explain`) are left out.

import type { JsonObject } from '../json.ts';
import { apiVersionOf, kinds, type Resource, resources } from '../kinds/resources.ts';

function pathOf(resource: Resource): string {
  return resource.group === '' ? `api/${resource.version}` : `apis/${apiVersionOf(resource)}`;
}

const paths: readonly string[] = [...new Set(kinds.map((kind) => pathOf(resources[kind])))];

/** `GET /openapi/v3`. */
export function openApiIndex(): JsonObject {
  const entries = paths.map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=1` }]);
  return { paths: Object.fromEntries(entries) };
}

/** `GET /openapi/v3/<path>`, such as 'apis/network.openshift.io/v1'; null when there is no such path. */
export function openApiDocument(path: string): JsonObject | null {
  if (!paths.includes(path)) return null;
  const served = kinds.map((kind) => resources[kind]).filter((each) => pathOf(each) === path);
  return {
    openapi: '3.0.0',
    info: { title: 'egresslab', version: 'v1' },
    paths: Object.fromEntries(served.map((resource) => [objectPath(resource), patchOf(resource)])),
    components: { schemas: {} },
  };
}

function objectPath(resource: Resource): string {
  const namespace = resource.namespaced ? 'namespaces/{namespace}/' : '';
  return `/${pathOf(resource)}/${namespace}${resource.plural}/{name}`;
}

function patchOf({ group, kind, version }: Resource): JsonObject {
  return {
    patch: {
      'x-kubernetes-action': 'patch',
      'x-kubernetes-group-version-kind': { group, version, kind },
      parameters: [{ name: 'fieldValidation', in: 'query', schema: { type: 'string' } }],
      responses: {},
    },
  };
}
