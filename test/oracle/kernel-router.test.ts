// Real client, emulated router, real server; and the other way round: the lab's hosts behind a real
// NAT. Bulk data passes whole, and arrives as it was sent.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { conntrackLines } from '../../src/view/conntrack.ts';
import { eventually, ip, type LiveLab, requireKernel, Sandbox } from '../support/kernel.ts';

const { skip, remark } = requireKernel('ping', 'iperf3', 'curl', 'tshark');
const ROUTER = readFileSync(
  join(import.meta.dirname, '../../topologies/kernel-client.yaml'),
  'utf8',
);
const SERVER = '203.0.113.2';

/** Answers each connection with a line that says whence it came. */
const WHO = `require('net').createServer((s) => s.end('from ' + s.remoteAddress + '\\n'))
  .listen(8080, '0.0.0.0', () => console.log('listening'));`;

/** Sends octets that nobody could guess, and prints their hash. Arguments: host, port, MiB. */
const SEND = `const c = require('crypto'), [host, port, size] = process.argv.slice(1);
const hash = c.createHash('sha1'), cipher = c.createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16));
const zero = Buffer.alloc(1 << 20), socket = require('net').connect(+port, host);
let left = +size;
const more = () => { while (left-- > 0) { const b = cipher.update(zero); hash.update(b); if (!socket.write(b)) return; } socket.end(); };
socket.on('drain', more); socket.on('connect', more);
socket.on('finish', () => console.log(hash.digest('hex')));`;
/** Receives one connection and prints the hash of what came. */
const RECEIVE = `const server = require('net').createServer((socket) => {
  const hash = require('crypto').createHash('sha1'); let n = 0;
  socket.on('data', (b) => { hash.update(b); n += b.length; });
  socket.on('end', () => { console.log('got ' + n + ' ' + hash.digest('hex')); server.close(); socket.end(); });
}).listen(9000, '0.0.0.0', () => console.log('listening'));`;

const node = (script: string, ...args: readonly string[]): string[] => [
  process.execPath,
  '-e',
  script,
  '--',
  ...args,
];

describe.skipIf(skip)(`the shipped kernel-client.yaml${remark}`, () => {
  const sandbox = new Sandbox();
  const [client, server] = [sandbox.netns('client'), sandbox.netns('server')];
  let live: LiveLab;
  beforeAll(async () => {
    live = await sandbox.up(ROUTER, { capture: true });
  }, 60_000);
  afterAll(() => sandbox.dispose(), 60_000);

  test('the server sees the router, and the lab’s conntrack both', async () => {
    await sandbox.start(server, node(WHO), /listening/);
    const answer = await sandbox.run(client, [
      'curl',
      '-sS',
      '-m',
      '5',
      `${SERVER}:8080`,
      '--http0.9',
    ]);
    expect(answer.text).toBe('from 203.0.113.1\n');
    const { lab } = live;
    const lines = conntrackLines(lab.machine('router').netfilter, lab.now);
    expect(lines.join('\n')).toMatch(
      /tcp.*src=192\.168\.60\.2 dst=203\.0\.113\.2.*dst=203\.0\.113\.1/,
    );
  });

  test('the router answers and tells when the time to live is over', async () => {
    const own = await sandbox.run(client, ['ping', '-c', '1', '192.168.60.1']);
    expect(own.text).toContain('1 received');
    const expired = await sandbox.run(client, ['ping', '-c', '1', '-W', '1', '-t', '1', SERVER]);
    expect(expired.text).toContain('Time to live exceeded');
  });

  test.each([[[]], [['-R']]])('iperf3 TCP %j arrives without loss', async (reverse) => {
    await sandbox.start(server, ['iperf3', '-s', '-1', '--forceflush'], /listening/);
    const argv = ['iperf3', '-c', SERVER, '-t', '1', '-J', ...reverse];
    const { code, text } = await sandbox.run(client, argv);
    const result = JSON.parse(text);
    expect(code).toBe(0);
    expect(result.end.sum_received.bytes).toBeGreaterThan(10_000_000);
  });

  test.each([[[]], [['-R']]])('iperf3 UDP %j arrives nearly all', async (reverse) => {
    await sandbox.start(server, ['iperf3', '-s', '-1', '--forceflush'], /listening/);
    const argv = ['iperf3', '-c', SERVER, '-u', '-b', '20M', '-t', '1', '-J', ...reverse];
    const { code, text } = await sandbox.run(client, argv);
    const result = JSON.parse(text);
    expect(code).toBe(0);
    expect(result.end.sum.packets).toBeGreaterThan(500);
    expect(result.end.sum.lost_percent).toBeLessThan(20);
  });

  test('what the capture shows is what a wire would: sound segments within the MTU', async () => {
    await live.stop();
    const bad = ['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE'];
    const filter = 'tcp.checksum.status == 0 || ip.checksum.status == 0 || frame.len > 1514';
    const argv = ['tshark', '-n', '-r', live.capture, '-c', '3000', ...bad, '-Y', filter];
    const { text } = await sandbox.run(null, argv, 60_000);
    expect(text.replaceAll(/^Running as user.*\n/gm, '')).toBe('');
  }, 90_000);
});

describe.skipIf(skip)(`bulk data through the router${remark}`, () => {
  const sandbox = new Sandbox();
  const [client, server] = [sandbox.netns('client'), sandbox.netns('server')];
  afterEach(() => sandbox.dispose(), 60_000);

  test.each([
    [2304, 'with offload', ROUTER],
    [128, 'without offload', ROUTER.replaceAll('netns:', 'offload: false, netns:')],
    [
      64,
      'between an end with and one without',
      ROUTER.replace('netns: server', 'offload: false, netns: server'),
    ],
  ])(
    '%i MiB %s arrive as they were sent',
    async (size, _how, yaml) => {
      const live = await sandbox.up(yaml);
      const receiver = await sandbox.start(server, node(RECEIVE), /listening/);
      const sent = await sandbox.run(client, node(SEND, SERVER, '9000', `${size}`), 170_000);
      await eventually(() => receiver.text.includes('got '), 'all has arrived', 30_000);
      expect(receiver.text).toContain(`got ${size * 2 ** 20} ${sent.text.trim()}`);
      const report = await live.stop();
      // The kernel's IPv6 is not for the router; nothing else may be dropped there.
      const reasons = report.drops.filter(({ device }) => device === 'router');
      expect(reasons.map(({ reason }) => reason)).toEqual(['unknown-ethertype']);
    },
    240_000,
  );
});

describe.skipIf(skip)(`an emulated client behind a real NAT${remark}`, () => {
  const sandbox = new Sandbox();
  afterAll(() => sandbox.dispose(), 60_000);

  test('is translated by the kernel, and conntrack there knows it', async () => {
    const nat = sandbox.addNamespace('nat');
    const live = await sandbox.up(`name: natted
segments: { inside: { subnet: 10.7.2.0/24 }, outside: { subnet: 10.7.3.0/24 } }
hosts:
  pod:
    interfaces: { eth0: { segment: inside, address: 10.7.2.2/24 } }
    gateway: 10.7.2.1
  web:
    interfaces: { eth0: { segment: outside, address: 10.7.3.2/24 } }
    services: [{ tcp: 80, app: whoami }]
attach:
  - { tap: in0, segment: inside, netns: nat, address: 10.7.2.1/24 }
  - { tap: out0, segment: outside, netns: nat, address: 10.7.3.1/24 }
scenario:
  duration: 10m
  flows: { calls: { from: pod, to: web, tcp: 80, every: 100ms, start: 1s } }
`);
    const rules = `table ip nat { chain post { type nat hook postrouting priority 100; oifname "out0" masquerade; }; }`;
    const forward = await sandbox.run(nat, ['sysctl', '-qw', 'net.ipv4.ip_forward=1']);
    expect(forward.text).toBe('');
    expect((await sandbox.run(nat, ['nft', rules])).text).toBe('');
    await eventually(
      () => live.lab.events.events.some(({ kind }) => kind === 'flow-answered'),
      'the flow is answered',
    );
    const { text } = await sandbox.run(nat, ['conntrack', '-L', '-p', 'tcp']);
    expect(text).toMatch(/src=10\.7\.2\.2 dst=10\.7\.3\.2 .* src=10\.7\.3\.2 dst=10\.7\.3\.1/);
    const report = await live.stop();
    expect(report.flows[0]?.seenAs.map(({ address }) => address)).toEqual(['10.7.3.1']);
    expect(ip('netns', 'list')).toContain(nat);
  });
});
