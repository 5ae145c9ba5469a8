// What the API server offers, for clients that ask before they do anything else: the aggregated
// discovery documents of `/api` and `/apis`, the older ones, and `/version`.

import type { JsonObject } from '../json.ts';
import { apiVersionOf, kinds, type Resource, resources } from '../kinds/resources.ts';

/** The aggregated documents must be sent under exactly this type, or kubectl finds no resources. */
export const AGGREGATED_DISCOVERY_TYPE =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

function resourcesOf(group: string): readonly Resource[] {
  return kinds.map((kind) => resources[kind]).filter((resource) => resource.group === group);
}

/** The API groups other than the core group. */
export const groups: readonly string[] = [
  ...new Set(kinds.map((kind) => resources[kind].group).filter((group) => group !== '')),
];

/** `GET /api` (core) or `GET /apis` (the others), aggregated. */
export function aggregatedDiscovery(which: 'core' | 'groups'): JsonObject {
  const names = which === 'core' ? [''] : groups;
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: names.map((name) => ({
      metadata: { name, creationTimestamp: null },
      versions: [
        { version: 'v1', freshness: 'Current', resources: resourcesOf(name).map(discoveryOf) },
      ],
    })),
  };
}

function discoveryOf(resource: Resource): JsonObject {
  const { group, kind, namespaced, plural, shortNames, singular, subresources, verbs, version } =
    resource;
  const responseKind = { group, version, kind };
  return {
    resource: plural,
    responseKind,
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(subresources.length === 0
      ? {}
      : {
          subresources: subresources.map((subresource) => ({
            subresource,
            responseKind,
            verbs: ['get'],
          })),
        }),
  };
}

/** `GET /api`, for clients that do not ask for aggregated discovery. */
export function apiVersions(serverAddress: string): JsonObject {
  const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress }];
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs };
}

/** `GET /apis`, likewise. */
export function apiGroups(): JsonObject {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groups.map((name) => {
      const version = { groupVersion: `${name}/v1`, version: 'v1' };
      return { name, versions: [version], preferredVersion: version };
    }),
  };
}

/** `GET /api/v1` (group '') and `GET /apis/<group>/v1`; null when there is no such group. */
export function apiResources(group: string): JsonObject | null {
  const [first, ...rest] = resourcesOf(group);
  if (first === undefined) return null;
  const entries = [first, ...rest].flatMap((resource): JsonObject[] => {
    const { kind, namespaced, plural, shortNames, singular, subresources, verbs } = resource;
    const own: JsonObject = {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs,
      shortNames,
    };
    const subs = subresources.map(
      (name): JsonObject => ({
        name: `${plural}/${name}`,
        singularName: '',
        namespaced,
        kind,
        verbs: ['get'],
      }),
    );
    return [own, ...subs];
  });
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(first),
    resources: entries,
  };
}

/** `GET /version`. Google's kubectl dispatcher picks its binary by it: 1.32 runs 1.32. */
export const apiVersion: JsonObject = {
  major: '1',
  minor: '32',
  gitVersion: 'v1.32.4',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2020-05-09T00:00:00Z',
  goVersion: 'go1.23',
  compiler: 'gc',
  platform: 'linux/amd64',
};
