// Whether a frame is the one that an expectation describes: all that is said must be so, and what is
// not said does not matter.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Direction } from '../../src/link/port.ts';
import { matchesFrame } from '../../src/scenario/frame-match.ts';
import type { ArpMatch, FrameMatch } from '../../src/topology/expectations/frame.ts';
import type { Frame } from '../../src/wire/frame.ts';
import * as ipv4 from '../../src/wire/ipv4.ts';
import type { MacAddress } from '../../src/wire/mac-address.ts';
import { Flag } from '../../src/wire/tcp.ts';
import { hostileOctets } from '../support/arbitraries.ts';
import {
  arpFrame,
  echoFrame,
  frameOf,
  IP_A,
  IP_B,
  icmpErrorFrame,
  MAC_A,
  MAC_B,
  mac,
  tcpFrame,
  udpFrame,
  vxlanFrame,
} from '../support/frames.ts';
import { withHeader } from '../support/injection.ts';
import { cidr } from '../support/lan.ts';

const ANYTHING: FrameMatch = {
  sourceMac: null,
  destinationMac: null,
  direction: null,
  arp: null,
  ipSource: null,
  ipDestination: null,
  icmp: null,
  tcp: null,
  udp: null,
  vxlan: null,
  comment: null,
};
const ANY_ARP: ArpMatch = {
  operation: null,
  senderMac: null,
  senderIp: null,
  targetMac: null,
  targetIp: null,
  gratuitous: null,
};
const ANY_PORTS = { sourcePort: null, destinationPort: null };
const ANY_TCP = { ...ANY_PORTS, flagsSet: 0, flagsClear: 0 };

const of = (address: MacAddress): { mac: MacAddress; owner: null } => ({
  mac: address,
  owner: null,
});
const matches = (
  frame: Frame,
  match: Partial<FrameMatch>,
  direction: Direction | null = 'in',
): boolean => matchesFrame(frame, direction, { ...ANYTHING, ...match });

const BROADCAST = mac('ff:ff:ff:ff:ff:ff');
const segment = { sourcePort: 6000, destinationPort: 5432, sequenceNumber: 1, flags: Flag.Syn };
const request = (): Frame => arpFrame(1, MAC_A, IP_A, MAC_B, IP_B);
const announcement = (): Frame => arpFrame(2, MAC_A, IP_A, MAC_A, IP_A);
const syn = (): Frame => tcpFrame(segment, new Uint8Array());
const datagram = (): Frame => udpFrame(5000, 53, new Uint8Array(8));
const ping = (): Frame => echoFrame(8, 1, 1, new Uint8Array(8));
const tunneled = (): Frame => vxlanFrame(42, syn());
const laterFragment = (frame: Frame): Frame =>
  withHeader(frame, (each, l3) => ipv4.setFragment(each, l3, 64, false, false));

describe('what is not said', () => {
  test.each([
    ['ARP', request()],
    ['TCP', syn()],
    ['an unknown protocol', frameOf(new Uint8Array(60))],
  ])('does not matter: %s', (_name, frame) => {
    expect(matches(frame, {})).toBe(true);
  });

  test('does not make a frame of what is shorter than a header', () => {
    expect(matches(frameOf(new Uint8Array(13)), {})).toBe(false);
  });
});

describe('a part', () => {
  // Each with a frame that has it, and the nearest one that has not.
  test.each<readonly [string, Partial<FrameMatch>, Frame, Frame]>([
    [
      'the source MAC',
      { sourceMac: of(MAC_A) },
      syn(),
      udpFrame(1, 2, new Uint8Array(), { fromMac: MAC_B }),
    ],
    ['the destination MAC', { destinationMac: of(BROADCAST) }, request(), syn()],
    ['ARP at all', { arp: ANY_ARP }, request(), syn()],
    ['an ARP request', { arp: { ...ANY_ARP, operation: 'request' } }, request(), announcement()],
    ['an ARP reply', { arp: { ...ANY_ARP, operation: 'reply' } }, announcement(), request()],
    ['gratuitous', { arp: { ...ANY_ARP, gratuitous: true } }, announcement(), request()],
    ['not gratuitous', { arp: { ...ANY_ARP, gratuitous: false } }, request(), announcement()],
    [
      'the sender’s MAC',
      { arp: { ...ANY_ARP, senderMac: of(MAC_A) } },
      request(),
      arpFrame(1, MAC_B, IP_A, MAC_B, IP_B),
    ],
    [
      'the sender’s IP',
      { arp: { ...ANY_ARP, senderIp: IP_A } },
      request(),
      arpFrame(1, MAC_A, IP_B, MAC_B, IP_B),
    ],
    [
      'the target’s MAC',
      { arp: { ...ANY_ARP, targetMac: of(MAC_B) } },
      request(),
      arpFrame(1, MAC_A, IP_A, MAC_A, IP_B),
    ],
    [
      'the target’s IP',
      { arp: { ...ANY_ARP, targetIp: IP_B } },
      request(),
      arpFrame(1, MAC_A, IP_A, MAC_B, IP_A),
    ],
    [
      'where it comes from',
      { ipSource: cidr('192.168.50.10/32') },
      syn(),
      tcpFrame(segment, new Uint8Array(), { source: IP_B }),
    ],
    [
      'the network it goes to',
      { ipDestination: cidr('192.168.50.96/27') },
      syn(),
      tcpFrame(segment, new Uint8Array(), { destination: IP_A }),
    ],
    ['ICMP at all', { icmp: { type: null, code: null } }, ping(), datagram()],
    [
      'an ICMP type',
      { icmp: { type: 8, code: null } },
      ping(),
      echoFrame(0, 1, 1, new Uint8Array(8)),
    ],
    [
      'an ICMP code',
      { icmp: { type: 3, code: 3 } },
      icmpErrorFrame(3, 3, 0, datagram()),
      icmpErrorFrame(3, 1, 0, datagram()),
    ],
    ['TCP at all', { tcp: ANY_TCP }, syn(), datagram()],
    [
      'a TCP source port',
      { tcp: { ...ANY_TCP, sourcePort: 6000 } },
      syn(),
      tcpFrame({ ...segment, sourcePort: 6001 }, new Uint8Array()),
    ],
    [
      'a TCP destination port',
      { tcp: { ...ANY_TCP, destinationPort: 5432 } },
      syn(),
      tcpFrame({ ...segment, destinationPort: 80 }, new Uint8Array()),
    ],
    [
      'flags that are set, all of them',
      { tcp: { ...ANY_TCP, flagsSet: Flag.Syn | Flag.Ack } },
      tcpFrame({ ...segment, flags: Flag.Syn | Flag.Ack | Flag.Psh }, new Uint8Array()),
      syn(),
    ],
    [
      'flags that are not set, none of them',
      { tcp: { ...ANY_TCP, flagsClear: Flag.Ack | Flag.Rst } },
      syn(),
      tcpFrame({ ...segment, flags: Flag.Rst }, new Uint8Array()),
    ],
    ['UDP at all', { udp: ANY_PORTS }, datagram(), syn()],
    [
      'a UDP source port',
      { udp: { ...ANY_PORTS, sourcePort: 5000 } },
      datagram(),
      udpFrame(53, 5000, new Uint8Array(8)),
    ],
    [
      'a UDP destination port',
      { udp: { ...ANY_PORTS, destinationPort: 53 } },
      datagram(),
      udpFrame(53, 5000, new Uint8Array(8)),
    ],
    ['VXLAN at all', { vxlan: { vni: null, inner: null } }, tunneled(), datagram()],
    [
      'VXLAN by its port',
      { vxlan: { vni: null, inner: null } },
      tunneled(),
      udpFrame(5000, 4790, new Uint8Array(60)),
    ],
    [
      'a whole VXLAN header',
      { vxlan: { vni: null, inner: null } },
      tunneled(),
      udpFrame(5000, 4789, new Uint8Array(7)),
    ],
    ['a VNI', { vxlan: { vni: 42, inner: null } }, tunneled(), vxlanFrame(43, syn())],
    [
      'what is inside a tunnel',
      { vxlan: { vni: null, inner: { ...ANYTHING, tcp: ANY_TCP } } },
      tunneled(),
      vxlanFrame(42, ping()),
    ],
    ['ports of a later fragment', { udp: ANY_PORTS }, datagram(), laterFragment(datagram())],
  ])('that is said must be so: %s', (_name, match, frame, other) => {
    expect(matches(frame, match)).toBe(true);
    expect(matches(other, match)).toBe(false);
  });

  test('of a damaged header is not believed', () => {
    const damaged = syn();
    ipv4.setIdentification(damaged, damaged.start + 14, 0xbeef);
    expect(matches(damaged, { tcp: ANY_TCP })).toBe(false);
    expect(matches(damaged, { sourceMac: of(MAC_A) }), 'the rest is').toBe(true);
  });

  test('that is the direction is the port’s view; a frame in a tunnel has none', () => {
    expect(matches(syn(), { direction: 'out' }, 'out')).toBe(true);
    expect(matches(syn(), { direction: 'out' }, 'in')).toBe(false);
    const inner = { ...ANYTHING, direction: 'in' } as const;
    expect(matches(tunneled(), { vxlan: { vni: null, inner } })).toBe(false);
  });

  test('that is the comment may be any part of it', () => {
    const frame = syn();
    expect(matches(frame, { comment: 'egress' })).toBe(false);
    frame.note = { text: 'SNAT to egress IP 192.168.50.120' };
    expect(matches(frame, { comment: 'egress IP' })).toBe(true);
    expect(matches(frame, { comment: 'Egress' })).toBe(false);
  });
});

const samples = fc
  .constantFrom(request, announcement, syn, datagram, ping, tunneled)
  .map((make) => make());
const parts = fc.constantFrom<Partial<FrameMatch>>(
  { sourceMac: of(MAC_A) },
  { destinationMac: of(MAC_B) },
  { destinationMac: of(BROADCAST) },
  { direction: 'in' },
  { arp: { ...ANY_ARP, senderIp: IP_A } },
  { arp: { ...ANY_ARP, gratuitous: true } },
  { ipSource: cidr('192.168.50.0/24') },
  { ipDestination: cidr('192.168.50.120/32') },
  { tcp: { ...ANY_TCP, flagsSet: Flag.Syn } },
  { udp: ANY_PORTS },
  { icmp: { type: 8, code: 0 } },
  { vxlan: { vni: 42, inner: { ...ANYTHING, tcp: ANY_TCP } } },
);

describe('laws', () => {
  test('a frame matches two descriptions together if it matches each', () => {
    fc.assert(
      fc.property(samples, fc.array(parts, { maxLength: 4 }), (frame, some) => {
        const together: Partial<FrameMatch> = Object.assign({}, ...some);
        const last = Object.entries(together).map(([key, value]) => ({ [key]: value }));
        expect(matches(frame, together)).toBe(last.every((part) => matches(frame, part)));
      }),
      { numRuns: 500 },
    );
  });

  test('no octets break it, and looking changes none', () => {
    fc.assert(
      fc.property(hostileOctets, parts, (octets, match) => {
        const frame = frameOf(octets);
        matches(frame, match);
        expect(frame.toBytes()).toEqual(octets);
      }),
      { numRuns: 500 },
    );
  });

  test('a tunnel that is cut off anywhere breaks nothing', () => {
    const whole = tunneled().toBytes();
    const inner = { ...ANYTHING, tcp: { ...ANY_TCP, flagsSet: Flag.Syn } };
    for (let length = 0; length < whole.length; length++) {
      const frame = frameOf(whole.subarray(0, length));
      if (length >= 34) {
        withHeader(frame, (each, l3) => ipv4.setTotalLength(each, l3, length - 14));
      }
      expect(matches(frame, { vxlan: { vni: null, inner } })).toBe(false);
    }
    expect(matches(frameOf(whole), { vxlan: { vni: null, inner } })).toBe(true);
  });
});
