import fc from 'fast-check';
import { expect, describe as suite, test } from 'vitest';
import * as arp from '../../src/wire/arp.ts';
import { describe, describeAddresses } from '../../src/wire/describe.ts';
import type { Frame } from '../../src/wire/frame.ts';
import * as icmp from '../../src/wire/icmp.ts';
import * as ipv4 from '../../src/wire/ipv4.ts';
import { ANY_ADDRESS } from '../../src/wire/ipv4-address.ts';
import { BROADCAST_MAC, ZERO_MAC } from '../../src/wire/mac-address.ts';
import * as tcp from '../../src/wire/tcp.ts';
import * as options from '../../src/wire/tcp-options.ts';
import { hostileOctets } from '../support/arbitraries.ts';
import {
  arpFrame,
  echoFrame,
  frameOf,
  IP_A,
  IP_B,
  icmpErrorFrame,
  ipv4Frame,
  L3,
  L4,
  MAC_A,
  MAC_B,
  tcpFrame,
  udpFrame,
  vxlanFrame,
} from '../support/frames.ts';

const { Request, Reply } = arp.Operation;
const DATA = new Uint8Array(12);

function syn(): Frame {
  const optionsLength =
    options.MSS_LENGTH +
    options.SACK_PERMITTED_LENGTH +
    options.TIMESTAMPS_LENGTH +
    options.WINDOW_SCALE_LENGTH;
  const segment = {
    sourcePort: 40_000,
    destinationPort: 5432,
    sequenceNumber: 1_000,
    flags: tcp.Flag.Syn,
    optionsLength,
    emitOptions: (frame: Frame, at: number): void => {
      let here = options.emitMss(frame, at, 1460);
      here = options.emitSackPermitted(frame, here);
      here = options.emitTimestamps(frame, here, 7, 0);
      options.emitWindowScale(frame, here, 7);
    },
  };
  return tcpFrame(segment, new Uint8Array(0));
}

function damaged(frame: Frame, offset: number): Frame {
  frame.view.setUint8(frame.start + offset, frame.view.getUint8(frame.start + offset) ^ 0x80);
  return frame;
}

const UDP = udpFrame(40_000, 7, DATA);

suite('describe', () => {
  test.each<[string, Frame]>([
    [
      'ARP, Request who-has 192.168.50.120 tell 192.168.50.10 (02:00:00:00:00:0a)',
      arpFrame(Request, MAC_A, IP_A, ZERO_MAC, IP_B),
    ],
    [
      'ARP, Reply 192.168.50.120 is-at 02:00:00:00:00:0b',
      arpFrame(Reply, MAC_B, IP_B, MAC_A, IP_A),
    ],
    [
      'ARP, Announcement 192.168.50.120 is-at 02:00:00:00:00:0a (request)',
      arpFrame(Request, MAC_A, IP_B, ZERO_MAC, IP_B),
    ],
    [
      'ARP, Announcement 192.168.50.120 is-at 02:00:00:00:00:0a (reply)',
      arpFrame(Reply, MAC_A, IP_B, BROADCAST_MAC, IP_B),
    ],
    [
      'ARP, Probe who-has 192.168.50.120 from 02:00:00:00:00:0a',
      arpFrame(Request, MAC_A, ANY_ADDRESS, ZERO_MAC, IP_B),
    ],
    [
      'ARP, operation 3, sender 192.168.50.10 (02:00:00:00:00:0a), target 192.168.50.120',
      arpFrame(3, MAC_A, IP_A, ZERO_MAC, IP_B),
    ],
    [
      'IP 192.168.50.10 > 192.168.50.120: ICMP echo request, id 5, seq 9, length 20',
      echoFrame(icmp.Type.Echo, 5, 9, DATA),
    ],
    [
      'IP 192.168.50.120 > 192.168.50.10: ICMP port unreachable, for UDP 192.168.50.10.40000 > 192.168.50.120.7, length 36',
      icmpErrorFrame(icmp.Type.Unreachable, icmp.UnreachableCode.Port, 0, UDP),
    ],
    [
      'IP 192.168.50.120 > 192.168.50.10: ICMP fragmentation needed (mtu 1400), for UDP 192.168.50.10.40000 > 192.168.50.120.7, length 36',
      icmpErrorFrame(icmp.Type.Unreachable, icmp.UnreachableCode.FragmentationNeeded, 1400, UDP),
    ],
    [
      'IP 192.168.50.120 > 192.168.50.10: ICMP time exceeded, for ICMP 192.168.50.10 > 192.168.50.120, length 36',
      icmpErrorFrame(icmp.Type.TimeExceeded, 0, 0, echoFrame(icmp.Type.Echo, 5, 9, DATA)),
    ],
    ['IP 192.168.50.10.40000 > 192.168.50.120.7: UDP, length 12', UDP],
    [
      'IP 192.168.50.10.40000 > 192.168.50.120.5432: Flags [S], seq 1000, win 64240, options [mss 1460,sackOK,TS val 7 ecr 0,wscale 7], length 0',
      syn(),
    ],
    [
      'IP 192.168.50.10.1 > 192.168.50.120.2: Flags [P.], seq 4294967290:6, ack 5, win 64240, length 12',
      tcpFrame(
        {
          sourcePort: 1,
          destinationPort: 2,
          sequenceNumber: 0xffff_fffa,
          acknowledgmentNumber: 5,
          flags: tcp.Flag.Psh | tcp.Flag.Ack,
        },
        DATA,
      ),
    ],
    [
      'IP 192.168.50.10.1 > 192.168.50.120.2: Flags [none], seq 1, win 64240, length 0',
      tcpFrame(
        { sourcePort: 1, destinationPort: 2, sequenceNumber: 1, flags: 0 },
        new Uint8Array(0),
      ),
    ],
    [
      'IP 192.168.50.10.50000 > 192.168.50.120.4789: UDP, length 62 VXLAN vni 5281170 | IP 192.168.50.10.40000 > 192.168.50.120.7: UDP, length 12',
      vxlanFrame(5_281_170, UDP),
    ],
    ['IP 192.168.50.10 > 192.168.50.120: VRRP, length 8', ipv4Frame(112, 8, () => {})],
    ['IP 192.168.50.10 > 192.168.50.120: ip-proto-99, length 8', ipv4Frame(99, 8, () => {})],
  ])('%s', (line, frame) => {
    expect(describe(frame)).toBe(line);
  });

  test('a fragment says which part it is', () => {
    const frame = udpFrame(1, 2, DATA);
    ipv4.setFragment(frame, frame.start + L3, 1480, true, false);
    ipv4.refreshChecksum(frame, frame.start + L3);
    expect(describe(frame)).toBe(
      'IP 192.168.50.10 > 192.168.50.120: UDP, fragment 20@1480+ of id 7',
    );
  });

  test.each<[string, Frame]>([
    ['[bad ip checksum]', damaged(udpFrame(1, 2, DATA), L3 + 8)],
    ['[bad udp checksum]', damaged(udpFrame(1, 2, DATA), L4 + 10)],
    ['[bad tcp checksum]', damaged(syn(), L4 + 5)],
    ['[bad icmp checksum]', damaged(echoFrame(icmp.Type.Echo, 1, 1, DATA), L4 + 10)],
  ])('corruption is shown beside the content: %s', (mark, frame) => {
    expect(describe(frame)).toMatch(/^IP 192\.168\.50\.10/);
    expect(describe(frame).endsWith(mark)).toBe(true);
  });

  test.each<[string, Frame]>([
    ['[runt frame, 13 octets]', frameOf(new Uint8Array(13))],
    [
      '[malformed ARP, length 20]',
      frameOf(arpFrame(1, MAC_A, IP_A, MAC_B, IP_B).toBytes().slice(0, 20)),
    ],
    ['[malformed IPv4: truncated]', frameOf(UDP.toBytes().slice(0, 40))],
    ['802.3, length 60', frameOf(new Uint8Array(60))],
  ])('what cannot be read is named: %s', (line, frame) => {
    expect(describe(frame)).toBe(line);
  });

  test('what is not decoded has its name or number', () => {
    const frame = udpFrame(1, 2, DATA);
    frame.view.setUint16(frame.start + 12, 0x86dd);
    expect(describe(frame)).toBe('IPv6, length 54');
    frame.view.setUint16(frame.start + 12, 0x88cc);
    expect(describe(frame)).toBe('ethertype 0x88cc, length 54');
  });

  test('tunnels in tunnels are unwrapped only so far', () => {
    let frame = udpFrame(1, 2, DATA);
    for (let depth = 0; depth < 30; depth++) frame = vxlanFrame(depth, frame);
    expect(describe(frame).split(' | ').length).toBe(6);
    expect(describe(frame)).toMatch(/ \| \d+ octets$/);
  });

  test('the addresses come apart', () => {
    expect(describeAddresses(UDP)).toBe('02:00:00:00:00:0a > 02:00:00:00:00:0b');
    expect(describeAddresses(frameOf(new Uint8Array(3)))).toBe('[runt]');
  });

  test('arbitrary octets give one line and never throw', () => {
    fc.assert(
      fc.property(hostileOctets, (octets) => {
        expect(describe(frameOf(octets))).toMatch(/^[\x20-\x7e]+$/);
      }),
      { numRuns: 500 },
    );
  });

  test('any prefix and any flipped bit of a real frame gives one line and never throws', () => {
    const real = fc.constantFrom(
      arpFrame(Request, MAC_A, IP_A, ZERO_MAC, IP_B).toBytes(),
      syn().toBytes(),
      icmpErrorFrame(icmp.Type.Unreachable, icmp.UnreachableCode.Port, 0, UDP).toBytes(),
      vxlanFrame(5, syn()).toBytes(),
    );
    fc.assert(
      fc.property(real, fc.nat(200), fc.nat(1600), (octets, length, bit) => {
        const changed = octets.slice(0, length);
        const at = bit >> 3;
        changed[at] = (changed[at] ?? 0) ^ (1 << (bit & 7));
        expect(describe(frameOf(changed))).toMatch(/^[\x20-\x7e]+$/);
      }),
      { numRuns: 1000 },
    );
  });
});
