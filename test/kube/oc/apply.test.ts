import { describe, expect, test } from 'vitest';
import { type OcResult, runOc } from '../../../src/kube/oc/execute.ts';
import { parseOcArguments } from '../../../src/kube/oc/parse.ts';
import { kinds } from '../../support/kinds.ts';
import { type ApiBench, addArticleCluster, apiBench } from '../bench.ts';

function articleBench(): ApiBench {
  const bench = apiBench();
  addArticleCluster(bench.store);
  return bench;
}

/** Types a command about a file. */
function type(bench: ApiBench, line: string, text: string): OcResult {
  const command = parseOcArguments(line.split(' '), kinds, new Map([['shop.yaml', text]]));
  return runOc(command, bench.environment);
}

const SHOP = `apiVersion: network.openshift.io/v1
kind: NetNamespace
metadata: { name: shop, labels: { team: a } }
netname: shop
netid: 77
---
apiVersion: v1
kind: Pod
metadata: { name: idle }
spec: { containers: [{ name: main }] }
`;

describe('objects from a file', () => {
  test('are created once, in the current project unless they say another', () => {
    const bench = articleBench();
    expect(type(bench, 'create -f shop.yaml', SHOP)).toEqual({
      stdout: 'netnamespace.network.openshift.io/shop created\npod/idle created\n',
      stderr: '',
      exitCode: 0,
    });
    expect(bench.oc('get pods').stdout).toContain('idle   0/1     Pending');
    expect(type(bench, 'create -f shop.yaml', SHOP)).toMatchObject({
      stderr: `Error from server (AlreadyExists): error when creating "shop.yaml": netnamespaces.network.openshift.io "shop" already exists
Error from server (AlreadyExists): error when creating "shop.yaml": pods "idle" already exists
`,
      exitCode: 1,
    });
    expect(type(bench, 'delete -f shop.yaml', SHOP).stdout).toBe(
      'netnamespace.network.openshift.io "shop" deleted\npod "idle" deleted\n',
    );
  });

  test('are applied: created, unchanged, configured, and what is left out goes', () => {
    const bench = articleBench();
    const first = type(bench, 'apply -f shop.yaml', SHOP);
    expect(first.stdout).toBe('netnamespace.network.openshift.io/shop created\npod/idle created\n');
    expect(type(bench, 'apply -f shop.yaml', SHOP).stdout).toBe(
      'netnamespace.network.openshift.io/shop unchanged\npod/idle unchanged\n',
    );
    bench.oc('label netnamespace shop other=stays');
    const less = SHOP.replace(', labels: { team: a }', '');
    expect(type(bench, 'apply -f shop.yaml', less).stdout).toBe(
      'netnamespace.network.openshift.io/shop configured\npod/idle unchanged\n',
    );
    expect(bench.oc('get netnamespace shop -o jsonpath={.metadata.labels}').stdout).toBe(
      '{"other":"stays"}',
    );
    expect(type(bench, 'apply -f shop.yaml --dry-run=client -o name', SHOP).stdout).toBe(
      'netnamespace.network.openshift.io/shop\npod/idle\n',
    );
  });

  test('applied on what nobody applied before, warn and remember', () => {
    const bench = articleBench();
    const node =
      'apiVersion: v1\nkind: Node\nmetadata: { name: worker01, labels: { zone: east } }\n';
    const { stderr, stdout } = type(bench, 'apply -f shop.yaml', node);
    expect(stdout).toBe('node/worker01 configured\n');
    expect(stderr).toContain('Warning: resource node/worker01 is missing the kubectl');
    expect(type(bench, 'apply -f shop.yaml', node)).toMatchObject({
      stdout: 'node/worker01 unchanged\n',
      stderr: '',
    });
    expect(bench.oc('get node worker01').stdout).toContain('Ready');
  });

  test('applied by the server own their fields', () => {
    const bench = articleBench();
    const [shop = ''] = SHOP.split('---');
    const line = 'apply --server-side -f shop.yaml';
    expect(type(bench, line, shop).stdout).toBe(
      'netnamespace.network.openshift.io/shop serverside-applied\n',
    );
    bench.oc(`patch netnamespace shop --type=merge -p '{"netid": 78}'`);
    expect(type(bench, line, shop)).toMatchObject({
      stderr:
        'error: Apply failed with 1 conflict: conflict with "kubectl-patch" using network.openshift.io/v1 at 2020-05-09T08:00:00Z: .netid\n',
      exitCode: 1,
    });
    expect(type(bench, `${line} --force-conflicts`, shop).exitCode).toBe(0);
    expect(bench.oc('get netnamespace shop -o yaml').stdout).not.toContain('managedFields');
    expect(bench.oc('get netnamespace shop -o yaml --show-managed-fields').stdout).toContain(
      '    manager: kubectl\n',
    );
  });

  test('are replaced as a whole', () => {
    const bench = articleBench();
    const body = `kind: NetNamespace
apiVersion: network.openshift.io/v1
metadata: { name: mywebserver }
netname: mywebserver
netid: 7
`;
    expect(type(bench, 'replace -f shop.yaml', body).stdout).toBe(
      'netnamespace.network.openshift.io/mywebserver replaced\n',
    );
    expect(type(bench, 'replace -f shop.yaml', body.replaceAll('mywebserver', 'x')).stderr).toBe(
      'Error from server (NotFound): error when replacing "shop.yaml": netnamespaces.network.openshift.io "x" not found\n',
    );
  });

  test('with unknown fields are refused', () => {
    const bench = articleBench();
    const odd = SHOP.replace('netid: 77', 'netid: 77\ncolour: red');
    expect(type(bench, 'create -f shop.yaml', odd)).toMatchObject({
      stdout: 'pod/idle created\n',
      stderr:
        'Error from server (BadRequest): error when creating "shop.yaml": NetNamespace in version "v1" cannot be handled as a NetNamespace: strict decoding error: unknown field "colour"\n',
      exitCode: 1,
    });
    expect(bench.oc(`patch netnamespace mywebserver --type=merge -p '{"colour":1}'`)).toMatchObject(
      { stderr: 'Warning: unknown field "colour"\n', exitCode: 0 },
    );
  });

  test.each([
    ['create', '', 'EGL_OC_ARGUMENT', 'must specify -f FILE'],
    ['apply -f other.yaml', '', 'EGL_OC_ARGUMENT', 'cannot be read here'],
    ['apply -f shop.yaml', '', 'EGL_OC_ARGUMENT', 'no objects'],
    ['apply -f shop.yaml', 'a: [', 'EGL_OC_ARGUMENT', 'shop.yaml'],
    ['apply -f shop.yaml', 'just text', 'EGL_OC_ARGUMENT', 'no object'],
    ['apply -f shop.yaml', 'kind: Service\napiVersion: v1', 'EGL_OC_RESOURCE', '"Service"'],
    ['apply -f shop.yaml -o yaml', SHOP, 'EGL_OC_FLAG', 'output format'],
  ])('%s with "%s" is a mistake', (line, text, code, message) => {
    expect(() => type(articleBench(), line, text)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});
