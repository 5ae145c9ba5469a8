// The Kubernetes API of a lab: what an unmodified kubectl asks for (get, watch, patch, logs, exec, ...) and
// the answers that it understands. Left out: protobuf objects, deletion of whole collections, names that
// the server makes up (generateName).

import { SUBRESOURCE_VERBS, type Verb } from '../../kube/kinds/kind.ts';
import {
  AGGREGATED_DISCOVERY_TYPE,
  aggregatedDiscovery,
  apiGroups,
  apiResources,
  apiVersion,
  apiVersions,
} from '../../kube/server/discovery.ts';
import {
  openApiDocument,
  openApiIndex,
  swaggerDocument,
} from '../../kube/server/openapi/documents.ts';
import { SWAGGER_PROTOBUF_TYPE, swaggerProtobuf } from '../../kube/server/openapi/protobuf.ts';
import * as status from '../../kube/server/status.ts';
import type { ApiLab } from './api-lab.ts';
import type { Exchange } from './exchange.ts';
import { serveList } from './listing.ts';
import { servePodExec } from './pod-exec.ts';
import { servePodLog } from './pod-log-reply.ts';
import { booleanOf } from './query.ts';
import { formOf, objectIn } from './representation.ts';
import { type RequestTarget, targetOf } from './target.ts';
import { Watching } from './watching.ts';
import { Writing } from './writing.ts';

/** Answers the requests of one lab. */
export class KubeApi {
  readonly #lab: ApiLab;
  readonly #watching: Watching;
  readonly #writing: Writing;

  constructor(lab: ApiLab) {
    this.#lab = lab;
    this.#watching = new Watching(lab);
    this.#writing = new Writing(lab);
  }

  async serve(exchange: Exchange): Promise<void> {
    if (this.#serveDiscovery(exchange)) return;
    const target = targetOf(this.#lab.kinds, exchange.path);
    if (target === null) return exchange.fail(status.pathNotFound());
    const verb = verbOf(exchange.method, target, booleanOf(exchange.query, 'watch'));
    if (verb === null) return exchange.fail(status.methodNotAllowed());
    const { kind, name, namespace, subresource } = target;
    if (subresource !== null && !SUBRESOURCE_VERBS[subresource].includes(verb)) {
      return exchange.fail(status.methodNotAllowed());
    }
    if (subresource === 'log') {
      return servePodLog(exchange, this.#lab, namespace ?? '', name ?? '');
    }
    if (subresource === 'exec') {
      return servePodExec(exchange, this.#lab, namespace ?? '', name ?? '');
    }
    const form = formOf(exchange.header('accept'), exchange.query.get('includeObject'));
    if (form === 'none') return exchange.fail(status.notAcceptable());
    if (verb === 'watch') return this.#watching.serve(exchange, target, form);
    if (verb === 'create') return this.#writing.create(exchange, target, form);
    if (name === null) return serveList(exchange, this.#lab, target, form);
    const place = {
      kind,
      name,
      namespace: namespace ?? undefined,
      part: subresource ?? 'main',
    } as const;
    switch (verb) {
      case 'update':
        return this.#writing.replace(exchange, place, form);
      case 'patch':
        return this.#writing.patch(exchange, place, form);
      case 'delete':
        return this.#writing.delete(exchange, place);
      default: {
        const found = this.#lab.perform(() => this.#lab.store.find(kind, name, place.namespace));
        if (!found.ok) return exchange.fail(found.status);
        exchange.json(200, objectIn(form, kind, found.object, this.#lab.columns));
      }
    }
  }

  /** True when the path was one of those that clients ask before they do anything else. */
  #serveDiscovery(exchange: Exchange): boolean {
    const { path } = exchange;
    const [root, first, second] = path;
    const isDiscovery =
      (path.length === 1 &&
        ['version', 'api', 'apis', 'healthz', 'livez', 'readyz'].includes(root ?? '')) ||
      (path.length === 2 && root === 'api') ||
      (path.length === 3 && root === 'apis') ||
      (root === 'openapi' && first === 'v3') ||
      (root === 'openapi' && first === 'v2' && path.length === 2);
    if (!isDiscovery) return false;
    if (exchange.method !== 'GET') {
      exchange.fail(status.methodNotAllowed());
      return true;
    }
    if (root === 'version') exchange.json(200, apiVersion);
    else if (root === 'openapi' && first === 'v2') this.#serveSwagger(exchange);
    else if (root === 'openapi') this.#serveOpenApi(exchange, path.slice(2));
    else if (path.length > 1) {
      const [group = '', version = ''] = root === 'api' ? ['', first] : [first, second];
      const list = apiResources(this.#lab.kinds, { group, version });
      if (list === null) exchange.fail(status.pathNotFound());
      else exchange.json(200, list);
    } else if (root === 'api' || root === 'apis') this.#serveGroups(exchange, root);
    else exchange.text(200, 'ok');
    return true;
  }

  #serveGroups(exchange: Exchange, root: 'api' | 'apis'): void {
    const aggregated = /g=apidiscovery\.k8s\.io;v=v2;as=APIGroupDiscoveryList/;
    if (aggregated.test(exchange.header('accept'))) {
      const document = aggregatedDiscovery(this.#lab.kinds, root === 'api' ? 'core' : 'groups');
      exchange.json(200, document, AGGREGATED_DISCOVERY_TYPE);
    } else if (root === 'api')
      exchange.json(200, apiVersions(this.#lab.kinds, exchange.header('host')));
    else exchange.json(200, apiGroups(this.#lab.kinds));
  }

  #serveSwagger(exchange: Exchange): void {
    const document = swaggerDocument(this.#lab.kinds);
    if (exchange.header('accept').includes('com.github.proto-openapi.spec.v2')) {
      exchange.bytes(200, swaggerProtobuf(document), SWAGGER_PROTOBUF_TYPE);
    } else exchange.json(200, document);
  }

  #serveOpenApi(exchange: Exchange, rest: readonly string[]): void {
    const document =
      rest.length === 0
        ? openApiIndex(this.#lab.kinds)
        : openApiDocument(this.#lab.kinds, rest.join('/'));
    if (document === null) exchange.fail(status.pathNotFound());
    else exchange.json(200, document);
  }
}

/** What a request does; null for what nothing does. */
function verbOf(method: string, { name, subresource }: RequestTarget, watch: boolean): Verb | null {
  switch (method) {
    case 'GET':
      if (watch) return 'watch';
      return name === null ? 'list' : 'get';
    case 'POST':
      return name === null || subresource !== null ? 'create' : null;
    case 'PUT':
      return name === null ? null : 'update';
    case 'PATCH':
      return name === null ? null : 'patch';
    case 'DELETE':
      return name === null ? null : 'delete';
    default:
      return null;
  }
}
