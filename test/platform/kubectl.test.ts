// The article's session, typed at a running lab: by an unmodified kubectl, and by `egresslab oc`. The
// lab runs ten times as fast as the clock, so that the forty seconds until NotReady do not have to be
// sat out.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { HostSubnets } from '../../src/fabric/openshift-sdn/kinds/host-subnet.ts';
import { Pods } from '../../src/kube/kinds/pod.ts';
import { type Ended, type LiveLab, program, startLiveLab } from '../support/live-lab.ts';
import { topologyOf } from '../support/scenarios.ts';
import { requireTools } from '../support/tools.ts';

const SPEED = 10;
const PATIENCE_MILLISECONDS = 60_000;

const ARTICLE = `name: article
epoch: 2020-05-09T08:00:00Z
segments:
  lan: { subnet: 192.168.50.0/24, latency: 50us }
hosts:
  db:
    interfaces: { eth0: { segment: lan, address: 192.168.50.10/24 } }
    services: [{ tcp: 5432, app: whoami }]
cluster:
  sdn: openshift-sdn
  segment: lan
  nodes:
    master01: { role: master, address: 192.168.50.141/24, subnet: 10.10.0.0/23 }
    master02: { role: master, address: 192.168.50.142/24, subnet: 10.9.0.0/23 }
    master03: { role: master, address: 192.168.50.143/24, subnet: 10.8.0.0/23 }
    worker01: { address: 192.168.50.144/24, subnet: 10.11.0.0/23 }
    worker02: { address: 192.168.50.145/24, subnet: 10.8.2.0/23 }
  namespaces: { mywebserver: { netid: 5281170 } }
  pods: { web: { namespace: mywebserver, node: worker01 } }
`;

const NODES_READY = `NAME       STATUS   ROLES    AGE   VERSION
master01   Ready    master   23h   v1.17.1
master02   Ready    master   23h   v1.17.1
master03   Ready    master   23h   v1.17.1
worker01   Ready    worker   23h   v1.17.1
worker02   Ready    worker   23h   v1.17.1
`;

const NODES_AFTER = `NAME       STATUS     ROLES    AGE   VERSION
master01   Ready      master   23h   v1.17.1
master02   Ready      master   23h   v1.17.1
master03   Ready      master   23h   v1.17.1
worker01   Ready      worker   23h   v1.17.1
worker02   NotReady   worker   23h   v1.17.1
`;

/** With the blanks at the ends of lines that belong to a cell. */
function hostSubnets(worker01: string, worker02: string): string {
  const masters = ['master01', '141', '10.10.0.0/23', 'master02', '142', '10.9.0.0/23'];
  const rows = [masters.slice(0, 3), masters.slice(3), ['master03', '143', '10.8.0.0/23']];
  const line = (
    [name = '', last = '', subnet = '']: string[],
    cidrs: string,
    ips: string,
  ): string =>
    `${name}   ${name}   192.168.50.${last}   ${subnet.padEnd(15)}${cidrs.padEnd(20)}${ips}\n`;
  const header =
    'NAME       HOST       HOST IP          SUBNET         EGRESS CIDRS        EGRESS IPS\n';
  const [one, two, three] = rows.map((row) => line(row, '', ''));
  const cidrs = '[192.168.50.0/24]';
  return [
    header,
    one,
    two,
    three,
    line(['worker01', '144', '10.11.0.0/23'], cidrs, worker01),
    line(['worker02', '145', '10.8.2.0/23'], cidrs, worker02),
  ].join('');
}

/** Types a command, whoever carries it out. */
type Type = (...words: readonly string[]) => Promise<Ended>;

let live: LiveLab | null = null;
afterEach(async () => {
  await live?.stop();
  live = null;
});

async function begin(): Promise<LiveLab> {
  live = await startLiveLab(topologyOf(ARTICLE, 'article.yaml'), { speed: SPEED });
  return live;
}

async function says(type: Type, words: readonly string[], stdout: string): Promise<void> {
  expect(await type(...words), words.join(' ')).toEqual({ stdout, stderr: '', code: 0 });
}

async function automaticSession(type: Type, lab: LiveLab): Promise<void> {
  const subnets = ['get', 'hostsubnets.network.openshift.io'];
  await says(type, ['get', 'nodes'], NODES_READY);
  const patched = (name: string): string => `${name} patched\n`;
  await says(
    type,
    [
      'patch',
      'netnamespace',
      'mywebserver',
      '--type=merge',
      '-p',
      '{"egressIPs": [ "192.168.50.120"]}',
    ],
    patched('netnamespace.network.openshift.io/mywebserver'),
  );
  for (const worker of ['worker01', 'worker02']) {
    await says(
      type,
      ['patch', 'hostsubnet', worker, '--type=merge', '-p', '{"egressCIDRs": ["192.168.50.0/24"]}'],
      patched(`hostsubnet.network.openshift.io/${worker}`),
    );
  }
  const store = lab.lab.cluster?.store;
  const holderNow = (): string | undefined =>
    store?.list(HostSubnets).items.find(({ egressIPs = [] }) => egressIPs.length > 0)?.host;
  while (holderNow() === undefined) await pause();
  const first = holderNow() ?? '';
  const second = first === 'worker01' ? 'worker02' : 'worker01';
  const table = (host: string): string =>
    host === 'worker01' ? hostSubnets('[192.168.50.120]', '') : hostSubnets('', '[192.168.50.120]');
  await says(type, subnets, table(first));
  // The node dies; whoever waits for the address sees it move.
  expect((await lab.cli('fail', first)).code).toBe(0);
  const held = ['get', 'hostsubnet', second, '-o', 'jsonpath={.egressIPs[0]}'];
  while ((await type(...held)).stdout !== '192.168.50.120') await pause();
  await says(type, subnets, table(second));
  const gone = await type(
    'wait',
    '--for=condition=Ready=Unknown',
    `node/${first}`,
    '--timeout=600s',
  );
  expect(gone).toMatchObject({ stdout: `node/${first} condition met\n`, code: 0 });
  if (first === 'worker02') await says(type, ['get', 'nodes'], NODES_AFTER);
  const events = await type('get', 'events', '--field-selector', `involvedObject.name=${first}`);
  expect(events.stdout).toContain('NodeNotReady');
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 20);
  });
}

/** One address on each of two nodes; then one that no primary interface can hold. */
async function staticSession(type: Type, lab: LiveLab): Promise<void> {
  const merge = (kind: string, name: string, body: string): Promise<Ended> =>
    type('patch', kind, name, '--type=merge', '-p', body);
  await merge(
    'netnamespace',
    'mywebserver',
    '{"egressIPs": [ "192.168.50.120", "192.168.50.121"]}',
  );
  await merge('hostsubnet', 'worker01', '{"egressIPs": [ "192.168.50.120"]}');
  await merge('hostsubnet', 'worker02', '{"egressIPs":[ "192.168.50.121"]}');
  await says(
    type,
    ['get', 'netnamespaces.network.openshift.io', 'mywebserver'],
    'NAME          NETID     EGRESS IPS\nmywebserver   5281170   [192.168.50.120 192.168.50.121]\n',
  );
  const subnets = (await type('get', 'hostsubnets.network.openshift.io')).stdout.split('\n');
  expect(subnets.slice(4, 6)).toEqual([
    'worker01   worker01   192.168.50.144   10.11.0.0/23                  [192.168.50.120]',
    'worker02   worker02   192.168.50.145   10.8.2.0/23                   [192.168.50.121]',
  ]);
  const status = async (): Promise<string> => (await lab.cli('status')).stdout;
  while (!/^192\.168\.50\.121 +worker02$/m.test(await status())) await pause();
  expect(await status()).toMatch(/^192\.168\.50\.120 +worker01$/m);

  await merge('netnamespace', 'mywebserver', '{"egressIPs": ["10.10.10.81"]}');
  await merge('hostsubnet', 'worker01', '{"egressIPs": ["10.10.10.81"]}');
  const name = sdnPodOf(lab, 'worker01');
  let log = '';
  while (!log.includes('10.10.10.81')) {
    log = (await type('logs', name, '-n', 'openshift-sdn')).stdout;
  }
  expect(log).toContain(
    'egressip.go:121] Error assigning Egress IP "10.10.10.81": egress IP "10.10.10.81" is not in local network 192.168.50.0/24 of interface enp1s0\n',
  );
}

function sdnPodOf(lab: LiveLab, node: string): string {
  const pods = lab.lab.cluster?.store.list(Pods).items ?? [];
  const found = pods.find(({ spec }) => spec.nodeName === node && spec.hostNetwork === true);
  return found?.metadata.name ?? '';
}

async function everythingElse(type: Type, lab: LiveLab): Promise<void> {
  const name = sdnPodOf(lab, 'worker01');
  const text = async (...words: readonly string[]): Promise<string> => {
    const { code, stderr, stdout } = await type(...words);
    expect({ code, stderr }, words.join(' ')).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  // Both nodes list both addresses: the log tells.
  const both = '{"egressIPs": ["192.168.50.120", "192.168.50.121"]}';
  await text('patch', 'netnamespace', 'mywebserver', '--type=merge', '-p', both);
  await text('patch', 'hostsubnet', 'worker01', '--type=merge', '-p', both);
  await text('patch', 'hostsubnet', 'worker02', '--type=merge', '-p', both);
  let log = '';
  while (!log.includes('Multiple nodes')) log = await text('logs', name, '-n', 'openshift-sdn');
  expect(log).toMatch(
    /E0509 \d\d:\d\d:\d\d\.\d{6} +\d+ egressip\.go:370\] Multiple EgressIPs \(192\.168\.50\.120, 192\.168\.50\.121\) for VNID 5281170 on node 192\.168\.50\.144\n/,
  );
  expect(await text('logs', '--tail=1', name, '-n', 'openshift-sdn')).toBe(
    `${log.trimEnd().split('\n').at(-1)}\n`,
  );
  expect(await text('get', 'netnamespace', 'mywebserver')).toBe(
    'NAME          NETID     EGRESS IPS\nmywebserver   5281170   [192.168.50.120 192.168.50.121]\n',
  );
  // The forms of output.
  expect(await text('get', 'hostsubnet', 'worker01', '-o', 'jsonpath={.egressIPs[1]}')).toBe(
    '192.168.50.121',
  );
  expect(JSON.parse(await text('get', 'hostsubnet', 'worker01', '-o', 'json'))).toMatchObject({
    kind: 'HostSubnet',
  });
  expect(await text('get', 'hostsubnet', 'worker01', '-o', 'yaml')).toContain(
    '\nhostIP: 192.168.50.144\nkind: HostSubnet\n',
  );
  expect(await text('get', 'nodes', 'worker01', '-o', 'wide')).toContain('INTERNAL-IP');
  expect(await text('get', 'nodes', '-o', 'name')).toContain('node/worker02\n');
  expect(await text('get', 'pods', '-A')).toMatch(
    /^NAMESPACE +NAME +READY +STATUS +RESTARTS +AGE\n/,
  );
  // Marks and schedules.
  await text('annotate', 'hostsubnet', 'worker01', 'note=rack');
  expect(await text('label', 'node', 'worker01', 'zone=east')).toBe('node/worker01 labeled\n');
  expect(await text('get', 'nodes', '-l', 'zone=east', '-o', 'name')).toBe('node/worker01\n');
  expect(await text('cordon', 'worker01')).toBe('node/worker01 cordoned\n');
  expect(await text('get', 'node', 'worker01')).toContain('Ready,SchedulingDisabled');
  expect(await text('describe', 'hostsubnet', 'worker01')).toMatch(/Host IP: +192\.168\.50\.144/);
  expect(await text('describe', 'node', 'worker01')).toContain('worker01');
  // Patches of other types, and mistakes.
  const remove = '[{"op":"remove","path":"/egressIPs"}]';
  await text('patch', 'hostsubnet', 'worker01', '--type=json', '-p', remove);
  expect(await text('patch', 'hostsubnet', 'worker01', '--type=merge', '-p', '{}')).toBe(
    'hostsubnet.network.openshift.io/worker01 patched (no change)\n',
  );
  const refused = async (
    code: number,
    stderr: string | RegExp,
    ...words: string[]
  ): Promise<void> => {
    const ended = await type(...words);
    expect(ended.code, words.join(' ')).toBe(code);
    if (typeof stderr === 'string') expect(ended.stderr).toBe(stderr);
    else expect(ended.stderr).toMatch(stderr);
  };
  await refused(
    1,
    'Error from server (NotFound): hostsubnets.network.openshift.io "worker09" not found\n',
    'get',
    'hostsubnet',
    'worker09',
  );
  await refused(
    1,
    // What stands before it differs between versions of kubectl.
    /the body of the request was in an unknown format - accepted media types include: application\/json-patch\+json, /,
    'patch',
    'hostsubnet',
    'worker01',
    '-p',
    both,
  );
  await refused(
    1,
    /^The HostSubnet "worker01" is invalid: egressIPs\[0\]: Invalid value: "192\.168\.50\.300"/,
    ...[
      'patch',
      'hostsubnet',
      'worker01',
      '--type=merge',
      '-p',
      '{"egressIPs": ["192.168.50.300"]}',
    ],
  );
  expect(await text('delete', 'netnamespace', 'mywebserver')).toMatch(
    /^netnamespace\.network\.openshift\.io "mywebserver" deleted/,
  );
}

// .ci/run says so on a system that offers no kubectl; then replay.test.ts stands in for it.
const isNowhere = process.env.EGRESSLAB_NO_KUBECTL === '1';
const tools = isNowhere
  ? { skip: true, remark: ' (skipped: no kubectl for this system)' }
  : requireTools('kubectl');

describe.skipIf(tools.skip)(`an unmodified kubectl${tools.remark}`, () => {
  test(
    'sees the egress IP given to a node, and moving when that node dies',
    async () => {
      const lab = await begin();
      await automaticSession((...words) => lab.kubectl(...words), lab);
    },
    PATIENCE_MILLISECONDS,
  );

  test(
    'hosts egress IPs by hand, and reads why one cannot be',
    async () => {
      const lab = await begin();
      await staticSession((...words) => lab.kubectl(...words), lab);
    },
    PATIENCE_MILLISECONDS,
  );

  test(
    'reads, writes, marks, describes and complains',
    async () => {
      const lab = await begin();
      await everythingElse((...words) => lab.kubectl(...words), lab);
      expect((await lab.kubectl('api-resources')).stdout).toMatch(
        /hostsubnets +network\.openshift/,
      );
      expect((await lab.kubectl('version')).stdout).toMatch(/Server Version: .*v1\.32\.4/);
    },
    PATIENCE_MILLISECONDS,
  );
});

const SHOP = `apiVersion: network.openshift.io/v1
kind: NetNamespace
metadata: { name: shop, labels: { team: a } }
netname: shop
netid: 77
---
apiVersion: v1
kind: Namespace
metadata: { name: shop }
`;

/** Objects from files, by both ways of applying. */
async function objectsFromFiles(type: Type, directory: string): Promise<void> {
  const file = join(directory, 'shop.yaml');
  const write = (text: string): void => writeFileSync(file, text);
  const text = async (...words: readonly string[]): Promise<string> => {
    const { code, stderr, stdout } = await type(...words);
    expect({ code, stderr }, words.join(' ')).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  const lines = (done: string, other: string = done): string =>
    `netnamespace.network.openshift.io/shop ${done}\nnamespace/shop ${other}\n`;
  write(SHOP);
  expect(await text('create', '-f', file)).toBe(lines('created'));
  expect((await type('create', '-f', file)).stderr).toContain('(AlreadyExists)');
  await text('delete', '-f', file);
  expect(await text('apply', '-f', file)).toBe(lines('created'));
  expect(await text('apply', '-f', file)).toBe(lines('unchanged'));
  await text('label', 'netnamespace', 'shop', 'other=stays');
  write(SHOP.replace('team: a', 'kept: c'));
  expect(await text('apply', '-f', file)).toBe(lines('configured', 'unchanged'));
  const labels = ['get', 'netnamespace', 'shop', '-o', 'jsonpath={.metadata.labels}'];
  expect(JSON.parse(await text(...labels))).toEqual({ kept: 'c', other: 'stays' });
  // What a client applied itself does not stand against the server's own way.
  write(SHOP.split('---')[0] ?? '');
  const serverSide = ['apply', '--server-side', '-f', file, '--field-manager', 'ops'];
  await text('delete', 'netnamespace', 'shop');
  await text(...serverSide);
  await text('patch', 'netnamespace', 'shop', '--type=merge', '-p', '{"netid":78}');
  const refused = await type(...serverSide);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /Apply failed with 1 conflict: conflict with "kubectl-patch" using network\.openshift\.io\/v1.*: \.netid/,
  );
  await text(...serverSide, '--force-conflicts');
  expect(await text('get', 'netnamespace', 'shop', '-o', 'jsonpath={.netid}')).toBe('77');
  // A field that the kind does not have.
  write(`${SHOP.split('---')[0]}colour: red\n`);
  await text('delete', 'netnamespace', 'shop');
  expect((await type('create', '-f', file)).stderr).toContain('unknown field "colour"');
  // Every kind takes marks.
  for (const kind of ['nodes', 'pods', 'namespaces', 'hostsubnets', 'netnamespaces']) {
    const scope = kind === 'pods' ? ['-A'] : [];
    await text('label', kind, '--all', 'marked=yes', ...scope);
    await text('annotate', kind, '--all', 'note=yes', ...scope);
    expect(await text('get', kind, '-l', 'marked!=yes', '-o', 'name', ...scope)).toBe('');
  }
}

describe.skipIf(tools.skip)(`kubectl writes objects${tools.remark}`, () => {
  test(
    'from files, applied by the client and by the server',
    async () => {
      const lab = await begin();
      await objectsFromFiles((...words) => lab.kubectl(...words), lab.home);
    },
    PATIENCE_MILLISECONDS,
  );

  test(
    'edits, replaces, taints, explains and reads by pages',
    async () => {
      const lab = await begin();
      const text = async (...words: readonly string[]): Promise<string> => {
        const { code, stderr, stdout } = await lab.kubectl(...words);
        expect({ code, stderr }, words.join(' ')).toEqual({ code: 0, stderr: '' });
        return stdout;
      };
      const editor = join(lab.home, 'editor');
      writeFileSync(editor, '#!/bin/sh\nsed -i s/5281170/5281171/ "$1"\n', { mode: 0o755 });
      const edited = await program('kubectl', ['edit', 'netnamespace', 'mywebserver'], {
        HOME: lab.home,
        KUBECONFIG: lab.kubeconfig,
        KUBE_EDITOR: editor,
      });
      expect(edited.stdout).toBe('netnamespace.network.openshift.io/mywebserver edited\n');
      const file = join(lab.home, 'object.json');
      const before = await text('get', 'netnamespace', 'mywebserver', '-o', 'json');
      writeFileSync(file, before.replace('5281171', '5281172'));
      expect(await text('replace', '-f', file)).toBe(
        'netnamespace.network.openshift.io/mywebserver replaced\n',
      );
      expect(await text('get', 'netnamespaces', '--chunk-size=1')).toContain('5281172');
      expect(await text('get', 'hostsubnets', '--chunk-size=2', '-o', 'name')).toMatch(
        /^(hostsubnet\.network\.openshift\.io\/\w+\n){5}$/,
      );
      await text('taint', 'node', 'worker01', 'a=b:NoSchedule', 'c=d:NoExecute');
      await text('taint', 'node', 'worker01', 'a-');
      expect(await text('get', 'node', 'worker01', '-o', 'jsonpath={.spec.taints[*].key}')).toBe(
        'c',
      );
      const explained = await text('explain', 'hostsubnets.egressIPs');
      expect(explained).toContain('FIELD: egressIPs <[]string>');
      expect(explained).toContain('EgressIPs is the list of automatic egress IP addresses');
      const body = '{"status":{"nodeInfo":{"osImage":"x"}},"spec":{"unschedulable":true}}';
      expect(await text('patch', 'node', 'worker02', '--dry-run=server', '-p', body)).toBe(
        'node/worker02 patched\n',
      );
      expect(await text('get', 'node', 'worker02')).not.toContain('SchedulingDisabled');
    },
    PATIENCE_MILLISECONDS,
  );
});

describe.skipIf(tools.skip)(`kubectl in the background${tools.remark}`, () => {
  /** Runs until what it prints contains all of `wanted`, with `meanwhile` repeated. */
  async function follows(
    lab: LiveLab,
    words: readonly string[],
    wanted: readonly string[],
    meanwhile: (turn: number) => void,
  ): Promise<void> {
    const env = { PATH: process.env.PATH ?? '', HOME: lab.home, KUBECONFIG: lab.kubeconfig };
    const child = spawn('kubectl', words, { env });
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    try {
      for (let turn = 0; !wanted.every((text) => out.includes(text)); turn++) {
        meanwhile(turn);
        await pause();
      }
    } finally {
      const closed = once(child, 'close');
      child.kill();
      await closed;
    }
  }

  test('get -w shows changes as they happen', async () => {
    const lab = await begin();
    const { store } = lab.lab.cluster ?? {};
    await follows(lab, ['get', 'hostsubnets', '-w'], ['worker02', '[192.168.50.121]'], (turn) => {
      const body = { egressIPs: turn % 2 === 0 ? ['192.168.50.121'] : [] };
      store?.patch(HostSubnets, 'worker02', undefined, 'merge', body);
    });
  });

  test('logs -f shows lines as they are written', async () => {
    const lab = await begin();
    const name = sdnPodOf(lab, 'worker02');
    const log = lab.lab.cluster?.controlPlane.logs.open(name, 'openshift-sdn');
    const words = ['logs', '-f', '--tail=1', name, '-n', 'openshift-sdn'];
    await follows(lab, words, ['line 1\n', 'line 2\n'], (turn) => {
      log?.append(`line ${(turn % 3) + 1}`);
    });
  });
});

describe('egresslab oc', () => {
  test(
    'writes the same objects from files',
    async () => {
      const lab = await begin();
      await objectsFromFiles((...words) => lab.cli('oc', ...words), lab.home);
    },
    PATIENCE_MILLISECONDS,
  );

  test(
    'sees the same as kubectl: the egress IP given to a node, and moving',
    async () => {
      const lab = await begin();
      await automaticSession((...words) => lab.cli('oc', ...words), lab);
    },
    PATIENCE_MILLISECONDS,
  );

  test(
    'hosts egress IPs by hand, and reads why one cannot be',
    async () => {
      const lab = await begin();
      await staticSession((...words) => lab.cli('oc', ...words), lab);
    },
    PATIENCE_MILLISECONDS,
  );

  test(
    'reads, writes, marks, describes and complains in the same words',
    async () => {
      const lab = await begin();
      await everythingElse((...words) => lab.cli('oc', ...words), lab);
    },
    PATIENCE_MILLISECONDS,
  );

  test('goes on with -w and -f until Ctrl-C', async () => {
    const lab = await begin();
    const watch = lab.cliIo('oc', 'get', 'hostsubnets', '-w');
    const until = async (text: () => string, wanted: string): Promise<void> => {
      while (!text().includes(wanted)) await pause();
    };
    await until(watch.io.out, 'worker02');
    await lab.cli(
      'oc',
      'patch',
      'hostsubnet',
      'worker02',
      '--type=merge',
      '-p',
      '{"egressIPs": ["192.168.50.121"]}',
    );
    await until(watch.io.out, '[192.168.50.121]');
    const wait = ['wait', '--for=jsonpath={.egressIPs[0]}=192.168.50.121', 'hostsubnet/worker02'];
    expect(await lab.cli('oc', ...wait)).toEqual({
      stdout: 'hostsubnet.network.openshift.io/worker02 condition met\n',
      stderr: '',
      code: 0,
    });
    expect(watch.io.signal('SIGINT')).toBe(true);
    expect(await watch.code).toBe(130);
    const name = sdnPodOf(lab, 'worker02');
    const log = lab.lab.cluster?.controlPlane.logs.open(name, 'openshift-sdn');
    const follow = lab.cliIo('oc', 'logs', '-f', '--tail=1', name);
    log?.append('first');
    let number = 0;
    while (!follow.io.out().includes('number 2')) {
      log?.append(`number ${++number}`);
      await pause();
    }
    follow.io.signal('SIGINT');
    expect(await follow.code).toBe(130);
  });

  test('a mistake is told by the lab’s own parser', async () => {
    const lab = await begin();
    const ended = await lab.cli('oc', 'gett', 'nodes');
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('oc has no command "gett" here');
    expect(ended.stderr).toContain('Did you mean "get"?');
  });
});
