// GET of a collection, whole or a page at a time. A continued list goes on with the objects as they
// were when it began; when the store no longer knows them, the answer is 410 and the client begins anew.

import { type KubeObject, objectKey } from '../../kube/kinds/object.ts';
import { snapshotAt } from '../../kube/server/snapshot.ts';
import type { Status } from '../../kube/server/status.ts';
import * as status from '../../kube/server/status.ts';
import type { ApiLab } from './api-lab.ts';
import type { Exchange } from './exchange.ts';
import { type Checked, filterOf, integerOf } from './query.ts';
import { type Form, listIn, type Page } from './representation.ts';
import type { RequestTarget } from './target.ts';

/** Where a page ends. */
interface Position {
  readonly version: number;
  /** The key of the last object that was sent. */
  readonly after: string;
}

/** Answers with the objects that are meant. */
export function serveList(
  exchange: Exchange,
  lab: ApiLab,
  target: RequestTarget,
  form: Form,
): void {
  const page = lab.perform(() => pageOf(exchange.query, lab, target));
  if (!page.ok) exchange.fail(page.status);
  else exchange.json(200, listIn(form, target.kind, page.value, lab.columns));
}

function pageOf(query: URLSearchParams, lab: ApiLab, target: RequestTarget): Checked<Page> {
  const filter = filterOf(target, query);
  if (!filter.ok) return filter;
  const limit = integerOf(query, 'limit');
  if (!limit.ok) return limit;
  const text = query.get('continue') ?? '';
  const from = text === '' ? null : positionOf(text);
  if (text !== '' && from === null) {
    return refuse(status.badRequest('continue key is not valid: encoded value is malformed'));
  }
  const { store } = lab;
  const { kind } = target;
  const version = from?.version ?? store.resourceVersion;
  const all =
    from === null || version === store.resourceVersion
      ? store.list(kind).items
      : earlier(snapshotAt(store, kind, version));
  if (all === null) return refuse(status.continueExpired());
  const meant = all.filter(
    (object) => filter.value.matches(object) && (from === null || objectKey(object) > from.after),
  );
  const items = limit.value === null || limit.value === 0 ? meant : meant.slice(0, limit.value);
  const last = items.at(-1);
  const more = meant.length - items.length;
  const isPicked = query.has('labelSelector') || query.has('fieldSelector');
  return {
    ok: true,
    value: {
      items,
      resourceVersion: version,
      continue: more === 0 || last === undefined ? '' : token(version, objectKey(last)),
      remaining: more === 0 || isPicked ? null : more,
    },
  };
}

function earlier(objects: ReadonlyMap<string, KubeObject> | null): readonly KubeObject[] | null {
  if (objects === null) return null;
  return [...objects.keys()].sort().flatMap((key) => objects.get(key) ?? []);
}

/** As the API server writes it (apiserver pkg/storage/continue.go), so that nobody has to learn another form. */
function token(version: number, after: string): string {
  const content = JSON.stringify({ v: 'meta.k8s.io/v1', rv: version, start: after });
  return Buffer.from(content).toString('base64url');
}

function positionOf(text: string): Position | null {
  try {
    const content: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (typeof content !== 'object' || content === null) return null;
    const { rv, start } = content as { readonly rv?: unknown; readonly start?: unknown };
    const isVersion = typeof rv === 'number' && Number.isSafeInteger(rv) && rv >= 0;
    return isVersion && typeof start === 'string' ? { version: rv, after: start } : null;
  } catch {
    return null;
  }
}

function refuse(failure: Status): { readonly ok: false; readonly status: Status } {
  return { ok: false, status: failure };
}
