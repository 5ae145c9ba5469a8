// How one direction of a conversation is told from all others, and what the other direction is.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  answerType,
  hashTuple,
  icmpPort,
  invertedDestinationPort,
  invertedSourcePort,
} from '../../../src/nat/conntrack/tuple.ts';
import { ipv4Address } from '../../../src/wire/ipv4-address.ts';
import { IpProtocol } from '../../../src/wire/numbers.ts';
import { uint8, uint16 } from '../../support/arbitraries.ts';

const { Icmp, Tcp, Udp } = IpProtocol;
const queries = fc.constantFrom(0, 8, 13, 14, 15, 16, 17, 18);

/** Protocol, source port and destination port of the other direction. */
function inverted([protocol, source, destination]: readonly [number, number, number]) {
  return [
    protocol,
    invertedSourcePort(protocol, source, destination),
    invertedDestinationPort(protocol, source, destination),
  ] as const;
}

describe('the other direction', () => {
  test('of the other direction is the one it began with', () => {
    const withPorts = fc.tuple(fc.constantFrom<number>(Tcp, Udp, 50), uint16, uint16);
    const icmpQuery = fc
      .tuple(uint16, queries, uint8)
      .map(([identifier, type, code]) => [Icmp, identifier, icmpPort(type, code)] as const);
    fc.assert(
      fc.property(fc.oneof(withPorts, icmpQuery), (direction) => {
        expect(inverted(inverted(direction))).toEqual([...direction]);
      }),
    );
  });

  test('of an echo has its identifier and its code, and is a reply', () => {
    expect(inverted([Icmp, 77, icmpPort(8, 3)])).toEqual([Icmp, 77, icmpPort(0, 3)]);
  });

  test('is none of an ICMP error, or of what nobody knows', () => {
    fc.assert(
      fc.property(uint8, uint8, (type, code) => {
        const known = [0, 8, 13, 14, 15, 16, 17, 18].includes(type);
        expect(answerType(type) !== null).toBe(known);
        if (!known) expect(invertedDestinationPort(Icmp, 1, icmpPort(type, code))).toBe(-1);
      }),
    );
  });
});

describe('a hash', () => {
  const of = (seed: number, source: number, port: number): number =>
    hashTuple(seed, Tcp, ipv4Address(source), ipv4Address(0xc000_020a), port, 443);

  test('spreads ports and hosts in a row over the buckets of a table', () => {
    const BUCKETS = 1024;
    for (const make of [
      (i: number) => of(1, 0x0a01_0001, 32_768 + i),
      (i: number) => of(1, 0x0a01_0001 + i, 40_000),
      (i: number) => of(1, 0x0a01_0001 + (i >>> 4), 32_768 + 2 * (i & 15)),
    ]) {
      const used = new Set<number>();
      for (let i = 0; i < BUCKETS; i++) used.add(make(i) & (BUCKETS - 1));
      // 1 - 1/e of the buckets, if it was chance.
      expect(used.size).toBeGreaterThan(580);
      expect(used.size).toBeLessThan(720);
    }
  });

  test('is another on another host, and the same on the same', () => {
    const one = Array.from({ length: 64 }, (_, i) => of(1, 0x0a01_0001, i));
    expect(Array.from({ length: 64 }, (_, i) => of(1, 0x0a01_0001, i))).toEqual(one);
    const other = Array.from({ length: 64 }, (_, i) => of(2, 0x0a01_0001, i));
    expect(other.filter((hash, i) => hash === one[i])).toEqual([]);
    for (const hash of one) expect(hash | 0).toBe(hash);
  });
});
