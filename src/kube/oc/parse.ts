// Reads one `oc` command, typed or written in a scenario step. Every mistake is an EgressLabError that
// says what was found and what to write instead; what parses here can still fail when it is carried
// out (an object that does not exist), and then prints what kubectl prints.

import { EgressLabError } from '../../base/errors.ts';
import { hintAmong } from '../../base/suggest.ts';
import { parseGoDuration } from '../duration.ts';
import { parseJson } from '../json-syntax.ts';
import type { KindRegistry } from '../kinds/registry.ts';
import { PatchType } from '../server/patch.ts';
import type { OcCommand, OcVerb, OutputFormat, PatchCommand } from './command.ts';
import { type FlagSpec, flag, optional, type ParsedFlags, parseFlags, toggle } from './flags.ts';
import {
  CREATE_FLAGS,
  FILENAME,
  type ManifestFiles,
  parseManifest,
  selectManifest,
} from './manifest.ts';
import { parseMetadata } from './parse-metadata.ts';
import { parseWait, WAIT_FLAGS } from './parse-wait.ts';
import {
  fail,
  isSet,
  NAMESPACE,
  type Reading,
  SELECTION,
  select,
  selectNodes,
} from './selection.ts';
import { splitWords } from './words.ts';

const OUTPUT = flag('output', 'o');
const IGNORE = toggle('ignore-not-found');
const DRY_RUN = optional('dry-run');

interface VerbSpec {
  readonly flags: readonly FlagSpec[];
  /** For the hint when something is missing. */
  readonly usage: string;
  readonly parse: (flags: ParsedFlags, reading: Reading) => OcCommand;
}

const verbs: { readonly [V in OcVerb]: VerbSpec } = {
  get: {
    flags: [
      ...SELECTION,
      OUTPUT,
      IGNORE,
      toggle('watch', 'w'),
      toggle('watch-only'),
      toggle('output-watch-events'),
      toggle('no-headers'),
      toggle('show-labels'),
      toggle('show-managed-fields'),
      flag('sort-by'),
    ],
    usage: 'oc get hostsubnets [NAME...] [-o wide|yaml|json|name|jsonpath=...] [-l SELECTOR] [-w]',
    parse: parseGet,
  },
  describe: {
    flags: SELECTION,
    usage: 'oc describe hostsubnet worker01',
    parse: (flags, reading) => ({ verb: 'describe', ...select(reading, flags) }),
  },
  patch: {
    flags: [...SELECTION, flag('patch', 'p'), flag('type'), flag('subresource'), OUTPUT, DRY_RUN],
    usage: `oc patch hostsubnet worker01 --type=merge -p '{"egressIPs": ["192.168.50.120"]}'`,
    parse: parsePatch,
  },
  delete: {
    flags: [
      ...SELECTION,
      OUTPUT,
      IGNORE,
      FILENAME,
      toggle('wait'),
      toggle('force'),
      flag('grace-period'),
    ],
    usage: 'oc delete netnamespace mywebserver',
    parse: (flags, reading) => {
      const output = flags.values.get('output') === 'name' ? 'name' : 'message';
      const selection = flags.values.has('filename')
        ? selectManifest(flags, reading)
        : select(reading, flags, 'named');
      return { verb: 'delete', ...selection, output };
    },
  },
  create: {
    flags: CREATE_FLAGS,
    usage: 'oc create -f FILE',
    parse: (flags, reading) => parseManifest('create', flags, reading),
  },
  apply: {
    flags: [
      ...CREATE_FLAGS,
      toggle('server-side'),
      toggle('force-conflicts'),
      flag('field-manager'),
    ],
    usage: 'oc apply -f FILE',
    parse: (flags, reading) => parseManifest('apply', flags, reading),
  },
  replace: {
    flags: CREATE_FLAGS,
    usage: 'oc replace -f FILE',
    parse: (flags, reading) => parseManifest('replace', flags, reading),
  },
  annotate: metadataVerb('annotate', 'oc annotate hostsubnet worker01 key=value'),
  label: metadataVerb('label', 'oc label node worker01 zone=east'),
  cordon: {
    flags: SELECTION,
    usage: 'oc cordon worker01',
    parse: (flags, reading) => ({ verb: 'cordon', ...selectNodes(reading, flags) }),
  },
  uncordon: {
    flags: SELECTION,
    usage: 'oc uncordon worker01',
    parse: (flags, reading) => ({ verb: 'uncordon', ...selectNodes(reading, flags) }),
  },
  wait: {
    flags: WAIT_FLAGS,
    usage: 'oc wait --for=condition=Ready node/worker01 --timeout=60s',
    parse: parseWait,
  },
  logs: {
    flags: [
      NAMESPACE,
      toggle('follow', 'f'),
      flag('tail'),
      flag('since'),
      toggle('timestamps'),
      flag('container', 'c'),
    ],
    usage: 'oc logs [-f] sdn-8zhv7 [--tail=20]',
    parse: parseLogs,
  },
  'api-resources': {
    flags: [],
    usage: 'oc api-resources',
    parse: () => ({ verb: 'api-resources' }),
  },
};

const NO_FILES: ManifestFiles = new Map();

/** Every verb that the parser knows. */
const ocVerbs: readonly string[] = Object.keys(verbs);

/** Reads a command line; a leading `oc` or `kubectl` may stand there or not. @throws EgressLabError EGL_OC_... */
export function parseOc(text: string, kinds: KindRegistry): OcCommand {
  return parseOcArguments(splitWords(text), kinds);
}

/** Reads a command from arguments that a shell has split; `files` holds what stands behind `-f`. @throws EgressLabError EGL_OC_... */
export function parseOcArguments(
  args: readonly string[],
  kinds: KindRegistry,
  files: ManifestFiles = NO_FILES,
): OcCommand {
  const rest = [...args];
  if (rest[0] === 'oc' || rest[0] === 'kubectl') rest.shift();
  // `oc adm cordon` is how OpenShift's documentation spells it.
  if (rest[0] === 'adm') rest.shift();
  const verb = rest.shift();
  if (verb === undefined) {
    throw new EgressLabError('EGL_OC_VERB', 'oc: no command given', {
      hint: `Use one of: ${ocVerbs.join(', ')}.`,
    });
  }
  if (!isVerb(verb)) {
    throw new EgressLabError('EGL_OC_VERB', `oc has no command "${verb}" here`, {
      hint: hintAmong(verb, ocVerbs),
    });
  }
  const spec = verbs[verb];
  return spec.parse(parseFlags(verb, rest, spec.flags), { verb, usage: spec.usage, kinds, files });
}

/** The files that a command reads (`-f`), so that whoever types it can send them along; none when the command is wrong. */
export function manifestFilesOf(args: readonly string[]): readonly string[] {
  const rest = ['oc', 'kubectl'].includes(args[0] ?? '') ? args.slice(1) : args;
  const [verb = '', ...words] = rest;
  if (!isVerb(verb) || !verbs[verb].flags.includes(FILENAME)) return [];
  const name = parseFlags(verb, words, verbs[verb].flags).values.get('filename');
  return name === undefined ? [] : [name];
}

function isVerb(word: string): word is OcVerb {
  return Object.hasOwn(verbs, word);
}

const FORMATS = ['wide', 'name', 'json', 'yaml', 'jsonpath=...'];

function parseOutput(verb: string, text: string | undefined): OutputFormat {
  if (text === undefined) return { kind: 'table', wide: false };
  if (text === 'wide') return { kind: 'table', wide: true };
  if (text === 'name' || text === 'json' || text === 'yaml') return { kind: text };
  const template = /^jsonpath=(.*)$/s.exec(text)?.[1];
  if (template !== undefined) return { kind: 'jsonpath', template };
  return fail('EGL_OC_FLAG', `oc ${verb} -o: no output format "${text}"`, hintAmong(text, FORMATS));
}

function parseGet(flags: ParsedFlags, reading: Reading): OcCommand {
  const watch = isSet(flags, 'watch-only') ? 'changes' : isSet(flags, 'watch') ? 'yes' : 'no';
  const sortBy = flags.values.get('sort-by') ?? null;
  return {
    verb: 'get',
    ...select(reading, flags),
    output: parseOutput('get', flags.values.get('output')),
    watch,
    watchEvents: isSet(flags, 'output-watch-events'),
    headers: !isSet(flags, 'no-headers'),
    showLabels: isSet(flags, 'show-labels'),
    showManagedFields: isSet(flags, 'show-managed-fields'),
    sortBy:
      sortBy === null || sortBy.startsWith('{')
        ? sortBy
        : `{${sortBy.startsWith('.') ? '' : '.'}${sortBy}}`,
  };
}

function parsePatch(flags: ParsedFlags, reading: Reading): PatchCommand {
  const { usage } = reading;
  const type = flags.values.get('type') ?? PatchType.Strategic;
  if (type !== 'json' && type !== 'merge' && type !== 'strategic') {
    fail(
      'EGL_OC_FLAG',
      `oc patch --type: no patch type "${type}"`,
      'Known: json, merge, strategic.',
    );
  }
  const text = flags.values.get('patch');
  if (text === undefined)
    fail('EGL_OC_FLAG', 'oc patch: must specify -p to patch', `For example: ${usage}`);
  const parsed = parseJson(text);
  if (!parsed.ok) {
    const where = text.slice(Math.max(0, parsed.offset - 12), parsed.offset + 12);
    const message = `oc patch: unable to parse the patch: ${parsed.message} at offset ${parsed.offset}, near: ${where}`;
    fail('EGL_OC_PATCH', message, `A patch is JSON in single quotes, for example: ${usage}`);
  }
  const subresource = flags.values.get('subresource') ?? '';
  if (!['', 'status'].includes(subresource)) {
    fail('EGL_OC_FLAG', `oc patch --subresource: no "${subresource}"`, 'Known: status.');
  }
  const output = flags.values.get('output');
  return {
    verb: 'patch',
    part: subresource === 'status' ? 'status' : 'main',
    ...select(reading, flags, 'named'),
    type,
    patch: parsed.value,
    dryRun: !['none', 'false'].includes(flags.values.get('dry-run') ?? 'none'),
    output: output === undefined ? null : parseOutput('patch', output),
  };
}

function metadataVerb(verb: 'annotate' | 'label', usage: string): VerbSpec {
  return {
    flags: [...SELECTION, toggle('overwrite')],
    usage,
    parse: (flags, reading) => parseMetadata(verb, flags, reading),
  };
}

function parseLogs(flags: ParsedFlags, { usage }: Reading): OcCommand {
  const [pod, extra] = flags.rest.map((arg) => arg.replace(/^(pod|pods|po)\//, ''));
  if (pod === undefined || extra !== undefined || pod.includes('/')) {
    fail('EGL_OC_ARGUMENT', 'oc logs needs the name of one pod', `For example: ${usage}`);
  }
  const tail = flags.values.get('tail');
  if (tail !== undefined && !/^-?\d+$/.test(tail)) {
    fail('EGL_OC_FLAG', `oc logs --tail: "${tail}" is not a number of lines`, 'Write --tail=20.');
  }
  const sinceText = flags.values.get('since');
  const since = sinceText === undefined ? null : parseGoDuration(sinceText);
  if (sinceText !== undefined && since === null) {
    fail('EGL_OC_FLAG', `oc logs --since: "${sinceText}" is not a duration`, 'Write --since=30s.');
  }
  const lines = tail === undefined ? -1 : Number(tail);
  return {
    verb: 'logs',
    pod,
    namespace: flags.values.get('namespace') ?? null,
    container: flags.values.get('container') ?? null,
    follow: isSet(flags, 'follow'),
    tail: lines < 0 ? null : lines,
    since,
    timestamps: isSet(flags, 'timestamps'),
  };
}
