// `annotate` and `label`: `key=value` sets, `key-` removes.

import { labelKeyProblem, labelValueProblem } from '../kinds/metadata.ts';
import type { MetadataCommand } from './command.ts';
import type { ParsedFlags } from './flags.ts';
import { fail, isSet, type Reading, select } from './selection.ts';

/** @throws EgressLabError EGL_OC_ARGUMENT */
export function parseMetadata(
  verb: 'annotate' | 'label',
  flags: ParsedFlags,
  reading: Reading,
): MetadataCommand {
  const { usage } = reading;
  const isChange = (arg: string): boolean => arg.includes('=') || arg.endsWith('-');
  const rest = flags.rest.filter((arg) => !isChange(arg));
  const changes = new Map<string, string | null>();
  for (const arg of flags.rest.filter(isChange)) {
    const equals = arg.indexOf('=');
    const key = equals < 0 ? arg.slice(0, -1) : arg.slice(0, equals);
    const value = equals < 0 ? null : arg.slice(equals + 1);
    const problem =
      labelKeyProblem(key) ??
      (verb === 'label' && value !== null ? labelValueProblem(value) : null);
    if (problem !== null)
      fail('EGL_OC_ARGUMENT', `oc ${verb}: invalid "${arg}": ${problem}`, `For example: ${usage}`);
    changes.set(key, value);
  }
  if (changes.size === 0) {
    fail('EGL_OC_ARGUMENT', `oc ${verb}: at least one change is required`, `For example: ${usage}`);
  }
  const selection = select(reading, { ...flags, rest }, 'named');
  return { verb, ...selection, changes, overwrite: isSet(flags, 'overwrite') };
}
