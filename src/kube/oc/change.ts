// The commands that write: `patch`, `label`, `annotate`, `delete`, `cordon` and `uncordon`, each with
// the words that kubectl prints about what it did.

import type { JsonValue } from '../json.ts';
import { qualifiedSingular } from '../kinds/kind.ts';
import { asDocument, type KubeObject } from '../kinds/object.ts';
import { PatchType } from '../server/patch.ts';
import type { ApiResult } from '../server/status.ts';
import type { CordonCommand, DeleteCommand, MetadataCommand, PatchCommand } from './command.ts';
import type { OcEnvironment, OcOutput } from './environment.ts';
import { failureText, warningText } from './failures.ts';
import { type Found, findObjects } from './find.ts';
import { printDocument } from './get.ts';

/** What came of one object: a text for standard output, or for standard error when it failed. */
interface Done {
  readonly ok: boolean;
  readonly text: string;
  readonly warnings?: readonly string[] | undefined;
}

/** Does something to each object of a command and prints what it says; exits 1 when anything failed. */
function forEach(
  command: PatchCommand | DeleteCommand | MetadataCommand | CordonCommand,
  environment: OcEnvironment,
  output: OcOutput,
  act: (found: Found) => Done,
): void {
  const { complaints, found } = findObjects(command, environment);
  let failed = complaints !== '';
  for (const item of found) {
    const { ok, text, warnings } = act(item);
    output.err(warningText(warnings));
    if (ok) output.out(text);
    else output.err(text);
    failed ||= !ok;
  }
  output.err(complaints);
  output.exit(failed ? 1 : 0);
}

/** Who patches what of an object. */
interface Writing {
  readonly dryRun?: boolean;
  readonly manager: string;
  readonly part?: 'main' | 'status';
}

function patchObject(
  { kind, object }: Found,
  environment: OcEnvironment,
  type: PatchType,
  body: JsonValue,
  { dryRun = false, manager, part = 'main' }: Writing,
): ApiResult<KubeObject> {
  const { name, namespace } = object.metadata;
  return environment.store.patch(kind, name, namespace, type, body, {
    dryRun,
    part,
    unknownFields: 'warn',
    manager,
  });
}

/** `hostsubnet.network.openshift.io/worker01` */
function shownName({ kind, object }: Found): string {
  return `${qualifiedSingular(kind)}/${object.metadata.name}`;
}

/** Patches each object and prints `... patched`, or the object in the format that was asked for. */
export function patch(command: PatchCommand, environment: OcEnvironment, output: OcOutput): void {
  const { dryRun, output: format, part, patch: body, type } = command;
  forEach(command, environment, output, (found) => {
    const result = patchObject(found, environment, type, body, {
      dryRun,
      manager: 'kubectl-patch',
      part,
    });
    if (!result.ok) return { ok: false, text: failureText(result.status, found.kind) };
    const { warnings } = result;
    if (format?.kind === 'name') return { ok: true, text: `${shownName(found)}\n`, warnings };
    if (format !== null && format.kind !== 'table') {
      return { ...printDocument(asDocument(result.object), format), warnings };
    }
    const note = dryRun ? ' (dry run)' : '';
    const unchanged = result.changed ? '' : ' (no change)';
    return { ok: true, text: `${shownName(found)} patched${unchanged}${note}\n`, warnings };
  });
}

/** Sets and removes labels or annotations; without `--overwrite` never another value. */
export function changeMetadata(
  command: MetadataCommand,
  environment: OcEnvironment,
  output: OcOutput,
): void {
  const { changes, overwrite, verb } = command;
  const map = verb === 'label' ? 'labels' : 'annotations';
  forEach(command, environment, output, (found) => {
    const present = found.object.metadata[map] ?? {};
    if (!overwrite) {
      const clash = [...changes].find(
        ([key, value]) => value !== null && present[key] !== undefined && present[key] !== value,
      );
      if (clash !== undefined) {
        const [key] = clash;
        const text =
          verb === 'label'
            ? `error: '${key}' already has a value (${present[key]}), and --overwrite is false\n`
            : `error: --overwrite is false but found the following declared annotation(s): '${key}' already has a value (${present[key]})\n`;
        return { ok: false, text };
      }
    }
    const body = { metadata: { [map]: Object.fromEntries(changes) } };
    const result = patchObject(found, environment, PatchType.Merge, body, {
      manager: `kubectl-${verb}`,
    });
    if (!result.ok) return { ok: false, text: failureText(result.status, found.kind) };
    if (verb === 'annotate') return { ok: true, text: `${shownName(found)} annotated\n` };
    const removal = [...changes.values()].every((value) => value === null);
    const done = result.changed ? (removal ? 'unlabeled' : 'labeled') : 'not labeled';
    return { ok: true, text: `${shownName(found)} ${done}\n` };
  });
}

/** Deletes each object. */
export function deleteObjects(
  command: DeleteCommand,
  environment: OcEnvironment,
  output: OcOutput,
): void {
  forEach(command, environment, output, (found) => {
    const { kind, object } = found;
    const { name, namespace } = object.metadata;
    const result = environment.store.delete(kind, name, namespace);
    if (!result.ok) return { ok: false, text: failureText(result.status, kind) };
    if (command.output === 'name') return { ok: true, text: `${shownName(found)}\n` };
    return { ok: true, text: `${qualifiedSingular(kind)} "${name}" deleted\n` };
  });
}

/** Marks nodes as unschedulable, or takes the mark off. */
export function cordon(command: CordonCommand, environment: OcEnvironment, output: OcOutput): void {
  const wanted = command.verb === 'cordon';
  forEach(command, environment, output, (found) => {
    const body = { spec: { unschedulable: wanted ? true : null } };
    const result = patchObject(found, environment, PatchType.Strategic, body, {
      manager: `kubectl-${command.verb}`,
    });
    if (!result.ok) return { ok: false, text: failureText(result.status, found.kind) };
    const already = result.changed ? '' : 'already ';
    return { ok: true, text: `${shownName(found)} ${already}${command.verb}ed\n` };
  });
}
