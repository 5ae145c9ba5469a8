import { describe, expect, test } from 'vitest';
import { EgressLabError } from '../../../src/base/errors.ts';
import type { OcCommand } from '../../../src/kube/oc/command.ts';
import { splitWords } from '../../../src/kube/oc/words.ts';
import { seconds } from '../../../src/sim/time.ts';
import { parseOc, parseOcArguments } from '../../support/kinds.ts';

function failureOf(act: () => unknown): {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
} {
  try {
    act();
  } catch (error) {
    if (error instanceof EgressLabError) {
      return { code: error.code, message: error.message, hint: error.hint ?? '' };
    }
    throw error;
  }
  throw new Error('nothing was refused');
}

/** 'patch netnamespace/mywebserver' */
function shown(command: OcCommand): string {
  const targets = 'targets' in command ? command.targets : [];
  const names = targets.map(({ kind, name }) => `${kind.singular}/${name ?? '*'}`);
  return [command.verb, ...names].join(' ');
}

describe('words', () => {
  test.each([
    ['a b  c', ['a', 'b', 'c']],
    [`-p '{"a": [ "b"]}'`, ['-p', '{"a": [ "b"]}']],
    [`"a \\"b\\" \\n" 'it'\\''s'`, ['a "b" \\n', "it's"]],
    [`a''b "" c`, ['ab', '', 'c']],
    ['one \\\n two', ['one', 'two']],
    ['o\\ ne', ['o ne']],
    ['  \n', []],
    ['jsonpath={.items[*].x}', ['jsonpath={.items[*].x}']],
    ['price$ "5$"', ['price$', '5$']],
  ])('%j', (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });

  test.each([
    ["-p '{", 'a single quote is never closed at column 4', "Add the closing '."],
    ['"a', 'a double quote is never closed at column 1', 'Add the closing ".'],
    ['get nodes | grep x', 'a shell would act on "|" at column 11', 'There is no shell here'],
    ['get $NODE', 'a shell would expand "$"', 'single quotes'],
    ['get "$NODE"', 'a shell would expand "$"', 'single quotes'],
    ['get nodes\nget pods', 'a second line', 'One command at a time'],
  ])('%j is refused', (text, message, hint) => {
    const failure = failureOf(() => splitWords(text));
    expect(failure.code).toBe('EGL_OC_QUOTING');
    expect(failure.message).toContain(message);
    expect(failure.hint).toContain(hint);
  });
});

describe("the article's commands", () => {
  test.each([
    [
      `oc patch netnamespace mywebserver --type=merge -p \\\n  '{"egressIPs": [ "192.168.50.120"]}'`,
      'patch netnamespace/mywebserver',
    ],
    [
      `oc patch hostsubnet worker01 --type=merge -p \\\n  '{"egressCIDRs": ["192.168.50.0/24"]}'`,
      'patch hostsubnet/worker01',
    ],
    ['oc get hostsubnets.network.openshift.io ', 'get hostsubnet/*'],
    ['oc get nodes', 'get node/*'],
    ['oc get netnamespaces.network.openshift.io mywebserver ', 'get netnamespace/mywebserver'],
    ['oc logs -f sdn-8zhv7', 'logs'],
  ])('%s', (text, wanted) => {
    expect(shown(parseOc(text))).toBe(wanted);
  });
});

describe('what is understood', () => {
  test.each([
    ['get hostsubnet/worker01 node/worker02', 'get hostsubnet/worker01 node/worker02'],
    ['get hostsubnets,netnamespaces', 'get hostsubnet/* netnamespace/*'],
    ['get no worker01 worker02', 'get node/worker01 node/worker02'],
    ['get HostSubnet.v1.network.openshift.io', 'get hostsubnet/*'],
    ['kubectl get ns', 'get namespace/*'],
    ['adm cordon worker01', 'cordon node/worker01'],
    ['uncordon -l zone=east', 'uncordon node/*'],
    ['delete pod sdn-8zhv7 -n openshift-sdn', 'delete pod/sdn-8zhv7'],
    ['describe node worker01', 'describe node/worker01'],
    ['wait --for=delete netnamespace/x', 'wait netnamespace/x'],
    ['api-resources', 'api-resources'],
  ])('%s', (text, wanted) => {
    expect(shown(parseOc(text))).toBe(wanted);
  });

  test('flags in all their spellings', () => {
    expect(parseOc('get pods -nopenshift-sdn -owide -w')).toMatchObject({
      namespace: 'openshift-sdn',
      output: { kind: 'table', wide: true },
      watch: 'yes',
    });
    expect(parseOc('get -wA pods --output=yaml')).toMatchObject({
      allNamespaces: true,
      output: { kind: 'yaml' },
    });
    expect(parseOc('get pods --watch=false --no-headers')).toMatchObject({
      watch: 'no',
      headers: false,
    });
    expect(parseOc("get nodes -l 'zone in (a,b),x!=y,!z' --sort-by=.metadata.name")).toMatchObject({
      labels: [
        { key: 'zone', operator: 'in', values: ['a', 'b'] },
        { key: 'x', operator: 'not-in', values: ['y'] },
        { key: 'z', operator: 'absent' },
      ],
      sortBy: '{.metadata.name}',
    });
    expect(parseOc("get nodes -o jsonpath='{.items[*].metadata.name}'")).toMatchObject({
      output: { kind: 'jsonpath', template: '{.items[*].metadata.name}' },
    });
    expect(parseOc('patch node w -p {}')).toMatchObject({
      type: 'strategic',
      patch: {},
      dryRun: false,
    });
    expect(parseOc('patch node w -p {} --dry-run=client -o name')).toMatchObject({ dryRun: true });
    expect(parseOc('label node w a=b c- --overwrite')).toMatchObject({
      changes: new Map([
        ['a', 'b'],
        ['c', null],
      ]),
      overwrite: true,
    });
    expect(parseOc('wait --for=condition=Ready=false node/w --timeout=1m30s')).toMatchObject({
      condition: { kind: 'condition', type: 'Ready', status: 'false' },
      timeout: seconds(90),
    });
    expect(parseOc("wait --for=jsonpath='{.egressIPs[0]}'=1.2.3.4 hostsubnet/w")).toMatchObject({
      condition: { kind: 'jsonpath', template: '{.egressIPs[0]}', value: '1.2.3.4' },
    });
    expect(parseOc('logs pod/sdn-8zhv7 --tail=20 --since=30s --timestamps')).toMatchObject({
      pod: 'sdn-8zhv7',
      tail: 20,
      since: seconds(30),
      follow: false,
    });
    expect(parseOcArguments(['get', 'nodes', '--', '-x'])).toMatchObject({
      targets: [{ name: '-x' }],
    });
  });
});

describe('mistakes name their cure', () => {
  test.each([
    ['', 'EGL_OC_VERB', 'no command given', 'get, describe'],
    ['gte nodes', 'EGL_OC_VERB', 'no command "gte"', 'Did you mean "get"?'],
    ['apply -f x', 'EGL_OC_ARGUMENT', 'files such as "x" cannot be read here', 'egresslab oc'],
    ['get', 'EGL_OC_ARGUMENT', 'has no resource', 'oc get hostsubnets'],
    [
      'get hostsubnetz',
      'EGL_OC_RESOURCE',
      `the server doesn't have a resource type "hostsubnetz"`,
      'Did you mean "hostsubnets"?',
    ],
    [
      'get hostsubnets.example.org',
      'EGL_OC_RESOURCE',
      'resource type "hostsubnets.example.org"',
      'hostsubnets',
    ],
    ['get node/a pods', 'EGL_OC_ARGUMENT', '"pods" is not TYPE/NAME', 'node/worker01'],
    ['get nodes node/a', 'EGL_OC_ARGUMENT', 'mixes', 'oc get'],
    ['get nodes a -l x=y', 'EGL_OC_ARGUMENT', 'together with a selector', 'Leave one'],
    ['get nodes -o yml', 'EGL_OC_FLAG', 'no output format "yml"', 'Did you mean "yaml"?'],
    ['get nodes --slector x', 'EGL_OC_FLAG', 'no flag --slector', 'Did you mean --selector?'],
    ['get nodes -x', 'EGL_OC_FLAG', 'no flag -x', 'Known: -n/--namespace'],
    ['get nodes -l', 'EGL_OC_FLAG', '-l needs a value', 'after the flag'],
    ["get nodes -l 'a=b=c'", 'EGL_OC_FLAG', 'unable to parse requirement: "a=b=c"', 'key=value'],
    ['get nodes --field-selector x', 'EGL_OC_FLAG', "can't understand 'x'", 'path=value'],
    [
      'patch hostsubnet worker01',
      'EGL_OC_FLAG',
      'must specify -p',
      'oc patch hostsubnet worker01 --type=merge',
    ],
    ['patch hostsubnet -p {}', 'EGL_OC_ARGUMENT', 'needs the name of an object', 'oc patch'],
    [
      'patch hostsubnet w --type=marge -p {}',
      'EGL_OC_FLAG',
      'no patch type "marge"',
      'json, merge, strategic',
    ],
    [
      `patch hostsubnet w -p '{"egressIPs": [192.168.50.120]}'`,
      'EGL_OC_PATCH',
      "invalid character '.' after array element at offset 22",
      'single quotes',
    ],
    [
      `patch hostsubnet w -p '{"egressIPs": ["1.2.3.4"]'`,
      'EGL_OC_PATCH',
      'unexpected end of JSON input',
      'JSON',
    ],
    ['delete node', 'EGL_OC_ARGUMENT', 'needs the name of an object', 'oc delete'],
    ['label node w', 'EGL_OC_ARGUMENT', 'at least one change', 'zone=east'],
    ["label node w 'a b=c'", 'EGL_OC_ARGUMENT', 'name part must consist of', 'zone=east'],
    ['wait node/w', 'EGL_OC_FLAG', 'has no --for', 'condition=NAME'],
    ['wait node/w --for=ready', 'EGL_OC_FLAG', `can't wait for "ready"`, 'condition=NAME'],
    ['wait node/w --for=delete --timeout=soon', 'EGL_OC_FLAG', '"soon" is not a duration', '60s'],
    ['logs', 'EGL_OC_ARGUMENT', 'the name of one pod', 'sdn-8zhv7'],
    ['logs a b', 'EGL_OC_ARGUMENT', 'the name of one pod', 'sdn-8zhv7'],
    ['logs a --tail=many', 'EGL_OC_FLAG', '"many" is not a number', '--tail=20'],
  ])('%s', (text, code, message, hint) => {
    const failure = failureOf(() => parseOc(text));
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(message);
    expect(failure.hint).toContain(hint);
  });
});
