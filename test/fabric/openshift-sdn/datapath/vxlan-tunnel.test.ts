// Frames of pods from node to node, inside UDP.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  OVERHEAD,
  VxlanTunnel,
} from '../../../../src/fabric/openshift-sdn/datapath/vxlan-tunnel.ts';
import type { NetworkStack } from '../../../../src/stack/stack.ts';
import { describe as line } from '../../../../src/wire/describe.ts';
import type { Frame } from '../../../../src/wire/frame.ts';
import * as ipv4 from '../../../../src/wire/ipv4.ts';
import { formatIpv4 } from '../../../../src/wire/ipv4-address.ts';
import * as udp from '../../../../src/wire/udp.ts';
import {
  arpFrame,
  frameOf,
  IP_A,
  IP_B,
  ip,
  L3,
  L4,
  MAC_A,
  MAC_B,
  tcpFrame,
} from '../../../support/frames.ts';
import { packetsFrom } from '../../../support/injection.ts';
import { Lan, nic } from '../../../support/lan.ts';

const A = ip('10.0.0.1');
const B = ip('10.0.0.2');
const VNI = 5_281_170;

function segment(sourcePort = 6000, length = 0): Frame {
  const fields = { sourcePort, destinationPort: 5432, sequenceNumber: 1, flags: 0x10 };
  return tcpFrame(fields, new Uint8Array(length));
}

function world() {
  const lan = new Lan();
  const a = lan.host('A', '10.0.0.1/24');
  const b = lan.host('B', '10.0.0.2/24');
  const arrived: { frame: Frame; vni: number; peer: string }[] = [];
  const open = (stack: NetworkStack, local: typeof A): VxlanTunnel =>
    new VxlanTunnel({
      stack,
      local,
      nameOf: (host) => (host === B ? 'worker02' : formatIpv4(host)),
      receiver: (frame, vni, peer) => arrived.push({ frame, vni, peer: formatIpv4(peer) }),
    });
  const here = open(a, A);
  const there = open(b, B);
  lan.ping(a, '10.0.0.2');
  lan.run(1);
  const sent = packetsFrom(nic(a));
  /** The outer packet of a frame. */
  const outer = (frame: Frame): Frame => {
    here.transmit(frame, VNI, B);
    const last = sent.at(-1);
    if (last === undefined) throw new Error('nothing was sent');
    return last;
  };
  return { lan, a, b, here, there, arrived, sent, outer };
}

const sourcePort = (frame: Frame): number => udp.sourcePort(frame, frame.start + L4);

describe('a frame', () => {
  test('comes out as it went in, whatever it is, with its VNI and where it is from', () => {
    const { lan, here, arrived } = world();
    const frames = fc.uint8Array({ minLength: 14, maxLength: 400 });
    fc.assert(
      fc.property(frames, fc.integer({ min: 0, max: 0xff_ffff }), (octets, vni) => {
        const frame = frameOf(octets);
        frame.sealed = true;
        here.transmit(frame, vni, B);
        lan.run(0.001);
        const last = arrived.at(-1);
        expect(last).toMatchObject({ vni, peer: '10.0.0.1' });
        expect(last?.frame.toBytes()).toEqual(octets);
        expect(last?.frame.packetId).toBe(frame.packetId);
        expect(last?.frame.sealed, 'who gets it may write to it').toBe(false);
        expect(frame.toBytes()).toEqual(octets);
      }),
    );
  });

  test('is wrapped as Open vSwitch wraps it: DF, no checksum, from the node’s own address', () => {
    const packet = world().outer(segment());
    const l3 = packet.start + L3;
    expect([formatIpv4(ipv4.source(packet, l3)), ipv4.dontFragment(packet, l3)]).toEqual([
      '10.0.0.1',
      true,
    ]);
    expect(udp.headerChecksum(packet, packet.start + L4)).toBe(0);
    expect(udp.destinationPort(packet, packet.start + L4)).toBe(4789);
    expect(line(packet)).toContain(`VXLAN vni ${VNI} | ${line(segment())}`);
    expect(packet.length - L3 - (segment().length - L3)).toBe(OVERHEAD);
  });

  test('of one conversation has one source port, and conversations have many', () => {
    const { outer } = world();
    const ports = Array.from({ length: 200 }, (_, i) => sourcePort(outer(segment(6000 + i))));
    expect(new Set(ports).size).toBeGreaterThan(190);
    for (const port of ports) {
      expect(port).toBeGreaterThanOrEqual(32_768);
      expect(port).toBeLessThan(49_152);
    }
    expect(sourcePort(outer(segment(6000, 100)))).toBe(ports[0]);
  });

  test('that is no IPv4 has the lowest port', () => {
    const { outer } = world();
    expect(sourcePort(outer(arpFrame(1, MAC_A, IP_A, MAC_B, IP_B)))).toBe(32_768);
    expect(sourcePort(outer(frameOf(new Uint8Array(14))))).toBe(32_768);
  });

  test('says in captures where it goes and what is inside', () => {
    const { outer } = world();
    expect(outer(segment()).note?.text).toBe(`vxlan VNID ${VNI} to worker02`);
    const marked = segment();
    marked.note = { text: 'mark 0x00509592' };
    expect(outer(marked).note?.text).toBe(`vxlan VNID ${VNI} to worker02; mark 0x00509592`);
    expect(outer(segment()).note?.text).toBe(`vxlan VNID ${VNI} to worker02`);
  });

  test('without a way to the peer is a named drop', () => {
    const { a, here } = world();
    here.transmit(segment(), VNI, ip('198.51.100.1'));
    expect(a.drops.entries()).toEqual([['no-route', 1]]);
  });
});

describe('a node', () => {
  test('counts what each peer has sent, until it loses power; then the port is open again', () => {
    const { lan, b, here, there, arrived } = world();
    for (let i = 0; i < 3; i++) here.transmit(segment(), VNI, B);
    lan.run(0.1);
    expect([there.received(A), there.received(B), here.received(B)]).toEqual([3, 0, 0]);
    b.powerOff();
    b.powerOn();
    expect(there.received(A)).toBe(0);
    lan.run(1);
    here.transmit(segment(), VNI, B);
    lan.run(1);
    expect(there.received(A)).toBe(1);
    expect(arrived).toHaveLength(4);
  });

  test.each<readonly [string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['half a header', new Uint8Array(7)],
    ['a header without a frame', Uint8Array.of(8, 0, 0, 0, 0, 0, 1, 0)],
    ['less than an Ethernet header inside', new Uint8Array(8 + 13).fill(8, 0, 1)],
    ['no VNI', new Uint8Array(60)],
  ])('drops %s by name, and counts it for nobody', (_name, octets) => {
    const { lan, a, b, there, arrived } = world();
    a.udp.bind({}, { onDatagram: () => {} }).sendTo(B, 4789, octets);
    lan.run(0.1);
    expect(b.drops.entries()).toEqual([['malformed-vxlan', 1]]);
    expect([arrived, there.received(A)]).toEqual([[], 0]);
  });

  test('takes whatever octets come, and makes only what they hold of them', () => {
    const { lan, a, arrived } = world();
    const socket = a.udp.bind({}, { onDatagram: () => {} });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (octets, flag) => {
        if (flag && octets.length > 0) octets[0] = 8;
        const before = arrived.length;
        socket.sendTo(B, 4789, octets);
        lan.run(0.001);
        const [frame] = arrived.slice(before);
        if (frame !== undefined) expect(frame.frame.toBytes()).toEqual(octets.subarray(8));
      }),
    );
  });
});
