// Fixture 06a: what SNAT does to UDP and ICMP, and what conntrack makes of it.

import { describe, expect, test } from 'vitest';
import { ConnectionStatus } from '../../../src/nat/conntrack/connection.ts';
import { secondsLeft } from '../../../src/view/conntrack.ts';
import { frames, NatTopology, truth } from '../nat-topology.ts';

const FIXTURE = '06a-snat-basic';

function timeouts(lab: NatTopology): number[] {
  const { now } = lab.lan.scheduler;
  return lab.netfilter1.conntrack
    .entries()
    .map((entry) => secondsLeft({ deadline: entry.expires }, now));
}

describe('SNAT of UDP and ICMP (fixture 06a)', () => {
  test('a ping leaves with the public source and its own identifier, and comes back', () => {
    const lab = new NatTopology();
    const found = truth(FIXTURE, 'icmp-echo');
    const replies = lab.echo(lab.p1, '192.0.2.10', 4660, { count: 2 });
    lab.run(0.3);
    expect(replies).toEqual([1, 2]);
    expect(lab.packets('int', 'ext')).toEqual(frames(found, 'int', 'ext'));
    expect(lab.entries()).toEqual(found.facts?.conntrack);
    expect(timeouts(lab)).toEqual([29]);
  });

  test('a datagram keeps its port, and its answer finds the way back', () => {
    const lab = new NatTopology();
    const found = truth(FIXTURE, 'udp');
    lab.udpEcho(lab.s, 53);
    lab.udpSink(lab.p1, 40000);
    lab.udp(lab.p1, '10.1.0.11', 40000, '192.0.2.10', 53);
    lab.run(0.2);
    expect(lab.packets('int', 'ext')).toEqual(frames(found, 'int', 'ext'));
    expect(lab.entries()).toEqual(found.facts?.conntrack);
    expect(timeouts(lab)).toEqual([29]);
  });

  test('a datagram that nobody answers leaves an unreplied entry', () => {
    const lab = new NatTopology();
    const found = truth(FIXTURE, 'udp-unreplied');
    lab.udpSink(lab.s, 54);
    lab.udp(lab.p1, '10.1.0.11', 40001, '192.0.2.10', 54);
    lab.run(0.1);
    expect(lab.packets('int', 'ext')).toEqual(frames(found, 'int', 'ext'));
    expect(lab.entries()).toEqual(found.facts?.conntrack);
  });

  test('traffic in both directions, later than two seconds after the first packet, is a stream', () => {
    const lab = new NatTopology();
    lab.udpEcho(lab.s, 53);
    lab.udpSink(lab.p1, 40002);
    const seen: [number | undefined, boolean | undefined][] = [];
    for (let i = 0; i < 6; i++) {
      lab.lan.after(0.5 * i, () => lab.udp(lab.p1, '10.1.0.11', 40002, '192.0.2.10', 53));
      lab.lan.after(0.5 * i + 0.4, () => {
        const [entry] = lab.netfilter1.conntrack.entries();
        seen.push([timeouts(lab)[0], entry?.has(ConnectionStatus.Assured)]);
      });
    }
    lab.run(3);
    expect(seen).toEqual([
      [29, false],
      [29, false],
      [29, false],
      [29, false],
      [29, false],
      [119, true],
    ]);
  });

  test('behind another router the time to live says how far it was', () => {
    const lab = new NatTopology();
    lab.udpSink(lab.p1, 40003);
    lab.udp(lab.p1, '10.1.0.11', 40003, '198.51.100.10', 9);
    lab.run(0.3);
    expect(lab.packets('int', 'ext')).toEqual(frames(truth(FIXTURE, 'via-router'), 'int', 'ext'));
  });
});
