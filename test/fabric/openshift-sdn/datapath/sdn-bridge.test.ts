// br0: a pod speaks for itself only, and nothing goes back where it came from.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLab, type Lab } from '../../../../src/lab/lab.ts';
import * as ethernet from '../../../../src/wire/ethernet.ts';
import * as ipv4 from '../../../../src/wire/ipv4.ts';
import { formatIpv4 } from '../../../../src/wire/ipv4-address.ts';
import { IpProtocol } from '../../../../src/wire/numbers.ts';
import { hostileOctets } from '../../../support/arbitraries.ts';
import {
  arpFrame,
  echoFrame,
  frameOf,
  ip,
  mac,
  udpFrame,
  vxlanFrame,
} from '../../../support/frames.ts';
import { topologyOf } from '../../../support/scenarios.ts';
import { sdnNode } from '../sdn-node.ts';

const VNID = 42;

function cluster(): Lab {
  return createLab(
    topologyOf(
      `name: bridge
segments: { lan: { subnet: 192.168.50.0/24 } }
hosts:
  db: { interfaces: { eth0: { segment: lan, address: 192.168.50.10 } } }
cluster:
  sdn: openshift-sdn
  segment: lan
  nodes:
    one: { role: master, address: 192.168.50.1, subnet: 10.1.0.0/24 }
    two: { address: 192.168.50.2, subnet: 10.1.1.0/24 }
  clusterNetwork: 10.1.0.0/16
  namespaces: { shop: { netid: ${VNID} } }
  pods:
    web: { namespace: shop, node: one }
    api: { namespace: shop, node: one }
    far: { namespace: shop, node: two }
`,
      'bridge.yaml',
    ),
  );
}

const node = sdnNode;

function drops(lab: Lab, name: string): Record<string, number> {
  return Object.fromEntries(lab.stack(name).drops.entries());
}

function podMac(lab: Lab, name: string) {
  const iface = lab.stack(name).interface('eth0');
  if (iface === null) throw new Error(name);
  return iface.mac;
}

describe('a pod', () => {
  const GATEWAY = { toMac: mac('0a:58:0a:01:00:01') };

  test('speaks for itself only', () => {
    const lab = cluster();
    const { port } = lab.stack('web').interface('eth0') ?? { port: null };
    const own = { ...GATEWAY, fromMac: podMac(lab, 'web'), source: ip('10.1.0.2') };
    const neighbor = ip('10.1.0.3');
    const wire = lab.capture('api/eth0', 'one/tun0', 'one/enp1s0');
    // Another's address over IP, over ARP; its own address with another's MAC; another protocol.
    port?.transmit(
      echoFrame(8, 1, 1, new Uint8Array(8), {
        ...own,
        source: neighbor,
        destination: ip('10.1.0.1'),
      }),
    );
    port?.transmit(arpFrame(2, podMac(lab, 'web'), neighbor, own.toMac, ip('10.1.0.1')));
    port?.transmit(arpFrame(2, podMac(lab, 'api'), ip('10.1.0.2'), own.toMac, ip('10.1.0.1')));
    const strange = frameOf(new Uint8Array(60));
    port?.transmit(strange);
    lab.advance('1ms');
    expect(drops(lab, 'one')).toEqual({ 'flow-drop': 4 });
    expect(wire.frames.filter(({ direction }) => direction === 'in')).toEqual([]);
  });

  test('does not hear what it announces', () => {
    const lab = cluster();
    const wire = lab.capture('web/eth0');
    const iface = lab.stack('web').interface('eth0');
    iface?.port.transmit(
      arpFrame(1, podMac(lab, 'web'), ip('10.1.0.2'), mac('00:00:00:00:00:00'), ip('10.1.0.2')),
    );
    lab.advance('1ms');
    expect(wire.frames.map(({ direction }) => direction)).toEqual(['out']);
    expect(drops(lab, 'one')).toEqual({ 'same-port': 1 });
  });

  test('can send what it likes: nothing breaks, and nothing leaves that is not its own', () => {
    fc.assert(
      fc.property(fc.array(hostileOctets, { maxLength: 8 }), (frames) => {
        const lab = cluster();
        const wire = lab.capture('one/tun0', 'api/eth0');
        const iface = lab.stack('web').interface('eth0');
        for (const octets of frames) {
          if (octets.length >= ethernet.HEADER_LENGTH) iface?.port.transmit(frameOf(octets));
        }
        lab.advance('10ms');
        for (const { frame, direction } of wire.frames) {
          if (direction !== 'in' || ethernet.etherType(frame) !== 0x0800) continue;
          expect(formatIpv4(ipv4.source(frame, frame.start + 14))).toBe('10.1.0.2');
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('the tunnel', () => {
  test('two nodes that each take the other for the egress node make no loop', () => {
    const lab = cluster();
    const [one, two] = [node(lab, 'one'), node(lab, 'two')];
    for (const [here, there] of [
      [one, two],
      [two, one],
    ] as const) {
      here.setNamespaceEgress(VNID, {
        kind: 'via',
        buckets: [{ kind: 'remote', hostIp: there.address.address }],
        commit: true,
      });
    }
    const wire = lab.capture('one/*', 'two/*', 'drops');
    const socket = lab.stack('web').icmp.openEcho({ onReply: () => {}, onError: () => {} });
    socket.send(ip('192.168.50.10'), 1);
    lab.advance('5s');
    const tunneled = wire.frames.filter(
      ({ frame, direction, interface: at }) =>
        at !== 'drops' &&
        direction === 'out' &&
        ethernet.etherType(frame) === 0x0800 &&
        ipv4.protocol(frame, frame.start + 14) === IpProtocol.Udp,
    );
    expect(tunneled).toHaveLength(1);
    expect(drops(lab, 'two')).toEqual({ 'same-port': 1 });
    expect(two.tunnelCounters(one.address.address).received).toBe(1);
  });

  test('takes packets of nodes only', () => {
    const lab = cluster();
    const { primary } = node(lab, 'one');
    const inner = udpFrame(1, 2, new Uint8Array(4), {
      source: ip('10.1.1.2'),
      destination: ip('10.1.0.2'),
    });
    const from = (source: string): void => {
      const ends = { toMac: primary.mac, source: ip(source), destination: ip('192.168.50.1') };
      primary.port.deliver(vxlanFrame(VNID, inner, ends));
    };
    const wire = lab.capture('web/eth0');
    from('192.168.50.10');
    lab.advance('1ms');
    expect(drops(lab, 'one')).toEqual({ 'vxlan-unknown-peer': 1 });
    from('192.168.50.2');
    lab.advance('1ms');
    expect(wire.on('web/eth0').filter(({ direction }) => direction === 'in')).toHaveLength(1);
  });

  test('whatever is inside: nothing breaks, and nothing goes back into the tunnel', () => {
    fc.assert(
      fc.property(fc.array(hostileOctets, { minLength: 1, maxLength: 6 }), (payloads) => {
        const lab = cluster();
        const { primary } = node(lab, 'one');
        node(lab, 'one').setNamespaceEgress(VNID, {
          kind: 'via',
          buckets: [{ kind: 'remote', hostIp: ip('192.168.50.2') }],
          commit: false,
        });
        const wire = lab.capture('one/enp1s0');
        for (const octets of payloads) {
          const ends = {
            toMac: primary.mac,
            source: ip('192.168.50.2'),
            destination: ip('192.168.50.1'),
          };
          primary.port.deliver(vxlanFrame(VNID, frameOf(octets), ends));
        }
        lab.advance('10ms');
        const sent = wire.frames.filter(
          ({ frame, direction }) =>
            direction === 'out' &&
            ethernet.etherType(frame) === 0x0800 &&
            ipv4.protocol(frame, frame.start + 14) === IpProtocol.Udp,
        );
        expect(sent).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
