// What the API server serves: one line per resource, with every name by which a user may ask for it.
// Discovery, the `oc` parser, the table printer and the store all read this one registry.

import type { Kind } from './objects.ts';

/** What can be asked of a resource, as discovery and RBAC call it. */
export type Verb = 'create' | 'delete' | 'get' | 'list' | 'patch' | 'update' | 'watch';

/** One resource of the API, as discovery describes it. */
export interface Resource<K extends Kind = Kind> {
  readonly kind: K;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  /** '' is the core group. */
  readonly group: string;
  readonly version: 'v1';
  readonly namespaced: boolean;
  readonly subresources: readonly string[];
  /** In alphabetical order; anything else is refused with 405. */
  readonly verbs: readonly Verb[];
  /** CustomResourceDefinitions refuse strategic merge patches (415). */
  readonly custom: boolean;
}

const NETWORK = 'network.openshift.io';

const READ: readonly Verb[] = ['get', 'list', 'watch'];
/** A lab starts complete: no new pods, no new namespaces. */
const CHANGE: readonly Verb[] = ['delete', 'get', 'list', 'patch', 'update', 'watch'];
const EVERYTHING: readonly Verb[] = ['create', ...CHANGE];

export const resources: { readonly [K in Kind]: Resource<K> } = {
  Node: core('Node', 'nodes', 'no', EVERYTHING),
  Namespace: core('Namespace', 'namespaces', 'ns', CHANGE),
  Pod: { ...core('Pod', 'pods', 'po', CHANGE), namespaced: true, subresources: ['log'] },
  Event: { ...core('Event', 'events', 'ev', READ), namespaced: true },
  HostSubnet: custom('HostSubnet', 'hostsubnets'),
  NetNamespace: custom('NetNamespace', 'netnamespaces'),
};

function core<K extends Kind>(
  kind: K,
  plural: string,
  short: string,
  verbs: readonly Verb[],
): Resource<K> {
  const singular = plural.slice(0, -1);
  return {
    kind,
    plural,
    singular,
    shortNames: [short],
    group: '',
    version: 'v1',
    namespaced: false,
    subresources: [],
    verbs,
    custom: false,
  };
}

function custom<K extends Kind>(kind: K, plural: string): Resource<K> {
  const singular = plural.slice(0, -1);
  return {
    kind,
    plural,
    singular,
    shortNames: [],
    group: NETWORK,
    version: 'v1',
    namespaced: false,
    subresources: [],
    verbs: EVERYTHING,
    custom: true,
  };
}

/** All kinds, in the order in which discovery lists them. */
export const kinds: readonly Kind[] = [
  'Node',
  'Namespace',
  'Pod',
  'Event',
  'HostSubnet',
  'NetNamespace',
];

/** 'hostsubnets.network.openshift.io', or 'nodes' in the core group: as error messages name it. */
export function qualifiedPlural(resource: Resource): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}

/** 'hostsubnet.network.openshift.io', or 'node': as kubectl names an object it changed. */
export function qualifiedSingular(resource: Resource): string {
  return resource.group === '' ? resource.singular : `${resource.singular}.${resource.group}`;
}

/** The apiVersion of its objects. */
export function apiVersionOf(resource: Resource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** Finds a resource by anything a user may write: plural, singular, short name, kind, with or without `.group` or `.version.group`. */
export function findResource(name: string): Resource | null {
  const wanted = name.toLowerCase();
  for (const kind of kinds) {
    const resource = resources[kind];
    const suffix = wanted.indexOf('.');
    const base = suffix < 0 ? wanted : wanted.slice(0, suffix);
    const rest = suffix < 0 ? '' : wanted.slice(suffix + 1);
    const known = [resource.plural, resource.singular, ...resource.shortNames].includes(base);
    const groups = ['', resource.group, `${resource.version}.${resource.group}`, resource.version];
    if (known && groups.includes(rest.replace(/\.$/, ''))) return resource;
  }
  return null;
}

/** Every word by which a resource is known, for suggestions. */
export function resourceWords(): readonly string[] {
  return kinds.flatMap((kind) => {
    const resource = resources[kind];
    return [resource.plural, resource.singular, ...resource.shortNames];
  });
}
