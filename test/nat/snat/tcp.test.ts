// The TCP cases of fixtures 06a, 06b and 06c: what conntrack makes of a connection, and who may
// follow whom on a port.

import { describe, expect, test } from 'vitest';
import { secondsLeft } from '../../../src/view/conntrack.ts';
import { IpProtocol } from '../../../src/wire/numbers.ts';
import { NatTopology, truth } from '../nat-topology.ts';
import { connect, serve } from '../tcp-apps.ts';

const S = '192.0.2.10';

function timeoutOf(lab: NatTopology): number {
  const { now } = lab.lan.scheduler;
  const [entry] = lab.netfilter1.conntrack.entries();
  return entry === undefined ? -1 : secondsLeft({ deadline: entry.expires }, now);
}

describe('TCP through SNAT (fixture 06a)', () => {
  test('a connection goes from SYN_SENT to TIME_WAIT, and its port is kept', () => {
    const lab = new NatTopology();
    const found = truth('06a-snat-basic', 'tcp');
    serve(lab.s, 80);
    const client = connect(lab, lab.p1, { port: 40000, to: S, toPort: 80, hold: 0.4 });
    lab.run(0.3);
    expect(lab.entries()).toEqual(found.facts?.conntrackEstablished);
    expect(timeoutOf(lab)).toBe(431_999);
    lab.run(0.3);
    expect(lab.entries()).toEqual(found.facts?.conntrackAfterClose);
    expect(timeoutOf(lab)).toBe(119);
    expect(client.received).toBe(4);
    const seen = lab.packets('ext').map(({ src, dst, sport, dport }) => [src, dst, sport, dport]);
    for (const four of seen) {
      expect([
        ['EIP', 'S', 40000, 80],
        ['S', 'EIP', 80, 40000],
      ]).toContainEqual(four);
    }
  });

  test('the states in between, as conntrack -E shows them', () => {
    const lab = new NatTopology();
    serve(lab.s, 80);
    const states: unknown[] = [];
    // Every frame inside has passed, or is about to pass, N1's hooks.
    const watch = (): void => {
      const [entry] = lab.entries();
      if (entry !== undefined && states.at(-1) !== entry.state) states.push(entry.state);
    };
    connect(lab, lab.p1, { port: 40000, to: S, toPort: 80, hold: 0.01 });
    for (let i = 0; i < 3000; i++) lab.lan.after(i * 1e-5, watch);
    lab.run(0.1);
    watch();
    const events = truth('06a-snat-basic', 'tcp').facts?.conntrackEvents as [string, string][];
    expect(states).toEqual(events.map(([, state]) => state));
  });

  test('a refusal ends the entry at once, and still reaches the pod', () => {
    const lab = new NatTopology();
    const client = connect(lab, lab.p1, { port: 40001, to: S, toPort: 81 });
    lab.run(0.1);
    expect(client.log).toEqual(['ECONNREFUSED']);
    expect(lab.entries()).toEqual([]);
  });

  test('a reset leaves the entry in CLOSE for ten seconds', () => {
    const lab = new NatTopology();
    serve(lab.s, 80);
    connect(lab, lab.p1, { port: 40005, to: S, toPort: 80, hold: 0.2, reset: true });
    lab.run(0.3);
    expect(lab.entries()).toEqual(truth('06a-snat-basic', 'tcp-reset').facts?.conntrack);
    expect(timeoutOf(lab)).toBe(9);
  });

  test('SYNs that nobody answers share one mapping, whose timeout they do not renew', () => {
    const lab = new NatTopology();
    lab.netfilterOf(lab.s).filter.input.append({
      match: { protocol: IpProtocol.Tcp, destinationPorts: { low: 82, high: 82 } },
      action: 'drop',
    });
    connect(lab, lab.p1, { port: 40002, to: S, toPort: 82 });
    lab.run(3.5);
    expect(lab.entries()).toEqual(truth('06a-snat-basic', 'tcp-syn-sent').facts?.conntrack);
    expect(timeoutOf(lab)).toBe(116);
    const syns = lab.packets('ext');
    expect(syns.length).toBe(4);
    expect(new Set(syns.map(({ src, sport }) => `${src}:${sport}`))).toEqual(
      new Set(['EIP:40002']),
    );
  });
});

describe('TIME_WAIT and ports (fixture 06b)', () => {
  test('it blocks the port for other pods, and the same pod reopens it', () => {
    const lab = new NatTopology();
    serve(lab.s, 80);
    connect(lab, lab.p1, { port: 41000, to: S, toPort: 80, hold: 0.1 });
    lab.run(0.3);
    expect(lab.entries()[0]).toMatchObject({ state: 'TIME_WAIT' });
    connect(lab, lab.p2, { port: 41000, to: S, toPort: 80, hold: 0.1 });
    lab.run(0.05);
    const second = lab.netfilter1.conntrack.entries()[1];
    expect(second?.mappedSourcePort).not.toBe(41000);
    lab.run(0.2);
    lab.clear();
    // P1's own stack would wait for its TIME-WAIT to end: the fixture has tcp_tw_reuse.
    lab.p1.tcp.reset();
    const again = connect(lab, lab.p1, { port: 41000, to: S, toPort: 80, hold: 0.1 });
    lab.run(0.05);
    expect(again.log).toEqual(['connected']);
    expect(lab.packets('ext')[0]).toMatchObject({ src: 'EIP', sport: 41000, flags: 'S' });
  });
});

describe('REJECT on the way (fixture 06c)', () => {
  test('connect() fails as the code says', () => {
    const lab = new NatTopology();
    const forward = lab.netfilterOf(lab.r).filter.forward;
    const port = (number: number) => ({
      protocol: IpProtocol.Tcp,
      destinationPorts: { low: number, high: number },
    });
    forward.append({ match: port(443), action: 'reject' });
    forward.append({
      match: port(444),
      action: 'reject',
      rejectWith: 'icmp-admin-prohibited',
    });
    const found = truth('06c-snat-icmp-errors', 'reject');
    const errors = [443, 444].map((number, index) => {
      const to = { port: 40017 + index, to: '198.51.100.10', toPort: number };
      const client = connect(lab, lab.p1, to);
      lab.run(0.1);
      return `connect: ${client.log.join()}`;
    });
    expect(errors).toEqual(found.facts?.connectErrors);
    const answers = lab
      .packets('int', 'ext')
      .filter(({ kind }) => kind === 'icmp')
      .map(({ at, src, dst, type, code, ttl, inner }) => {
        const quoted = inner as { src: string; ttl: number };
        return [at, src, dst, type, code, ttl, quoted.src, quoted.ttl];
      });
    expect(answers).toEqual([
      ['ext', 'R.ext', 'EIP', 3, 3, 64, 'EIP', 62],
      ['int', 'R.ext', 'P1', 3, 3, 63, 'P1', 62],
      ['ext', 'R.ext', 'EIP', 3, 13, 64, 'EIP', 62],
      ['int', 'R.ext', 'P1', 3, 13, 63, 'P1', 62],
    ]);
  });
});
