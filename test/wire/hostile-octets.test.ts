// Octets from outside never throw: whatever `check` and its kin let pass, the accessors can read.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as arp from '../../src/wire/arp.ts';
import type { Frame } from '../../src/wire/frame.ts';
import * as geneve from '../../src/wire/geneve.ts';
import * as icmp from '../../src/wire/icmp.ts';
import * as ipv4 from '../../src/wire/ipv4.ts';
import * as tcp from '../../src/wire/tcp.ts';
import * as tcpOptions from '../../src/wire/tcp-options.ts';
import * as udp from '../../src/wire/udp.ts';
import * as vxlan from '../../src/wire/vxlan.ts';
import { frameOf } from '../support/frames.ts';

/** Reads all that can be read at `at`, where `length` octets are said to be. */
const READERS: readonly (readonly [string, (frame: Frame, at: number, length: number) => void])[] =
  [
    ['arp', (frame, at) => arp.parse(frame, at)],
    ['ipv4', (frame, at) => ipv4.parse(frame, at)],
    ['icmp', (frame, at, length) => icmp.parse(frame, at, length)],
    ['udp', (frame, at, length) => udp.parse(frame, at, length)],
    [
      'tcp',
      (frame, at, length) => {
        if (tcp.parse(frame, at, length) !== null) tcpOptions.parse(frame, at);
      },
    ],
    ['geneve', (frame, at) => geneve.parse(frame, at, frame.end - at)],
    ['vxlan', (frame, at) => vxlan.parse(frame, at, frame.end - at)],
  ];

describe('octets from outside', () => {
  test.each(READERS)('never make %s throw, wherever it is told to look', (_name, read) => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 100 }),
        fc.nat(120),
        fc.nat(120),
        fc.constantFrom(0x00, 0x01, 0x08, 0x45, 0x4f, 0x50, 0xf0),
        (octets, offset, length, lure) => {
          const frame = frameOf(octets);
          // What a decoder hopes to find first, now and then.
          if (offset < octets.length) frame.bytes[frame.start + offset] = lure;
          read(frame, frame.start + offset, length);
          expect(frame.length).toBe(octets.length);
        },
      ),
      { numRuns: 500 },
    );
  });
});
