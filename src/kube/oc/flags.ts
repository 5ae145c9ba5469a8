// Flags as kubectl's pflag reads them: `--flag value`, `--flag=value`, `-f value`, `-fvalue`, switches
// that may be combined (`-wA`), `--` ends them, and they may stand anywhere among the arguments.

import { EgressLabError } from '../../base/errors.ts';
import { suggest } from '../../base/suggest.ts';

/** One flag of one verb. */
export interface FlagSpec {
  readonly name: string;
  /** One letter, or null. */
  readonly short: string | null;
  /** A switch needs no value (`--watch`, but `--watch=false` counts); 'optional' takes one only after `=`. */
  readonly value: 'required' | 'optional' | 'switch';
}

/** What was given, by the long name of the flag; of a flag given twice the last counts. */
export interface ParsedFlags {
  readonly values: ReadonlyMap<string, string>;
  readonly rest: readonly string[];
}

/** `flag('output', 'o')` */
export function flag(name: string, short: string | null = null): FlagSpec {
  return { name, short, value: 'required' };
}

/** `toggle('watch', 'w')` */
export function toggle(name: string, short: string | null = null): FlagSpec {
  return { name, short, value: 'switch' };
}

/** `optional('dry-run')` */
export function optional(name: string): FlagSpec {
  return { name, short: null, value: 'optional' };
}

/** Takes the flags out of the arguments of a verb. @throws EgressLabError EGL_OC_FLAG */
export function parseFlags(
  verb: string,
  args: readonly string[],
  specs: readonly FlagSpec[],
): ParsedFlags {
  const values = new Map<string, string>();
  const rest: string[] = [];
  const pending = [...args];
  for (let arg = pending.shift(); arg !== undefined; arg = pending.shift()) {
    if (arg === '--') {
      rest.push(...pending);
      break;
    }
    if (arg.startsWith('--')) readLong(verb, arg, pending, specs, values);
    else if (arg.startsWith('-') && arg.length > 1) readShort(verb, arg, pending, specs, values);
    else rest.push(arg);
  }
  return { values, rest };
}

function readLong(
  verb: string,
  arg: string,
  pending: string[],
  specs: readonly FlagSpec[],
  values: Map<string, string>,
): void {
  const equals = arg.indexOf('=');
  const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
  const spec = specs.find((known) => known.name === name);
  if (spec === undefined) unknownFlag(verb, `--${name}`, name, specs);
  if (equals >= 0) values.set(spec.name, arg.slice(equals + 1));
  else if (spec.value === 'required') values.set(spec.name, takeValue(verb, arg, pending));
  else values.set(spec.name, 'true');
}

function readShort(
  verb: string,
  arg: string,
  pending: string[],
  specs: readonly FlagSpec[],
  values: Map<string, string>,
): void {
  for (let at = 1; at < arg.length; at++) {
    const letter = arg[at] ?? '';
    const spec = specs.find((known) => known.short === letter);
    if (spec === undefined) unknownFlag(verb, `-${letter}`, letter, specs);
    if (spec.value === 'switch') {
      values.set(spec.name, 'true');
      continue;
    }
    const inline = arg.slice(at + 1).replace(/^=/, '');
    values.set(spec.name, inline === '' ? takeValue(verb, `-${letter}`, pending) : inline);
    return;
  }
}

function takeValue(verb: string, shown: string, pending: string[]): string {
  const value = pending.shift();
  if (value !== undefined) return value;
  throw new EgressLabError('EGL_OC_FLAG', `oc ${verb}: ${shown} needs a value`, {
    hint: `Write it after the flag: ${shown} VALUE.`,
  });
}

function unknownFlag(verb: string, shown: string, name: string, specs: readonly FlagSpec[]): never {
  const near = suggest(
    name,
    specs.map((spec) => spec.name),
  );
  const known = specs.map((spec) =>
    spec.short === null ? `--${spec.name}` : `-${spec.short}/--${spec.name}`,
  );
  const guess = near === null ? '' : `Did you mean --${near}? `;
  throw new EgressLabError('EGL_OC_FLAG', `oc ${verb} has no flag ${shown}`, {
    hint: `${guess}Known: ${known.join(', ')}.`,
  });
}
