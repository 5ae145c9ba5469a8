// The query parameters of lists and watches, checked.

import type { KubeObject } from '../../kube/kinds/object.ts';
import {
  type FieldSelector,
  type LabelRequirements,
  matchesFields,
  matchesLabels,
  parseFieldSelector,
  parseLabelSelector,
} from '../../kube/server/selector.ts';
import type { Status } from '../../kube/server/status.ts';
import * as status from '../../kube/server/status.ts';
import type { RequestTarget } from './target.ts';

/** Which objects of a collection are meant. */
export class ObjectFilter {
  readonly #target: RequestTarget;
  readonly #labels: LabelRequirements;
  readonly #fields: FieldSelector;

  constructor(target: RequestTarget, labels: LabelRequirements, fields: FieldSelector) {
    this.#target = target;
    this.#labels = labels;
    this.#fields = fields;
  }

  matches(object: KubeObject): boolean {
    const { name, namespace } = this.#target;
    if (namespace !== null && object.metadata.namespace !== namespace) return false;
    if (name !== null && object.metadata.name !== name) return false;
    return matchesLabels(object, this.#labels) && matchesFields(object, this.#fields);
  }
}

/** A parameter that was understood, or the refusal. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: Status };

/** `labelSelector` and `fieldSelector` of a request about `target`. */
export function filterOf(target: RequestTarget, query: URLSearchParams): Checked<ObjectFilter> {
  const labels = parseLabelSelector(query.get('labelSelector') ?? '');
  if (!labels.ok) return refuse(labels.message);
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '');
  if (!fields.ok) return refuse(fields.message);
  return { ok: true, value: new ObjectFilter(target, labels.selector, fields.selector) };
}

/** A non-negative integer; null when it is not given. */
export function integerOf(query: URLSearchParams, name: string): Checked<number | null> {
  const text = query.get(name) ?? '';
  if (text === '') return { ok: true, value: null };
  if (/^\d{1,15}$/.test(text)) return { ok: true, value: Number(text) };
  const why = `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
  return refuse(`invalid ${name}: Invalid value: ${JSON.stringify(text)}: ${why}`);
}

/** Go's strconv.ParseBool, with a bare `?watch` as true. */
export function booleanOf(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  return text !== null && !['0', 'f', 'false'].includes(text.toLowerCase());
}

/** `dryRun=All`, the only value there is. */
export function dryRunOf(query: URLSearchParams): boolean {
  return query.getAll('dryRun').includes('All');
}

function refuse(message: string): { readonly ok: false; readonly status: Status } {
  return { ok: false, status: status.badRequest(message) };
}
