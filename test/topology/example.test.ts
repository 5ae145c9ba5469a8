import { describe, expect, test } from 'vitest';
import { seconds } from '../../src/sim/time.ts';
import { formatCidr, formatIpv4 } from '../../src/wire/ipv4-address.ts';
import { formatMac } from '../../src/wire/mac-address.ts';
import { sound } from './support.ts';

/** The topology that the project was asked for, word for word. */
const EXAMPLE = `name: automatic
description: An automatically assigned egress IP moves when its node dies
seed: 1
epoch: 2020-05-09T08:00:00Z          # time zero in captures and logs
segments:                            # each is one shared software switch
  lan: { subnet: 192.168.50.0/24, latency: 50us, bandwidth: 1Gbit, fdbAgeing: 300s }
hosts:                               # ordinary Linux-like hosts and routers
  db:
    interfaces: { eth0: { segment: lan, address: 192.168.50.10/24 } }
    services: [ { tcp: 5432, app: whoami }, { udp: 7, app: echo } ]
    firewall: [ { accept: { from: 192.168.50.120, tcp: 5432 } }, { drop: { tcp: 5432 } } ]
cluster:
  sdn: openshift-sdn
  segment: lan
  nodes:
    master01: { role: master, address: 192.168.50.141/24, interface: enp1s0, subnet: 10.10.0.0/23 }
    worker01: { address: 192.168.50.144/24, interface: enp1s0, subnet: 10.11.0.0/23, egressCIDRs: [192.168.50.0/24] }
    worker02: { address: 192.168.50.145/24, interface: enp1s0, subnet: 10.8.2.0/23, egressCIDRs: [192.168.50.0/24] }
  namespaces: { mywebserver: { netid: 5281170 } }
  pods: { web: { namespace: mywebserver, node: worker01 } }
scenario:
  duration: 60s
  flows:
    web-to-db: { from: web, to: db, tcp: 5432, every: 100ms }
    ping: { from: web, to: 192.168.50.10, icmp: echo, every: 100ms }
  steps:
    - { at: 1s,  oc: "patch netnamespace mywebserver --type=merge -p '{\\"egressIPs\\": [\\"192.168.50.120\\"]}'" }
    - { at: 5s,  expect: { hostsubnet: worker02, egressIPs: [192.168.50.120] } }
    - { at: 10s, fail: worker02 }                    # power off: says nothing more
    - { at: 40s, expect: { hostsubnet: worker01, egressIPs: [192.168.50.120] } }
    - { at: 60s, expect: { flow: web-to-db, source: 192.168.50.120, longestOutage: "<25s" } }
`;

describe('the example of the main job', () => {
  const topology = sound(EXAMPLE);

  test('is read as it stands', () => {
    expect(topology).toMatchObject({
      name: 'automatic',
      description: 'An automatically assigned egress IP moves when its node dies',
      file: 'lab.yaml',
      seed: 1,
      epoch: { seconds: Date.parse('2020-05-09T08:00:00Z') / 1000, nanos: 0 },
      links: [],
    });
  });

  test('gives its interface what the segment says of cables', () => {
    const [segment] = topology.segments;
    expect(segment).toMatchObject({ name: 'lan', fdbAgeing: seconds(300), mtu: 1500 });
    const cable = topology.hosts[0]?.interfaces[0]?.cable;
    expect(cable?.out).toEqual(segment?.link);
    expect(cable?.in).toMatchObject({ latency: 50_000, bandwidth: 1e9, loss: 0, padded: false });
  });

  test('gives the database its services and firewall', () => {
    const db = topology.hosts[0];
    expect(db?.services.map(({ protocol, port, app }) => [protocol, port, app])).toEqual([
      ['tcp', 5432, 'whoami'],
      ['udp', 7, 'echo'],
    ]);
    expect(db?.firewall).toMatchObject([
      { action: 'accept', chain: 'input', protocol: 'tcp', ports: { low: 5432, high: 5432 } },
      { action: 'drop', chain: 'input', protocol: 'tcp', from: [] },
    ]);
    expect(db?.firewall[0]?.from.map(formatCidr)).toEqual(['192.168.50.120/32']);
  });

  test('gives every node its place, its pod subnet and a memorable MAC', () => {
    const nodes = topology.cluster?.nodes ?? [];
    expect(
      nodes.map((node) => [
        node.name,
        node.role,
        formatCidr(node.address),
        formatCidr(node.subnet),
      ]),
    ).toEqual([
      ['master01', 'master', '192.168.50.141/24', '10.10.0.0/23'],
      ['worker01', 'worker', '192.168.50.144/24', '10.11.0.0/23'],
      ['worker02', 'worker', '192.168.50.145/24', '10.8.2.0/23'],
    ]);
    const macs = nodes.map((node) => formatMac(node.machine.interfaces[0]?.mac ?? (0 as never)));
    expect(macs.map((mac) => mac.slice(0, 2))).toEqual(['02', '02', '02']);
    expect(macs.map((mac) => mac.slice(-5))).toEqual(['01:41', '01:44', '01:45']);
    expect(new Set(macs).size).toBe(3);
  });

  test('puts the controller on the master and finds the network that holds the pods', () => {
    expect(topology.cluster?.controller).toBe('master01');
    expect(topology.cluster?.fabric).toMatchObject({
      kind: 'openshift-sdn',
      settings: {
        profile: 'v4.3',
        quirks: {},
        nodes: {
          master01: { egressCidrs: [] },
          worker01: { egressCidrs: ['192.168.50.0/24'] },
          worker02: { egressCidrs: ['192.168.50.0/24'] },
        },
      },
    });
    expect(topology.cluster && formatCidr(topology.cluster.clusterNetwork)).toBe('10.8.0.0/14');
  });

  test('gives the pod the first address after the node itself', () => {
    const [pod] = topology.cluster?.pods ?? [];
    expect(pod && formatCidr(pod.address)).toBe('10.11.0.2/23');
    expect(pod && formatMac(pod.mac)).toBe('0a:58:0a:0b:00:02');
  });

  test('sends its flows where their targets are', () => {
    const [calls, ping] = topology.scenario.flows;
    expect(calls).toMatchObject({
      name: 'web-to-db',
      from: 'web',
      toName: 'db',
      protocol: 'tcp',
      port: 5432,
      every: 100e6,
      start: 0,
      stop: null,
      connection: 'per-request',
    });
    expect(calls && formatIpv4(calls.to)).toBe('192.168.50.10');
    expect(ping).toMatchObject({ toName: null, protocol: 'icmp', port: null, to: calls?.to });
  });

  test('does its steps in order', () => {
    const { steps } = topology.scenario;
    expect(steps.map(({ at, kind }) => [at / 1e9, kind])).toEqual([
      [1, 'oc'],
      [5, 'expect'],
      [10, 'fail'],
      [40, 'expect'],
      [60, 'expect'],
    ]);
    expect(steps[0]).toMatchObject({
      line: `patch netnamespace mywebserver --type=merge -p '{"egressIPs": ["192.168.50.120"]}'`,
      command: { verb: 'patch', type: 'merge', patch: { egressIPs: ['192.168.50.120'] } },
    });
    expect(steps[2]).toMatchObject({
      machine: 'worker02',
      how: 'power-off',
      text: 'fail: worker02',
    });
  });

  test('knows where each expectation stands and how it was written', () => {
    const last = topology.scenario.steps.at(-1);
    expect(last?.kind === 'expect' && last.expectations).toMatchObject([
      {
        kind: 'flow',
        flow: 'web-to-db',
        longestOutage: [{ operator: '<', value: seconds(25) }],
        answered: null,
        window: null,
        text: 'flow: web-to-db, source: 192.168.50.120, longestOutage: "<25s"',
        position: {
          file: 'lab.yaml',
          line: 31,
          column: 26,
          path: 'scenario.steps[4].expect',
        },
      },
    ]);
  });

  test('captures every interface and what is dropped, for it names no ports', () => {
    expect(topology.capture.format).toBe('pcapng');
    expect(topology.capture.ports.map(({ text }) => text)).toEqual([
      'db/eth0',
      'master01/enp1s0',
      'worker01/enp1s0',
      'worker02/enp1s0',
      'drops',
    ]);
  });
});
