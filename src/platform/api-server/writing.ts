// POST, PUT, PATCH and DELETE: a body is read and understood here; what may be stored is the store's
// decision, and its Status is the answer.

import { isJsonObject, type JsonObject, type JsonValue } from '../../kube/json.ts';
import { apiVersionOf, hasStatus, type Kind, type Verb } from '../../kube/kinds/kind.ts';
import { asDocument, type KubeObject, metadataOf } from '../../kube/kinds/object.ts';
import { deletedDocument } from '../../kube/server/documents.ts';
import { isShallow, PatchType } from '../../kube/server/patch.ts';
import type { ApiResult, Status } from '../../kube/server/status.ts';
import * as status from '../../kube/server/status.ts';
import { parseYaml } from '../../kube/yaml-documents.ts';
import type { ApiLab } from './api-lab.ts';
import { type Exchange, parseBody } from './exchange.ts';
import { booleanOf, type Checked, dryRunOf } from './query.ts';
import { type Form, objectIn } from './representation.ts';
import type { RequestTarget } from './target.ts';
import { clientName, writeTermsOf } from './write-terms.ts';

/** At most this much of a patch appears in the log, in characters. */
const SHOWN_BODY = 200;

/** An object in a collection. */
interface Place {
  readonly kind: Kind;
  readonly name: string;
  readonly namespace: string | undefined;
  /** What a write through the path may change. */
  readonly part: 'main' | 'status';
}

const APPLY = 'application/apply-patch+yaml';
const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': PatchType.Json,
  'application/merge-patch+json': PatchType.Merge,
  'application/strategic-merge-patch+json': PatchType.Strategic,
};

/** Carries out what writes. */
export class Writing {
  readonly #lab: ApiLab;

  constructor(lab: ApiLab) {
    this.#lab = lab;
  }

  /** POST to a collection. */
  async create(exchange: Exchange, { kind, namespace }: RequestTarget, form: Form): Promise<void> {
    const body = await objectBody(exchange, kind);
    if (!body.ok) return exchange.fail(body.status);
    const given = withNamespace(body.value, kind, namespace);
    const terms = writeTermsOf(exchange, 'main');
    if (!terms.ok) return exchange.fail(terms.status);
    const result = this.#write(exchange, 'create', kind, String(metadataOf(given).name), '', () =>
      this.#lab.store.createFrom(kind, given, terms.value),
    );
    this.#answer(exchange, kind, form, result, 201);
  }

  /** PUT to an object. */
  async replace(exchange: Exchange, place: Place, form: Form): Promise<void> {
    const { kind, name, namespace, part } = place;
    const body = await objectBody(exchange, kind);
    if (!body.ok) return exchange.fail(body.status);
    const given = metadataOf(body.value).name;
    if (given !== name) {
      const why = `the name of the object (${String(given)}) does not match the name on the URL (${name})`;
      return exchange.fail(status.badRequest(why));
    }
    const wanted = withNamespace(body.value, kind, namespace ?? null);
    const terms = writeTermsOf(exchange, part);
    if (!terms.ok) return exchange.fail(terms.status);
    const result = this.#write(exchange, 'update', kind, name, '', () =>
      this.#lab.store.updateFrom(kind, wanted, terms.value),
    );
    this.#answer(exchange, kind, form, result, 200);
  }

  /** PATCH of an object. */
  async patch(exchange: Exchange, place: Place, form: Form): Promise<void> {
    const { kind, name, namespace, part } = place;
    if (exchange.contentType === APPLY) return this.#apply(exchange, place, form);
    const type = PATCH_TYPES[exchange.contentType];
    if (type === undefined) return exchange.fail(status.unsupportedPatchType(kind.custom));
    const body = await jsonBody(exchange, 'error decoding patch');
    if (!body.ok) return exchange.fail(body.status);
    const terms = writeTermsOf(exchange, part);
    if (!terms.ok) return exchange.fail(terms.status);
    const text = JSON.stringify(body.value);
    const result = this.#write(exchange, 'patch', kind, name, text, () =>
      this.#lab.store.patch(kind, name, namespace, type, body.value, terms.value),
    );
    this.#answer(exchange, kind, form, result, 200);
  }

  /** PATCH with what a manager wants of the object; creates it when it is not there. */
  async #apply(exchange: Exchange, place: Place, form: Form): Promise<void> {
    const { kind, name, namespace, part } = place;
    const body = await exchange.body();
    if (!body.ok) return exchange.fail(body.status);
    const configuration = configurationIn(body.text, place);
    if (!configuration.ok) return exchange.fail(configuration.status);
    const terms = writeTermsOf(exchange, part);
    if (!terms.ok) return exchange.fail(terms.status);
    const manager = exchange.query.get('fieldManager') ?? '';
    if (manager === '') {
      return exchange.fail(
        status.badRequest('fieldManager: Required value: is required for apply patch'),
      );
    }
    const force = booleanOf(exchange.query, 'force');
    const request = { configuration: configuration.value, force, manager };
    const isNew = this.#lab.store.get(kind, name, namespace) === null;
    const result = this.#write(
      exchange,
      'patch',
      kind,
      name,
      JSON.stringify(configuration.value),
      () => this.#lab.store.apply(kind, name, namespace, request, terms.value),
    );
    this.#answer(exchange, kind, form, result, isNew ? 201 : 200);
  }

  /** DELETE of an object; the body may carry conditions (metav1.DeleteOptions). */
  async delete(exchange: Exchange, { kind, name, namespace }: Place): Promise<void> {
    const body = await jsonBody(exchange, 'error decoding delete options');
    if (!body.ok) return exchange.fail(body.status);
    const options: JsonObject = isJsonObject(body.value) ? body.value : {};
    const { dryRun } = options;
    const only = dryRunOf(exchange.query) || (Array.isArray(dryRun) && dryRun.includes('All'));
    const result = this.#write(exchange, 'delete', kind, name, '', () => {
      const found = this.#lab.store.find(kind, name, namespace);
      if (!found.ok || only) return found;
      const refusal = failedPrecondition(options, kind, found.object);
      if (refusal !== null) return { ok: false, status: refusal };
      return this.#lab.store.delete(kind, name, namespace);
    });
    if (!result.ok) return exchange.fail(result.status);
    exchange.json(200, deletedDocument(kind, result.object));
  }

  /** Writes in the lab's present instant, and says so when something came of it. */
  #write(
    exchange: Exchange,
    verb: Verb,
    kind: Kind,
    name: string,
    body: string,
    write: () => ApiResult<KubeObject>,
  ): ApiResult<KubeObject> {
    const by = clientName(exchange);
    return this.#lab.perform(() => {
      const before = this.#lab.store.resourceVersion;
      const result = write();
      if (result.ok && this.#lab.store.resourceVersion > before) {
        const shown = body.length > SHOWN_BODY ? `${body.slice(0, SHOWN_BODY)} ...` : body;
        this.#lab.note(by === '' ? 'client' : by, verb, `${kind.singular}/${name}`, shown);
      }
      return result;
    });
  }

  #answer(
    exchange: Exchange,
    kind: Kind,
    form: Form,
    result: ApiResult<KubeObject>,
    code: number,
  ): void {
    if (!result.ok) {
      exchange.fail(result.status);
      return;
    }
    exchange.warn(result.warnings ?? []);
    exchange.json(code, objectIn(form, kind, result.object, this.#lab.columns));
  }
}

async function jsonBody(exchange: Exchange, complaint: string): Promise<Checked<JsonValue>> {
  const body = await exchange.body();
  if (!body.ok) return body;
  const parsed = parseBody(body.text);
  if (parsed.ok) return { ok: true, value: parsed.value };
  return { ok: false, status: status.badRequest(`${complaint}: ${parsed.message}`) };
}

/** A body that is to be an object of this resource. */
async function objectBody(exchange: Exchange, kind: Kind): Promise<Checked<JsonObject>> {
  if (!['', 'application/json'].includes(exchange.contentType)) {
    return { ok: false, status: status.unsupportedMediaType(['application/json']) };
  }
  const unrecognized = `the object provided is unrecognized (must be of type ${kind.name})`;
  const body = await jsonBody(exchange, unrecognized);
  if (!body.ok) return body;
  const { value } = body;
  const isOurs =
    isJsonObject(value) && value.kind === kind.name && value.apiVersion === apiVersionOf(kind);
  if (isOurs) return { ok: true, value };
  return { ok: false, status: status.badRequest(unrecognized) };
}

/** The body of a server-side apply: YAML or JSON, of this kind, under this name, without the server's fields. */
function configurationIn(
  text: string,
  { kind, name, namespace, part }: Place,
): Checked<JsonObject> {
  const refused = (why: string): Checked<JsonObject> => ({
    ok: false,
    status: status.badRequest(why),
  });
  const parsed = parseYaml(text);
  if (!parsed.ok) return refused(`error decoding YAML: ${parsed.message}`);
  const [given, second] = parsed.documents;
  if (!isJsonObject(given) || second !== undefined) {
    return refused('error decoding YAML: the body must be one object');
  }
  if (!isShallow(given)) return refused('error decoding YAML: exceeded max depth');
  const metadata = metadataOf(given);
  if (given.kind !== kind.name || given.apiVersion !== apiVersionOf(kind)) {
    return refused(`invalid object type: ${String(given.apiVersion)}, Kind=${String(given.kind)}`);
  }
  if ((metadata.name ?? name) !== name || (metadata.namespace ?? namespace) !== namespace) {
    return refused('the name or namespace of the object does not match the URL');
  }
  if (metadata.managedFields !== undefined) return refused('metadata.managedFields must be nil');
  const where: JsonObject = namespace === undefined ? {} : { namespace };
  const { status: wanted, ...rest } = given;
  const content: JsonObject =
    part === 'status' ? { status: wanted ?? {} } : hasStatus(kind) ? rest : given;
  const own = part === 'status' ? {} : metadata;
  return {
    ok: true,
    value: {
      ...content,
      apiVersion: apiVersionOf(kind),
      kind: kind.name,
      metadata: { ...own, name, ...where },
    },
  };
}

/** What is not said is where the request went. */
function withNamespace(document: JsonObject, kind: Kind, namespace: string | null): JsonObject {
  const metadata = metadataOf(document);
  if (!kind.namespaced || namespace === null || metadata.namespace !== undefined) {
    return document;
  }
  return { ...document, metadata: { ...metadata, namespace } };
}

function failedPrecondition(
  { preconditions }: JsonObject,
  kind: Kind,
  object: KubeObject,
): Status | null {
  if (!isJsonObject(preconditions)) return null;
  const { metadata } = asDocument(object);
  const actual = isJsonObject(metadata) ? metadata : {};
  const holds = (['uid', 'resourceVersion'] as const).every(
    (key) => preconditions[key] === undefined || preconditions[key] === actual[key],
  );
  return holds ? null : status.conflict(kind, object.metadata.name);
}
