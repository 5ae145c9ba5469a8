// What all objects of the API have in common, as Kubernetes shapes it: plain immutable JSON, ready to
// be printed, patched and sent over HTTP as it stands. The kinds themselves stand one per file.

import { isJsonObject, type JsonObject } from '../json.ts';

/** The text maps of `metadata`: labels and annotations. */
export type TextMap = Readonly<Record<string, string>>;

/** What every stored object carries. Timestamps are RFC 3339 with whole seconds, UTC. */
export type ObjectMeta = {
  readonly name: string;
  /** Absent on cluster-scoped objects. */
  readonly namespace?: string;
  readonly uid: string;
  /** An integer as a string; one counter for all objects of a store. */
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
  readonly labels?: TextMap;
  readonly annotations?: TextMap;
};

/** Any object of the API. */
export type KubeObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
};

/** What a caller gives as `metadata` of a new object; the server fills in the rest. */
export type NewMeta = Partial<ObjectMeta> & { readonly name: string };

/** What a caller gives to `ObjectStore.create`. */
export type NewObject<T extends KubeObject> = Omit<T, 'metadata'> & { readonly metadata: NewMeta };

/** The key of an object inside its kind: 'namespace/name', or the bare name of a cluster-scoped object. */
export function objectKey({ metadata: { name, namespace } }: KubeObject): string {
  return keyOf(name, namespace);
}

/** The key from its parts. */
export function keyOf(name: string, namespace?: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** An object as the JSON that it is. */
export function asDocument(object: KubeObject): JsonObject {
  return object;
}

/** `metadata` of a document as an object; empty when the document has none. */
export function metadataOf(document: JsonObject): JsonObject {
  return isJsonObject(document.metadata) ? document.metadata : {};
}
