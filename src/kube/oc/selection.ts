// Which objects a command is about: TYPE NAME, TYPE/NAME, TYPE -l SELECTOR, as kubectl's resource
// builder reads them.

import { EgressLabError, type ErrorCode } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';
import type { Kind } from '../kinds/kind.ts';
import type { KindRegistry } from '../kinds/registry.ts';
import { parseFieldSelector, parseLabelSelector } from '../server/selector.ts';
import type { Selection, Target } from './command.ts';
import { type FlagSpec, flag, type ParsedFlags, toggle } from './flags.ts';

/** What the reader of a command knows: the verb, an example of it, and the kinds that can be named. */
export interface Reading {
  readonly verb: string;
  readonly usage: string;
  readonly kinds: KindRegistry;
  /** What stands in the files that the command names. */
  readonly files: ReadonlyMap<string, string>;
}

/** The flag by which a namespace is named. */
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
function parseTargets({ kinds, usage, verb }: Reading, args: readonly string[]): readonly Target[] {
  const [first, ...names] = args;
  if (first === undefined)
    fail('EGL_OC_ARGUMENT', `oc ${verb} has no resource`, `For example: ${usage}`);
  if (first.includes('/')) return args.map((arg) => parseSlashed(kinds, verb, arg));
  const found = first.split(',').map((word) => kindNamed(kinds, verb, word));
  if (names.some((name) => name.includes('/'))) {
    fail(
      'EGL_OC_ARGUMENT',
      `oc ${verb}: "${args.join(' ')}" mixes TYPE NAME and TYPE/NAME`,
      `For example: ${usage}`,
    );
  }
  if (names.length === 0) return found.map((kind) => ({ kind, name: null }));
  return found.flatMap((kind) => names.map((name) => ({ kind, name })));
}

function parseSlashed(kinds: KindRegistry, verb: string, arg: string): Target {
  const [type = '', name = '', ...more] = arg.split('/');
  if (type === '' || name === '' || more.length > 0) {
    fail('EGL_OC_ARGUMENT', `oc ${verb}: "${arg}" is not TYPE/NAME`, 'Write node/worker01.');
  }
  return { kind: kindNamed(kinds, verb, type), name };
}

function kindNamed(kinds: KindRegistry, verb: string, word: string): Kind {
  const kind = kinds.find(word);
  if (kind !== null) return kind;
  const base = word.split('.')[0] ?? word;
  return fail(
    'EGL_OC_RESOURCE',
    `oc ${verb}: the server doesn't have a resource type "${word}"`,
    `${didYouMean(base, kinds.words())}Known: ${kinds.kinds.map(({ plural }) => plural).join(', ')}.`,
  );
}

/** The selection of a command; 'named' refuses to mean all objects of a type by leaving the name out. @throws EgressLabError */
export function select(
  reading: Reading,
  flags: ParsedFlags,
  which: 'some' | 'named' = 'some',
): Selection {
  const { usage, verb } = reading;
  const targets = parseTargets(reading, flags.rest);
  const everything = targets.some((target) => target.name === null);
  const picked = flags.values.has('selector') || flags.values.has('field-selector');
  if (which === 'named' && everything && !picked && !isSet(flags, 'all')) {
    fail('EGL_OC_ARGUMENT', `oc ${verb} needs the name of an object`, `For example: ${usage}`);
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
export function selectNodes(reading: Reading, flags: ParsedFlags): Selection {
  const named = flags.rest.map((arg) => (arg.includes('/') ? arg : `node/${arg}`));
  const rest = named.length > 0 ? named : ['node'];
  return select(reading, { ...flags, rest }, 'named');
}
