// `egresslab up` as a process of its own: what it leaves behind (nothing), how it ends, and what it
// says when the machine does not let it. Runs dist/, as test/cli/process.test.ts does.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  eventually,
  ip,
  namespaces,
  type Running,
  requireKernel,
  Sandbox,
} from '../support/kernel.ts';
import { readPcapng } from '../support/pcapng.ts';

const { skip, remark } = requireKernel('ping', 'unshare', 'setpriv');
const MAIN = join(import.meta.dirname, '../../dist/main.js');

const lab = (attach: string): string => `name: process
segments: { lan: { subnet: 10.7.8.0/24 } }
hosts:
  a:
    interfaces: { eth0: { segment: lan, address: 10.7.8.1/24 } }
    services: [{ udp: 7, app: echo }]
attach: [${attach}]
capture: [a/eth0]
`;

const cluster = (nodes: number, attach: string): string => `name: idle
segments: { lan: { subnet: 10.7.8.0/24 } }
cluster:
  sdn: openshift-sdn
  segment: lan
  nodes:
    master: { role: master, address: 10.7.8.10 }
${Array.from({ length: nodes - 1 }, (_, i) => `    n${i}: { address: 10.7.8.${i + 11} }`).join('\n')}
attach: [${attach}]
`;

/** USER_HZ, the same on all architectures that Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU time of a process so far, in user and kernel mode. */
function cpuTicks(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [utime, stime] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11);
  return Number(utime) + Number(stime);
}

describe.skipIf(skip)(`egresslab up${remark}`, () => {
  const sandbox = new Sandbox();
  /** Other tests have namespaces of their own at the same time. */
  const own = (): string[] => namespaces().filter((name) => name.startsWith(sandbox.prefix));
  afterEach(async () => {
    await sandbox.dispose();
  });

  const write = (attach: string): string => {
    const file = join(sandbox.directory, 'process.yaml');
    writeFileSync(file, lab(attach));
    return file;
  };
  const up = async (file: string, ...wrap: readonly string[]): Promise<Running> => {
    const flags = ['--capture-dir', join(sandbox.directory, 'captures')];
    return sandbox.start(null, [...wrap, process.execPath, MAIN, 'up', file, ...flags], /attached/);
  };
  /** How it refuses. */
  const refused = (file: string, ...wrap: readonly string[]) =>
    sandbox.run(null, [...wrap, process.execPath, MAIN, 'up', file, '--no-capture']);
  const ping = async (netns: string): Promise<boolean> =>
    (await sandbox.run(netns, ['ping', '-c', '1', '-W', '2', '10.7.8.1'])).code === 0;
  const tap = (name: string): string =>
    `{ tap: t0, segment: lan, netns: ${sandbox.netns(name)}, address: 10.7.8.2/24 }`;

  test('ends with Ctrl-C, exit code 0, and nothing is left', async () => {
    const running = await up(write(tap('ends')));
    expect(await ping(sandbox.netns('ends'))).toBe(true);
    await running.stop('SIGINT');
    expect(running.process.exitCode).toBe(0);
    expect(own()).toEqual([]);
    const capture = readFileSync(join(sandbox.directory, 'captures/process.pcapng'));
    expect(readPcapng(capture).packets.length).toBeGreaterThan(0);
  });

  test('ends with SIGTERM in the same way', async () => {
    const running = await up(write(tap('term')));
    await running.stop('SIGTERM');
    expect(own()).toEqual([]);
  });

  test('costs next to nothing while nobody says anything: 50 nodes, less than 1 % of a core', async () => {
    const file = join(sandbox.directory, 'idle.yaml');
    writeFileSync(file, cluster(50, tap('idle')));
    const { pid } = (await up(file)).process;
    // Announcements and the first checks of the nodes pass.
    await new Promise((resolve) => setTimeout(resolve, 4000));
    const before = cpuTicks(pid);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    const ticks = cpuTicks(pid) - before;
    expect(ticks).toBeGreaterThanOrEqual(0);
    expect(ticks).toBeLessThan(0.01 * 10 * TICKS_PER_SECOND);
  }, 40_000);

  test('a namespace that a killed lab has left is removed by the next start, others are not', async () => {
    const mine = sandbox.addNamespace('mine');
    const first = await up(write(tap('killed')));
    const killed = sandbox.netns('killed');
    expect(await ping(killed)).toBe(true);
    await first.stop('SIGKILL');
    expect(namespaces()).toContain(killed);
    const second = await up(write(tap('next')));
    expect(namespaces()).not.toContain(killed);
    expect(namespaces()).toContain(mine);
    await second.stop();
    expect(namespaces()).toContain(mine);
    const capture = readFileSync(join(sandbox.directory, 'captures/process.pcapng'));
    expect(readPcapng(capture).packets.length).toBeGreaterThanOrEqual(0);
  });

  test('a namespace that was there before is used and stays', async () => {
    const house = sandbox.addNamespace('house');
    const running = await up(write(tap('house')));
    expect(await ping(house)).toBe(true);
    await running.stop();
    expect(namespaces()).toContain(house);
    expect(ip('-n', house, '-brief', 'link')).not.toContain('t0');
  });

  test('--user gives up root once the devices are open, and all is removed at the end all the same', async () => {
    const file = write(tap('user'));
    const argv = [process.execPath, MAIN, 'up', file, '--no-capture', '--user', 'nobody'];
    const running = await sandbox.start(null, argv, /attached/);
    const status = (): string => readFileSync(`/proc/${running.process.pid}/status`, 'utf8');
    await eventually(() => !/^Uid:.*\b0\b/m.test(status()), 'it is root no more');
    expect(/^CapEff:\s+(\w+)/m.exec(status())?.[1]).toBe('0000000000000000');
    expect(await ping(sandbox.netns('user'))).toBe(true);
    await running.stop();
    await eventually(() => !namespaces().includes(sandbox.netns('user')), 'it is removed');
  });

  test('runs without root in a user namespace of its own', async () => {
    const file = write('{ tap: t0, segment: lan, address: 10.7.8.2/24 }');
    const script = `ip link set lo up; "$0" "$1" up "$2" --no-capture & lab=$!; for i in 1 2 3 4 5 6 7 8 9 10; do
  ip link show t0 >/dev/null 2>&1 && break; sleep 0.5; done; sleep 1
  ping -c 2 -i 0.2 10.7.8.1; kill -INT $lab; wait $lab; echo "ended with $?"`;
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    // Some containers make /dev/net/tun for root alone; udev makes it for all.
    const open = `mkdir "$0/dev" && mount -t tmpfs none "$0/dev" && mknod -m 666 "$0/dev/tun" c 10 200 &&
  mount --bind "$0/dev/tun" /dev/net/tun && mkdir "$0/run" && chown 65534 "$0/run" &&
  XDG_RUNTIME_DIR="$0/run" exec "$@"`;
    const device = ['unshare', '-m', 'sh', '-c', open, sandbox.directory];
    const shell = ['sh', '-c', script, process.execPath, MAIN, file];
    const argv = [...device, ...nobody, 'unshare', '-Urn', ...shell];
    spawnSync('chmod', ['-R', 'a+rX', sandbox.directory]);
    const { text } = await sandbox.run(null, argv);
    expect(text).toContain('2 received');
    expect(text).toContain('ended with 0');
  });

  test('without rights it says what to type', async () => {
    const file = write('{ tap: eglnobody0, segment: lan, address: 10.7.8.2/24 }');
    spawnSync('chmod', ['-R', 'a+rX', sandbox.directory]);
    const nobody = [
      'setpriv',
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      '--bounding-set=-all',
      '--inh-caps=-all',
    ];
    const { code, text } = await refused(file, ...nobody);
    expect(text).toContain('EGL_ATTACH_PERMISSION');
    expect(text).toContain('CAP_NET_ADMIN');
    expect(text).toMatch(/sudo[\s\S]*unshare -Urn[\s\S]*setcap/);
    expect(code).toBe(3);
  });

  test('a name that is taken is told', async () => {
    const house = sandbox.addNamespace('taken');
    ip('-n', house, 'link', 'add', 't0', 'type', 'veth', 'peer', 'name', 't1');
    const { code, text } = await refused(write(tap('taken')));
    expect(text).toContain('EGL_ATTACH_NAME_TAKEN');
    expect(code).toBe(3);
    expect(ip('-n', house, '-brief', 'link')).toContain('t0');
  });

  test('an interface that is not there is told', async () => {
    const house = sandbox.addNamespace('bare');
    const { code, text } = await refused(write(`{ packet: nic7, segment: lan, netns: ${house} }`));
    expect(text).toContain('EGL_ATTACH_NO_INTERFACE');
    expect(text).toContain('nic7');
    expect(code).toBe(3);
  });

  test('an unknown user is told before anything is made', async () => {
    const file = write(tap('who'));
    const argv = [process.execPath, MAIN, 'up', file, '--user', 'no-such-user'];
    const { code, text } = await sandbox.run(null, argv);
    expect(text).toContain('EGL_UNKNOWN_USER');
    expect(code).toBe(2);
    expect(own()).toEqual([]);
  });

  test('a second device of that name undoes the first when the lab cannot start', async () => {
    const house = sandbox.addNamespace('half');
    ip('-n', house, 'link', 'add', 'u0', 'type', 'veth', 'peer', 'name', 'u1');
    const second = `{ tap: u0, segment: lan, netns: ${house}, address: 10.7.8.3/24 }`;
    const { text } = await refused(write(`${tap('new')}, ${second}`));
    expect(text).toContain('EGL_ATTACH_NAME_TAKEN');
    expect(own()).toEqual([house]);
  });

  test('raw sockets carry ICMP and UDP of an emulated router, and need no device', async () => {
    const [here, there] = [sandbox.addNamespace('here'), sandbox.addNamespace('there')];
    ip('-n', here, 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1', 'netns', there);
    for (const [netns, device, address] of [
      [here, 'v0', '198.51.100.1/24'],
      [there, 'v1', '198.51.100.2/24'],
    ] as const) {
      ip('-n', netns, 'address', 'add', address, 'dev', device);
      ip('-n', netns, 'link', 'set', device, 'up');
    }
    const echo = `const s = require('dgram').createSocket('udp4');
s.on('message', (m, from) => s.send(m, from.port, from.address)); s.bind(7, () => console.log('listening'));`;
    await sandbox.start(there, [process.execPath, '-e', echo], /listening/);
    const file = join(sandbox.directory, 'raw.yaml');
    writeFileSync(
      file,
      `name: raw
segments: { lan: { subnet: 10.7.9.0/24 } }
hosts:
  gateway:
    interfaces:
      lan: { segment: lan, address: 10.7.9.1/24 }
      wan: { address: 198.51.100.1/32, snat: masquerade }
    forwarding: true
    routes: [{ to: default, dev: wan }]
  inner:
    interfaces: { eth0: { segment: lan, address: 10.7.9.2/24 } }
    gateway: 10.7.9.1
attach: [{ raw: 198.51.100.1, host: gateway, interface: wan }]
scenario:
  duration: 4s
  flows:
    ping: { from: inner, to: 198.51.100.2, icmp: echo, every: 200ms }
    echo: { from: inner, to: 198.51.100.2, udp: 7, every: 200ms }
  steps:
    - { at: 4s, expect: [{ flow: ping, between: [1s, 3s], lost: 0 }, { flow: echo, between: [1s, 3s], lost: 0 }] }
`,
    );
    const running = await sandbox.start(
      here,
      [process.execPath, MAIN, 'up', file, '--no-capture'],
      /attached/,
    );
    await new Promise((resolve) => setTimeout(resolve, 5000));
    await running.stop();
    expect(running.text).toContain('2 of 2 expectations hold');
    expect(running.process.exitCode).toBe(0);
  });
});
