// The way of a pod's packet out of the cluster and of the answer back, and what captures say about it.

import { describe, expect, test } from 'vitest';
import type { CapturedFrame } from '../../../../src/capture/memory-sink.ts';
import { createLab, type Lab } from '../../../../src/lab/lab.ts';
import { describe as describeFrame } from '../../../../src/wire/describe.ts';
import * as ethernet from '../../../../src/wire/ethernet.ts';
import type { Frame } from '../../../../src/wire/frame.ts';
import * as ipv4 from '../../../../src/wire/ipv4.ts';
import { formatIpv4, type Ipv4Address, parseIpv4 } from '../../../../src/wire/ipv4-address.ts';
import { IpProtocol } from '../../../../src/wire/numbers.ts';
import * as tcp from '../../../../src/wire/tcp.ts';
import * as udp from '../../../../src/wire/udp.ts';
import * as vxlan from '../../../../src/wire/vxlan.ts';
import { parseOc } from '../../../support/kinds.ts';
import { topologyOf } from '../../../support/scenarios.ts';
import { sdnNode } from '../sdn-node.ts';

const VNID = 5_281_170;

interface Wanted {
  readonly sdn?: string;
  /** Hosted by worker01, worker02. */
  readonly egressIps?: readonly [string, string];
  /** Asked for by the namespace. */
  readonly requested?: string;
}

/** `web` runs on master01, `near` on worker01; db serves TCP 80 and answers pings. */
function cluster({
  sdn = '{ kind: openshift-sdn }',
  egressIps = ['192.168.50.120', ''],
  requested = '192.168.50.120',
}: Wanted = {}): Lab {
  const topology = topologyOf(
    `name: data-plane
segments: { lan: { subnet: 192.168.50.0/24 } }
hosts:
  db:
    interfaces: { eth0: { segment: lan, address: 192.168.50.10 } }
    services: [{ tcp: 80, app: whoami }]
cluster:
  sdn: ${sdn}
  segment: lan
  nodes:
    master01: { role: master, address: 192.168.50.141, subnet: 10.10.0.0/23 }
    worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23, egressIPs: [${egressIps[0]}] }
    worker02: { address: 192.168.50.145, subnet: 10.8.2.0/23, egressIPs: [${egressIps[1]}] }
  namespaces: { mywebserver: { netid: ${VNID}, egressIPs: [${requested}] } }
  pods:
    web: { namespace: mywebserver, node: master01 }
    near: { namespace: mywebserver, node: worker01 }
`,
    'lab.yaml',
  );
  const lab = createLab(topology);
  lab.advance('3s');
  return lab;
}

function address(text: string): Ipv4Address {
  const parsed = parseIpv4(text);
  if (parsed === null) throw new Error(text);
  return parsed;
}

/** One echo request; what came of it, in words. */
function ping(lab: Lab, from: string, to: string, size = 56): string[] {
  const heard: string[] = [];
  const socket = lab.stack(from).icmp.openEcho({
    onReply: (reply) => heard.push(`reply from ${formatIpv4(reply.from)}`),
    onError: ({ from: by, type, code }) =>
      heard.push(`ICMP ${type}/${code} from ${formatIpv4(by)}`),
  });
  const failed = socket.send(address(to), 1, { size });
  if (failed !== null) heard.push(failed);
  lab.advance('900ms');
  socket.close();
  return heard;
}

/** A connection attempt; how it went. */
function connect(lab: Lab, from: string, to: string, port: number): string {
  let outcome = 'silence';
  lab.stack(from).tcp.connect(
    { address: address(to), port },
    {
      onConnected: (connection) => {
        outcome = 'connected';
        connection.close();
      },
      onClosed: (_connection, error) => {
        if (error !== null) outcome = error;
      },
    },
  );
  lab.advance('900ms');
  return outcome;
}

const l3 = (frame: Frame): number => frame.start + ethernet.HEADER_LENGTH;
const l4 = (frame: Frame): number => l3(frame) + ipv4.headerLength(frame, l3(frame));
const isVxlan = ({ frame }: CapturedFrame): boolean =>
  ethernet.etherType(frame) === 0x0800 &&
  ipv4.protocol(frame, l3(frame)) === IpProtocol.Udp &&
  udp.destinationPort(frame, l4(frame)) === 4789;
const comments = (frames: readonly CapturedFrame[]): string[] =>
  frames.flatMap((seen) => seen.comments).map((text) => text.replace('egresslab: ', ''));

describe('between nodes', () => {
  test('the frame travels in VXLAN with real outer headers, and is the same inside', () => {
    const lab = cluster();
    const wire = lab.capture('web/eth0', 'master01/enp1s0');
    expect(ping(lab, 'web', '192.168.50.10')).toEqual(['reply from 192.168.50.10']);
    const [outer] = wire.on('master01/enp1s0').filter(isVxlan);
    if (outer === undefined) throw new Error(wire.lines().join('\n'));
    const { frame } = outer;
    const inner = wire.on('web/eth0').find((seen) => seen.frame.packetId === frame.packetId);
    expect({
      source: formatIpv4(ipv4.source(frame, l3(frame))),
      destination: formatIpv4(ipv4.destination(frame, l3(frame))),
      dontFragment: ipv4.dontFragment(frame, l3(frame)),
      timeToLive: ipv4.timeToLive(frame, l3(frame)),
      checksum: udp.headerChecksum(frame, l4(frame)),
      vni: vxlan.vni(frame, l4(frame) + 8),
    }).toEqual({
      source: '192.168.50.141',
      destination: '192.168.50.144',
      dontFragment: true,
      timeToLive: 64,
      checksum: 0,
      vni: VNID,
    });
    expect(udp.sourcePort(frame, l4(frame))).toBeGreaterThanOrEqual(32_768);
    expect(frame.toBytes().subarray(50)).toEqual(inner?.frame.toBytes());
  });

  test('the pod network has 50 octets less, so that nothing is cut outside', () => {
    const lab = cluster();
    expect(lab.stack('web').interface('eth0')?.mtu).toBe(1450);
    expect(lab.stack('worker01').interface('tun0')?.mtu).toBe(1450);
    ping(lab, 'web', '192.168.50.10');
    const wire = lab.capture('master01/enp1s0');
    expect(ping(lab, 'web', '192.168.50.10', 1450 - 28)).toEqual(['reply from 192.168.50.10']);
    const lengths = wire
      .on('master01/enp1s0')
      .filter(isVxlan)
      .map(({ frame }) => frame.length - 14);
    expect(lengths).toEqual([1500, 1500]);
  });

  test('each packet says which rule it follows, there and back', () => {
    const lab = cluster();
    // Who is where is known after the first.
    ping(lab, 'web', '192.168.50.10');
    const wire = lab.capture('worker01/enp1s0', 'worker01/tun0');
    ping(lab, 'web', '192.168.50.10');
    const id = (text: string): string => text.replace(/id \d+/g, 'id N');
    expect(
      comments(wire.on('worker01/enp1s0').filter(({ frame }) => !isArp(frame))).map(id),
    ).toEqual([
      `vxlan VNID ${VNID} to worker01`,
      'snat 10.10.0.2 id N → 192.168.50.120 id N by egress IP 192.168.50.120 of mywebserver, mark 0x00509592',
      // The answer comes in as the database sent it, and goes on to the pod's node with VNID 0.
      'vxlan VNID 0 to master01; answer to snat 10.10.0.2 id N → 192.168.50.120 id N by egress IP 192.168.50.120 of mywebserver, mark 0x00509592',
    ]);
    expect(comments(wire.on('worker01/tun0')).map(id)).toEqual([
      `br0 table 100 VNID ${VNID}: leaves by this node`,
      'answer to snat 10.10.0.2 id N → 192.168.50.120 id N by egress IP 192.168.50.120 of mywebserver, mark 0x00509592',
    ]);
  });
});

function isArp(frame: Frame): boolean {
  return ethernet.etherType(frame) === 0x0806;
}

describe('a node that cannot take the egress IP', () => {
  test('gets the packets, has no SNAT rule for their mark, and sends them with its own address', () => {
    const lab = cluster({ egressIps: ['10.99.0.1', ''], requested: '10.99.0.1' });
    const wire = lab.capture('db/eth0');
    expect(ping(lab, 'web', '192.168.50.10')).toEqual(['reply from 192.168.50.10']);
    const [first = ''] = comments(wire.frames);
    expect(first.replace(/id \d+/g, 'id N')).toBe(
      'snat 10.10.0.2 id N → 192.168.50.144 id N by MASQUERADE: pods leave with the node address',
    );
  });

  test('drops them without that quirk, and says so', () => {
    const lab = cluster({
      sdn: '{ kind: openshift-sdn, quirks: { failed-assignment-leaks: false } }',
      egressIps: ['10.99.0.1', ''],
      requested: '10.99.0.1',
    });
    expect(ping(lab, 'near', '192.168.50.10')).toEqual([]);
  });
});

describe('a namespace without a usable egress IP', () => {
  test.each([
    ['v4.3', 100],
    ['head', 101],
  ])('is dropped in the table that %s has for it', (profile, table) => {
    const lab = cluster({
      sdn: `{ kind: openshift-sdn, profile: ${profile} }`,
      egressIps: ['', ''],
    });
    const wire = lab.capture('drops');
    expect(ping(lab, 'web', '192.168.50.10')).toEqual([]);
    expect(comments(wire.on('drops'))).toEqual([
      `dropped: egress-dropped at master01/br0 table ${table} VNID ${VNID}`,
    ]);
  });

  test('still reaches other pods', () => {
    const lab = cluster({ egressIps: ['', ''] });
    expect(ping(lab, 'web', '10.11.0.2')).toEqual(['reply from 10.11.0.2']);
  });
});

describe('new connections to an egress IP', () => {
  test('are rejected by an ICMP error that says why', () => {
    const lab = cluster();
    const wire = lab.capture('db/eth0', 'drops');
    expect(ping(lab, 'db', '192.168.50.120')).toEqual(['ICMP 3/3 from 192.168.50.120']);
    expect(comments(wire.on('db/eth0'))).toEqual([
      'rejected: new inbound to egress IP 192.168.50.120',
    ]);
    expect(comments(wire.on('drops'))).toEqual([
      'dropped: filter-reject at worker01/input (new inbound to egress IP 192.168.50.120)',
    ]);
  });

  test('are accepted from the node’s own pods', () => {
    const lab = cluster();
    expect(ping(lab, 'near', '192.168.50.120')).toEqual(['reply from 192.168.50.120']);
  });
});

describe('the rules of iptables', () => {
  const rules = (lab: Lab): (string | undefined)[] =>
    sdnNode(lab, 'worker01').netfilter.snat.rules.entries.map(({ text }) => text);

  test('of 4.3: the egress IP, then everybody', () => {
    expect(rules(cluster())).toEqual([
      '-s 10.8.0.0/14 -m mark --mark 0x509592 -m comment --comment "egress IP 192.168.50.120 of mywebserver" -j SNAT --to-source 192.168.50.120',
      '-s 10.8.0.0/14 ! -d 10.8.0.0/14 -m comment --comment "pods leave with the node address" -j MASQUERADE',
    ]);
  });

  test('of head: before them what is marked and stays inside; the mark keeps clear of kubelet’s bit', () => {
    const lab = cluster({ sdn: '{ kind: openshift-sdn, profile: head }' });
    expect(rules(lab)).toEqual([
      '-s 10.8.0.0/14 -d 10.8.0.0/14 -m mark --mark 0x10501592 -m comment --comment "marked, but stays inside the cluster network" -j MASQUERADE',
      '-s 10.8.0.0/14 -m mark --mark 0x10501592 -m comment --comment "egress IP 192.168.50.120 of mywebserver" -j SNAT --to-source 192.168.50.120',
      '-s 10.8.0.0/14 ! -d 10.8.0.0/14 -m comment --comment "pods leave with the node address" -j MASQUERADE',
    ]);
    oc(lab, `patch hostsubnet worker01 --type=merge -p '{"egressIPs": []}'`);
    lab.advance('1s');
    expect(rules(lab)).toHaveLength(1);
  });
});

function oc(lab: Lab, command: string): void {
  const result = lab.cluster?.oc(parseOc(command), command);
  expect(result?.exitCode).toBe(0);
}

describe('the address', () => {
  test('is announced by arping -A and, two seconds later, -U; its release is not', () => {
    const lab = cluster({ egressIps: ['', ''] });
    const wire = lab.capture('db/eth0');
    const begin = lab.now;
    oc(lab, `patch hostsubnet worker01 --type=merge -p '{"egressIPs": ["192.168.50.120"]}'`);
    lab.advance('5s');
    oc(lab, `patch hostsubnet worker01 --type=merge -p '{"egressIPs": []}'`);
    lab.advance('5s');
    const said = wire.frames.map(({ at, frame, comments: [comment] }) => [
      Math.round((at - begin) / 1e6),
      describeFrame(frame).replace(/02(:\w\w){5}/, 'MAC'),
      comment,
    ]);
    expect(said).toEqual([
      [
        1,
        'ARP, Announcement 192.168.50.120 is-at MAC (reply)',
        'egresslab: announce 1/2 of 192.168.50.120 by worker01',
      ],
      [
        2001,
        'ARP, Announcement 192.168.50.120 is-at MAC (request)',
        'egresslab: announce 2/2 of 192.168.50.120 by worker01',
      ],
    ]);
  });

  test.each([
    ['head', true],
    ['v4.3', false],
  ])('that somebody takes off is put back by %s: %s', (profile, back) => {
    const lab = cluster({ sdn: `{ kind: openshift-sdn, profile: ${profile} }` });
    const { stack, primary } = sdnNode(lab, 'worker01');
    stack.addresses.remove(primary, address('192.168.50.120'));
    lab.advance('2s');
    expect(stack.addresses.isLocal(address('192.168.50.120'))).toBe(back);
  });
});

describe('two egress IPs on two nodes', () => {
  const both: Wanted = {
    egressIps: ['192.168.50.120', '192.168.50.121'],
    requested: '192.168.50.120, 192.168.50.121',
  };

  /** By port of the client, which addresses the database saw. */
  function sources(quirk: boolean): Map<number, Set<string>> {
    const sdn = `{ kind: openshift-sdn, profile: head, quirks: { no-conntrack-commit: ${quirk} } }`;
    const lab = cluster({ ...both, sdn });
    const wire = lab.capture('db/eth0');
    for (let i = 0; i < 40; i++) connect(lab, 'web', '192.168.50.10', 80);
    const seen = new Map<number, Set<string>>();
    for (const { frame, direction } of wire.frames) {
      if (direction !== 'in' || isArp(frame)) continue;
      if (ipv4.protocol(frame, l3(frame)) !== IpProtocol.Tcp) continue;
      if ((tcp.flags(frame, l4(frame)) & tcp.Flag.Rst) !== 0) continue;
      const port = tcp.sourcePort(frame, l4(frame));
      const from = formatIpv4(ipv4.source(frame, l3(frame)));
      seen.set(port, (seen.get(port) ?? new Set()).add(from));
    }
    expect(seen.size).toBe(40);
    return seen;
  }

  test('a connection keeps to one of them, and connections spread', () => {
    const seen = [...sources(false).values()].map((each) => [...each].join());
    expect(new Set(seen)).toEqual(new Set(['192.168.50.120', '192.168.50.121']));
    const first = seen.filter((each) => each === '192.168.50.120').length;
    expect(first).toBeGreaterThan(10);
    expect(first).toBeLessThan(30);
  });

  test('without ct(commit) some connections change over after the SYN', () => {
    const changed = [...sources(true).values()].filter((each) => each.size === 2);
    expect(changed.length).toBeGreaterThan(5);
  });
});
