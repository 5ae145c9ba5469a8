// How much is stored: etcd's bounds, of one object and of all of them.

import { isJsonArray, type JsonValue } from '../json.ts';
import type { Kind } from '../kinds/kind.ts';
import type { Status } from './status.ts';
import * as status from './status.ts';

/** etcd --max-request-bytes, 1.5 MiB. */
const MAX_OBJECT_OCTETS = 1.5 * 1024 * 1024;
/** etcd --quota-backend-bytes is 2 GiB; a lab lives in one process, and 64 MiB are ten thousand large objects. */
const MAX_OCTETS = 64 * 1024 * 1024;

const QUOTES = 2;
const BRACKETS = 2;
const SEPARATOR = 1;

/** The size of every object that is stored. */
export class Storage {
  readonly #sizes = new Map<Kind, Map<string, number>>();
  #total = 0;

  /** Why an object of that size cannot be stored under this key; null when it can. */
  refusalOf(kind: Kind, key: string, octets: number): Status | null {
    if (octets > MAX_OBJECT_OCTETS) return status.objectTooLarge();
    const after = this.#total - (this.#of(kind).get(key) ?? 0) + octets;
    return after > MAX_OCTETS && after > this.#total ? status.storageFull() : null;
  }

  /** It is stored. */
  put(kind: Kind, key: string, octets: number): void {
    const sizes = this.#of(kind);
    this.#total += octets - (sizes.get(key) ?? 0);
    sizes.set(key, octets);
  }

  /** It is not any more. */
  delete(kind: Kind, key: string): void {
    const sizes = this.#of(kind);
    this.#total -= sizes.get(key) ?? 0;
    sizes.delete(key);
  }

  #of(kind: Kind): Map<string, number> {
    let sizes = this.#sizes.get(kind);
    if (sizes === undefined) {
      sizes = new Map();
      this.#sizes.set(kind, sizes);
    }
    return sizes;
  }
}

/**
 * The length of a value as JSON, in characters: what a document without long foreign texts has in octets.
 * Counted without making the text, because each write asks. What a text escapes counts once.
 */
export function sizeOf(value: JsonValue | undefined): number {
  if (typeof value === 'string') return value.length + QUOTES;
  if (value === undefined || value === null || typeof value !== 'object') {
    return String(value).length;
  }
  let size = BRACKETS;
  let items = 0;
  if (isJsonArray(value)) {
    for (const item of value) size += sizeOf(item);
    items = value.length;
  } else {
    for (const key in value) {
      const item = value[key];
      if (item === undefined) continue;
      size += key.length + QUOTES + SEPARATOR + sizeOf(item);
      items++;
    }
  }
  return items > 1 ? size + (items - 1) * SEPARATOR : size;
}
