// Commands at a running lab, in this process.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { type LiveLab, type LiveSettings, startLiveLab } from '../support/live-lab.ts';
import { topologyOf } from '../support/scenarios.ts';

const LAB = `name: small
description: Two hosts and a node
segments: { lan: { subnet: 192.168.50.0/24 } }
hosts:
  db: { interfaces: { eth0: { segment: lan, address: 192.168.50.10 } } }
  web: { interfaces: { eth0: { segment: lan, address: 192.168.50.11 } } }
cluster:
  sdn: openshift-sdn
  segment: lan
  nodes:
    master01: { role: master, address: 192.168.50.141, subnet: 10.10.0.0/23 }
    worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23, egressIPs: [192.168.50.120] }
  namespaces: { mywebserver: { netid: 5281170, egressIPs: [192.168.50.120] } }
  pods: { app: { namespace: mywebserver, node: worker01 } }
scenario: { duration: 10s, flows: { talk: { from: web, to: db, icmp: echo, every: 100ms } } }
`;
const PLAIN = `name: plain
segments: { lan: { subnet: 192.168.50.0/24 } }
hosts:
  db: { interfaces: { eth0: { segment: lan, address: 192.168.50.10 } } }
`;

const running: LiveLab[] = [];
let shared = '';
afterEach(async () => {
  for (const lab of running.splice(0)) await lab.stop();
  if (shared !== '') rmSync(shared, { recursive: true });
  shared = '';
});

async function begin(text = LAB, settings: LiveSettings = {}): Promise<LiveLab> {
  const lab = await startLiveLab(topologyOf(text, 'lab.yaml'), { speed: 5, ...settings });
  running.push(lab);
  return lab;
}

describe('a running lab', () => {
  test('says how to reach it when it starts', async () => {
    const lab = await begin(LAB, { name: 'blue' });
    expect(lab.said).toEqual([
      `export KUBECONFIG=${lab.kubeconfig}`,
      'The lab is listening: egresslab status --lab blue',
    ]);
  });

  test('tells how it is', async () => {
    const lab = await begin();
    await lab.cli('ping', 'app', 'db');
    const { code, stdout } = await lab.cli('status');
    expect(code).toBe(0);
    expect(stdout).toContain('small: Two hosts and a node\n');
    expect(stdout).toMatch(
      /^worker01 +node +up +192\.168\.50\.144, 192\.168\.50\.120, 10\.11\.0\.1$/m,
    );
    expect(stdout).toMatch(/^192\.168\.50\.120 +worker01$/m);
    expect(JSON.parse((await lab.cli('status', '--json')).stdout)).toMatchObject({
      schemaVersion: 1,
      status: {
        lab: 'small',
        machines: expect.arrayContaining([
          { name: 'app', kind: 'pod', state: 'up', addresses: ['10.11.0.2'] },
        ]),
      },
    });
  });

  test('tells its timeline to another terminal, what was and what comes, until it ends', async () => {
    const lab = await begin();
    await lab.cli('fail', 'db');
    const past = await lab.cli('events');
    expect(past).toMatchObject({ code: 0, stderr: '' });
    expect(past.stdout).toMatch(/^ +\d+\.\d{3} {2}db +power off$/m);
    const follow = lab.cliIo('events', '--follow', '--json');
    while (!follow.io.out().includes('powered-off')) await sleep(10);
    await lab.cli('restore', 'db');
    while (!follow.io.out().includes('powered-on')) await sleep(10);
    const lines = follow.io.out().trim().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ source: 'db', text: 'power on' });
    running.splice(0);
    await lab.stop();
    expect(await follow.code).toBe(0);
  });

  test('shows a table again when it has changed, and not else', async () => {
    const lab = await begin();
    const watching = lab.cliIo('arp', 'web', '--json', '--watch');
    const shown = (): { arp: readonly unknown[] }[] =>
      watching.io
        .out()
        .split('\n\n')
        .filter((text) => text !== '')
        .map((text) => JSON.parse(text));
    while (watching.io.out() === '') await sleep(10);
    await lab.cli('ping', 'web', 'db', '--timeout', '100ms');
    while (shown().length < 2) await sleep(20);
    expect(shown()[0]?.arp).toEqual([]);
    for (const [at, { arp }] of shown().entries()) expect(arp).not.toEqual(shown()[at - 1]?.arp);
    watching.io.signal('SIGINT');
    expect(await watching.code).toBe(0);
  });

  test('pings and arpings, and shows what they left in the tables', async () => {
    const lab = await begin();
    const ping = await lab.cli('ping', 'web', 'db', '--count', '2', '--interval', '10ms');
    expect(ping.stdout).toMatch(
      /^reply from 192\.168\.50\.10: icmp_seq=1 time=0\.\d{3} ms\nreply from 192\.168\.50\.10: icmp_seq=2 time=0\.\d{3} ms\n2 sent, 2 answered, 0 lost\n$/,
    );
    expect(ping.code).toBe(0);
    const nobody = await lab.cli('ping', 'web', '192.168.50.99', '--timeout', '100ms');
    expect(nobody).toMatchObject({ stdout: '1 sent, 0 answered, 1 lost\n', code: 1 });
    const probe = await lab.cli('arping', 'db', '192.168.50.254', '--mode', '-D');
    expect([probe.code, probe.stderr]).toEqual([0, '']);
    expect((await lab.cli('arping', 'web', '192.168.50.10')).stdout).toMatch(
      /^192\.168\.50\.10: answered by [0-9a-f:]{17}\n$/,
    );
    expect((await lab.cli('arp', 'web')).stdout).toMatch(/^192\.168\.50\.10 dev eth0 lladdr /);
    expect((await lab.cli('fdb', 'lan')).stdout).toContain('dev ');
    expect((await lab.cli('fdb')).stdout).toMatch(/^lan\n {2}[0-9a-f:]{17} dev /);
    const { arp } = JSON.parse((await lab.cli('arp', 'web', '--json')).stdout);
    expect(arp[0]).toMatchObject({ machine: 'web', address: '192.168.50.10', state: 'REACHABLE' });
  });

  test('shows what a node translates', async () => {
    const lab = await begin();
    const ping = await lab.cli('ping', 'app', 'db');
    expect(ping.stdout).toContain('1 sent, 1 answered');
    expect((await lab.cli('conntrack', 'worker01')).stdout).toContain('dst=192.168.50.120');
  });

  test('fails, is impaired, is cut, and all of it is undone', async () => {
    const lab = await begin();
    const answered = async (): Promise<boolean> =>
      (await lab.cli('ping', 'web', 'db', '--timeout', '200ms')).code === 0;
    expect(await answered()).toBe(true);
    for (const [breaks, mends] of [
      [
        ['fail', 'db'],
        ['restore', 'db'],
      ],
      [
        ['fail', 'db', '--how', 'unplugged'],
        ['restore', 'db'],
      ],
      [
        ['link', 'db/eth0', 'down'],
        ['link', 'db/eth0', 'up'],
      ],
      [
        ['impair', 'db/eth0', '--loss', '100%'],
        ['impair', 'db/eth0', '--clear'],
      ],
      [
        ['partition', 'db'],
        ['heal', 'lan'],
      ],
      [
        ['partition', 'db', 'worker01', '--segment', 'lan'],
        ['heal', 'lan'],
      ],
    ] as const) {
      expect((await lab.cli(...breaks)).code, breaks.join(' ')).toBe(0);
      expect(await answered(), breaks.join(' ')).toBe(false);
      expect((await lab.cli(...mends)).code, mends.join(' ')).toBe(0);
      // A cable that is plugged in, or a host that boots, takes its time.
      while (!(await answered()));
    }
  });

  test('starts and stops flows', async () => {
    const lab = await begin(LAB, { withScenario: true });
    expect((await lab.cli('stop', 'talk')).code).toBe(0);
    expect((await lab.cli('start', 'talk')).code).toBe(0);
  });

  test('says what it did, as the timeline does', async () => {
    const lab = await begin();
    expect(await lab.cli('fail', 'worker01')).toEqual({
      stdout: 'worker01: power off\n',
      stderr: '',
      code: 0,
    });
    expect((await lab.cli('status')).stdout).toMatch(/^worker01 +node +off/m);
  });
});

describe('mistakes', () => {
  test.each([
    [['fail', 'wrker01'], 'there is no host or node "wrker01"', 'Did you mean "worker01"?'],
    [['arp', 'worker1'], 'there is no machine "worker1"', 'Did you mean "worker01"?'],
    [['fdb', 'lam'], 'there is no segment "lam"', 'Did you mean "lan"?'],
    [['ping', 'web', 'nowhere'], '"nowhere"', 'known: '],
    [['fail'], 'fail needs <machine>', 'egresslab fail --help'],
    [['oc'], 'oc needs a command', 'egresslab oc --help'],
    [['fail', 'db', '--hwo', 'x'], 'fail does not accept --hwo', 'Did you mean --how?'],
    [['fail', 'db', '--how', 'slowly'], 'how', 'power-off'],
    [['status', '--lab', 'larger'], 'no lab "larger" is running', 'Running: small.'],
    [['oc', 'get', 'nodes', '--lab'], '--lab needs a value', 'egresslab status'],
  ])('%j', async (words, message, hint) => {
    const lab = await begin();
    const { code, stderr } = await lab.cli(...words);
    expect(stderr.toLowerCase()).toContain(message.toLowerCase());
    expect(stderr.toLowerCase()).toContain(hint.toLowerCase());
    expect(code).toBe(2);
  });

  test('a lab without a cluster serves no API, and says so', async () => {
    const lab = await begin(PLAIN);
    expect(lab.said).toEqual(['The lab is listening: egresslab status']);
    expect((await lab.ask('/api')).status).toBe(404);
    const { code, stderr } = await lab.cli('oc', 'get', 'nodes');
    expect(stderr).toContain('EGL_NO_CLUSTER');
    expect(code).toBe(2);
    expect((await lab.cli('status')).code).toBe(0);
  });

  test('nothing runs', async () => {
    shared = mkdtempSync(join(tmpdir(), 'egresslab-shared-'));
    const lab = await begin(PLAIN, { runtimeDirectory: shared });
    await running.pop()?.stop();
    const { code, stderr } = await lab.cli('status');
    expect(stderr).toContain('no lab is running');
    expect(code).toBe(2);
  });
});

test('several labs at once are told apart by name', async () => {
  shared = mkdtempSync(join(tmpdir(), 'egresslab-shared-'));
  const red = await begin(LAB, { name: 'red', runtimeDirectory: shared });
  const blue = await begin(PLAIN, { name: 'blue', runtimeDirectory: shared });
  const both = await red.cli('status');
  expect(both.stdout).toMatch(/^LAB +PROCESS +PORT +TOPOLOGY\nblue .*\nred /);
  const undecided = await red.cli('fail', 'db');
  expect(undecided.stderr).toContain('--lab blue or --lab red');
  expect((await red.cli('fail', 'db', '--lab', 'blue')).code).toBe(0);
  expect(blue.lab.machine('db').stack.powered).toBe(false);
  expect(red.lab.machine('db').stack.powered).toBe(true);
  expect((await red.cli('oc', '--lab=red', 'get', 'nodes')).stdout).toContain('worker01');
  const third = await begin(LAB, { name: 'red', anyName: true, runtimeDirectory: shared });
  expect(third.entry.name).toBe('red-2');
  await expect(
    startLiveLab(topologyOf(PLAIN, 'lab.yaml'), { name: 'red', runtimeDirectory: shared }),
  ).rejects.toThrow('a lab "red" is running');
});

describe('exec looks at a machine with the tools of Linux', () => {
  test('ip, ss, conntrack and bridge, with their usual flags', async () => {
    const lab = await begin();
    await lab.cli('ping', 'app', 'db');
    const exec = async (...words: readonly string[]): Promise<string> => {
      const { code, stderr, stdout } = await lab.cli('exec', ...words);
      expect(stderr).toBe('');
      expect(code).toBe(0);
      return stdout;
    };
    const address = await exec('db', '--', 'ip', 'a');
    expect(address).toContain('2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP\n');
    expect(address).toContain('\n    inet 192.168.50.10/24 scope global eth0\n');
    expect(await exec('db', 'ip', '-br', 'addr', 'show', 'dev', 'eth0')).toBe(
      'eth0 UP 192.168.50.10/24\n',
    );
    expect(await exec('db', '--', 'ip', 'route')).toContain('192.168.50.0/24 dev eth0 scope link');
    expect(await exec('db', '--', 'ip', 'rule')).toContain('0:\tfrom all lookup local\n');
    expect(await exec('db', '--', 'ip', 'neigh')).toBe((await lab.cli('arp', 'db')).stdout);
    expect(await exec('worker01', '--', 'conntrack', '-L', '-p', 'icmp')).toContain('icmp');
    expect(await exec('worker01', '--', 'conntrack', '-L', '-p', 'tcp')).toBe('');
    expect(await exec('db', '--', 'ss', '-tanH')).toBe('');
    expect(await exec('db', '--', 'ss', '-tan')).toContain('Recv-Q');
    expect(await exec('lan', '--', 'bridge', 'fdb')).toContain('lan');
    const rows: unknown = JSON.parse(await exec('db', '--', 'ip', '-j', 'neigh'));
    expect(rows).toContainEqual(expect.objectContaining({ machine: 'db', interface: 'eth0' }));
  });

  test.each([
    [['db', '--', 'iptables', '-L'], 'there is no "iptables" on a machine of a lab'],
    [['db', '--', 'ip', 'tunnel'], 'ip tunnel is not known here'],
    [['db', '--', 'ip', 'addr', 'add', '10.0.0.1/8'], 'a tool only looks here'],
    [['db', '--', 'ss', '-x'], 'ss -x is not known here'],
    [['db', '--', 'conntrack', '-F'], 'conntrack -F is not known here'],
    [['nowhere', '--', 'ip', 'neigh'], 'nowhere'],
  ])('what it does not know it says: %j', async (words, why) => {
    const lab = await begin(PLAIN);
    const { code, stderr } = await lab.cli('exec', ...words);
    expect(code).toBe(2);
    expect(stderr).toContain(why);
  });
});
