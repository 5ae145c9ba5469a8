// Which of several egress nodes carries a connection: an even choice that depends on the packet alone.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bucketHash, tunnelHash } from '../../../../src/fabric/openshift-sdn/datapath/flow-hash.ts';
import type { Frame } from '../../../../src/wire/frame.ts';
import * as ipv4 from '../../../../src/wire/ipv4.ts';
import { ipv4Address } from '../../../../src/wire/ipv4-address.ts';
import { Flag } from '../../../../src/wire/tcp.ts';
import { uint16, uint32 } from '../../../support/arbitraries.ts';
import { echoFrame, frameOf, ip, L3, L4, tcpFrame, udpFrame } from '../../../support/frames.ts';
import { withHeader } from '../../../support/injection.ts';

const POD = ip('10.8.0.5');
const DB = ip('192.168.50.10');

function segment(sourcePort: number, flags: number, length = 0, source = POD): Frame {
  const fields = { sourcePort, destinationPort: 5432, sequenceNumber: sourcePort * 7, flags };
  return tcpFrame(fields, new Uint8Array(length), { source, destination: DB });
}

const bucket = (frame: Frame, commit = true): number => bucketHash(frame, frame.start + L3, commit);
const tunnel = (frame: Frame): number => tunnelHash(frame, frame.start + L3);

describe('a hash', () => {
  test('is the same for all packets of a connection, whatever else they say', () => {
    fc.assert(
      fc.property(uint16, uint32, fc.nat(255), fc.nat(99), (port, from, flags, length) => {
        const source = ipv4Address(from);
        const first = segment(port, Flag.Syn, 0, source);
        const later = withHeader(segment(port, flags, length, source), (each, l3) => {
          ipv4.setTimeToLive(each, l3, 3);
          ipv4.setIdentification(each, l3, length);
        });
        expect(bucket(later)).toBe(bucket(first));
        expect(tunnel(later)).toBe(tunnel(first));
        expect(bucket(first)).toBeGreaterThanOrEqual(0);
        expect(Number.isInteger(bucket(first))).toBe(true);
      }),
    );
  });

  test.each([
    [
      2,
      'the ports that Linux draws, which are all even',
      (i: number) => segment(32_768 + 2 * i, 2),
    ],
    [3, 'ports in a row', (i: number) => segment(32_768 + i, 2)],
    [2, 'pods in a row', (i: number) => segment(40_000, 2, 0, ipv4Address(POD + i))],
    [5, 'datagrams', (i: number) => udpFrame(32_768 + i, 53, new Uint8Array(4))],
  ])('is even over %i buckets: %s', (buckets, _what, make) => {
    const counts = Array.from({ length: buckets }, () => 0);
    const total = 4000;
    for (let i = 0; i < total; i++) {
      const index = bucket(make(i)) % buckets;
      counts[index] = (counts[index] ?? 0) + 1;
    }
    // Five standard deviations.
    const spread = 5 * Math.sqrt((total / buckets) * (1 - 1 / buckets));
    for (const count of counts) expect(Math.abs(count - total / buckets)).toBeLessThan(spread);
  });

  test('for the port of a tunnel is even in its lower half', () => {
    const seen = new Set<number>();
    for (let i = 0; i < 1000; i++) seen.add(tunnel(segment(32_768 + 2 * i, 2)) & 0xffff);
    expect(seen.size).toBeGreaterThan(980);
  });

  test('of what has no ports, or not all of them, is that of its addresses', () => {
    const ends = { source: POD, destination: DB };
    const ping = (identifier: number): Frame =>
      echoFrame(8, identifier, 1, new Uint8Array(8), ends);
    expect(bucket(ping(1))).toBe(bucket(ping(2)));
    for (const hash of [bucket, tunnel]) {
      const cut = frameOf(
        segment(40_000, 2)
          .toBytes()
          .subarray(0, L4 + 3),
      );
      const other = frameOf(
        segment(50_000, 2)
          .toBytes()
          .subarray(0, L4 + 3),
      );
      expect(hash(cut)).toBe(hash(other));
    }
  });
});

describe('what is not committed to conntrack', () => {
  test('may change its bucket after the SYN, as about half of all connections do', () => {
    let changed = 0;
    for (let i = 0; i < 1000; i++) {
      const syn = bucket(segment(32_768 + 2 * i, Flag.Syn), false) % 2;
      const rest = [Flag.Ack, Flag.Ack | Flag.Psh, Flag.Ack | Flag.Fin, Flag.Rst].map(
        (flags) => bucket(segment(32_768 + 2 * i, flags), false) % 2,
      );
      expect(new Set(rest).size, 'and then never again').toBe(1);
      if (rest[0] !== syn) changed++;
    }
    expect(changed).toBeGreaterThan(420);
    expect(changed).toBeLessThan(580);
  });

  test('is hashed as ever when it is no TCP, or the SYN itself', () => {
    const syn = segment(40_000, Flag.Syn);
    expect(bucket(syn, false)).toBe(bucket(syn, true));
    const datagram = udpFrame(40_000, 53, new Uint8Array(4));
    expect(bucket(datagram, false)).toBe(bucket(datagram, true));
  });
});
