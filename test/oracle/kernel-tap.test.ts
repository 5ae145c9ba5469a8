// A TAP on the lab's switch, and the programs that people use on one: the emulated hosts answer them as
// any host would.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatMac } from '../../src/wire/mac-address.ts';
import { eventually, type LiveLab, requireKernel, Sandbox, sleep } from '../support/kernel.ts';
import { readPcapng } from '../support/pcapng.ts';

const { skip, remark } = requireKernel('ping', 'arping', 'arp-scan', 'curl', 'nmap', 'tcpdump');
const TAP = readFileSync(join(import.meta.dirname, '../../topologies/tap.yaml'), 'utf8');
const WEB = '192.168.50.10';
const EGRESS_IP = '192.168.50.120';

describe.skipIf(skip)(`the shipped tap.yaml${remark}`, () => {
  const sandbox = new Sandbox();
  let live: LiveLab;
  let netns = '';
  beforeAll(async () => {
    netns = sandbox.netns('lab');
    live = await sandbox.up(TAP.replace('tap: egl0,', 'tap: egl0, netns: lab,'));
    await eventually(
      () => live.lab.events.events.some(({ kind }) => kind === 'egress-ip-claimed'),
      'the egress IP is claimed',
    );
  }, 60_000);
  afterAll(() => sandbox.dispose(), 60_000);

  test('the kernel end is configured as the topology says', async () => {
    const { text } = await sandbox.run(netns, ['ip', '-details', 'address', 'show', 'egl0']);
    expect(text).toContain('inet 192.168.50.2/24');
    expect(text).toContain('mtu 1500');
    expect(text).toContain('alias egresslab');
    expect(text).toMatch(/,UP/);
  });

  test.each([0, 56, 1000, 1472])('ping with %i octets is answered', async (size) => {
    const argv = ['ping', '-c', '3', '-i', '0.2', '-s', `${size}`, '-M', 'do', '-I', 'egl0', WEB];
    const { code, text } = await sandbox.run(netns, argv);
    expect(text).toContain('3 received');
    expect(code).toBe(0);
  });

  test('a ping larger than the MTU is fragmented both ways', async () => {
    const argv = ['ping', '-c', '3', '-i', '0.2', '-s', '4000', '-I', 'egl0', WEB];
    expect((await sandbox.run(netns, argv)).text).toContain('3 received');
  });

  test('arping -D finds who owns the egress IP, and that nobody owns a free address', async () => {
    const owner = await sandbox.run(netns, ['arping', '-I', 'egl0', '-D', '-c', '2', EGRESS_IP]);
    const mac = live.lab.stack('worker02').interface('enp1s0')?.mac;
    expect(mac).toBeDefined();
    if (mac !== undefined) expect(owner.text.toLowerCase()).toContain(formatMac(mac));
    expect(owner.code).toBe(1);
    const free = ['arping', '-I', 'egl0', '-D', '-c', '1', '-w', '1', '192.168.50.99'];
    expect((await sandbox.run(netns, free)).code).toBe(0);
  });

  test.each(['-U', '-A'])(
    'arping %s from the kernel changes what an emulated host believes',
    async (form) => {
      const { stack } = live.lab.machine('web');
      // The entry has to be there, and older than locktime.
      await sandbox.run(netns, ['ping', '-c', '1', '-I', 'egl0', WEB]);
      const temporary = form === '-U' ? '02:00:00:00:00:aa' : '02:00:00:00:00:bb';
      await sandbox.run(netns, ['ip', 'link', 'set', 'dev', 'egl0', 'address', temporary]);
      await sleep(1100);
      const argv = ['arping', '-I', 'egl0', form, '-c', '1', '-s', '192.168.50.2', '192.168.50.2'];
      await sandbox.run(netns, argv);
      await eventually(
        () =>
          stack.neighbors.entries().some(({ mac }) => mac !== null && formatMac(mac) === temporary),
        `web believes ${temporary}`,
      );
    },
  );

  test('arp-scan sees every machine on the segment', async () => {
    const argv = ['arp-scan', '--interface', 'egl0', '--plain', '192.168.50.0/24'];
    const { text } = await sandbox.run(netns, argv);
    for (const last of ['10', '120', '141', '144', '145']) {
      expect(text).toContain(`192.168.50.${last}\t`);
    }
  });

  test('curl is served by the lab’s own TCP and told its address', async () => {
    const argv = ['curl', '-sS', '-m', '5', '--interface', 'egl0', `http://${WEB}/`];
    const { code, text } = await sandbox.run(netns, argv);
    expect(text).toContain('192.168.50.2');
    expect(code).toBe(0);
  });

  test('nmap finds the hosts, the open port and the closed ones', async () => {
    const ping = await sandbox.run(netns, ['nmap', '-n', '-sn', '192.168.50.140-146']);
    expect(ping.text).toContain('3 hosts up');
    const scan = await sandbox.run(netns, ['nmap', '-n', '-Pn', '-sT', '-p', '79-81', WEB]);
    expect(scan.text).toMatch(/80\/tcp\s+open/);
    expect(scan.text).toMatch(/79\/tcp\s+closed/);
    expect(scan.text).toMatch(/81\/tcp\s+closed/);
  });

  test('the neighbor entry flips when worker02 loses its power', async () => {
    const neighbor = async (): Promise<string> => {
      await sandbox.run(netns, ['ping', '-c', '1', '-W', '1', '-I', 'egl0', EGRESS_IP]);
      return (await sandbox.run(netns, ['ip', 'neigh', 'show', EGRESS_IP, 'dev', 'egl0'])).text;
    };
    const macOf = (name: string): string => {
      const iface = live.lab.stack(name).interface('enp1s0');
      return iface === null ? '' : formatMac(iface.mac);
    };
    expect(await neighbor()).toContain(macOf('worker02'));
    live.driver.perform(() => live.lab.fail('worker02'));
    await eventually(
      async () => (await neighbor()).includes(macOf('worker01')),
      'the kernel believes worker01',
      40_000,
    );
  }, 60_000);
});

describe.skipIf(skip)(`MTU of a TAP${remark}`, () => {
  const sandbox = new Sandbox();
  afterAll(() => sandbox.dispose(), 60_000);

  test.each([1280, 1500, 4000, 9000])('%i octets pass and one more does not', async (mtu) => {
    const live = await sandbox.up(`name: mtu
segments: { lan: { subnet: 10.7.0.0/24, mtu: ${mtu} } }
hosts: { a: { interfaces: { eth0: { segment: lan, address: 10.7.0.1/24 } } } }
attach: [{ tap: t0, segment: lan, netns: mtu${mtu}, address: 10.7.0.2/24 }]
`);
    const netns = sandbox.netns(`mtu${mtu}`);
    const ping = (size: number) =>
      sandbox.run(netns, ['ping', '-c', '1', '-W', '2', '-M', 'do', '-s', `${size}`, '10.7.0.1']);
    expect((await ping(mtu - 28)).text).toContain('1 received');
    expect((await ping(mtu - 27)).text).toMatch(/message too long|Message too long/);
    await live.stop();
  });
});

/** Seconds. */
const WITHIN = 0.001;

describe.skipIf(skip)(`captures on both sides of a TAP${remark}`, () => {
  const sandbox = new Sandbox();
  afterAll(() => sandbox.dispose(), 60_000);

  test('show the same frames in the same order within a millisecond', async () => {
    const live = await sandbox.up(
      `name: both
segments: { lan: { subnet: 10.7.1.0/24 } }
hosts:
  a:
    interfaces: { eth0: { segment: lan, address: 10.7.1.1/24 } }
    services: [{ tcp: 80, app: whoami }]
attach: [{ tap: t0, segment: lan, netns: both, address: 10.7.1.2/24 }]
capture: [kernel/t0]
`,
      { capture: true },
    );
    const netns = sandbox.netns('both');
    // Code that runs for the first time is slow; a kernel's is compiled.
    for (let i = 0; i < 5; i++) {
      await sandbox.run(netns, ['curl', '-sS', '-m', '5', 'http://10.7.1.1/']);
    }
    const file = join(sandbox.directory, 'kernel.pcapng');
    const filter = 'ip or arp';
    const argv = ['tcpdump', '-i', 't0', '-U', '-w', file, '--time-stamp-precision=nano', filter];
    const tcpdump = await sandbox.start(netns, argv, /listening on/);
    await sandbox.run(netns, ['ping', '-c', '5', '-i', '0.2', '10.7.1.1']);
    await sandbox.run(netns, ['curl', '-sS', '-m', '5', 'http://10.7.1.1/']);
    await sleep(300);
    await tcpdump.stop();
    await live.stop();
    const fields = ['eth.src', 'frame.time_epoch', 'arp.opcode', 'icmp.seq', 'tcp.seq_raw'];
    fields.push('tcp.ack_raw', 'tcp.flags', 'tcp.len', 'ip.ttl');
    /** One line per frame; [source MAC, time, the rest]. */
    const read = async (path: string): Promise<[string, number, string][]> => {
      const shown = ['-Y', 'arp or ip', '-T', 'fields', ...fields.flatMap((each) => ['-e', each])];
      const { text } = await sandbox.run(null, ['tshark', '-n', '-r', path, ...shown]);
      return text.split('\n').flatMap((line) => {
        const [source = '', time = '', ...rest] = line.split('\t');
        return /^[0-9a-f:]{17}$/.test(source) ? [[source, Number(time), rest.join(' ')]] : [];
      });
    };
    const theirs = await read(file);
    const since = theirs[0]?.[1] ?? 0;
    const ours = (await read(live.capture)).filter(([, at]) => at > since - WITHIN);
    expect(theirs.length).toBeGreaterThan(12);
    const apart: number[] = [];
    // Frames that cross on the cable are seen by each side in its own order; each direction has one.
    for (const source of new Set(theirs.map(([mac]) => mac))) {
      const sent = theirs.filter(([mac]) => mac === source);
      const seen = ours.filter(([mac]) => mac === source);
      expect(seen.map(([, , frame]) => frame)).toEqual(sent.map(([, , frame]) => frame));
      apart.push(...seen.map(([, at], i) => Math.abs(at - (sent[i]?.[1] ?? 0))));
    }
    // How long a single frame waits for its turn is up to how busy the machine is.
    expect(apart.sort((a, b) => a - b)[Math.floor(apart.length / 2)]).toBeLessThan(WITHIN);
    expect(readPcapng(readFileSync(live.capture)).packets.length).toBeGreaterThan(0);
  });
});
