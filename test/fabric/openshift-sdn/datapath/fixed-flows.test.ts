// What every node of OpenShift SDN does whether or not there is an egress IP: the flows of SetupOVS and the
// rules of iptables.go, of release 4.3 and of the last one, by what becomes of packets.

import { describe, expect, test } from 'vitest';
import { createLab, type Lab } from '../../../../src/lab/lab.ts';
import type { Errno } from '../../../../src/stack/socket/errno.ts';
import type { TcpSocket } from '../../../../src/stack/tcp/socket.ts';
import * as ipv4 from '../../../../src/wire/ipv4.ts';
import { formatIpv4 } from '../../../../src/wire/ipv4-address.ts';
import type { MacAddress } from '../../../../src/wire/mac-address.ts';
import { arpFrame, ip, mac, udpFrame, vxlanFrame } from '../../../support/frames.ts';
import { topologyOf } from '../../../support/scenarios.ts';
import { sdnNode } from '../sdn-node.ts';

const VNID = 42;
type Profile = 'v4.3' | 'head';
const PROFILES: readonly Profile[] = ['v4.3', 'head'];

function cluster(profile: Profile, firewall = '[]'): Lab {
  const text = `name: fixed
segments: { lan: { subnet: 192.168.50.0/24 } }
hosts:
  db: { interfaces: { eth0: { segment: lan, address: 192.168.50.10 } } }
cluster:
  fabric: { kind: openshift-sdn, profile: ${profile} }
  segment: lan
  serviceNetwork: 172.31.0.0/16
  nodes:
    one: { role: master, address: 192.168.50.1, subnet: 10.1.0.0/24, firewall: ${firewall} }
    two: { address: 192.168.50.2, subnet: 10.1.1.0/24 }
  clusterNetwork: 10.1.0.0/16
  namespaces: { shop: { netid: ${VNID} } }
  pods: { web: { namespace: shop, node: one }, far: { namespace: shop, node: two } }
`;
  return createLab(topologyOf(text, 'fixed.yaml'));
}

function macOf(lab: Lab, name: string, iface: string): MacAddress {
  const found = lab.stack(name).interface(iface);
  if (found === null) throw new Error(`${name}/${iface}`);
  return found.mac;
}

/** Sends a datagram from the pod, however it likes; returns what br0 counted, and what tun0 saw of it. */
function fromPod(lab: Lab, destination: string, port: number, fragmentOffset = 0) {
  const seen = lab.capture('one/tun0', 'drops');
  const frame = udpFrame(40_000, port, new Uint8Array(8), {
    fromMac: macOf(lab, 'web', 'eth0'),
    toMac: macOf(lab, 'one', 'tun0'),
    source: ip('10.1.0.2'),
    destination: ip(destination),
  });
  const l3 = frame.start + 14;
  ipv4.setFragment(frame, l3, fragmentOffset, false, false);
  ipv4.refreshChecksum(frame, l3);
  lab.stack('web').interface('eth0')?.port.transmit(frame);
  lab.advance('1ms');
  return {
    drops: Object.fromEntries(lab.stack('one').drops.entries()),
    atNode: seen.on('one/tun0').filter(({ direction }) => direction === 'in').length,
  };
}

describe.each(PROFILES)('with profile %s', (profile) => {
  test('a pod builds no tunnel of its own out of the cluster', () => {
    const lab = cluster(profile);
    expect(fromPod(lab, '192.168.50.2', 4789)).toEqual({ drops: { 'flow-drop': 1 }, atNode: 0 });
  });

  test('multicast of pods ends at br0', () => {
    const lab = cluster(profile);
    expect(fromPod(lab, '224.0.0.251', 5353)).toEqual({ drops: { 'flow-drop': 1 }, atNode: 0 });
  });

  test('what is sent to the service network never leaves by the egress IP', () => {
    const lab = cluster(profile);
    sdnNode(lab, 'one').setNamespaceEgress(VNID, { kind: 'dropped' });
    expect(fromPod(lab, '172.31.0.1', 443).atNode).toBe(1);
    lab.advance('10s');
    // No kube-proxy: the node asks for the address on tun0, where br0 carries no such question.
    const { drops } = lab.stack('one');
    expect(drops.of('flow-drop')).toBe(3);
    expect(drops.of('neighbor-failed')).toBe(1);
  });

  test.each([
    ['udp 53 of the own node', '192.168.50.1', 53, 1],
    ['udp 54 of the own node', '192.168.50.1', 54, 0],
    ['udp 53 of another', '192.168.50.2', 53, 0],
  ])('%s: by tun0 although the namespace has no way out', (_what, address, port, atNode) => {
    const lab = cluster(profile);
    sdnNode(lab, 'one').setNamespaceEgress(VNID, { kind: 'dropped' });
    expect(fromPod(lab, address, port).atNode).toBe(atNode);
  });

  test('later fragments show flows no port', () => {
    const lab = cluster(profile);
    sdnNode(lab, 'one').setNamespaceEgress(VNID, { kind: 'dropped' });
    const { drops } = fromPod(lab, '192.168.50.1', 53, 8);
    expect(drops).toEqual({ 'egress-dropped': 1 });
  });

  test('the tunnel brings nothing that concerns no pod', () => {
    const lab = cluster(profile);
    const { primary } = sdnNode(lab, 'one');
    const outer = {
      toMac: primary.mac,
      source: ip('192.168.50.2'),
      destination: ip('192.168.50.1'),
    };
    const inner = [
      udpFrame(1, 2, new Uint8Array(4), { source: ip('8.8.8.8'), destination: ip('9.9.9.9') }),
      arpFrame(
        1,
        mac('02:00:00:00:00:09'),
        ip('8.8.8.8'),
        mac('00:00:00:00:00:00'),
        ip('10.1.0.2'),
      ),
    ];
    const wire = lab.capture('web/eth0');
    for (const frame of inner) primary.port.deliver(vxlanFrame(VNID, frame, outer));
    lab.advance('1ms');
    expect(lab.stack('one').drops.of('flow-drop')).toBe(2);
    expect(wire.frames).toEqual([]);
  });

  test('tun0 asks pods with its own address only, and sends no multicast', () => {
    const lab = cluster(profile);
    const tun = lab.stack('one').interface('tun0');
    const fromMac = macOf(lab, 'one', 'tun0');
    const unknown = mac('00:00:00:00:00:00');
    for (const asker of ['192.168.50.1', '10.1.0.1']) {
      tun?.port.transmit(arpFrame(1, fromMac, ip(asker), unknown, ip('10.1.0.2')));
    }
    tun?.port.transmit(
      udpFrame(1, 2, new Uint8Array(4), {
        fromMac,
        source: ip('192.168.50.1'),
        destination: ip('224.0.0.1'),
      }),
    );
    const wire = lab.capture('web/eth0');
    lab.advance('1ms');
    expect(lab.stack('one').drops.of('flow-drop')).toBe(2);
    expect(wire.frames.filter(({ direction }) => direction === 'in')).toHaveLength(1);
  });

  test('a pod’s packet that comes back by tun0 is the pod’s again', () => {
    const lab = cluster(profile);
    const tun = lab.stack('one').interface('tun0');
    const wire = lab.capture('one/enp1s0', 'drops');
    for (const source of ['10.1.0.2', '10.1.0.99']) {
      const ends = { source: ip(source), destination: ip('10.1.1.2') };
      tun?.port.transmit(udpFrame(1, 2, new Uint8Array(4), ends));
    }
    lab.advance('10ms');
    const tunneled = wire.on('one/enp1s0').filter(({ frame, direction }) => {
      const l3 = frame.start + 14;
      return direction === 'out' && frame.end - l3 > 60 && ipv4.protocol(frame, l3) === 17;
    });
    expect(tunneled).toHaveLength(1);
    const [first] = tunneled;
    const at = (first?.frame.start ?? 0) + 14 + 20 + 8;
    const { bytes = new Uint8Array() } = first?.frame ?? {};
    expect([bytes[at + 4], bytes[at + 5], bytes[at + 6]]).toEqual([0, 0, VNID]);
    expect(lab.stack('one').drops.of('flow-drop')).toBe(1);
  });

  test('a node’s own connections to the machine config server are refused', () => {
    const lab = cluster(profile);
    const errors: (Errno | null)[] = [];
    for (const port of [22_623, 22_624, 22_625]) {
      const closed = (_socket: TcpSocket, error: Errno | null): void => {
        errors.push(error);
      };
      lab.stack('one').tcp.connect({ address: ip('192.168.50.10'), port }, { onClosed: closed });
    }
    lab.advance('2s');
    expect(errors).toEqual(['ECONNREFUSED', 'ECONNREFUSED', 'ECONNREFUSED']);
    expect(lab.stack('one').drops.of('filter-reject')).toBe(2);
  });

  test('its chains come before the administrator’s', () => {
    const rules = '[{ drop: { in: enp1s0, chain: input } }, { drop: { chain: forward } }]';
    const lab = cluster(profile, rules);
    const seen: string[] = [];
    lab
      .stack('db')
      .udp.bind(
        { port: 80 },
        { onDatagram: (_s, _f, _o, _l, source) => seen.push(formatIpv4(source)) },
      );
    fromPod(lab, '192.168.50.10', 80);
    lab.advance('1s');
    expect(seen).toEqual(['192.168.50.1']);
  });
});
