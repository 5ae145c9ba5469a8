// `?watch=true`: one JSON document per change, as long as the client listens. A change that is the
// same for many watchers is written out once.

import type { JsonValue } from '../../kube/json.ts';
import { apiVersionOf, type Kind } from '../../kube/kinds/kind.ts';
import { watchDocument } from '../../kube/server/documents.ts';
import { type Change, type ChangeType, Watch } from '../../kube/server/watch.ts';
import type { ApiLab } from './api-lab.ts';
import type { Exchange } from './exchange.ts';
import { booleanOf, filterOf, integerOf, type ObjectFilter } from './query.ts';
import type { ReplyStream } from './reply-stream.ts';
import { type Form, objectIn } from './representation.ts';
import type { RequestTarget } from './target.ts';

/** How often a client that asks for bookmarks gets one (apiserver defaultBookmarkFrequency). */
const BOOKMARK_MILLISECONDS = 60_000;
/** setTimeout takes 32 bits of milliseconds. */
const LONGEST_SECONDS = 2_000_000;

/** What became of an object for a client that sees only some of them. */
function typeFor(change: Change, filter: ObjectFilter): ChangeType | null {
  const now = change.type !== 'DELETED' && filter.matches(change.object);
  const previous = change.previous ?? (change.type === 'ADDED' ? null : change.object);
  const before = previous !== null && filter.matches(previous);
  if (now) return before ? 'MODIFIED' : 'ADDED';
  return before ? 'DELETED' : null;
}

/** Serves the watches of one lab. */
export class Watching {
  readonly #lab: ApiLab;
  /** Lines by change and by what they depend on besides. */
  readonly #lines = new WeakMap<Change, Map<string, string>>();

  constructor(lab: ApiLab) {
    this.#lab = lab;
  }

  /** Answers until the client, `timeoutSeconds` or the lab ends it. */
  serve(exchange: Exchange, target: RequestTarget, form: Form): void {
    const { query } = exchange;
    const filter = filterOf(target, query);
    const version = integerOf(query, 'resourceVersion');
    const timeout = integerOf(query, 'timeoutSeconds');
    if (!filter.ok || !version.ok || !timeout.ok) {
      for (const each of [filter, version, timeout]) if (!each.ok) exchange.fail(each.status);
      return;
    }
    const stream = exchange.stream('application/json');
    if (stream === null) return;
    // 0 is "whatever you have": everything there is, then what changes.
    const since = version.value === 0 ? null : version.value;
    this.#subscribe(stream, target, form, filter.value, since);
    if (timeout.value !== null && timeout.value > 0) endAfter(stream, timeout.value);
    if (booleanOf(query, 'allowWatchBookmarks')) this.#bookmark(stream, target, form);
  }

  #subscribe(
    stream: ReplyStream,
    { kind }: RequestTarget,
    form: Form,
    filter: ObjectFilter,
    since: number | null,
  ): void {
    const watch = this.#lab.perform(() =>
      this.#lab.store.watch(kind, { since }, (change) => {
        const type = typeFor(change, filter);
        if (type !== null) stream.write(this.#line(kind, change, type, form));
      }),
    );
    if (watch instanceof Watch) {
      stream.onClose(() => watch.close());
      return;
    }
    // Too long ago: the client is to list anew.
    stream.write(`${JSON.stringify(watchDocument('ERROR', watch))}\n`);
    stream.end();
  }

  #line(kind: Kind, change: Change, type: ChangeType, form: Form): string {
    const key = `${type} ${form}`;
    const lines = this.#lines.get(change) ?? new Map<string, string>();
    this.#lines.set(change, lines);
    const known = lines.get(key);
    if (known !== undefined) return known;
    const document = objectIn(form, kind, change.object, this.#lab.columns);
    const line = `${JSON.stringify(watchDocument(type, document))}\n`;
    lines.set(key, line);
    return line;
  }

  /** Says how far the client has come, so that it can go on from there. */
  #bookmark(stream: ReplyStream, { kind }: RequestTarget, form: Form): void {
    const timer = setInterval(() => {
      const resourceVersion = String(this.#lab.store.resourceVersion);
      const object: JsonValue =
        form === 'objects'
          ? {
              kind: kind.name,
              apiVersion: apiVersionOf(kind),
              metadata: { resourceVersion },
            }
          : {
              kind: 'Table',
              apiVersion: 'meta.k8s.io/v1',
              metadata: { resourceVersion },
              columnDefinitions: [],
              rows: [],
            };
      stream.write(`${JSON.stringify(watchDocument('BOOKMARK', object))}\n`);
    }, BOOKMARK_MILLISECONDS);
    stream.onClose(() => clearInterval(timer));
  }
}

function endAfter(stream: ReplyStream, seconds: number): void {
  const timer = setTimeout(() => stream.end(), Math.min(seconds, LONGEST_SECONDS) * 1e3);
  stream.onClose(() => clearTimeout(timer));
}
