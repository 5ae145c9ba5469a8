import { describe, expect, test } from 'vitest';
import { EventRecorder } from '../../../src/kube/client/event-recorder.ts';
import { Nodes } from '../../../src/kube/kinds/node.ts';
import { Pods } from '../../../src/kube/kinds/pod.ts';
import { executeOc } from '../../../src/kube/oc/execute.ts';
import { formatSeconds, seconds } from '../../../src/sim/time.ts';
import { parseOc } from '../../support/kinds.ts';
import { type ApiBench, addArticleCluster, apiBench } from '../bench.ts';

function articleBench(): ApiBench {
  const bench = apiBench();
  addArticleCluster(bench.store);
  for (const [node, pod] of [
    ['worker01', 'sdn-8zhv7'],
    ['worker02', 'sdn-k9xvq'],
  ]) {
    bench.store.create(Pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: pod ?? '', namespace: 'openshift-sdn', labels: { app: 'sdn' } },
      spec: { nodeName: node ?? '', hostNetwork: true, containers: [{ name: 'sdn' }] },
      status: {
        phase: 'Running',
        podIP: '192.168.50.144',
        containerStatuses: [{ name: 'sdn', ready: true, restartCount: 0 }],
      },
    });
  }
  return bench;
}

/** The lines of stdout and stderr, without the last newline. */
function printed({ oc }: ApiBench, line: string): readonly string[] {
  const { stderr, stdout } = oc(line);
  return (stdout + stderr).split('\n').slice(0, -1);
}

describe('get', () => {
  test('prints what `oc get` printed in 2020, to the blank', () => {
    const bench = articleBench();
    bench.oc(`patch hostsubnet worker01 --type=merge -p '{"egressCIDRs": ["192.168.50.0/24"]}'`);
    bench.oc(
      `patch hostsubnet worker02 --type=merge -p '{"egressCIDRs": ["192.168.50.0/24"], "egressIPs": ["192.168.50.120"]}'`,
    );
    expect(printed(bench, 'get hostsubnets.network.openshift.io')).toEqual([
      'NAME       HOST       HOST IP          SUBNET         EGRESS CIDRS        EGRESS IPS',
      'master01   master01   192.168.50.141   10.10.0.0/23                       ',
      'master02   master02   192.168.50.142   10.9.0.0/23                        ',
      'master03   master03   192.168.50.143   10.8.0.0/23                        ',
      'worker01   worker01   192.168.50.144   10.11.0.0/23   [192.168.50.0/24]   ',
      'worker02   worker02   192.168.50.145   10.8.2.0/23    [192.168.50.0/24]   [192.168.50.120]',
    ]);
    expect(printed(bench, 'get nodes')).toEqual([
      'NAME       STATUS   ROLES    AGE   VERSION',
      'master01   Ready    master   23h   v1.17.1',
      'master02   Ready    master   23h   v1.17.1',
      'master03   Ready    master   23h   v1.17.1',
      'worker01   Ready    worker   23h   v1.17.1',
      'worker02   Ready    worker   23h   v1.17.1',
    ]);
    bench.oc(
      `patch netnamespace mywebserver --type=merge -p '{"egressIPs": ["192.168.50.120", "192.168.50.121"]}'`,
    );
    expect(printed(bench, 'get netnamespaces.network.openshift.io mywebserver')).toEqual([
      'NAME          NETID     EGRESS IPS',
      'mywebserver   5281170   [192.168.50.120 192.168.50.121]',
    ]);
  });

  test('pods, wide, of a namespace, of all, by label, without header', () => {
    const bench = articleBench();
    expect(printed(bench, 'get pods -n openshift-sdn -o wide')).toEqual([
      'NAME        READY   STATUS    RESTARTS   AGE   IP               NODE       NOMINATED NODE   READINESS GATES',
      'sdn-8zhv7   1/1     Running   0          0s    192.168.50.144   worker01   <none>           <none>',
      'sdn-k9xvq   1/1     Running   0          0s    192.168.50.144   worker02   <none>           <none>',
    ]);
    expect(printed(bench, 'get po -A --show-labels')[1]).toBe(
      'openshift-sdn   sdn-8zhv7   1/1     Running   0          0s    app=sdn',
    );
    expect(printed(bench, 'get pods -A -l app!=sdn')).toEqual(['No resources found']);
    expect(printed(bench, 'get pods')).toEqual(['No resources found in default namespace.']);
    expect(
      printed(bench, 'get pods -A --no-headers --field-selector spec.nodeName=worker02'),
    ).toEqual(['openshift-sdn   sdn-k9xvq   1/1   Running   0     0s']);
  });

  test('several types at once, names, and what is missing', () => {
    const bench = articleBench();
    expect(printed(bench, 'get netnamespace/mywebserver hostsubnet/worker01')).toEqual([
      'NAME                                            NETID     EGRESS IPS',
      'netnamespace.network.openshift.io/mywebserver   5281170   ',
      '',
      'NAME                                       HOST       HOST IP          SUBNET         EGRESS CIDRS   EGRESS IPS',
      'hostsubnet.network.openshift.io/worker01   worker01   192.168.50.144   10.11.0.0/23                  ',
    ]);
    expect(printed(bench, 'get nodes -l node-role.kubernetes.io/worker -o name')).toEqual([
      'node/worker01',
      'node/worker02',
    ]);
    expect(bench.oc('get hostsubnet worker09')).toEqual({
      stdout: '',
      stderr:
        'Error from server (NotFound): hostsubnets.network.openshift.io "worker09" not found\n',
      exitCode: 1,
    });
    expect(bench.oc('get hostsubnet worker09 --ignore-not-found').exitCode).toBe(0);
  });

  test('yaml, json and jsonpath', () => {
    const bench = articleBench();
    expect(printed(bench, 'get netnamespace mywebserver -o yaml')).toEqual([
      'apiVersion: network.openshift.io/v1',
      'kind: NetNamespace',
      'metadata:',
      '  creationTimestamp: "2020-05-09T08:00:00Z"',
      '  name: mywebserver',
      '  resourceVersion: "11"',
      expect.stringMatching(/^ {2}uid: [0-9a-f-]{36}$/),
      'netid: 5281170',
      'netname: mywebserver',
    ]);
    expect(JSON.parse(bench.oc('get hostsubnets -o json').stdout)).toMatchObject({
      kind: 'List',
      items: { length: 5 },
    });
    expect(bench.oc("get nodes -o jsonpath='{.items[*].metadata.name}'").stdout).toBe(
      'master01 master02 master03 worker01 worker02',
    );
    expect(bench.oc("get nodes -o jsonpath='{.items[*'")).toMatchObject({
      exitCode: 1,
      stderr: 'error: error parsing jsonpath {.items[*, unclosed action\n',
    });
    expect(
      printed(bench, 'get hostsubnets --sort-by=.hostIP --no-headers').map((line) =>
        line.slice(0, 8),
      ),
    ).toEqual(['master01', 'master02', 'master03', 'worker01', 'worker02']);
  });
});

describe('changing', () => {
  test('patch says what it did, or did not', () => {
    const bench = articleBench();
    const line = `patch hostsubnet worker01 --type=merge -p '{"egressIPs": ["192.168.50.120"]}'`;
    expect(printed(bench, line)).toEqual(['hostsubnet.network.openshift.io/worker01 patched']);
    expect(printed(bench, line)).toEqual([
      'hostsubnet.network.openshift.io/worker01 patched (no change)',
    ]);
    expect(
      printed(
        bench,
        `patch hostsubnet worker01 --type=json -p '[{"op":"remove","path":"/egressIPs"}]' -o yaml`,
      ),
    ).toContain('host: worker01');
  });

  test('refusals are printed as kubectl prints them', () => {
    const bench = articleBench();
    expect(
      printed(
        bench,
        `patch hostsubnet worker01 --type=merge -p '{"egressIPs": ["1.2.3.300"], "hostIP": "x"}'`,
      ),
    ).toEqual([
      'The HostSubnet "worker01" is invalid: ',
      expect.stringContaining('* hostIP: Invalid value: "x": hostIP in body should match'),
      expect.stringContaining('* egressIPs[0]: Invalid value: "1.2.3.300"'),
    ]);
    expect(
      printed(bench, `patch hostsubnet worker01 --type=json -p '[{"op":"remove","path":"/nope"}]'`),
    ).toEqual([
      'The request is invalid: the server rejected our request due to an error in our request',
    ]);
    expect(printed(bench, `patch hostsubnet worker01 -p '{}'`)[0]).toMatch(
      /^error: application\/strategic-merge-patch\+json is not supported by network.openshift.io\/v1, Kind=HostSubnet: the body of the request was in an unknown format/,
    );
    expect(printed(bench, `patch hostsubnet worker01 --type=json -p '{}'`)).toEqual([
      'Error from server (BadRequest): error decoding patch: json: cannot unmarshal object into Go value of type []interface {}',
    ]);
    expect(bench.oc('delete netnamespace x')).toMatchObject({ exitCode: 1 });
  });

  test('labels, annotations, cordon and delete', () => {
    const bench = articleBench();
    expect(printed(bench, 'label node worker01 zone=east')).toEqual(['node/worker01 labeled']);
    expect(printed(bench, 'label node worker01 zone=east')).toEqual(['node/worker01 not labeled']);
    expect(printed(bench, 'label node worker01 zone=west')).toEqual([
      "error: 'zone' already has a value (east), and --overwrite is false",
    ]);
    expect(printed(bench, 'label node worker01 zone-')).toEqual(['node/worker01 unlabeled']);
    expect(printed(bench, 'annotate hostsubnet worker01 a=b')).toEqual([
      'hostsubnet.network.openshift.io/worker01 annotated',
    ]);
    expect(printed(bench, 'annotate hostsubnet worker01 a=c')).toEqual([
      "error: --overwrite is false but found the following declared annotation(s): 'a' already has a value (b)",
    ]);
    expect(printed(bench, 'cordon worker01')).toEqual(['node/worker01 cordoned']);
    expect(printed(bench, 'cordon worker01')).toEqual(['node/worker01 already cordoned']);
    expect(printed(bench, 'get node worker01')[1]).toBe(
      'worker01   Ready,SchedulingDisabled   worker   23h   v1.17.1',
    );
    expect(printed(bench, 'uncordon worker01')).toEqual(['node/worker01 uncordoned']);
    expect(printed(bench, 'delete netnamespace mywebserver')).toEqual([
      'netnamespace.network.openshift.io "mywebserver" deleted',
    ]);
  });
});

test('describe spells a HostSubnet out and lists the events of a node', () => {
  const bench = articleBench();
  const node = bench.store.get(Nodes, 'worker02');
  if (node === null) throw new Error('no worker02');
  new EventRecorder(bench.store, 'node-controller').record(
    node,
    'Normal',
    'NodeNotReady',
    'Node worker02 status is now: NodeNotReady',
  );
  bench.oc(`patch hostsubnet worker02 --type=merge -p '{"egressIPs": ["192.168.50.120"]}'`);
  expect(printed(bench, 'describe hostsubnet worker02')).toEqual([
    'Name:                  worker02',
    'Namespace:             ',
    'Labels:                <none>',
    'Annotations:           <none>',
    'API Version:           network.openshift.io/v1',
    'Egress I Ps:',
    '  192.168.50.120',
    'Host:                  worker02',
    'Host IP:               192.168.50.145',
    'Kind:                  HostSubnet',
    'Metadata:',
    '  Creation Timestamp:  2020-05-09T08:00:00Z',
    '  Resource Version:    15',
    expect.stringMatching(/^ {2}UID: {17}[0-9a-f-]{36}$/),
    'Subnet:                10.8.2.0/23',
    'Events:  <none>',
  ]);
  expect(printed(bench, 'describe node worker02').slice(-4)).toEqual([
    'Events:',
    '  Type    Reason        Age   From             Message',
    '  ----    ------        ----  ----             -------',
    '  Normal  NodeNotReady  0s    node-controller  Node worker02 status is now: NodeNotReady',
  ]);
  expect(printed(bench, 'get events')).toEqual([
    'LAST SEEN   TYPE     REASON         OBJECT          MESSAGE',
    '0s          Normal   NodeNotReady   node/worker02   Node worker02 status is now: NodeNotReady',
  ]);
});

describe('what goes on', () => {
  function started(bench: ApiBench, line: string) {
    const story: string[] = [];
    const tell = (text: string): void => {
      for (const part of text.split('\n').slice(0, -1))
        story.push(`${formatSeconds(bench.scheduler.now)} ${part}`);
    };
    const run = executeOc(parseOc(line), bench.environment, {
      out: tell,
      err: tell,
      exit: (code) => tell(`exit ${code}\n`),
    });
    return { run, story };
  }

  test('a watch prints rows as they change, until it is stopped', () => {
    const bench = articleBench();
    const { run, story } = started(bench, 'get hostsubnet worker01 -w --output-watch-events');
    bench.scheduler.advanceTo(seconds(1));
    bench.oc(`patch hostsubnet worker02 --type=merge -p '{"egressIPs": ["192.168.50.121"]}'`);
    bench.oc(`patch hostsubnet worker01 --type=merge -p '{"egressIPs": ["192.168.50.120"]}'`);
    bench.scheduler.advanceTo(seconds(2));
    run.stop();
    expect(story).toEqual([
      '0.000 EVENT   NAME       HOST       HOST IP          SUBNET         EGRESS CIDRS   EGRESS IPS',
      '0.000 ADDED   worker01   worker01   192.168.50.144   10.11.0.0/23                  ',
      '1.000 MODIFIED   worker01   worker01   192.168.50.144   10.11.0.0/23                  [192.168.50.120]',
      '2.000 exit 130',
    ]);
  });

  test('wait ends when the condition is met, or time is up', () => {
    const bench = articleBench();
    const met = started(
      bench,
      "wait hostsubnet/worker01 --for=jsonpath='{.egressIPs[0]}'=192.168.50.120",
    );
    const late = started(bench, 'wait --for=delete node/worker01 --timeout=5s');
    const ready = started(bench, 'wait --for=condition=Ready node --all');
    expect(ready.story.at(-1)).toBe('0.000 exit 0');
    bench.scheduler.advanceTo(seconds(3));
    bench.oc(`patch hostsubnet worker01 --type=merge -p '{"egressIPs": ["192.168.50.120"]}'`);
    bench.scheduler.advanceTo(seconds(10));
    expect(met.story).toEqual([
      '3.000 hostsubnet.network.openshift.io/worker01 condition met',
      '3.000 exit 0',
    ]);
    expect(late.story).toEqual([
      '5.000 error: timed out waiting for the condition on nodes/worker01',
      '5.000 exit 1',
    ]);
  });

  test('logs shows the last lines and follows', () => {
    const bench = articleBench();
    const log = bench.logs.open('sdn-8zhv7', 'openshift-sdn');
    for (const line of ['one', 'two', 'three']) log.append(line);
    expect(printed(bench, 'logs sdn-8zhv7 --tail=2')).toEqual(['two', 'three']);
    const { run, story } = started(bench, 'logs -f sdn-8zhv7 --tail=1');
    bench.scheduler.advanceTo(seconds(1));
    log.append('four');
    run.stop();
    log.append('five');
    expect(story).toEqual(['0.000 three', '1.000 four', '1.000 exit 130']);
    expect(printed(bench, 'logs sdn-8zhv7 --since=1s --timestamps')).toContain(
      '2020-05-09T08:00:01.000000000Z four',
    );
    expect(printed(bench, 'logs sdn-nope1')).toEqual([
      'Error from server (NotFound): pods "sdn-nope1" not found',
    ]);
    expect(printed(bench, 'logs sdn-8zhv7 -c ovs')).toEqual([
      'error: container ovs is not valid for pod sdn-8zhv7',
    ]);
  });

  test('a command that does not end is refused where it would hang', () => {
    const bench = articleBench();
    expect(() => bench.oc('get nodes -w')).toThrow('oc get does not end by itself here');
    expect(() => bench.oc('logs -f sdn-8zhv7')).toThrow('does not end');
  });
});

test('api-resources lists what is served', () => {
  expect(printed(articleBench(), 'api-resources')).toEqual([
    'NAME            SHORTNAMES   APIVERSION                NAMESPACED   KIND',
    'hostsubnets                  network.openshift.io/v1   false        HostSubnet',
    'netnamespaces                network.openshift.io/v1   false        NetNamespace',
    'events          ev           v1                        true         Event',
    'namespaces      ns           v1                        false        Namespace',
    'nodes           no           v1                        false        Node',
    'pods            po           v1                        true         Pod',
  ]);
});

describe('patch --subresource', () => {
  test('changes the status alone, of kinds that have one', () => {
    const bench = articleBench();
    const body = `{"status":{"nodeInfo":{"osImage":"x"}},"spec":{"unschedulable":true}}`;
    expect(printed(bench, `patch node worker01 --subresource=status -p '${body}'`)).toEqual([
      'node/worker01 patched',
    ]);
    expect(bench.oc('get node worker01 -o wide').stdout).toMatch(/Ready .* x /);
    expect(printed(bench, `patch node worker01 -p '{"status":{"nodeInfo":null}}'`)).toEqual([
      'node/worker01 patched (no change)',
    ]);
    const flat = 'patch hostsubnet worker01 --subresource=status --type=merge -p {}';
    expect(printed(bench, flat)).toEqual([
      'Error from server (NotFound): the server could not find the requested resource',
    ]);
  });
});
