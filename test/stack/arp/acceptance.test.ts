// Every cell of the measured table of what Linux makes of a heard (shared facts: fixtures 01a, 02,
// 03a), on the wire with real hosts; and the pure function by itself.

import { describe, expect, it } from 'vitest';
import { Acceptance, type HeardArp, judge } from '../../../src/stack/arp/acceptance.ts';
import { StackDrop } from '../../../src/stack/drop-reason.ts';
import { NEIGHBOR_PROFILES } from '../../../src/stack/neighbor/profile.ts';
import { NeighborState } from '../../../src/stack/neighbor/state.ts';
import { Operation } from '../../../src/wire/arp.ts';
import { ANY_ADDRESS, type Ipv4Address } from '../../../src/wire/ipv4-address.ts';
import {
  BROADCAST_MAC,
  type MacAddress,
  macAddress,
  ZERO_MAC,
} from '../../../src/wire/mac-address.ts';
import { ip } from '../../support/frames.ts';
import { Lan, nic } from '../../support/lan.ts';

const OBSERVER = ip('10.0.0.1');
const ELSEWHERE = ip('10.0.0.9');
const EIP = ip('10.0.0.120');
const MAC_A = macAddress(0x0200_0000_00aa);

/** What the observer knew: nothing, MAC A for less than a second, MAC A for longer. */
type Knowledge = 'none' | 'fresh' | 'old';

interface Frame {
  readonly operation: Operation;
  readonly senderIp: Ipv4Address;
  readonly targetIp: Ipv4Address;
  /** 'B' is the sender. */
  readonly senderMac: 'B' | 'zero';
  readonly targetMac: 'zero' | 'broadcast' | 'B' | 'observer';
  readonly to: 'everybody' | 'observer';
}

const { Request, Reply } = Operation;

/** Rows of the table, and per column what the observer's entry is afterwards. */
const TABLE: readonly (readonly [
  name: string,
  frame: Frame,
  cells: readonly [string, string, string, string],
])[] = [
  [
    'announcing request, target MAC broadcast (arping -U)',
    {
      operation: Request,
      senderIp: EIP,
      targetIp: EIP,
      senderMac: 'B',
      targetMac: 'broadcast',
      to: 'everybody',
    },
    ['NONE', 'STALE:B', 'STALE:B', 'STALE:B'],
  ],
  [
    'announcing request, target MAC zero (OVN, arp_notify)',
    {
      operation: Request,
      senderIp: EIP,
      targetIp: EIP,
      senderMac: 'B',
      targetMac: 'zero',
      to: 'everybody',
    },
    ['NONE', 'STALE:B', 'STALE:B', 'STALE:B'],
  ],
  [
    'announcing reply, target MAC the sender (arping -A)',
    {
      operation: Reply,
      senderIp: EIP,
      targetIp: EIP,
      senderMac: 'B',
      targetMac: 'B',
      to: 'everybody',
    },
    ['NONE', 'STALE:B', 'STALE:B', 'STALE:B'],
  ],
  [
    'announcing reply, target MAC broadcast (MetalLB)',
    {
      operation: Reply,
      senderIp: EIP,
      targetIp: EIP,
      senderMac: 'B',
      targetMac: 'broadcast',
      to: 'everybody',
    },
    ['NONE', 'REACHABLE:A', 'STALE:B', 'STALE:B'],
  ],
  [
    'announcing reply, target MAC zero (OVN-K secondary network)',
    {
      operation: Reply,
      senderIp: EIP,
      targetIp: EIP,
      senderMac: 'B',
      targetMac: 'zero',
      to: 'everybody',
    },
    ['NONE', 'REACHABLE:A', 'STALE:B', 'STALE:B'],
  ],
  [
    'unicast reply to the observer (second responder)',
    {
      operation: Reply,
      senderIp: EIP,
      targetIp: OBSERVER,
      senderMac: 'B',
      targetMac: 'observer',
      to: 'observer',
    },
    ['NONE', 'REACHABLE:A', 'REACHABLE:B', 'REACHABLE:B'],
  ],
  [
    'broadcast request for another host',
    {
      operation: Request,
      senderIp: EIP,
      targetIp: ELSEWHERE,
      senderMac: 'B',
      targetMac: 'zero',
      to: 'everybody',
    },
    ['NONE', 'REACHABLE:A', 'STALE:B', 'NONE'],
  ],
  [
    "request for the observer's own address",
    {
      operation: Request,
      senderIp: EIP,
      targetIp: OBSERVER,
      senderMac: 'B',
      targetMac: 'zero',
      to: 'everybody',
    },
    ['STALE:B', 'STALE:B', 'STALE:B', 'STALE:B'],
  ],
  [
    'probe for the address (sender 0.0.0.0)',
    {
      operation: Request,
      senderIp: ANY_ADDRESS,
      targetIp: EIP,
      senderMac: 'B',
      targetMac: 'zero',
      to: 'everybody',
    },
    ['NONE', 'REACHABLE:A', 'REACHABLE:A', 'NONE'],
  ],
  [
    '0.0.0.0 announcing 0.0.0.0 (OVN-K bug)',
    {
      operation: Request,
      senderIp: ANY_ADDRESS,
      targetIp: ANY_ADDRESS,
      senderMac: 'B',
      targetMac: 'zero',
      to: 'everybody',
    },
    ['NONE', 'REACHABLE:A', 'REACHABLE:A', 'NONE'],
  ],
  [
    'release: announcing request with sender MAC zero',
    {
      operation: Request,
      senderIp: EIP,
      targetIp: EIP,
      senderMac: 'zero',
      targetMac: 'zero',
      to: 'everybody',
    },
    ['NONE', 'STALE:ZERO', 'STALE:ZERO', 'STALE:ZERO'],
  ],
  [
    'release: announcing reply with both MACs zero',
    {
      operation: Reply,
      senderIp: EIP,
      targetIp: EIP,
      senderMac: 'zero',
      targetMac: 'zero',
      to: 'everybody',
    },
    ['NONE', 'STALE:ZERO', 'STALE:ZERO', 'STALE:ZERO'],
  ],
];

const COLUMNS: readonly (readonly [Knowledge, 0 | 1])[] = [
  ['none', 0],
  ['fresh', 0],
  ['old', 0],
  ['none', 1],
];

function observe(frame: Frame, knowledge: Knowledge, arpAccept: number, age: number): string {
  const lan = new Lan();
  lan.nameMac(MAC_A, 'A');
  const observer = lan.host('O', '10.0.0.1/24');
  const b = lan.host('B', '10.0.0.2/24');
  observer.sysctl.set('net.ipv4.conf.eth0.arp_accept', arpAccept);
  if (knowledge !== 'none') {
    observer.neighbors.replace(nic(observer), EIP, MAC_A, NeighborState.Reachable);
    lan.run(age);
  }
  const targets: Record<Frame['targetMac'], MacAddress> = {
    zero: ZERO_MAC,
    broadcast: BROADCAST_MAC,
    B: nic(b).mac,
    observer: nic(observer).mac,
  };
  b.arp.send(nic(b), {
    operation: frame.operation,
    senderIp: frame.senderIp,
    targetIp: frame.targetIp,
    senderMac: frame.senderMac === 'zero' ? ZERO_MAC : nic(b).mac,
    targetMac: targets[frame.targetMac],
    destination: frame.to === 'observer' ? nic(observer).mac : BROADCAST_MAC,
  });
  lan.run(0.001);
  return lan.neighbor(observer, '10.0.0.120');
}

describe('what an observer makes of a heard', () => {
  for (const [name, frame, cells] of TABLE) {
    for (const [index, [knowledge, arpAccept]] of COLUMNS.entries()) {
      const accepting = arpAccept === 1 ? ', arp_accept=1' : '';
      it(`${name}; entry ${knowledge}${accepting} → ${cells[index]}`, () => {
        expect(observe(frame, knowledge, arpAccept, knowledge === 'old' ? 2 : 0.3)).toBe(
          cells[index],
        );
      });
    }
  }

  it('protects for one second and not a moment longer (locktime, measured at 0.98 and 1.02 s)', () => {
    const reply = TABLE[5]?.[1];
    if (reply === undefined) throw new Error('the table has a unicast reply');
    expect(observe(reply, 'old', 0, 0.98)).toBe('REACHABLE:A');
    expect(observe(reply, 'old', 0, 0.99996)).toBe('REACHABLE:A');
    expect(observe(reply, 'old', 0, 1.02)).toBe('REACHABLE:B');
  });

  it('believes anybody who asks inside its own subnet only, with arp_accept=2', () => {
    const lan = new Lan();
    const observer = lan.host('O', '10.0.0.1/24');
    const b = lan.host('B', '10.0.0.2/24');
    observer.sysctl.set('net.ipv4.conf.eth0.arp_accept', 2);
    b.arp.announce(nic(b), EIP, 'request', null);
    b.arp.announce(nic(b), ip('10.9.9.9'), 'request', null);
    lan.run(0.01);
    expect(lan.neighbor(observer, '10.0.0.120')).toBe('STALE:B');
    expect(lan.neighbor(observer, '10.9.9.9')).toBe('NONE');
  });

  it('refuses announcements with drop_gratuitous_arp, and counts them', () => {
    const lan = new Lan();
    lan.nameMac(MAC_A, 'A');
    const observer = lan.host('O', '10.0.0.1/24');
    const b = lan.host('B', '10.0.0.2/24');
    observer.sysctl.set('net.ipv4.conf.eth0.drop_gratuitous_arp', 1);
    observer.neighbors.replace(nic(observer), EIP, MAC_A, NeighborState.Reachable);
    lan.run(5);
    b.arp.announce(nic(b), EIP, 'request', null);
    b.arp.announce(nic(b), EIP, 'reply', null);
    lan.run(0.01);
    expect(lan.neighbor(observer, '10.0.0.120')).toBe('REACHABLE:A');
    expect(observer.drops.of(StackDrop.GratuitousDropped)).toBe(2);
  });

  it('never changes a permanent entry', () => {
    const lan = new Lan();
    lan.nameMac(MAC_A, 'A');
    const observer = lan.host('O', '10.0.0.1/24');
    const b = lan.host('B', '10.0.0.2/24', '10.0.0.120/32');
    observer.neighbors.replace(nic(observer), EIP, MAC_A);
    lan.run(5);
    b.arp.announce(nic(b), EIP, 'request', null);
    b.arp.request(nic(b), OBSERVER, EIP);
    lan.run(0.01);
    expect(lan.neighbor(observer, '10.0.0.120')).toBe('PERMANENT:A');
  });
});

describe('judge', () => {
  const heard: HeardArp = {
    isRequest: true,
    isSelfAddressed: false,
    targetsOwnMac: false,
    isUnicast: false,
    targetsUs: false,
    isAnswered: false,
    isFromUnicast: true,
    isFromSubnet: true,
    isKnown: true,
    age: 0,
  };
  const rules = { arp_accept: 0, drop_gratuitous_arp: 0 };
  const { linux } = NEIGHBOR_PROFILES;

  it('takes locktime as strictly longer than', () => {
    expect(judge({ ...heard, age: 1000 }, linux, rules, 1000)).toBe(Acceptance.Update);
    expect(judge({ ...heard, age: 1001 }, linux, rules, 1000)).toBe(
      Acceptance.Update | Acceptance.Override,
    );
  });

  it('does not take an announcement of one of our own or a broadcast address for one', () => {
    const announcement = { ...heard, isSelfAddressed: true, isFromUnicast: false };
    expect(judge(announcement, linux, rules, 1000)).toBe(Acceptance.Update);
    expect(
      judge({ ...announcement, isKnown: false }, linux, { ...rules, arp_accept: 1 }, 1000),
    ).toBe(0);
  });

  it('proves a neighbor only by a reply that came to our MAC', () => {
    const proofs = [true, false].flatMap((isRequest) =>
      [true, false].map((isUnicast) => {
        const verdict = judge({ ...heard, isRequest, isUnicast, age: 2000 }, linux, rules, 1000);
        return (verdict & Acceptance.Reachable) !== 0;
      }),
    );
    expect(proofs).toEqual([false, false, true, false]);
  });
});
