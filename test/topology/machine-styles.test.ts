// `observer`, `responder`, `loopback` and `unknownUnicast`, and the steps that make ARP by hand.

import { describe, expect, test } from 'vitest';
import { seconds } from '../../src/sim/time.ts';
import { formatCidr } from '../../src/wire/ipv4-address.ts';
import { BROADCAST_MAC } from '../../src/wire/mac-address.ts';
import { labWith, problems, sound, step } from './support.ts';

const HOSTS = (db: string, lan = ''): string => `name: lab
segments: { lan: { subnet: 192.168.50.0/24${lan} } }
hosts:
  db: { interfaces: { eth0: { segment: lan, address: 192.168.50.10 } }${db} }
`;
const problemsOfStep = (text: string): string[] =>
  problems(labWith(`    - ${text}\n`)).map((line) => line.replace(/^\d+:\d+ /, ''));

describe('a machine', () => {
  test('is Linux in every way unless it says otherwise', () => {
    const [db] = sound(HOSTS('')).hosts;
    expect(db).toMatchObject({ observer: 'linux', responder: 'linux', addressRemoval: 0 });
    expect(db?.loopback).toEqual([]);
  });

  test('believes and answers as another kind of machine does', () => {
    const [db] = sound(HOSTS(', observer: router-4h, responder: ovn')).hosts;
    expect(db).toMatchObject({ observer: 'router-4h', responder: 'ovn' });
  });

  test('has more addresses on lo, alone unless a length is given', () => {
    const [db] = sound(HOSTS(', loopback: [192.168.50.240, 10.1.0.1/16]')).hosts;
    expect(db?.loopback.map(formatCidr)).toEqual(['192.168.50.240/32', '10.1.0.1/16']);
  });

  test('is told of the style that was meant', () => {
    const found = problems(HOSTS(', observer: router-4hours, responder: ovm'));
    expect(found).toEqual([
      expect.stringMatching(
        /expected one of linux, .* found "router-4hours" → did you mean "router-4h"\?$/,
      ),
      expect.stringMatching(
        /expected one of linux, ovn, silent, found "ovm" → did you mean "ovn"\?$/,
      ),
    ]);
  });

  test('cannot have a group address or the same address twice on lo', () => {
    expect(problems(HOSTS(', loopback: [224.0.0.1, 10.0.0.1, 10.0.0.1]'))).toEqual([
      expect.stringContaining('224.0.0.1 cannot be the address of a machine'),
      expect.stringContaining('10.0.0.1 is already an address of lo'),
    ]);
  });
});

describe('a segment', () => {
  test('floods what it does not know unless it says otherwise', () => {
    expect(sound(HOSTS('')).segments[0]?.unknownUnicast).toBe('flood');
    expect(sound(HOSTS('', ', unknownUnicast: drop')).segments[0]?.unknownUnicast).toBe('drop');
  });
});

describe('a frame made by hand', () => {
  test('is what an honest host would write where nothing is said', () => {
    expect(step('{ at: 1s, send: { arp: { targetIp: 192.168.50.120 } }, from: db }')).toMatchObject(
      {
        kind: 'send',
        on: { machine: 'db', interface: 'eth0' },
        ethernet: { destination: null, source: null },
        frame: {
          kind: 'arp',
          arp: { operation: 1, senderMac: null, senderIp: null, targetMac: null },
        },
        count: 1,
        note: null,
      },
    );
  });

  test('names MAC addresses by their owners, and repeats', () => {
    const sent = step(
      '{ at: 1s, send: { ethernet: { to: db }, arp: { operation: reply, senderMac: 00:00:00:00:00:00, senderIp: 192.168.50.120, targetMac: broadcast, targetIp: 192.168.50.120 } }, from: worker01/enp1s0, count: 3, interval: 2s, comment: release }',
    );
    expect(sent).toMatchObject({
      kind: 'send',
      ethernet: { destination: 0x02_00_00_00_00_0a },
      frame: { arp: { operation: 2, senderMac: 0, targetMac: BROADCAST_MAC } },
      count: 3,
      interval: seconds(2),
      note: 'release',
    });
  });

  test('may have an operation that nobody knows', () => {
    const sent = step('{ at: 1s, send: { arp: { operation: 9, targetIp: 10.0.0.9 } }, from: db }');
    expect(sent).toMatchObject({ frame: { arp: { operation: 9 } } });
  });

  test.each([
    [
      '{ at: 1s, send: { arp: { targetIp: 10.0.0.9 } }, from: bd }',
      'there is no host or node "bd" → did you mean "db"?',
    ],
    [
      '{ at: 1s, send: { arp: { operation: ask, targetIp: 10.0.0.9 } }, from: db }',
      'expected one of request, reply, found "ask"',
    ],
    [
      '{ at: 1s, send: { arp: {} }, from: db }',
      '"targetIp" is missing → "arp" needs the key "targetIp"',
    ],
    [
      '{ at: 1s, send: { arp: { senderMac: nobody, targetIp: 10.0.0.9 } }, from: db }',
      'there is no host, node or pod "nobody" → known: db, router, mute, master01, worker01, web',
    ],
  ])('%s is refused', (text, problem) => {
    expect(problemsOfStep(text)).toEqual([problem]);
  });
});

describe('a setting changed while the lab runs', () => {
  test('is of the host, or of one interface', () => {
    const whole = step('{ at: 1s, sysctl: { arp_ignore: 1, ip_forward: 0 }, on: worker01 }');
    expect(whole).toMatchObject({
      kind: 'sysctl',
      machine: 'worker01',
      settings: [
        { name: 'arp_ignore', value: 1, interface: null },
        { name: 'ip_forward', value: 0, interface: null },
      ],
    });
    const own = step('{ at: 1s, sysctl: { arp_ignore: 1 }, on: router/eth1 }');
    expect(own).toMatchObject({ settings: [{ interface: 'eth1' }] });
  });

  test.each([
    [
      '{ at: 1s, sysctl: { arp_ignroe: 1 }, on: db }',
      'the sysctl "arp_ignroe" is not modeled → did you mean "arp_ignore"?',
    ],
    [
      '{ at: 1s, sysctl: { arp_ignore: 1 }, on: db/eth9 }',
      'there is no interface "db/eth9" → did you mean "db/eth0"?',
    ],
    [
      '{ at: 1s, sysctl: { ip_forward: 1 }, on: db/eth0 }',
      '"ip_forward" is a setting of the whole host → move it to the host\'s own sysctls',
    ],
  ])('%s is refused', (text, problem) => {
    expect(problemsOfStep(text)).toEqual([problem]);
  });
});

describe('a neighbor entry made by hand', () => {
  test('is permanent unless it says otherwise', () => {
    const added = step('{ at: 0s, addNeighbor: 192.168.50.120, to: router, mac: db }');
    expect(added).toMatchObject({
      kind: 'add-neighbor',
      on: { machine: 'router', interface: 'eth0' },
      mac: 0x02_00_00_00_00_0a,
      state: 'PERMANENT',
    });
    const stale = step(
      '{ at: 0s, addNeighbor: 10.0.0.9, to: router/eth1, mac: 02:00:00:00:00:09, state: STALE }',
    );
    expect(stale).toMatchObject({ on: { interface: 'eth1' }, state: 'STALE' });
  });

  test('goes, alone or with all the others', () => {
    const removed = step('{ at: 0s, removeNeighbor: 192.168.50.120, from: db/eth0 }');
    expect(removed).toMatchObject({ kind: 'remove-neighbor', on: { machine: 'db' } });
    const flushed = step('{ at: 0s, flushNeighbors: router/eth1 }');
    expect(flushed).toMatchObject({
      kind: 'flush-neighbors',
      on: { machine: 'router', interface: 'eth1' },
    });
  });
});

test('an address can be added to lo, where it stands alone', () => {
  const added = step('{ at: 0s, addAddress: 192.168.50.240, to: db/lo }');
  if (added.kind !== 'add-address') throw new Error('another step');
  expect(added).toMatchObject({
    on: { machine: 'db', interface: 'lo' },
    address: { prefixLength: 32 },
  });
  expect(problemsOfStep('{ at: 0s, link: db/lo, state: down }')).toEqual([
    expect.stringContaining('there is no interface "db/lo"'),
  ]);
});

test('an unknown owner of a MAC address in a step is told once', () => {
  expect(problemsOfStep('{ at: 0s, addNeighbor: 10.0.0.9, to: db, mac: worker02 }')).toEqual([
    expect.stringContaining('did you mean "worker01"?'),
  ]);
});
