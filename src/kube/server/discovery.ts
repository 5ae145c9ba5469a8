// What the API server offers, for clients that ask before they do anything else: the aggregated
// discovery documents of `/api` and `/apis`, the older ones, and `/version`.

import type { JsonObject } from '../json.ts';
import { apiVersionOf, type Kind, SUBRESOURCE_VERBS, VERBS } from '../kinds/kind.ts';
import type { GroupVersion, KindRegistry } from '../kinds/registry.ts';

/** The aggregated documents must be sent under exactly this type, or kubectl finds no resources. */
export const AGGREGATED_DISCOVERY_TYPE =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** The groups of a half of the API, each with its versions. */
function groupsOf(kinds: KindRegistry, which: 'core' | 'groups'): Map<string, GroupVersion[]> {
  const groups = new Map<string, GroupVersion[]>();
  for (const each of kinds.groupVersions()) {
    if ((each.group === '') !== (which === 'core')) continue;
    groups.set(each.group, [...(groups.get(each.group) ?? []), each]);
  }
  return groups;
}

/** `GET /api` (core) or `GET /apis` (the others), aggregated. */
export function aggregatedDiscovery(kinds: KindRegistry, which: 'core' | 'groups'): JsonObject {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: [...groupsOf(kinds, which)].map(([name, versions]) => ({
      metadata: { name, creationTimestamp: null },
      versions: versions.map((each) => ({
        version: each.version,
        freshness: 'Current',
        resources: kinds.in(each).map(discoveryOf),
      })),
    })),
  };
}

function discoveryOf(kind: Kind): JsonObject {
  const { categories, group, name, namespaced, plural, shortNames, singular, version } = kind;
  const responseKind = { group, version, kind: name };
  const subresources = kind.subresources.map((subresource) => ({
    subresource,
    responseKind,
    verbs: SUBRESOURCE_VERBS[subresource],
  }));
  return {
    resource: plural,
    responseKind,
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: VERBS,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}

/** `GET /api`, for clients that do not ask for aggregated discovery. */
export function apiVersions(kinds: KindRegistry, serverAddress: string): JsonObject {
  const versions = [...groupsOf(kinds, 'core').values()].flat().map(({ version }) => version);
  const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress }];
  return { kind: 'APIVersions', versions, serverAddressByClientCIDRs };
}

/** `GET /apis`, likewise. */
export function apiGroups(kinds: KindRegistry): JsonObject {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: [...groupsOf(kinds, 'groups')].map(([name, given]) => {
      const versions = given.map((each) => ({
        groupVersion: apiVersionOf(each),
        version: each.version,
      }));
      return { name, versions, preferredVersion: versions[0] ?? null };
    }),
  };
}

/** `GET /api/v1` (group '') and `GET /apis/<group>/<version>`; null when there is no such group. */
export function apiResources(kinds: KindRegistry, groupVersion: GroupVersion): JsonObject | null {
  const served = kinds.in(groupVersion);
  if (served.length === 0) return null;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(groupVersion),
    resources: served.flatMap(resourcesOf),
  };
}

function resourcesOf(kind: Kind): readonly JsonObject[] {
  const { categories, name, namespaced, plural, shortNames, singular, subresources } = kind;
  const own: JsonObject = {
    name: plural,
    singularName: singular,
    namespaced,
    kind: name,
    verbs: VERBS,
    shortNames,
    ...(categories.length === 0 ? {} : { categories }),
  };
  const parts = subresources.map(
    (part): JsonObject => ({
      name: `${plural}/${part}`,
      singularName: '',
      namespaced,
      kind: name,
      verbs: SUBRESOURCE_VERBS[part],
    }),
  );
  return [own, ...parts];
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
