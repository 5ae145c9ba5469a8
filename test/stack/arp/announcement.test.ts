// Fixture 02: gratuitous ARP in its forms, who updates, who creates, when the kernel sends it.

import { describe, expect, it } from 'vitest';
import { StackDrop } from '../../../src/stack/drop-reason.ts';
import { NeighborState } from '../../../src/stack/neighbor/state.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import { Operation } from '../../../src/wire/arp.ts';
import { BROADCAST_MAC, macAddress, ZERO_MAC } from '../../../src/wire/mac-address.ts';
import { ip } from '../../support/frames.ts';
import { truth } from '../../support/groundtruth.ts';
import { cidr, Lan, nic } from '../../support/lan.ts';

const X = '10.0.0.100';
const NEW_MAC = macAddress(0x0200_0000_0023);

/** The eight hosts of the fixture; A and F know X at B, G for good, D, E and H do not know it. */
class Scene {
  readonly lan = new Lan();
  readonly hosts: Record<string, NetworkStack> = {};

  constructor() {
    for (const [index, name] of [...'ABCDEFGH'].entries()) {
      this.hosts[name] = this.lan.host(name, `10.0.0.${index + 1}/24`);
    }
    this.lan.nameMac(NEW_MAC, 'Z');
    this.of('C').addresses.add(nic(this.of('C')), cidr(`${X}/32`));
    this.of('E').sysctl.set('net.ipv4.conf.eth0.arp_accept', 1);
    this.of('F').sysctl.set('net.ipv4.conf.eth0.drop_gratuitous_arp', 1);
    this.of('H').sysctl.set('net.ipv4.conf.eth0.arp_accept', 2);
    const { mac } = nic(this.of('B'));
    for (const name of ['A', 'F']) this.#know(name, mac, NeighborState.Reachable);
    this.#know('G', mac, NeighborState.Permanent);
    this.lan.run(0.2);
  }

  of(name: string): NetworkStack {
    const stack = this.hosts[name];
    if (stack === undefined) throw new Error(`no host ${name}`);
    return stack;
  }

  table(): Record<string, [string, string | null]> {
    const result: Record<string, [string, string | null]> = {};
    for (const name of 'ADEFGH') {
      const [state = '', mac = null] = this.lan.neighbor(this.of(name), X).split(':');
      result[name] = [state, mac];
    }
    return result;
  }

  #know(name: string, mac: ReturnType<typeof macAddress>, state: NeighborState): void {
    const stack = this.of(name);
    stack.neighbors.replace(nic(stack), ip(X), mac, state);
  }
}

describe('announcements (fixture 02)', () => {
  it.each([
    ['arping-U', 'request'],
    ['arping-A', 'reply'],
  ] as const)(
    '%s is the %s form on the wire and changes the tables that Linux changes',
    (id, form) => {
      const scene = new Scene();
      const c = scene.of('C');
      const expected = truth('02-gratuitous-arp', id);
      c.arp.announce(nic(c), ip(X), form, 'announce 1/1 of 10.0.0.100 by C');
      scene.lan.run(0.1);
      expect(scene.lan.arps()).toEqual(expected.arps());
      expect(scene.lan.frames[0]?.frame.note?.text).toBe('announce 1/1 of 10.0.0.100 by C');
      expect(scene.table()).toEqual(expected.fact('tableAfter'));
    },
  );

  it('says in the log that a MAC moved, from where to where and why', () => {
    const scene = new Scene();
    const c = scene.of('C');
    c.arp.announce(nic(c), ip(X), 'request', null);
    scene.lan.run(0.1);
    const event = scene.lan.eventsOf('neighbor-changed', scene.of('A')).at(-1);
    expect(event?.fields).toEqual({
      interface: 'eth0',
      address: X,
      mac: '02:00:00:00:00:03',
      state: 'STALE',
      previousMac: '02:00:00:00:00:02',
      previousState: 'REACHABLE',
      cause: 'gratuitous',
    });
  });

  it('happen neither by themselves nor with arp_notify when an address is added', () => {
    const { lan, of } = bind(new Scene());
    const c = of('C');
    c.addresses.add(nic(c), cidr('10.0.0.101/32'));
    c.sysctl.set('net.ipv4.conf.eth0.arp_notify', 1);
    c.addresses.add(nic(c), cidr('10.0.0.102/32'));
    lan.run(1);
    expect(lan.arps()).toEqual([]);
  });

  it('leave for every address when the interface comes up with arp_notify', () => {
    const { lan, of } = bind(new Scene());
    const c = of('C');
    c.addresses.add(nic(c), cidr('10.0.0.101/32'));
    c.setInterfaceUp(nic(c), false);
    c.setInterfaceUp(nic(c), true);
    expect(lan.arps()).toEqual([]);
    c.sysctl.set('net.ipv4.conf.eth0.arp_notify', 1);
    c.setInterfaceUp(nic(c), false);
    c.setInterfaceUp(nic(c), true);
    lan.run(0.1);
    expect(lan.arps()).toEqual([
      'C > BROADCAST who-has 10.0.0.3 tell 10.0.0.3',
      'C > BROADCAST who-has 10.0.0.100 tell 10.0.0.100',
      'C > BROADCAST who-has 10.0.0.101 tell 10.0.0.101',
    ]);
  });

  it('carry the new MAC when it changes with arp_notify', () => {
    const { lan, of } = bind(new Scene());
    const c = of('C');
    c.addresses.add(nic(c), cidr('10.0.0.101/32'));
    c.sysctl.set('net.ipv4.conf.eth0.arp_notify', 1);
    c.setInterfaceMac(nic(c), NEW_MAC);
    lan.run(0.1);
    expect(lan.arps()).toEqual(truth('02-gratuitous-arp', 'arp-notify-mac').arps());
    expect(lan.neighbor(of('A'), X)).toBe('STALE:Z');
    expect(lan.neighbor(of('E'), '10.0.0.3')).toBe('STALE:Z');
  });

  it('prove the sender when a reply comes by unicast', () => {
    const { lan, of } = bind(new Scene());
    const c = of('C');
    c.arp.send(nic(c), {
      operation: Operation.Reply,
      senderIp: ip(X),
      targetIp: ip(X),
      targetMac: nic(c).mac,
      destination: nic(of('A')).mac,
    });
    lan.run(0.1);
    expect(lan.neighbor(of('A'), X)).toBe('REACHABLE:C');
  });

  it('are ordinary replies if the target MAC is not the sender: refused at 0.2 s, believed at 1.4 s', () => {
    const { lan, of } = bind(new Scene());
    const c = of('C');
    const send = (): void =>
      c.arp.send(nic(c), {
        operation: Operation.Reply,
        senderIp: ip(X),
        targetIp: ip(X),
        targetMac: BROADCAST_MAC,
      });
    send();
    lan.run(1.2);
    expect(lan.neighbor(of('A'), X)).toBe('REACHABLE:B');
    send();
    lan.run(0.1);
    expect(lan.neighbor(of('A'), X)).toBe('STALE:C');
  });

  it('are believed one after the other, however quick', () => {
    const { lan, of } = bind(new Scene());
    const start = lan.scheduler.now;
    for (const [delay, name] of [
      [0, 'C'],
      [0.05, 'B'],
      [0.1, 'C'],
    ] as const) {
      lan.after(delay, () => of(name).arp.announce(nic(of(name)), ip(X), 'kernel', null));
    }
    lan.run(0.3);
    const states = lan.history(of('A'), X, start).map(({ state }) => state);
    const expected = truth('02-gratuitous-arp', 'last-garp-wins').states('A', 'X');
    expect(states).toEqual(expected.map(({ state }) => state));
  });

  it('and plain replies create entries with arp_accept, requests for others do not', () => {
    const { lan, of } = bind(new Scene());
    const c = of('C');
    const iface = nic(c);
    const expected = truth('02-gratuitous-arp', 'accept-create');
    c.arp.send(iface, {
      operation: Operation.Reply,
      senderIp: ip(X),
      targetIp: ip('10.0.0.1'),
      targetMac: nic(of('A')).mac,
    });
    c.arp.send(iface, {
      operation: Operation.Request,
      senderIp: ip('10.0.0.99'),
      targetIp: ip('10.0.0.1'),
      targetMac: ZERO_MAC,
    });
    c.arp.announce(iface, ip('10.9.9.9'), 'kernel', null);
    lan.run(0.1);
    for (const [name, fact] of [
      ['E', 'E_arp_accept_1'],
      ['H', 'H_arp_accept_2'],
    ] as const) {
      const stack = of(name);
      expect({
        'X by plain reply': lan.neighbor(stack, X).split(':')[0],
        'N by request for another': lan.neighbor(stack, '10.0.0.99').split(':')[0],
        'FOREIGN by GARP': lan.neighbor(stack, '10.9.9.9').split(':')[0],
      }).toEqual(expected.fact(fact));
    }
  });

  it('of an address make no impression on its owner: no answer, no entry, no defence', () => {
    const { lan, of } = bind(new Scene());
    const b = of('B');
    const c = of('C');
    b.addresses.add(nic(b), cidr(`${X}/32`));
    c.arp.announce(nic(c), ip(X), 'request', null);
    c.arp.announce(nic(c), ip(X), 'reply', null);
    lan.run(1);
    expect(lan.arps().filter((line) => line.startsWith('B >'))).toEqual([]);
    expect(lan.neighbor(b, X)).toBe('NONE');
    expect(b.addresses.isLocal(ip(X))).toBe(true);
    expect(b.drops.of(StackDrop.Martian)).toBe(1);
  });
});

function bind(scene: Scene): { lan: Lan; of: (name: string) => NetworkStack } {
  return { lan: scene.lan, of: (name) => scene.of(name) };
}
