// The table: bounds and collection (fixture 01e), links that come and go, configured entries, dumps.

import { describe, expect, it } from 'vitest';
import { LinkDrop } from '../../../src/link/drop-reason.ts';
import { StackDrop } from '../../../src/stack/drop-reason.ts';
import { NeighborState } from '../../../src/stack/neighbor/state.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import { neighborLines } from '../../../src/view/neighbors.ts';
import { ipv4Address } from '../../../src/wire/ipv4-address.ts';
import { macAddress } from '../../../src/wire/mac-address.ts';
import { ip } from '../../support/frames.ts';
import { truth } from '../../support/groundtruth.ts';
import { Lan, nic } from '../../support/lan.ts';

const MAC = macAddress(0x0200_0000_00aa);
const FIRST = ip('10.0.1.0');

function host(): { lan: Lan; a: NetworkStack; b: NetworkStack } {
  const lan = new Lan();
  lan.nameMac(MAC, 'M');
  return { lan, a: lan.host('A', '10.0.0.1/16'), b: lan.host('B', '10.0.0.2/16') };
}

function fill(
  stack: NetworkStack,
  count: number,
  state: NeighborState = NeighborState.Stale,
): number {
  let made = 0;
  for (let i = 0; i < count; i++) {
    if (stack.neighbors.replace(nic(stack), ipv4Address(FIRST + i), MAC, state)) made++;
  }
  return made;
}

describe('collection (fixture 01e)', () => {
  it('never happens below gc_thresh1', () => {
    const { lan, a } = host();
    a.sysctl.set('net.ipv4.neigh.eth0.gc_stale_time', 5);
    fill(a, 127);
    lan.run(3600);
    expect(a.neighbors.size).toBe(127);
  });

  it('removes everything unused for gc_stale_time in one pass, every 15 s, at gc_thresh1', () => {
    const { lan, a } = host();
    a.sysctl.set('net.ipv4.neigh.eth0.gc_stale_time', 5);
    lan.run(1);
    fill(a, 140);
    lan.run(13.9);
    expect(a.neighbors.size).toBe(140);
    lan.run(0.2);
    expect(a.neighbors.size).toBe(0);
    const at = (lan.eventsOf('neighbor-changed', a).at(-1)?.at ?? 0) / 1e9 - 1;
    const range = truth('01e-neigh-gc', 'above-threshold').range('removed_after_s');
    expect(at).toBeGreaterThanOrEqual(range.min);
    expect(at).toBeLessThanOrEqual(range.max);
  });

  it('spares permanent and busy entries and those in use, and takes failed ones at once', () => {
    const { lan, a, b } = host();
    fill(a, 126, NeighborState.Permanent);
    a.neighbors.replace(nic(a), ip('10.0.0.2'), nic(b).mac, NeighborState.Stale);
    lan.ping(a, '10.0.9.9');
    lan.run(14.9);
    expect(lan.neighbor(a, '10.0.9.9')).toBe('FAILED');
    lan.run(0.2);
    expect(lan.neighbor(a, '10.0.9.9')).toBe('NONE');
    expect(lan.neighbor(a, '10.0.0.2')).toBe('STALE:B');
    expect(a.neighbors.size).toBe(127);
    expect(lan.eventsOf('neighbor-changed', a).at(-1)?.fields).toMatchObject({
      state: 'GONE',
      previousState: 'FAILED',
      cause: 'collected',
    });
  });

  it('counts from the last use or confirmation, whichever is later', () => {
    const { lan, a } = host();
    fill(a, 127, NeighborState.Permanent);
    lan.ping(a, '10.0.0.2');
    for (let t = 10; t <= 50; t += 10) {
      lan.after(t, () => a.neighbors.confirm(nic(a), ip('10.0.0.2')));
    }
    lan.run(119);
    expect(lan.neighbor(a, '10.0.0.2')).toBe('STALE:B');
    lan.run(2);
    expect(lan.neighbor(a, '10.0.0.2')).toBe('NONE');
  });

  it('is lab idleness, not activity', () => {
    const { lan, a } = host();
    fill(a, 10);
    expect(lan.scheduler.idle).toBe(true);
    lan.run(100);
    expect(lan.scheduler.idle).toBe(true);
  });
});

describe('the bound of the table', () => {
  it('is gc_thresh3: the next is refused and its packet lost, with a name', () => {
    const { lan, a } = host();
    expect(fill(a, 1030)).toBe(1024);
    lan.ping(a, '10.0.99.99');
    lan.run(0.1);
    expect(lan.neighbor(a, '10.0.99.99')).toBe('NONE');
    expect(a.drops.of(StackDrop.NeighborTableFull)).toBe(7);
  });

  it('does not count permanent entries', () => {
    const { a } = host();
    fill(a, 1024);
    const iface = nic(a);
    expect(a.neighbors.replace(iface, ip('10.0.99.1'), MAC)).toBe(true);
    expect(a.neighbors.replace(iface, ip('10.0.99.2'), MAC, NeighborState.Stale)).toBe(false);
    a.neighbors.replace(iface, FIRST, MAC, NeighborState.Permanent);
    expect(a.neighbors.replace(iface, ip('10.0.99.2'), MAC, NeighborState.Stale)).toBe(true);
  });

  it('makes room above gc_thresh2 from entries that have not changed for five seconds', () => {
    const { lan, a } = host();
    expect(fill(a, 600)).toBe(600);
    lan.run(5.5);
    a.neighbors.replace(nic(a), ip('10.0.99.1'), MAC, NeighborState.Stale);
    expect(a.neighbors.size).toBe(513);
    // And not again within five seconds.
    a.neighbors.replace(nic(a), ip('10.0.99.2'), MAC, NeighborState.Stale);
    expect(a.neighbors.size).toBe(514);
    expect(lan.neighbor(a, '10.0.1.0')).toBe('NONE');
    expect(lan.neighbor(a, '10.0.99.1')).toBe('STALE:M');
  });

  it('keeps a host that can learn nobody from answering', () => {
    const { lan, a, b } = host();
    fill(a, 1024);
    lan.ping(b, '10.0.0.1');
    lan.run(0.1);
    expect(lan.arps()).toEqual(['B > BROADCAST who-has 10.0.0.1 tell 10.0.0.2']);
  });
});

describe('links', () => {
  it('that go down take all neighbors with them, the permanent too, and what waits', () => {
    const { lan, a, b } = host();
    a.neighbors.replace(nic(a), ip('10.0.0.2'), nic(b).mac);
    lan.ping(a, '10.0.9.9');
    lan.run(0.1);
    a.setInterfaceUp(nic(a), false);
    expect(a.neighbors.size).toBe(0);
    expect(a.drops.of(LinkDrop.LinkDown)).toBe(1);
    lan.run(5);
    expect(lan.arps()).toHaveLength(1);
    expect(lan.timeline(a, '10.0.9.9').at(-1)).toBe('0.1 GONE');
  });

  it('that lose their carrier keep the permanent ones', () => {
    const { lan, a, b } = host();
    a.neighbors.replace(nic(a), ip('10.0.0.2'), nic(b).mac);
    fill(a, 3);
    lan.link(nic(a)).setCarrier(false);
    expect(neighborLines(a)).toEqual(['10.0.0.2 dev eth0 lladdr 02:00:00:00:00:02 PERMANENT']);
  });

  it('are told apart: one address can have a neighbor on each', () => {
    const { lan, a, b } = host();
    const eth1 = lan.plug(a, 'eth1', { segment: 'far', addresses: ['10.7.0.1/24'] });
    a.neighbors.replace(nic(a), ip('10.0.0.9'), nic(b).mac, NeighborState.Stale);
    a.neighbors.replace(eth1, ip('10.0.0.9'), MAC, NeighborState.Stale);
    a.neighbors.flush(eth1);
    expect(lan.neighbor(a, '10.0.0.9')).toBe('STALE:B');
    expect(lan.neighbor(a, '10.0.0.9', eth1)).toBe('NONE');
  });

  it('of a host without power forget everything learned, silently', () => {
    const { lan, a } = host();
    lan.ping(a, '10.0.0.2');
    lan.run(0.1);
    const before = lan.eventsOf('neighbor-changed', a).length;
    a.powerOff();
    expect(a.neighbors.size).toBe(0);
    expect(lan.eventsOf('neighbor-changed', a)).toHaveLength(before);
    lan.run(60);
    a.powerOn();
    const { now } = lan.scheduler;
    const ping = lan.ping(a, '10.0.0.2');
    lan.run(0.1);
    expect(lan.arps(now)[0]).toBe('A > BROADCAST who-has 10.0.0.2 tell 10.0.0.1');
    expect(ping.replies).toHaveLength(1);
  });
});

describe('configured entries', () => {
  it('are printed as `ip neigh` prints them, by interface and address', () => {
    const { lan, a, b } = host();
    const eth1 = lan.plug(a, 'eth1', { segment: 'far', addresses: ['10.7.0.1/24'] });
    a.neighbors.replace(eth1, ip('10.7.0.9'), MAC);
    lan.ping(a, '10.0.9.9');
    lan.ping(a, '10.0.0.2');
    lan.run(1);
    expect(neighborLines(b)).toEqual(['10.0.0.1 dev eth0 lladdr 02:00:00:00:00:01 DELAY']);
    expect(neighborLines(a)).toEqual([
      '10.0.0.2 dev eth0 lladdr 02:00:00:00:00:02 REACHABLE',
      '10.0.9.9 dev eth0 INCOMPLETE',
      '10.7.0.9 dev eth1 lladdr 02:00:00:00:00:aa PERMANENT',
    ]);
    expect(a.neighbors.entries(eth1)).toHaveLength(1);
  });

  it('let what waits go at once, in order', () => {
    const { lan, a, b } = host();
    b.setInterfaceUp(nic(b), false);
    const ping = lan.ping(a, '10.0.0.2', { count: 3, every: 0.1 });
    lan.run(0.5);
    b.setInterfaceUp(nic(b), true);
    lan.run(0.05);
    a.neighbors.replace(nic(a), ip('10.0.0.2'), nic(b).mac, NeighborState.Stale);
    lan.run(0.4);
    expect(ping.replies.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(lan.neighbor(a, '10.0.0.2')).toBe('DELAY:B');
  });

  it('that are deleted fail what waits, and are gone', () => {
    const { lan, a } = host();
    const ping = lan.ping(a, '10.0.9.9', { count: 2, every: 0.1 });
    lan.run(0.5);
    expect(a.neighbors.delete(nic(a), ip('10.0.9.9'))).toBe(true);
    lan.run(0.1);
    expect(ping.errors).toHaveLength(2);
    expect(lan.timeline(a, '10.0.9.9')).toEqual(['0.0 INCOMPLETE', '0.5 FAILED', '0.5 GONE']);
    expect(a.neighbors.delete(nic(a), ip('10.0.9.9'))).toBe(false);
  });

  it('can be taken back from permanent to stale', () => {
    const { lan, a, b } = host();
    a.neighbors.replace(nic(a), ip('10.0.0.2'), MAC);
    a.neighbors.replace(nic(a), ip('10.0.0.2'), MAC, NeighborState.Stale);
    lan.run(2);
    b.arp.announce(nic(b), ip('10.0.0.2'), 'request', null);
    lan.run(0.1);
    expect(lan.neighbor(a, '10.0.0.2')).toBe('STALE:B');
  });
});
