// Wireshark as the judge of what we write: no malformed frame, no bad checksum, and everything the
// file says about a frame is read back.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Capture, type CapturedPort } from '../../src/capture/capture.ts';
import { pcap } from '../../src/capture/formats/pcap.ts';
import { pcapng } from '../../src/capture/formats/pcapng.ts';
import { MemoryByteSink } from '../../src/capture/memory-byte-sink.ts';
import type { CaptureFormat, CaptureMetadata } from '../../src/capture/sink.ts';
import { SdnDrop } from '../../src/fabric/openshift-sdn/drop-reason.ts';
import { Drops } from '../../src/link/drops.ts';
import { type FrameReceiver, Port } from '../../src/link/port.ts';
import { Scheduler } from '../../src/sim/scheduler.ts';
import { seconds } from '../../src/sim/time.ts';
import * as arp from '../../src/wire/arp.ts';
import type { Frame } from '../../src/wire/frame.ts';
import * as icmp from '../../src/wire/icmp.ts';
import * as ipv4 from '../../src/wire/ipv4.ts';
import { ANY_ADDRESS } from '../../src/wire/ipv4-address.ts';
import { BROADCAST_MAC, ZERO_MAC } from '../../src/wire/mac-address.ts';
import * as tcp from '../../src/wire/tcp.ts';
import * as options from '../../src/wire/tcp-options.ts';
import * as udp from '../../src/wire/udp.ts';
import {
  arpFrame,
  echoFrame,
  frameOf,
  IP_A,
  IP_B,
  icmpErrorFrame,
  ip,
  L3,
  L4,
  MAC_A,
  MAC_B,
  tcpFrame,
  udpFrame,
  vxlanFrame,
} from '../support/frames.ts';
import { requireTools, run } from '../support/tools.ts';

const { skip, remark } = requireTools('tshark', 'capinfos');
const NOBODY: FrameReceiver = { receive: () => {}, carrierChanged: () => {} };
const DATA = new Uint8Array(33).fill(0x61);
const { Request, Reply } = arp.Operation;

const METADATA: CaptureMetadata = {
  application: 'egresslab 0.1.0',
  lab: 'oracle',
  seed: 7,
  digest: '1a2b3c4d',
  command: 'npx egresslab run topologies/oracle.yaml --seed 7',
  names: [{ address: IP_B, names: ['egress-mywebserver'] }],
};

function segment(flags: number, data: Uint8Array, withOptions = false): Frame {
  const emitOptions = (frame: Frame, at: number): void => {
    let here = options.emitMss(frame, at, 1460);
    here = options.emitSackPermitted(frame, here);
    here = options.emitTimestamps(frame, here, 7, 0);
    options.emitWindowScale(frame, here, 7);
  };
  const fields = {
    sourcePort: 40_000,
    destinationPort: 5432,
    sequenceNumber: withOptions ? 999 : 1000,
    acknowledgmentNumber: flags === tcp.Flag.Syn ? 0 : 500,
    flags,
  };
  return tcpFrame(withOptions ? { ...fields, optionsLength: 24, emitOptions } : fields, data);
}

/** As a SNAT router leaves it: TTL, address and port rewritten incrementally. */
function translated(frame: Frame): Frame {
  const l3 = frame.start + L3;
  const before = ipv4.source(frame, l3);
  const egress = ip('192.168.50.121');
  ipv4.decrementTtl(frame, l3);
  ipv4.rewriteSource(frame, l3, egress);
  if (ipv4.protocol(frame, l3) === 6) {
    tcp.rewriteChecksum32(frame, frame.start + L4, before, egress);
    tcp.rewriteSourcePort(frame, frame.start + L4, 1024);
  } else {
    udp.rewriteChecksum32(frame, frame.start + L4, before, egress);
    udp.rewriteSourcePort(frame, frame.start + L4, 1024);
  }
  return frame;
}

function padded(frame: Frame): Frame {
  const octets = new Uint8Array(60);
  octets.set(frame.toBytes());
  return frameOf(octets);
}

function noted(frame: Frame, text: string): Frame {
  frame.note = { text };
  return frame;
}

/** One of each kind. Those that tests look at again are found by their place. */
function everyKind(): Frame[] {
  const datagram = udpFrame(40_000, 9, DATA);
  return [
    noted(arpFrame(Request, MAC_A, IP_A, ZERO_MAC, IP_B), 'who holds the egress IP?'),
    padded(arpFrame(Reply, MAC_B, IP_B, MAC_A, IP_A)),
    arpFrame(Request, MAC_B, IP_B, ZERO_MAC, IP_B),
    arpFrame(Reply, MAC_B, IP_B, BROADCAST_MAC, IP_B),
    arpFrame(Request, MAC_A, ANY_ADDRESS, ZERO_MAC, ip('192.168.50.77')),
    echoFrame(icmp.Type.Echo, 1, 1, DATA),
    echoFrame(icmp.Type.EchoReply, 1, 1, DATA, { source: IP_B, destination: IP_A }),
    icmpErrorFrame(icmp.Type.Unreachable, icmp.UnreachableCode.Port, 0, datagram),
    icmpErrorFrame(icmp.Type.Unreachable, icmp.UnreachableCode.FragmentationNeeded, 1400, datagram),
    icmpErrorFrame(icmp.Type.TimeExceeded, icmp.TimeExceededCode.Transit, 0, datagram),
    datagram,
    translated(udpFrame(40_000, 9, DATA)),
    segment(tcp.Flag.Syn, new Uint8Array(0), true),
    segment(tcp.Flag.Psh | tcp.Flag.Ack, DATA),
    translated(segment(tcp.Flag.Fin | tcp.Flag.Ack, DATA)),
    vxlanFrame(5_281_170, segment(tcp.Flag.Ack, DATA)),
    vxlanFrame(0, arpFrame(Request, MAC_A, IP_A, ZERO_MAC, IP_B)),
  ];
}

/** The frames of `everyKind`, a second apart, leaving one port and arriving at another; one drop. */
function write(format: CaptureFormat): Uint8Array {
  const out = new MemoryByteSink();
  const scheduler = new Scheduler();
  const ports: CapturedPort[] = [
    { port: new Port('worker02/enp1s0', NOBODY), description: 'uplink', bitsPerSecond: 1e9 },
    { port: new Port('lan/worker02.enp1s0', NOBODY) },
  ];
  const drops = new Drops('worker02');
  const sink = format.open(out, METADATA);
  const capture = new Capture({ scheduler, sink, ports, drops: [drops] });
  for (const [index, frame] of everyKind().entries()) {
    frame.packetId = 100 + index;
    scheduler.advanceTo(seconds(index) + 123_456_789);
    ports[0]?.port.transmit(frame);
    scheduler.advanceTo(scheduler.now + 1);
    ports[1]?.port.deliver(frame);
  }
  const lost = noted(udpFrame(1, 2, DATA), 'nobody holds the egress IP');
  drops.count(SdnDrop.EgressDropped, 'egress', lost);
  capture.dispose();
  return out.bytes();
}

describe.skipIf(skip)(`tshark${remark}`, () => {
  let folder = '';
  const file = (format: CaptureFormat): string => join(folder, `oracle.${format.name}`);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'egresslab-'));
    for (const format of [pcapng, pcap]) writeFileSync(file(format), write(format));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const tshark = (format: CaptureFormat, ...parameters: string[]): string[][] => {
    const checks = ['ip', 'tcp', 'udp'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`]);
    const output = run('tshark', '-n', '-r', file(format), ...checks, ...parameters);
    const lines = output.split('\n');
    return lines.slice(0, -1).map((line) => line.split('\t'));
  };

  const fields = (...names: string[]): string[] => [
    '-T',
    'fields',
    ...names.flatMap((name) => ['-e', name]),
  ];

  test.each([pcapng, pcap])('finds nothing malformed and no bad checksum in $name', (format) => {
    const suspects = [
      '_ws.malformed',
      '_ws.unreassembled',
      '_ws.short',
      'ip.checksum.status == "Bad"',
      'tcp.checksum.status == "Bad"',
      'udp.checksum.status == "Bad"',
      'icmp.checksum.status == "Bad"',
      '_ws.expert.severity == "Error"',
    ];
    expect(tshark(format, '-Y', suspects.join(' || '))).toEqual([]);
    expect(tshark(format, ...fields('frame.number')).length).toBe(2 * everyKind().length + 1);
    const verified = tshark(format, '-Y', 'tcp.checksum.status == "Good"');
    expect(verified.length).toBe(8);
  });

  test('sees each kind of frame for what it is', () => {
    const seen = tshark(
      pcapng,
      '-Y',
      'frame.interface_name == "worker02/enp1s0"',
      ...fields('frame.protocols'),
    );
    const network = 'eth:ethertype:ip';
    expect(seen.map(([protocols]) => protocols)).toEqual([
      ...new Array<string>(5).fill('eth:ethertype:arp'),
      `${network}:icmp:data`,
      `${network}:icmp:data`,
      ...new Array<string>(3).fill(`${network}:icmp:ip:udp`),
      `${network}:udp:data`,
      `${network}:udp:data`,
      `${network}:tcp`,
      expect.stringMatching(/^eth:ethertype:ip:tcp/),
      expect.stringMatching(/^eth:ethertype:ip:tcp/),
      expect.stringMatching(/^eth:ethertype:ip:udp:vxlan:eth:ethertype:ip:tcp/),
      `${network}:udp:vxlan:eth:ethertype:arp`,
    ]);
  });

  test.each([
    ['an announcement by request', 2, 'arp.isannouncement', '1'],
    ['an announcement by reply', 3, 'arp.isgratuitous', '1'],
    ['a probe', 4, 'arp.isprobe', '1'],
    ['the next-hop MTU', 8, 'icmp.mtu', '1400'],
    ['the MSS', 12, 'tcp.options.mss_val', '1460'],
    ['the window scale', 12, 'tcp.options.wscale.shift', '7'],
    ['the network identifier', 15, 'vxlan.vni', '5281170'],
  ])('reads %s', (_what, index, field, value) => {
    const filter = `frame.packet_id == ${100 + index} && frame.interface_id == 0`;
    expect(tshark(pcapng, '-Y', filter, ...fields(field))).toEqual([[value]]);
  });

  test('reads back interface, stamp, direction, packet id and comments of each frame', () => {
    const names = [
      'frame.interface_name',
      'frame.interface_description',
      'frame.time_epoch',
      'frame.packet_flags_direction',
      'frame.packet_id',
      'frame.comment',
    ];
    const rows = tshark(pcapng, ...fields(...names));
    // Printed as a number or in hexadecimal, depending on the version.
    for (const row of rows) row[3] = row[3] === '' ? '' : String(Number(row[3]));
    expect(rows[0]).toEqual([
      'worker02/enp1s0',
      'uplink',
      '1589011200.123456789',
      '2',
      '100',
      'egresslab: who holds the egress IP?',
    ]);
    expect(rows[3]).toEqual(['lan/worker02.enp1s0', '', '1589011201.123456790', '1', '101', '']);
    expect(rows.at(-1)?.slice(0, 2)).toEqual([
      'drops',
      'frames that went no further; the comment says why',
    ]);
    expect(rows.at(-1)?.[5]).toBe(
      'dropped: egress-dropped at worker02/egress,egresslab: nobody holds the egress IP',
    );
  });

  test('the shipped display filters find what they promise', () => {
    const count = (filter: string): number => tshark(pcapng, '-Y', filter).length;
    expect(count('frame.comment contains "egresslab"')).toBe(3);
    expect(count('frame.interface_name == "drops"')).toBe(1);
    expect(count('arp.src.proto_ipv4 == 192.168.50.120')).toBe(6);
    expect(count('frame.packet_id == 105')).toBe(2);
  });

  test('names of addresses resolve', () => {
    const hosts = run('tshark', '-r', file(pcapng), '-q', '-z', 'hosts');
    expect(hosts).toMatch(/192\.168\.50\.120\s+egress-mywebserver/);
  });

  test('capinfos shows the metadata, the interfaces and nanoseconds', () => {
    const report = run('capinfos', file(pcapng));
    for (const expected of [
      'virtual lab oracle',
      'virtual time; hosts behave like Linux',
      'egresslab 0.1.0',
      'topology oracle, digest 1a2b3c4d, seed 7',
      'reproduce with: npx egresslab run topologies/oracle.yaml --seed 7',
      'Name = worker02/enp1s0',
      'Description = uplink',
      'Speed = 1000000000',
      'Time resolution = 0x09',
      `Number of packets = ${everyKind().length}`,
    ]) {
      expect(report).toContain(expected);
    }
    expect(run('capinfos', file(pcap))).toContain('nanosecond');
  });
});
