// Which objects a command is about: TYPE NAME, TYPE/NAME, TYPE -l SELECTOR, as kubectl's resource
// builder reads them.

import { EgressLabError, type ErrorCode } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';
import { findResource, type Resource, resourceWords } from '../kinds/resources.ts';
import { parseFieldSelector, parseLabelSelector } from '../server/selector.ts';
import type { Selection, Target } from './command.ts';
import { type FlagSpec, flag, type ParsedFlags, toggle } from './flags.ts';

export const NAMESPACE: FlagSpec = flag('namespace', 'n');
/** The flags that `select` reads. */
export const SELECTION: readonly FlagSpec[] = [
  NAMESPACE,
  flag('selector', 'l'),
  flag('field-selector'),
  toggle('all-namespaces', 'A'),
  toggle('all'),
];

/** @throws EgressLabError always */
export function fail(code: ErrorCode, message: string, hint: string): never {
  throw new EgressLabError(code, message, { hint });
}

/** True when a switch was given and not set to false. */
export function isSet(flags: ParsedFlags, name: string): boolean {
  return (flags.values.get(name) ?? 'false') !== 'false';
}

/** TYPE[,TYPE] [NAME...] or TYPE/NAME...; `take` says how many of the arguments are names. */
function parseTargets(verb: string, args: readonly string[], usage: string): readonly Target[] {
  const [first, ...names] = args;
  if (first === undefined)
    fail('EGL_OC_ARGUMENT', `oc ${verb} is told no resource`, `For example: ${usage}`);
  if (first.includes('/')) return args.map((arg) => parseSlashed(verb, arg));
  const found = first.split(',').map((word) => resourceNamed(verb, word));
  if (names.some((name) => name.includes('/'))) {
    fail(
      'EGL_OC_ARGUMENT',
      `oc ${verb}: "${args.join(' ')}" mixes TYPE NAME and TYPE/NAME`,
      `For example: ${usage}`,
    );
  }
  if (names.length === 0) return found.map((resource) => ({ resource, name: null }));
  return found.flatMap((resource) => names.map((name) => ({ resource, name })));
}

function parseSlashed(verb: string, arg: string): Target {
  const [type = '', name = '', ...more] = arg.split('/');
  if (type === '' || name === '' || more.length > 0) {
    fail('EGL_OC_ARGUMENT', `oc ${verb}: "${arg}" is not TYPE/NAME`, 'Write hostsubnet/worker01.');
  }
  return { resource: resourceNamed(verb, type), name };
}

function resourceNamed(verb: string, word: string): Resource {
  const resource = findResource(word);
  if (resource !== null) return resource;
  const base = word.split('.')[0] ?? word;
  return fail(
    'EGL_OC_RESOURCE',
    `oc ${verb}: the server doesn't have a resource type "${word}"`,
    `${didYouMean(base, resourceWords())}Known: nodes, namespaces, pods, events, hostsubnets, netnamespaces.`,
  );
}

/** The selection of a command; `named` refuses to mean all objects of a type by leaving the name out. @throws EgressLabError */
export function select(
  verb: string,
  flags: ParsedFlags,
  usage: string,
  named: boolean = false,
): Selection {
  const targets = parseTargets(verb, flags.rest, usage);
  const everything = targets.some((target) => target.name === null);
  const picked = flags.values.has('selector') || flags.values.has('field-selector');
  if (named && everything && !picked && !isSet(flags, 'all')) {
    fail('EGL_OC_ARGUMENT', `oc ${verb} is not told which object`, `For example: ${usage}`);
  }
  if (picked && !everything) {
    fail(
      'EGL_OC_ARGUMENT',
      `oc ${verb}: a name cannot be given together with a selector`,
      'Leave one of them out.',
    );
  }
  const labels = parseLabelSelector(flags.values.get('selector') ?? '');
  if (!labels.ok)
    fail('EGL_OC_FLAG', `oc ${verb} -l: ${labels.message}`, "Write -l 'key=value,other!=value'.");
  const fields = parseFieldSelector(flags.values.get('field-selector') ?? '');
  if (!fields.ok) {
    fail(
      'EGL_OC_FLAG',
      `oc ${verb} --field-selector: ${fields.message}`,
      'Write --field-selector path=value.',
    );
  }
  return {
    targets,
    namespace: flags.values.get('namespace') ?? null,
    allNamespaces: isSet(flags, 'all-namespaces'),
    labels: labels.selector,
    fields: fields.selector,
    ignoreNotFound: isSet(flags, 'ignore-not-found'),
  };
}

/** `cordon` takes bare node names. @throws EgressLabError */
export function selectNodes(flags: ParsedFlags, usage: string): Selection {
  const rest = flags.rest.map((arg) => (arg.includes('/') ? arg : `node/${arg}`));
  if (rest.length > 0) return select('cordon', { ...flags, rest }, usage, true);
  return select('cordon', { ...flags, rest: ['node'] }, usage, true);
}
