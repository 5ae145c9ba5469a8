// `create -f`, `replace -f` and `apply -f`: each object of a file, one after the other, with the words
// that kubectl prints. `apply` remembers on the object what was applied (client-side) or leaves that to
// the server (`--server-side`).

import { isJsonObject, type JsonObject } from '../json.ts';
import { parseJson } from '../json-syntax.ts';
import { type Kind, qualifiedSingular } from '../kinds/kind.ts';
import { asDocument, type KubeObject, metadataOf } from '../kinds/object.ts';
import { mergeConfiguration } from '../server/apply.ts';
import type { ApiResult } from '../server/status.ts';
import type { WriteOptions } from '../server/store.ts';
import type { Manifest, ManifestCommand } from './command.ts';
import type { OcEnvironment, OcOutput } from './environment.ts';
import { failureText, warningText } from './failures.ts';
import { withSortedKeys } from './yaml-text.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** kubectl's name for itself when it applies by patches. */
const CLIENT_SIDE = 'kubectl-client-side-apply';

/** What became of one object. */
interface Outcome {
  readonly result: ApiResult<KubeObject>;
  /** 'created', 'configured', ... */
  readonly done: string;
  /** For standard error. */
  readonly note: string;
}

/** Carries out a command with a file; exits 1 when anything failed. */
export function writeManifests(
  command: ManifestCommand,
  environment: OcEnvironment,
  output: OcOutput,
): void {
  let failed = false;
  for (const given of command.manifests) {
    const manifest = inNamespace(given, command.namespace ?? environment.namespace);
    const { done, note, result } = write(manifest, command, environment);
    output.err(note);
    if (!result.ok) {
      failed = true;
      output.err(failureText(result.status, manifest.kind, whileDoing(command)));
      continue;
    }
    output.err(warningText(result.warnings));
    const name = `${qualifiedSingular(manifest.kind)}/${result.object.metadata.name}`;
    const dry = command.dryRun ? ' (dry run)' : '';
    output.out(command.output === 'name' ? `${name}\n` : `${name} ${done}${dry}\n`);
  }
  output.exit(failed ? 1 : 0);
}

function whileDoing({ file, verb }: ManifestCommand): string {
  const doing = { apply: 'applying', create: 'creating', replace: 'replacing' }[verb];
  return verb === 'apply' ? '' : `error when ${doing} ${JSON.stringify(file)}: `;
}

function inNamespace({ document, kind }: Manifest, namespace: string): Manifest {
  const metadata = metadataOf(document);
  if (!kind.namespaced || metadata.namespace !== undefined) return { document, kind };
  return { kind, document: { ...document, metadata: { ...metadata, namespace } } };
}

function write(manifest: Manifest, command: ManifestCommand, environment: OcEnvironment): Outcome {
  const { document, kind } = manifest;
  const { store } = environment;
  const { dryRun, verb } = command;
  const manager = command.manager ?? (verb === 'apply' ? CLIENT_SIDE : `kubectl-${verb}`);
  const options: WriteOptions = { dryRun, part: 'main', unknownFields: 'refuse', manager };
  if (verb === 'create') {
    return { result: store.createFrom(kind, document, options), done: 'created', note: '' };
  }
  if (verb === 'replace') {
    return { result: store.updateFrom(kind, document, options), done: 'replaced', note: '' };
  }
  if (!command.serverSide) return applyHere(manifest, options, environment);
  const { name, namespace } = placeOf(kind, document);
  const request = {
    configuration: document,
    force: command.force,
    manager: command.manager ?? 'kubectl',
  };
  const result = store.apply(kind, name, namespace, request, options);
  return { result, done: 'serverside-applied', note: '' };
}

/** The client compares what was applied last, what is applied now and what there is. */
function applyHere(
  { document, kind }: Manifest,
  options: WriteOptions,
  { store }: OcEnvironment,
): Outcome {
  const { name, namespace } = placeOf(kind, document);
  const live = store.get(kind, name, namespace);
  const wanted = annotated(document);
  if (live === null) {
    return { result: store.createFrom(kind, wanted, options), done: 'created', note: '' };
  }
  const text = live.metadata.annotations?.[LAST_APPLIED];
  const shown = `${qualifiedSingular(kind)}/${name}`;
  const note =
    text === undefined
      ? `Warning: resource ${shown} is missing the ${LAST_APPLIED} annotation which is required by oc apply. oc apply should only be used on resources created declaratively by either oc create --save-config or oc apply. The missing annotation will be patched automatically.\n`
      : '';
  const merged = mergeConfiguration(kind, asDocument(live), lastApplied(text), wanted);
  const result = store.updateFrom(kind, merged, options);
  const changed = result.ok && result.changed;
  return { result, done: changed ? 'configured' : 'unchanged', note };
}

function placeOf(
  kind: Kind,
  document: JsonObject,
): { name: string; namespace: string | undefined } {
  const { name, namespace } = metadataOf(document);
  return {
    name: String(name ?? ''),
    namespace: kind.namespaced && typeof namespace === 'string' ? namespace : undefined,
  };
}

/** The document with itself in an annotation, as kubectl writes it. */
function annotated(document: JsonObject): JsonObject {
  const metadata = metadataOf(document);
  const { [LAST_APPLIED]: _before, ...annotations } = isJsonObject(metadata.annotations)
    ? metadata.annotations
    : {};
  const bare = { ...document, metadata: { ...metadata, annotations } };
  const text = `${JSON.stringify(withSortedKeys(bare))}\n`;
  return {
    ...document,
    metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: text } },
  };
}

function lastApplied(text: string | undefined): JsonObject {
  const parsed = text === undefined ? null : parseJson(text);
  return parsed?.ok === true && isJsonObject(parsed.value) ? parsed.value : {};
}
