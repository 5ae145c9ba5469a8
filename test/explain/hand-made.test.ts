// Situations that no recorded capture has, made by hand: what is said of each, and what is not.

import { describe, expect, test } from 'vitest';
import { LinkType } from '../../src/capture/reading/link-type.ts';
import { FrameRecord } from '../../src/capture/reading/record.ts';
import { Explainer } from '../../src/explain/explainer.ts';
import type { Explanation } from '../../src/explain/model.ts';

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const NONE = '00:00:00:00:00:00';
const [A, B, C] = ['02:00:00:00:00:0a', '02:00:00:00:00:0b', '02:00:00:00:00:0c'];

function macBytes(text: string): number[] {
  return text.split(':').map((octet) => Number.parseInt(octet, 16));
}

function ipBytes(text: string): number[] {
  return text.split('.').map(Number);
}

interface Made {
  /** Seconds. */
  readonly at: number;
  readonly bytes: readonly number[];
  /** Capture point. */
  readonly point?: number;
}

function arp(
  at: number,
  operation: 1 | 2,
  [from, sender]: readonly [string, string],
  [to, target]: readonly [string, string],
  destination = operation === 1 ? BROADCAST : to,
): Made {
  const head = [...macBytes(destination), ...macBytes(from), 8, 6];
  const body = [0, 1, 8, 0, 6, 4, 0, operation, ...macBytes(from), ...ipBytes(sender)];
  return { at, bytes: [...head, ...body, ...macBytes(to), ...ipBytes(target)] };
}

function ip(
  at: number,
  [from, source]: readonly [string, string],
  [to, destination]: readonly [string, string],
  payload: readonly number[] = [8, 0, 0, 0, 0, 1, 0, 1],
  { id = 1, protocol = 1, ttl = 64 } = {},
): Made {
  const length = 20 + payload.length;
  const head = [...macBytes(to), ...macBytes(from), 8, 0];
  const header = [0x45, 0, length >> 8, length & 255, id >> 8, id & 255, 0, 0, ttl, protocol, 0, 0];
  return {
    at,
    bytes: [...head, ...header, ...ipBytes(source), ...ipBytes(destination), ...payload],
  };
}

function explain(...made: readonly Made[]): Explanation {
  const explainer = new Explainer();
  const file = explainer.add('made');
  made.forEach(({ at, bytes, point = 0 }, index) => {
    const record = new FrameRecord();
    record.number = index + 1;
    record.linkType = LinkType.Ethernet;
    record.interface = point;
    record.seconds = Math.floor(at);
    record.nanos = Math.round((at % 1) * 1e9);
    record.bytes = Uint8Array.from(bytes);
    record.captured = bytes.length;
    record.original = bytes.length;
    file.frame(record);
  });
  file.ended = true;
  explainer.drain();
  return explainer.conclude();
}

const X = '10.0.0.1';
const Y = '10.0.0.2';

describe('RFC 5227', () => {
  test('a probe is no claim; nobody answers it', () => {
    const found = explain(
      arp(0, 1, [A, '0.0.0.0'], [NONE, X]),
      arp(1.5, 1, [A, '0.0.0.0'], [NONE, X]),
      arp(3, 1, [A, '0.0.0.0'], [NONE, X]),
      arp(5, 1, [A, X], [NONE, X]),
    );
    expect(found.probes.map(({ defendedBy }) => defendedBy)).toEqual([null, null, null]);
    expect(found.claims).toHaveLength(1);
    expect(found.conflicts).toEqual([]);
  });

  test('the owner answers a probe, or announces itself: it defends the address', () => {
    const answered = explain(
      ip(0, [B, X], [C, Y]),
      arp(1, 1, [A, '0.0.0.0'], [NONE, X]),
      arp(1.001, 2, [B, X], [A, '0.0.0.0'], A),
    );
    expect(answered.probes[0]?.defendedBy).toBe(B);
    expect(answered.conflicts).toEqual([]);
    const announced = explain(
      arp(0, 1, [B, X], [NONE, X]),
      arp(1, 1, [A, '0.0.0.0'], [NONE, X]),
      arp(1.2, 1, [B, X], [NONE, X]),
    );
    expect(announced.probes[0]?.defendedBy).toBe(B);
  });
});

test('who tells two hosts, unasked, that it has the address of the other forges them', () => {
  const frames: Made[] = [ip(0, [A, X], [B, Y]), ip(0.1, [B, Y], [A, X])];
  for (let round = 1; round < 5; round++) {
    frames.push(arp(round, 2, [C, X], [B, Y]), arp(round + 0.001, 2, [C, Y], [A, X]));
    // The victims send to it, and it relays.
    frames.push(ip(round + 0.1, [A, X], [C, Y], undefined, { id: round }));
    frames.push(ip(round + 0.101, [C, X], [B, Y], undefined, { id: round, ttl: 63 }));
  }
  const found = explain(...frames);
  expect(found.spoofing).toMatchObject([{ by: C, addresses: [X, Y] }]);
  expect(found.conflicts).toEqual([]);
  expect(found.claims.filter(({ mac }) => mac === C).map(({ kind }) => kind)).toEqual([
    'forged',
    'forged',
  ]);
});

test('many questions in a short time are a storm; equal frames at one point a loop', () => {
  const storm = explain(
    ...Array.from({ length: 60 }, (_, index) =>
      arp(index * 0.002, 1, [A, X], [NONE, `10.0.0.${10 + (index % 15)}`]),
    ),
  );
  expect(storm.storms).toMatchObject([{ kind: 'requests', by: A }]);
  expect(storm.scans).toEqual([]);
  const loop = explain(
    ...Array.from({ length: 40 }, (_, index) => arp(index * 0.0005, 1, [A, X], [NONE, Y])),
  );
  expect(loop.storms).toMatchObject([{ kind: 'loop', by: A }]);
});

test('one address in two networks is no conflict; in one it is', () => {
  const owners = (point: number): Made[] => [
    arp(0, 2, [A, X], [C, Y]),
    { ...arp(1, 2, [B, X], [C, Y]), point },
    arp(2, 2, [A, X], [C, Y]),
    { ...arp(3, 2, [B, X], [C, Y]), point },
    arp(4, 2, [A, X], [C, Y]),
    { ...arp(5, 2, [B, X], [C, Y]), point },
  ];
  expect(explain(...owners(1)).conflicts).toEqual([]);
  expect(explain(...owners(0)).conflicts).toHaveLength(1);
  // A frame of one machine at both points joins them.
  const joined = [arp(0, 1, [C, Y], [NONE, X]), { ...arp(0, 1, [C, Y], [NONE, X]), point: 1 }];
  expect(explain(...joined, ...owners(1)).conflicts).toHaveLength(1);
});

test('routers of a VRRP group are masters one after the other', () => {
  const advert = (at: number, mac: string, address: string, priority: number): Made =>
    ip(
      at,
      [mac, address],
      ['01:00:5e:00:00:12', '224.0.0.18'],
      [0x21, 51, priority, 1, 0, 1, 0, 0, ...ipBytes('10.0.0.100')],
      { protocol: 112, ttl: 255, id: at },
    );
  const found = explain(
    advert(0, A, X, 150),
    advert(1, A, X, 150),
    advert(2, A, X, 0),
    advert(3, B, Y, 100),
    advert(4, B, Y, 100),
  );
  expect(found.routerGroups).toMatchObject([
    {
      id: 51,
      addresses: ['10.0.0.100'],
      split: false,
      masters: [{ by: X, resigned: true }, { by: Y }],
    },
  ]);
});
