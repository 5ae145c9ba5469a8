// A law: whether what a kernel device sends is on loan or lasts makes no difference to anybody. Two labs
// get the same frames, one of them in memory that is overwritten as soon as the instant is over; what
// comes back, what is dropped and what is captured must be the same to the octet.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLab } from '../../src/lab/lab.ts';
import { parseTopology } from '../../src/topology/parse.ts';
import * as checksum from '../../src/wire/checksum.ts';
import type { Frame, FrameArena, Offload } from '../../src/wire/frame.ts';
import * as icmp from '../../src/wire/icmp.ts';
import * as ipv4 from '../../src/wire/ipv4.ts';
import { IpProtocol } from '../../src/wire/numbers.ts';
import * as tcp from '../../src/wire/tcp.ts';
import {
  arpFrame,
  echoFrame,
  hex,
  ip,
  L3,
  L4,
  mac,
  tcpFrame,
  udpFrame,
} from '../support/frames.ts';
import { KernelDevices } from '../support/kernel-device.ts';

/** Cables with and without delay, a router with SNAT, neighbors that must be asked, a node, services. */
const LAB = `name: loans
segments:
  lan: { subnet: 10.7.7.0/24 }
  slow: { subnet: 10.7.6.0/24, latency: 50us, jitter: 10us, duplication: 10% }
  out: { subnet: 10.7.8.0/24, latency: 50us }
hosts:
  router:
    interfaces:
      l: { segment: lan, address: 10.7.7.1/24, mac: 02:00:00:00:00:01 }
      s: { segment: slow, address: 10.7.6.1/24, mac: 02:00:00:00:00:01 }
      o: { segment: out, address: 10.7.8.1/24, snat: masquerade }
    forwarding: true
    services: [{ tcp: 80, app: echo }, { udp: 7, app: echo }]
  far:
    interfaces: { eth0: { segment: out, address: 10.7.8.2/24 } }
    services: [{ tcp: 80, app: echo }, { udp: 7, app: echo }]
attach: [{ packet: v0, segment: lan }, { packet: v1, segment: slow }]
`;

const ROUTER = mac('02:00:00:00:00:01');
const CLIENT = mac('02:00:00:00:00:09');

interface Sent {
  readonly device: number;
  readonly octets: Uint8Array;
  readonly offload: Offload | null;
  /** Microseconds until the next. */
  readonly pause: number;
}

/** What a lab that is sent all this answers, drops and captures. */
function outcome(sent: readonly Sent[], onLoan: boolean): readonly string[] {
  const { topology, diagnostics } = parseTopology(LAB, { file: 'loans.yaml' });
  if (topology === null) throw new Error(JSON.stringify(diagnostics));
  const devices = new KernelDevices();
  const lab = createLab(topology, { attachments: devices });
  const capture = lab.capture('*', 'drops');
  lab.advance('20ms');
  for (const { device, octets, offload, pause } of sent) {
    const from = devices.opened[device];
    if (from === undefined) throw new Error('there are two devices');
    const { arena } = from.site;
    const frame = onLoan ? lent(arena, octets) : arena.from(octets);
    frame.offload = offload;
    from.send(frame);
    lab.advance(0);
    if (onLoan) {
      frame.bytes.fill(0xee);
      arena.reclaim();
    }
    lab.advance(pause * 1000);
  }
  lab.advance('3s');
  const drops = lab.drops().map((each) => `${each.device} ${JSON.stringify(each.entries())}`);
  const seen = capture.frames.map(
    (each) => `${each.at} ${each.interface} ${hex(each.frame.toBytes())}`,
  );
  return [...devices.opened.flatMap(({ heard }) => heard), ...drops, ...seen];
}

function lent(arena: FrameArena, octets: Uint8Array): Frame {
  const room = arena.reserve(70_000);
  room.bytes.set(octets, room.start);
  return arena.take(0, octets.length);
}

const to = fc.constantFrom('10.7.7.1', '10.7.8.2', '10.7.8.77', '10.7.6.55').map(ip);
const ends = to.map((destination) => ({
  fromMac: CLIENT,
  toMac: ROUTER,
  source: ip('10.7.7.9'),
  destination,
}));
const data = fc.uint8Array({ maxLength: 1200 });

const arp = fc
  .tuple(fc.constantFrom(1, 2), fc.constantFrom('10.7.7.1', '10.7.7.9', '10.7.8.2'))
  .map(([operation, target]) => arpFrame(operation, CLIENT, ip('10.7.7.9'), ROUTER, ip(target)));
const datagram = fc.tuple(ends, data).map(([at, octets]) => udpFrame(40_000, 7, octets, at));
const echo = fc
  .tuple(ends, data)
  .map(([at, octets]) => echoFrame(icmp.Type.Echo, 5, 1, octets, at));
/** Half of a datagram, whose other half may come in its turn. */
const fragment = fc.tuple(ends, fc.boolean()).map(([at, first]) => {
  const frame = echoFrame(icmp.Type.Echo, 6, 1, new Uint8Array(64).fill(first ? 1 : 2), at);
  const l3 = frame.start + L3;
  frame.view.setUint16(l3 + 6, first ? 0x2000 : (icmp.HEADER_LENGTH + 64) / 8);
  ipv4.refreshChecksum(frame, l3);
  return frame;
});
const whole = fc
  .oneof(arp, datagram, echo, fragment)
  .map((frame) => ({ octets: frame.toBytes(), offload: null }));

/** TCP as a kernel with offloads hands it over: a SYN, then data for several segments. */
const tcpSegment = fc
  .tuple(ends, fc.integer({ min: -2000, max: 6000 }), fc.integer({ min: 100, max: 1400 }))
  .map(([at, length, segmentSize]) => {
    const isSyn = length < 200;
    const octets = Uint8Array.from({ length: isSyn ? 0 : length }, (_, i) => i);
    const flags = isSyn ? tcp.Flag.Syn : tcp.Flag.Ack;
    const fields = { sourcePort: 41_000, destinationPort: 80, sequenceNumber: 1, flags };
    const frame = tcpFrame(fields, octets, at);
    const covered = frame.end - (frame.start + L4);
    const pseudo = checksum.pseudoHeader(at.source, at.destination, IpProtocol.Tcp, covered);
    tcp.setChecksum(frame, frame.start + L4, ~checksum.finish(pseudo) & 0xffff);
    const offload: Offload = {
      segmentSize: isSyn ? 0 : segmentSize,
      checksumStart: L4,
      checksumOffset: 16,
      hasCwr: false,
    };
    return { octets: frame.toBytes(), offload };
  });

const history = fc.array(
  fc
    .tuple(fc.nat(1), fc.oneof(whole, tcpSegment), fc.constantFrom(0, 10, 100, 20_000))
    .map(([device, frame, pause]): Sent => ({ device, pause, ...frame })),
  { minLength: 1, maxLength: 25 },
);

test('frames on loan have the same effects as frames that last', () => {
  let octetsSeen = 0;
  fc.assert(
    fc.property(history, (sent) => {
      const lasting = outcome(sent, false);
      octetsSeen += lasting.length;
      expect(outcome(sent, true)).toEqual(lasting);
    }),
    { numRuns: 60 },
  );
  expect(octetsSeen).toBeGreaterThan(500);
}, 60_000);
