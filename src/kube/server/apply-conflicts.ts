// How the API server words what stands against a server-side apply (apimachinery
// pkg/util/managedfields/internal/conflict.go).

import type { FieldConflict } from './apply.ts';
import { shownField } from './field-set.ts';
import type { Ownership } from './managed-fields.ts';
import { applyConflict, type Status } from './status.ts';

/** 409, with a cause for each field. */
export function conflictsStatus(conflicts: readonly FieldConflict[]): Status {
  const causes = conflicts.map(({ owner, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${shownOwner(owner)}`,
    field: shownField(path),
  }));
  const [first, second] = causes;
  if (first !== undefined && second === undefined) {
    const message = `Apply failed with 1 conflict: ${first.message}: ${first.field}`;
    return applyConflict(causes, message);
  }
  const fields = new Map<string, string[]>();
  for (const { owner, path } of conflicts) {
    const shown = shownOwner(owner);
    fields.set(shown, [...(fields.get(shown) ?? []), `- ${shownField(path)}`]);
  }
  const lines = [...fields.keys()]
    .sort()
    .flatMap((owner) => [`conflicts with ${owner}:`, ...(fields.get(owner) ?? [])]);
  const message = `Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`;
  return applyConflict(causes, message);
}

function shownOwner({ apiVersion, name, operation, subresource, time }: Ownership): string {
  const part = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  const owner = `${JSON.stringify(name)}${part}`;
  if (operation === 'Apply') return owner;
  return time === '' ? `${owner} using ${apiVersion}` : `${owner} using ${apiVersion} at ${time}`;
}
