// A kind of object, written in one file: its type, every name by which a user may ask for it, its
// columns and its fields. The handle that `defineKind` gives is what the store, clients, discovery,
// tables, OpenAPI and `oc` take; it carries the object's type along.

import type { JsonObject } from '../json.ts';
import type { Column } from './columns.ts';
import type { KubeObject } from './object.ts';
import type { Fields } from './schema.ts';

/** What can be asked of a resource, as discovery and RBAC call it; in alphabetical order. */
export const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'] as const;
/** One of them. */
export type Verb = (typeof VERBS)[number];

/** What a subresource takes. */
export const SUBRESOURCE_VERBS: { readonly [S in Subresource]: readonly Verb[] } = {
  // A WebSocket begins with GET, SPDY with POST.
  exec: ['create', 'get'],
  log: ['get'],
  status: ['get', 'patch', 'update'],
};
/** A part of an object with a path of its own. */
export type Subresource = 'exec' | 'log' | 'status';

/** One kind, as the API server serves it. */
export interface Kind<T extends KubeObject = KubeObject> {
  /** 'Node', as objects say it in `kind`. */
  readonly name: T['kind'];
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  /** '' is the core group. */
  readonly group: string;
  readonly version: string;
  readonly namespaced: boolean;
  /** Words that mean several kinds at once, such as 'all'. */
  readonly categories: readonly string[];
  /** With 'status', the object's own path ignores changes of `status`, and `/status` all others. */
  readonly subresources: readonly Subresource[];
  /** True for what a CustomResourceDefinition defines: no strategic merge patch (415). */
  readonly custom: boolean;
  /** With a status subresource: whether a new object may bring its status along, as nodes do. */
  readonly bringsStatus: boolean;
  readonly description: string;
  /** All fields beside apiVersion, kind and metadata. */
  readonly fields: Fields;
  /** Fields without which an object is refused. */
  readonly required: readonly string[];
  readonly columns: readonly Column<T>[];
  /** Fills in what a new object may leave out. */
  complete(document: JsonObject): JsonObject;
  /** A document as an object, once it has been validated: the one place where types come in from outside. */
  read(document: JsonObject): T;
}

/** What a kind's file says of it. */
export interface KindDefinition<T extends KubeObject> {
  readonly name: T['kind'];
  readonly plural: string;
  /** The name in lower case if not given. */
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  /** The core group if not given. */
  readonly group?: string;
  /** v1 if not given. */
  readonly version?: string;
  /** False if not given. */
  readonly namespaced?: boolean;
  readonly categories?: readonly string[];
  readonly subresources?: readonly Subresource[];
  /** True outside the core group if not given. */
  readonly custom?: boolean;
  /** False if not given. */
  readonly bringsStatus?: boolean;
  readonly description: string;
  readonly fields: Fields;
  readonly required?: readonly string[];
  readonly columns: readonly Column<T>[];
  /** Nothing is filled in if not given. */
  readonly complete?: (document: JsonObject) => JsonObject;
}

/** The handle of a kind. */
export function defineKind<T extends KubeObject>(definition: KindDefinition<T>): Kind<T> {
  const group = definition.group ?? '';
  return {
    singular: definition.name.toLowerCase(),
    shortNames: [],
    version: 'v1',
    namespaced: false,
    categories: [],
    subresources: [],
    custom: group !== '',
    bringsStatus: false,
    required: [],
    complete: (document) => document,
    ...definition,
    group,
    read: (document) => document as T,
  };
}

/** 'egressips.k8s.ovn.org', or 'nodes' in the core group: as error messages name it. */
export function qualifiedPlural({ group, plural }: Kind): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** 'egressip.k8s.ovn.org', or 'node': as kubectl names an object it changed. */
export function qualifiedSingular({ group, singular }: Kind): string {
  return group === '' ? singular : `${singular}.${group}`;
}

/** The apiVersion of its objects: 'v1', 'network.openshift.io/v1'. */
export function apiVersionOf({ group, version }: Pick<Kind, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}

/** Whether the main path of this kind leaves `status` alone. */
export function hasStatus({ subresources }: Kind): boolean {
  return subresources.includes('status');
}
