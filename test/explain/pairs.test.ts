// What several captures of one network tell together: how far their clocks differ, and which connections of the two
// sides of address translation are one.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ClockEstimate } from '../../src/explain/clock.ts';
import { converted } from '../../src/explain/clock.ts';
import { explainFiles, FOLDER } from './explain-file.ts';

const OFFSET = 0.137e9;

describe('the clock of a second file', () => {
  test.each([
    ['skew-a.pcap', 'skew-b-shifted.pcap.gz', false],
    ['snat-inside.pcap', 'snat-outside-shifted.pcap.gz', true],
  ])('%s and %s: offset and drift are found, and put right', async (a, b, translated) => {
    const found = await explainFiles(a, b);
    const clock = found.files[1]?.clock;
    expect(found.files[0]?.clock).toBeNull();
    expect(Math.abs((clock?.offset ?? 0) - OFFSET)).toBeLessThan(100_000);
    expect(clock?.drift).toBeCloseTo(20, 0);
    expect(clock?.translated).toBe(translated);
    expect(found.conflicts).toEqual([]);
  });

  test('one that goes right is left alone, and tells the same story', async () => {
    const shifted = await explainFiles('skew-a.pcap', 'skew-b-shifted.pcap.gz');
    const right = await explainFiles('skew-a.pcap', 'skew-b.pcap.gz');
    expect(Math.abs(right.files[1]?.clock?.offset ?? 1e9)).toBeLessThan(100_000);
    const story = ({ announcements, flips, moves }: typeof right): unknown => ({
      announcements: announcements.map(({ form }) => form),
      flips: flips.map(({ observer, to }) => [observer, to]),
      moves: moves.map(({ from, to }) => [from, to]),
    });
    expect(story(shifted)).toEqual(story(right));
  });

  test('without a common frame nothing is guessed, and that is said', async () => {
    const found = await explainFiles('arp-scan.pcap.gz', 'arp-scan.pcap.gz');
    expect(found.files[1]?.clock?.offset).toBe(0);
    const strangers = await explainFiles('skew-a.pcap', 'mac-move.pcap');
    expect(strangers.files[1]?.clock).toBeNull();
  });

  test('one that was set in between is converted before and after', () => {
    const clock: ClockEstimate = {
      offset: 1_000,
      at: 0,
      drift: 0,
      shared: 100,
      spread: 10,
      translated: false,
      oneWay: false,
      step: { at: 50_000, by: 7_000 },
    };
    expect(converted(11_000, clock)).toBe(10_000);
    expect(converted(68_000, clock)).toBe(60_000);
  });
});

test('connections on the two sides of address translation are paired as conntrack had them', async () => {
  interface Pair {
    readonly proto: string;
    readonly src: string;
    readonly sport: string;
    readonly dst: string;
    readonly dport: string;
    readonly natDst: string;
    readonly natPort: string;
  }
  const truth: { nat: readonly Pair[] } = JSON.parse(
    readFileSync(join(FOLDER, 'snat-pair.truth.json'), 'utf8'),
  );
  const found = await explainFiles('snat-inside.pcap', 'snat-outside-shifted.pcap.gz');
  const pairs = found.translations.map(
    ({ asClient, client, protocol, server }) => `${protocol} ${client} ${server} ${asClient}`,
  );
  const wanted = truth.nat.map(
    ({ dport, dst, natDst, natPort, proto, sport, src }) =>
      `${proto} ${src}:${sport} ${dst}:${dport} ${natDst}:${natPort}`,
  );
  // conntrack has forgotten three that were closed.
  expect(pairs).toEqual(expect.arrayContaining(wanted));
  expect(pairs).toHaveLength(wanted.length + 3);
});
