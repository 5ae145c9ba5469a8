// Conntrack's table and its edges: finding, expiring, filling up, forgetting, and what it prints.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Connection, ConnectionStatus } from '../../../src/nat/conntrack/connection.ts';
import { ConnectionTable } from '../../../src/nat/conntrack/connection-table.ts';
import { answerType, type FiveTuple, hashTuple } from '../../../src/nat/conntrack/tuple.ts';
import { NatDrop } from '../../../src/nat/drop-reason.ts';
import { Netfilter } from '../../../src/nat/netfilter.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import { conntrackLines } from '../../../src/view/conntrack.ts';
import { type Ipv4Address, ipv4Address } from '../../../src/wire/ipv4-address.ts';
import { IpProtocol } from '../../../src/wire/numbers.ts';
import { ip } from '../../support/frames.ts';
import { Lan } from '../../support/lan.ts';
import { NatTopology } from '../nat-topology.ts';
import { connect, serve } from '../tcp-apps.ts';

const A = ip('10.0.0.1');
const B = ip('192.168.50.10');

/** DNS from `source` to B. */
function query(source: Ipv4Address, sourcePort: number): FiveTuple {
  return { protocol: IpProtocol.Udp, source, destination: B, sourcePort, destinationPort: 53 };
}

function connection(sequence: number, port: number, expires = 100): Connection {
  const made = new Connection(sequence, 0, query(A, port), null);
  made.expires = expires;
  return made;
}

const address = fc.integer({ min: 0, max: 0xffff_ffff }).map(ipv4Address);
const port = fc.integer({ min: 0, max: 0xffff });
const protocol = fc.constantFrom(IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Icmp, 47);

describe('tuples', () => {
  test('the reply of the reply is the original', () => {
    fc.assert(
      fc.property(protocol, address, address, port, port, (proto, from, to, fromPort, toPort) => {
        const isIcmp = proto === IpProtocol.Icmp;
        const ports = isIcmp ? ([fromPort, 8 << 8] as const) : ([fromPort, toPort] as const);
        const original = {
          protocol: proto,
          source: from,
          destination: to,
          sourcePort: ports[0],
          destinationPort: ports[1],
        };
        const there = new Connection(1, 0, original, null);
        const back = new Connection(2, 0, there.reply, null);
        expect(back.reply.equals(there.original)).toBe(true);
        expect(there.mappedSource).toBe(from);
        expect(there.mappedSourcePort).toBe(ports[0]);
        expect(there.mappedDestination).toBe(to);
        expect(there.mappedDestinationPort).toBe(ports[1]);
      }),
    );
  });

  test('types that answer each other', () => {
    for (let type = 0; type < 256; type++) {
      const answer = answerType(type);
      if (answer !== null) expect(answerType(answer)).toBe(type);
    }
  });

  test('the hash depends on the seed and on every number', () => {
    const numbers = [17, A, B, 1000, 53] as const;
    const hash = hashTuple(1, ...numbers);
    expect(hashTuple(2, ...numbers)).not.toBe(hash);
    for (let i = 0; i < numbers.length; i++) {
      const other: [number, Ipv4Address, Ipv4Address, number, number] = [...numbers];
      other[i] = ipv4Address((other[i] ?? 0) + 1);
      expect(hashTuple(1, ...other)).not.toBe(hash);
    }
  });
});

describe('the table', () => {
  test('finds what was inserted, by both tuples, and nothing else, whatever the order', () => {
    const flows = fc.uniqueArray(fc.tuple(address, port), {
      maxLength: 200,
      selector: ([source, sourcePort]) => `${source}:${sourcePort}`,
    });
    fc.assert(
      fc.property(fc.integer(), flows, fc.array(fc.nat(199)), (seed, all, leaving) => {
        const gone: Connection[] = [];
        const table = new ConnectionTable(seed, (left) => gone.push(left));
        const made = all.map(([source, sourcePort], index) => {
          const one = new Connection(index, 0, query(source, sourcePort), null);
          one.expires = 1;
          expect(table.insert(one)).toBe(true);
          return one;
        });
        const out = new Set(leaving.map((index) => made[index]).filter((one) => one !== undefined));
        for (const one of out) table.remove(one);
        expect(new Set(gone)).toEqual(out);
        expect(table.size).toBe(made.length - out.size);
        for (const one of made) {
          const expected = out.has(one) ? null : one;
          for (const { source, destination, sourcePort, destinationPort } of [
            one.original,
            one.reply,
          ]) {
            const found = table.find(17, source, destination, sourcePort, destinationPort, 0);
            expect(found?.connection ?? null).toBe(expected);
          }
        }
      }),
    );
  });

  test('refuses a connection whose original or reply tuple is taken', () => {
    const table = new ConnectionTable(1, () => {});
    expect(table.insert(connection(1, 1000))).toBe(true);
    expect(table.insert(connection(2, 1000))).toBe(false);
    const clash = connection(3, 2000);
    clash.mapSource(A, 1000);
    expect(table.insert(clash)).toBe(false);
    clash.mapSource(A, 1001);
    expect(table.insert(clash)).toBe(true);
  });

  test('takes the expired for absent, and out when it meets them', () => {
    const table = new ConnectionTable(1, () => {});
    table.insert(connection(1, 1000, 5));
    expect(table.find(17, A, B, 1000, 53, 4)).not.toBeNull();
    expect(table.live(5)).toEqual([]);
    expect(table.size).toBe(1);
    expect(table.find(17, A, B, 1000, 53, 5)).toBeNull();
    expect(table.size).toBe(0);
  });

  test('evicts only the unassured of the eight buckets around the newcomer', () => {
    const table = new ConnectionTable(7, () => {});
    const count = 65_536;
    for (let i = 0; i < count; i++) {
      const source = ipv4Address(0x0a00_0000 + (i >>> 8));
      const one = new Connection(i, 0, query(source, i & 0xff), null);
      one.expires = 1;
      if (i % 2 === 0) one.status |= ConnectionStatus.Assured;
      table.insert(one);
    }
    let dropped = 0;
    for (let i = 0; i < 50; i++) {
      const one = table.evict(connection(count + i, i).original, 0);
      expect(one).toBeLessThan(8);
      dropped += one;
    }
    // Two tuples per bucket on average, half of them unassured: nearly always one is found.
    expect(dropped).toBeGreaterThan(45);
    expect(table.size).toBe(count - dropped);
    expect(table.live(0).filter((one) => one.has(ConnectionStatus.Assured))).toHaveLength(
      count / 2,
    );
  });
});

describe('a full table', () => {
  test('drops the newcomer by name, and has room again after the sweep', () => {
    const lab = new NatTopology();
    lab.n1.sysctl.set('nf_conntrack_max', 4);
    for (let i = 0; i < 6; i++) lab.udp(lab.p1, '10.1.0.11', 40000 + i, '192.0.2.10', 9);
    lab.run(0.1);
    expect(lab.netfilter1.conntrack.entries()).toHaveLength(4);
    expect(lab.n1.drops.of(NatDrop.ConntrackTableFull)).toBe(2);
    expect(lab.netfilter1.conntrack.counters.drop).toBe(2);
    expect(lab.packets('ext').filter(({ kind }) => kind === 'udp')).toHaveLength(4);
    // An established flow is not touched by that.
    lab.udp(lab.p1, '10.1.0.11', 40000, '192.0.2.10', 9);
    lab.run(70);
    expect(lab.netfilter1.conntrack.table.size).toBe(0);
    lab.udp(lab.p1, '10.1.0.11', 50000, '192.0.2.10', 9);
    lab.run(0.1);
    expect(lab.netfilter1.conntrack.entries()).toHaveLength(1);
  });

  test('under pressure the sweep drops what is not assured', () => {
    const lab = new NatTopology();
    serve(lab.s, 80);
    connect(lab, lab.p1, { port: 40000, to: '192.0.2.10', toPort: 80 });
    lab.run(50);
    lab.n1.sysctl.set('nf_conntrack_udp_timeout', 1000);
    lab.n1.sysctl.set('nf_conntrack_max', 3);
    for (let i = 0; i < 3; i++) lab.udp(lab.p1, '10.1.0.11', 41000 + i, '192.0.2.10', 9);
    lab.run(20);
    expect(lab.entries().map(({ proto }) => proto)).toEqual(['tcp', 'udp']);
    expect(lab.netfilter1.conntrack.counters.earlyDrop).toBe(1);
  });

  test('nf_conntrack_max 0 means no limit', () => {
    const lab = new NatTopology();
    lab.n1.sysctl.set('nf_conntrack_max', 0);
    lab.udp(lab.p1, '10.1.0.11', 40000, '192.0.2.10', 9);
    lab.run(0.1);
    expect(lab.netfilter1.conntrack.count).toBe(1);
  });
});

describe('a host with conntrack', () => {
  function twoHosts(): { lan: Lan; a: NetworkStack; b: NetworkStack; netfilter: Netfilter } {
    const lan = new Lan();
    const a = lan.host('A', '10.0.0.1/24');
    const b = lan.host('B', '10.0.0.2/24');
    const netfilter = new Netfilter(a, lan.events);
    expect(netfilter.conntrack.count).toBe(0); // asking attaches it
    return { lan, a, b, netfilter };
  }

  test('tracks what it sends and receives, and is not in the way', () => {
    const { lan, a, b, netfilter } = twoHosts();
    const ping = lan.ping(a, '10.0.0.2');
    const back = lan.ping(b, '10.0.0.1');
    lan.run(0.5);
    expect([ping.replies.length, back.replies.length]).toEqual([1, 1]);
    expect(netfilter.conntrack.entries().map(({ text }) => text.slice(0, 18))).toEqual([
      'conntrack 10.0.0.1',
      'conntrack 10.0.0.2',
    ]);
  });

  test('tracks a packet to itself once', () => {
    const { lan, a, netfilter } = twoHosts();
    const { conntrack } = netfilter;
    const ping = lan.ping(a, '10.0.0.1');
    const refused = a.udp.bind({ port: 5000 }, { onDatagram: () => {} });
    refused.sendTo(ip('10.0.0.1'), 9, new Uint8Array(1));
    lan.run(0.1);
    expect(ping.replies).toHaveLength(1);
    expect(conntrack.counters.invalid).toBe(0);
    expect(conntrack.entries().map(({ protocol: number }) => number)).toEqual([1, 17]);
  });

  test('leaves untracked what it was told to', () => {
    const { lan, a, netfilter } = twoHosts();
    const again = netfilter.conntrack.exempt({
      protocol: IpProtocol.Udp,
      destinationPort: 4789,
    });
    const send = (to: number): void => {
      a.udp.bind({}, { onDatagram: () => {} }).sendTo(ip('10.0.0.2'), to, new Uint8Array(1));
    };
    send(4789);
    send(4790);
    lan.run(0.5);
    expect(netfilter.conntrack.entries()).toHaveLength(1);
    again();
    send(4789);
    lan.run(0.5);
    expect(netfilter.conntrack.entries()).toHaveLength(2);
  });

  test('forgets everything when the power fails', () => {
    const { lan, a, netfilter } = twoHosts();
    lan.ping(a, '10.0.0.2');
    lan.run(0.1);
    expect(netfilter.conntrack.count).toBe(1);
    a.powerOff();
    expect(netfilter.conntrack.count).toBe(0);
    a.powerOn();
    lan.ping(a, '10.0.0.2');
    lan.run(0.1);
    expect(netfilter.conntrack.count).toBe(1);
  });

  test('flushes, and deletes what one asks it to', () => {
    const { lan, a, netfilter } = twoHosts();
    lan.ping(a, '10.0.0.2');
    lan.ping(a, '10.0.0.2');
    lan.run(0.1);
    const { conntrack } = netfilter;
    const first = conntrack.entries()[0];
    expect(conntrack.delete((entry) => entry === first)).toBe(1);
    expect(conntrack.flush()).toBe(1);
    expect(conntrack.flush()).toBe(0);
  });

  test('sweeps in the background: an idle lab stays idle', () => {
    const { lan, a } = twoHosts();
    lan.ping(a, '10.0.0.2');
    lan.run(0.1);
    lan.run(100);
    expect(lan.scheduler.idle).toBe(true);
  });

  test('calls other protocols by their number, for ten minutes', () => {
    const { lan, a, netfilter } = twoHosts();
    const route = a.ipv4.route(ip('10.0.0.2'));
    if (typeof route === 'string') throw new Error(route);
    const frame = a.ipv4.allocate(8);
    frame.bytes.fill(0, frame.start, frame.end);
    a.ipv4.send(frame, 47, route, ip('10.0.0.2'));
    lan.run(0.001);
    expect(conntrackLines(netfilter, lan.scheduler.now)).toEqual([
      'unknown  47 599 src=10.0.0.1 dst=10.0.0.2 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 mark=0 use=1',
    ]);
  });
});

describe('what conntrack prints', () => {
  test('looks like conntrack -L', () => {
    const lab = new NatTopology();
    serve(lab.s, 80);
    lab.udpSink(lab.s, 9);
    connect(lab, lab.p1, { port: 40000, to: '192.0.2.10', toPort: 80 });
    lab.udp(lab.p1, '10.1.0.11', 40000, '192.0.2.10', 9);
    lab.echo(lab.p1, '192.0.2.10', 4660);
    lab.run(0.5);
    expect(conntrackLines(lab.netfilter1, lab.lan.scheduler.now)).toMatchInlineSnapshot(`
      [
        "tcp      6 431999 ESTABLISHED src=10.1.0.11 dst=192.0.2.10 sport=40000 dport=80 src=192.0.2.10 dst=192.0.2.100 sport=80 dport=40000 [ASSURED] mark=0 use=1",
        "udp      17 29 src=10.1.0.11 dst=192.0.2.10 sport=40000 dport=9 [UNREPLIED] src=192.0.2.10 dst=192.0.2.100 sport=9 dport=40000 mark=0 use=1",
        "icmp     1 29 src=10.1.0.11 dst=192.0.2.10 type=8 code=0 id=4660 src=192.0.2.10 dst=192.0.2.100 type=0 code=0 id=4660 mark=0 use=1",
      ]
    `);
    expect(lab.netfilter1.conntrack.entries().map(({ text }) => text)).toEqual([
      'snat 10.1.0.11:40000 → 192.0.2.100:40000',
      'snat 10.1.0.11:40000 → 192.0.2.100:40000',
      'snat 10.1.0.11 id 4660 → 192.0.2.100 id 4660',
    ]);
  });

  test('a frame that was translated says so', () => {
    const lab = new NatTopology();
    lab.udpEcho(lab.s, 53);
    lab.udpSink(lab.p1, 40000);
    lab.udp(lab.p1, '10.1.0.11', 40000, '192.0.2.10', 53);
    lab.run(0.1);
    expect(lab.lan.frames.map(({ frame }) => frame.note?.text ?? null)).toEqual([
      null,
      'snat 10.1.0.11:40000 → 192.0.2.100:40000',
      null,
      'answer to snat 10.1.0.11:40000 → 192.0.2.100:40000',
    ]);
  });
});
