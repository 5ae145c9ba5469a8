// Observers and responders that are not a Linux of today.

import { describe, expect, it } from 'vitest';
import { StackDrop } from '../../../src/stack/drop-reason.ts';
import {
  NEIGHBOR_PROFILES,
  type NeighborProfileName,
  RESPONDER_STYLES,
} from '../../../src/stack/neighbor/profile.ts';
import { NeighborState } from '../../../src/stack/neighbor/state.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import { Operation } from '../../../src/wire/arp.ts';
import { BROADCAST_MAC } from '../../../src/wire/mac-address.ts';
import { ip } from '../../support/frames.ts';
import { cidr, Lan, nic } from '../../support/lan.ts';

const EIP = '10.0.0.120';

interface Scene {
  readonly lan: Lan;
  readonly o: NetworkStack;
  readonly a: NetworkStack;
  readonly b: NetworkStack;
}

/** An observer, the old holder A and the new holder B of the address; the observer knows A. */
function scene(profile: NeighborProfileName): Scene {
  const lan = new Lan();
  const o = lan.host('O', '10.0.0.1/24');
  const a = lan.host('A', '10.0.0.2/24', `${EIP}/32`);
  const b = lan.host('B', '10.0.0.3/24', `${EIP}/32`);
  o.arp.setProfile(profile);
  b.arp.setResponder('silent');
  lan.ping(o, EIP);
  lan.run(0.2);
  return { lan, o, a, b };
}

function announce({ lan, b }: Scene, form: 'request' | 'reply', after = 0): void {
  lan.run(after);
  b.arp.announce(nic(b), ip(EIP), form, null);
  lan.run(0.01);
}

describe('observer profiles', () => {
  it('start from an entry for the holder that answered', () => {
    for (const name of Object.keys(NEIGHBOR_PROFILES)) {
      const { lan, o } = scene(name as NeighborProfileName);
      expect([name, lan.neighbor(o, EIP)]).toEqual([name, 'REACHABLE:A']);
      expect(o.arp.profile.name).toBe(name);
    }
  });

  it.each([
    ['linux', 'STALE:B', 'STALE:B'],
    ['linux-arp-accept', 'STALE:B', 'STALE:B'],
    ['linux-pre-4.13', 'REACHABLE:A', 'STALE:B'],
    ['router-20min', 'REACHABLE:B', 'REACHABLE:B'],
    ['router-4h', 'REACHABLE:B', 'REACHABLE:B'],
    ['ignores-garp', 'REACHABLE:A', 'REACHABLE:A'],
    ['strict', 'STALE:B', 'STALE:B'],
  ] as const)(
    '%s: an announcement 0.2 s after the entry was made → %s, after 2 s → %s',
    (profile, fresh, old) => {
      for (const form of ['request', 'reply'] as const) {
        const early = scene(profile);
        announce(early, form);
        expect(early.lan.neighbor(early.o, EIP)).toBe(fresh);
        const late = scene(profile);
        announce(late, form, 2);
        expect(late.lan.neighbor(late.o, EIP)).toBe(old);
      }
    },
  );

  it('linux-pre-4.13: frames about the old MAC renew the lock, and no late reply comes through', () => {
    for (const [profile, believed] of [
      ['linux-pre-4.13', false],
      ['linux', true],
    ] as const) {
      const { lan, a, b, o } = scene(profile);
      const lateReply = {
        operation: Operation.Reply,
        senderIp: ip(EIP),
        targetIp: ip(EIP),
        targetMac: BROADCAST_MAC,
      } as const;
      for (let t = 0.5; t < 10; t += 0.5) {
        lan.after(t, () => a.arp.request(nic(a), ip('10.0.0.77'), ip(EIP)));
        lan.after(t + 0.1, () => b.arp.send(nic(b), lateReply));
      }
      lan.run(9);
      const moved = lan.history(o, EIP).some(({ state }) => state.endsWith(':B'));
      expect([profile, moved]).toEqual([profile, believed]);
    }
  });

  it('linux-pre-4.13 with arp_accept takes the request form at once, the reply form not', () => {
    for (const [form, expected] of [
      ['request', 'STALE:B'],
      ['reply', 'REACHABLE:A'],
    ] as const) {
      const all = scene('linux-pre-4.13');
      all.o.sysctl.set('net.ipv4.conf.eth0.arp_accept', 1);
      announce(all, form);
      expect(all.lan.neighbor(all.o, EIP)).toBe(expected);
    }
  });

  it('linux-arp-accept makes an entry of an announcement, whatever the sysctl says', () => {
    const { lan, o, b } = scene('linux-arp-accept');
    b.arp.announce(nic(b), ip('10.0.0.121'), 'request', null);
    lan.run(0.01);
    expect(lan.neighbor(o, '10.0.0.121')).toBe('STALE:B');
  });

  it('ignores-garp counts what it ignores, but learns from an ordinary request', () => {
    const all = scene('ignores-garp');
    announce(all, 'request', 2);
    expect(all.o.drops.of(StackDrop.GratuitousDropped)).toBe(1);
    all.b.arp.request(nic(all.b), ip('10.0.0.77'), ip(EIP));
    all.lan.run(0.01);
    expect(all.lan.neighbor(all.o, EIP)).toBe('STALE:B');
  });

  it('strict adds whoever speaks to it, reply or request, and nobody else', () => {
    const { lan, o, b } = scene('strict');
    const iface = nic(b);
    const target = { targetIp: ip('10.0.0.1'), targetMac: nic(o).mac, destination: nic(o).mac };
    b.arp.send(iface, { operation: Operation.Reply, senderIp: ip('10.0.0.31'), ...target });
    b.arp.request(iface, ip('10.0.0.1'), ip('10.0.0.32'));
    b.arp.request(iface, ip('10.0.0.99'), ip('10.0.0.33'));
    b.arp.announce(iface, ip('10.0.0.34'), 'request', null);
    lan.run(0.01);
    const states = [31, 32, 33, 34].map((octet) => lan.neighbor(o, `10.0.0.${octet}`));
    expect(states).toEqual(['REACHABLE:B', 'STALE:B', 'NONE', 'NONE']);
  });

  it.each([
    ['router-20min', 20 * 60],
    ['router-4h', 4 * 3600],
  ] as const)(
    '%s sends to a silent holder for its whole lifetime, then asks by broadcast',
    (profile, lifetime) => {
      const { lan, o, a } = scene(profile);
      a.powerOff();
      const { now } = lan.scheduler;
      lan.ping(o, EIP, { count: Math.ceil(lifetime / 60) + 2, every: 60 });
      lan.run(lifetime - 1);
      expect(lan.neighbor(o, EIP)).toBe('REACHABLE:A');
      expect(lan.arps(now)).toEqual([]);
      lan.run(120);
      expect(lan.arps(now)[0]).toBe(`O > BROADCAST who-has ${EIP} tell 10.0.0.1`);
      expect(lan.timeline(o, EIP).find((line) => line.endsWith('GONE'))).toBe(
        `${lifetime.toFixed(1)} GONE`,
      );
    },
  );

  it('router-4h is renewed by frames of the holder, not by confirmations', () => {
    const { lan, o, a } = scene('router-4h');
    lan.run(2 * 3600);
    o.neighbors.confirm(nic(o), ip(EIP));
    lan.run(3600);
    a.arp.request(nic(a), ip('10.0.0.77'), ip(EIP));
    lan.run(3.9 * 3600);
    expect(lan.neighbor(o, EIP)).toBe('REACHABLE:A');
    lan.run(0.2 * 3600);
    expect(lan.neighbor(o, EIP)).toBe('NONE');
  });

  it('can be mixed: a router that ignores announcements', () => {
    const all = scene('router-4h');
    const profile = NEIGHBOR_PROFILES['router-4h'];
    all.o.arp.setProfile({ ...profile, name: 'router-4h-deaf', gratuitous: 'ignored' });
    announce(all, 'reply', 60);
    expect(all.lan.neighbor(all.o, EIP)).toBe('REACHABLE:A');
  });
});

describe('responder styles', () => {
  function answers(
    style: (typeof RESPONDER_STYLES)[number],
    asks: (scene: Lan, b: NetworkStack) => void,
  ): string[] {
    const lan = new Lan();
    const a = lan.host('A', '10.0.0.2/24', `${EIP}/32`);
    const b = lan.host('B', '10.0.0.3/24');
    a.arp.setResponder(style);
    asks(lan, b);
    lan.run(0.1);
    return lan.arps().filter((line) => line.startsWith('A >'));
  }
  const reply = `A > B ${EIP} is-at A to`;

  it('linux answers requests and probes, and is silent about announcements of its address', () => {
    expect(answers('linux', (_lan, b) => b.arp.request(nic(b), ip(EIP), ip('10.0.0.3')))).toEqual([
      `${reply} 10.0.0.3`,
    ]);
    expect(answers('linux', (_lan, b) => b.arp.probe(nic(b), ip(EIP), null))).toEqual([
      `${reply} 0.0.0.0`,
    ]);
    expect(answers('linux', (_lan, b) => b.arp.announce(nic(b), ip(EIP), 'request', null))).toEqual(
      [],
    );
  });

  it('ovn answers an announcement, too: the accidental defence; but not the reply form', () => {
    expect(answers('ovn', (_lan, b) => b.arp.request(nic(b), ip(EIP), ip('10.0.0.3')))).toEqual([
      `${reply} 10.0.0.3`,
    ]);
    expect(answers('ovn', (_lan, b) => b.arp.probe(nic(b), ip(EIP), null))).toEqual([
      `${reply} 0.0.0.0`,
    ]);
    expect(answers('ovn', (_lan, b) => b.arp.announce(nic(b), ip(EIP), 'request', null))).toEqual([
      `${reply} ${EIP}`,
    ]);
    expect(answers('ovn', (_lan, b) => b.arp.announce(nic(b), ip(EIP), 'reply', null))).toEqual([]);
  });

  it('ovn’s defence reaches the announcer only: no other host is moved by it', () => {
    const lan = new Lan();
    const o = lan.host('O', '10.0.0.1/24');
    const a = lan.host('A', '10.0.0.2/24', `${EIP}/32`);
    const b = lan.host('B', '10.0.0.3/24');
    a.arp.setResponder('ovn');
    o.neighbors.replace(nic(o), ip(EIP), nic(a).mac, NeighborState.Stale);
    b.addresses.add(nic(b), cidr(`${EIP}/32`));
    b.arp.announce(nic(b), ip(EIP), 'request', null);
    lan.run(0.1);
    expect(lan.arps()).toHaveLength(2);
    expect(lan.neighbor(o, EIP)).toBe('STALE:B');
  });

  it('silent says nothing, and counts what it does not answer', () => {
    const lan = new Lan();
    const a = lan.host('A', '10.0.0.2/24');
    const b = lan.host('B', '10.0.0.3/24');
    a.arp.setResponder('silent');
    b.arp.request(nic(b), ip('10.0.0.2'), ip('10.0.0.3'));
    b.arp.probe(nic(b), ip('10.0.0.2'), null);
    lan.run(0.1);
    expect(lan.arps()).toHaveLength(2);
    expect(a.drops.of(StackDrop.ArpIgnored)).toBe(2);
    expect(RESPONDER_STYLES).toEqual(['linux', 'ovn', 'silent']);
  });
});
