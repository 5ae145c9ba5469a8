// Objects that a command brings along: `create -f`, `apply -f`, `replace -f`, `delete -f`. Who types the
// command has read the file; here its text becomes documents of kinds that the lab serves.

import { isJsonArray, isJsonObject, type JsonValue } from '../json.ts';
import { metadataOf } from '../kinds/object.ts';
import { isShallow } from '../server/patch.ts';
import { parseYaml } from '../yaml-documents.ts';
import type { Manifest, ManifestCommand, Selection } from './command.ts';
import { type FlagSpec, flag, optional, type ParsedFlags } from './flags.ts';
import { fail, isSet, NAMESPACE, type Reading } from './selection.ts';

/** The texts of files by the names that were typed. */
export type ManifestFiles = ReadonlyMap<string, string>;

/** `-f`. */
export const FILENAME: FlagSpec = flag('filename', 'f');
/** The flags of `create` and `replace`. */
export const CREATE_FLAGS: readonly FlagSpec[] = [
  FILENAME,
  NAMESPACE,
  flag('output', 'o'),
  optional('dry-run'),
];

/** @throws EgressLabError EGL_OC_ARGUMENT, EGL_OC_FLAG, EGL_OC_RESOURCE */
export function parseManifest(
  verb: ManifestCommand['verb'],
  flags: ParsedFlags,
  reading: Reading,
): ManifestCommand {
  const { values } = flags;
  const output = values.get('output') ?? null;
  if (output !== null && output !== 'name') {
    fail('EGL_OC_FLAG', `oc ${verb} -o: no output format "${output}"`, 'Known: name.');
  }
  return {
    verb,
    file: values.get('filename') ?? '',
    manifests: manifestsOf(flags, reading),
    namespace: values.get('namespace') ?? null,
    dryRun: !['none', 'false'].includes(values.get('dry-run') ?? 'none'),
    output: output === null ? 'message' : 'name',
    serverSide: isSet(flags, 'server-side'),
    force: isSet(flags, 'force-conflicts'),
    manager: values.get('field-manager') ?? null,
  };
}

/** The objects of a file as a selection. @throws EgressLabError EGL_OC_ARGUMENT, EGL_OC_RESOURCE */
export function selectManifest(flags: ParsedFlags, reading: Reading): Selection {
  const targets = manifestsOf(flags, reading).map(({ document, kind }) => {
    const { name, namespace } = metadataOf(document);
    return {
      kind,
      name: String(name ?? ''),
      namespace: typeof namespace === 'string' ? namespace : null,
    };
  });
  return {
    targets,
    namespace: flags.values.get('namespace') ?? null,
    allNamespaces: false,
    labels: [],
    fields: [],
    ignoreNotFound: isSet(flags, 'ignore-not-found'),
  };
}

function manifestsOf({ rest, values }: ParsedFlags, reading: Reading): readonly Manifest[] {
  const { files, usage, verb } = reading;
  const name = values.get('filename');
  const [extra] = rest;
  if (name === undefined || extra !== undefined) {
    const found = extra === undefined ? 'must specify -f FILE' : `"${extra}" is too much`;
    fail('EGL_OC_ARGUMENT', `oc ${verb}: ${found}`, `For example: ${usage}`);
  }
  const text = files.get(name);
  if (text === undefined) {
    fail(
      'EGL_OC_ARGUMENT',
      `oc ${verb}: files such as "${name}" cannot be read here`,
      'Use `egresslab oc` for files; in a topology write an oc patch.',
    );
  }
  const parsed = parseYaml(text);
  if (!parsed.ok) {
    fail('EGL_OC_ARGUMENT', `oc ${verb}: ${name}: ${parsed.message}`, 'Write YAML or JSON.');
  }
  const documents = parsed.documents.flatMap(itemsOf);
  if (documents.length === 0) {
    fail('EGL_OC_ARGUMENT', `oc ${verb}: no objects in "${name}"`, 'Write at least one object.');
  }
  return documents.map((document) => manifestOf(name, document, reading));
}

/** The items of a List, or the document itself. */
function itemsOf(document: JsonValue): readonly JsonValue[] {
  if (!isJsonObject(document) || document.kind !== 'List') return [document];
  return isJsonArray(document.items) ? document.items : [];
}

function manifestOf(file: string, document: JsonValue, { kinds, verb }: Reading): Manifest {
  const usable = isJsonObject(document) && isShallow(document) ? document : null;
  if (usable === null || typeof usable.kind !== 'string') {
    return fail(
      'EGL_OC_ARGUMENT',
      `oc ${verb}: ${file} holds something that is no object`,
      'Each object needs apiVersion, kind and metadata.',
    );
  }
  const kind = kinds.of(usable.apiVersion, usable.kind);
  if (kind !== null) return { kind, document: usable };
  return fail(
    'EGL_OC_RESOURCE',
    `oc ${verb}: no matches for kind "${usable.kind}" in version "${String(usable.apiVersion)}"`,
    `Known: ${kinds.kinds.map(({ name }) => name).join(', ')}.`,
  );
}
