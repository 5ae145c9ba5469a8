// Fixture 06e: the egress IP moves from N1 to N2 under live flows, and nobody tells N2 about them.

import { describe, expect, test } from 'vitest';
import { secondsLeft } from '../../../src/view/conntrack.ts';
import { ip } from '../../support/frames.ts';
import { cidr, nic } from '../../support/lan.ts';
import { NatTopology, toSource, truth } from '../nat-topology.ts';
import { type ClientOptions, connect, serve } from '../tcp-apps.ts';

const FIXTURE = '06e-snat-failover';
const S = '192.0.2.10';
const EIP = '192.0.2.100';

function lab(): NatTopology {
  const made = new NatTopology();
  made.snat(made.netfilter2, toSource(EIP));
  for (const pod of [made.p1, made.p2]) made.lan.ping(pod, '10.1.0.2');
  made.lan.ping(made.n2, S);
  made.lan.ping(made.n2, '192.0.2.254');
  made.run(0.2);
  made.netfilter2.conntrack.flush();
  made.clear();
  return made;
}

/** Moves EIP and the way of P1; the new owner announces itself. */
function move(made: NatTopology, to: 'N1' | 'N2'): void {
  const [owner, other] = to === 'N1' ? [made.n1, made.n2] : [made.n2, made.n1];
  other.addresses.remove(nic(other, 'ext0'), ip(EIP));
  owner.addresses.add(nic(owner, 'ext0'), cidr(`${EIP}/32`));
  made.routeVia(made.p1, to === 'N1' ? '10.1.0.1' : '10.1.0.2');
  owner.arp.announce(nic(owner, 'ext0'), ip(EIP), 'request', null);
}

function client(port: number, more: Partial<ClientOptions> = {}): ClientOptions {
  return { port, to: S, toPort: 80, ...more };
}

describe('the egress IP moves (fixture 06e)', () => {
  test('if the pod speaks first, the new node picks the flow up with the same port', () => {
    const made = lab();
    const found = truth(FIXTURE, 'pod-speaks-first');
    serve(made.s, 80);
    const app = connect(made, made.p1, client(43000, { count: 3, interval: 0.8, hold: 2.2 }));
    made.run(0.4);
    expect(made.entries(made.netfilter1)).toEqual(found.facts?.N1_before);
    move(made, 'N2');
    made.clear();
    made.run(0.7);
    expect(made.entries(made.netfilter2)).toEqual(found.facts?.N2_after_first_segment);
    made.run(2);
    expect(app).toMatchObject({ log: ['connected', 'closed'], received: 12 });
    expect(made.entries(made.netfilter1)).toEqual(found.facts?.N1_still_has);
    const left = made.packets('ext').filter(({ src }) => src === 'EIP');
    for (const packet of left) expect(packet).toMatchObject({ l2src: 'N2.ext', sport: 43000 });
    expect(made.packets('ext').some(({ flags }) => String(flags).includes('R'))).toBe(false);
  });

  test('until an answer was seen, a picked-up connection lives five minutes', () => {
    const made = lab();
    serve(made.s, 80);
    connect(made, made.p1, client(43000, { count: 3, interval: 0.8 }));
    made.run(0.4);
    move(made, 'N2');
    made.lan.link(nic(made.s)).setCarrier(false);
    made.run(0.6);
    const [entry] = made.netfilter2.conntrack.entries();
    if (entry === undefined) throw new Error('nothing was picked up');
    expect(secondsLeft({ deadline: entry.expires }, made.lan.scheduler.now)).toBeGreaterThan(290);
    expect(secondsLeft({ deadline: entry.expires }, made.lan.scheduler.now)).toBeLessThanOrEqual(
      300,
    );
  });

  test('if the server speaks first, the new node resets the connection', () => {
    const made = lab();
    const found = truth(FIXTURE, 'server-speaks-first');
    const server = serve(made.s, 80);
    const app = connect(made, made.p1, client(43001, { count: 2, interval: 1.2, hold: 2.5 }));
    made.run(0.4);
    move(made, 'N2');
    made.run(0.1);
    made.clear();
    server.connections[0]?.write(new Uint8Array(4));
    made.run(0.3);
    expect(server.log).toEqual(['ECONNRESET']);
    expect(made.entries(made.netfilter2)).toEqual(found.facts?.N2_after_the_RST);
    const [reset] = made.packets('ext').filter(({ flags }) => flags === 'R');
    expect(reset).toMatchObject({ l2src: 'N2.ext', src: 'EIP', dst: 'S', sport: 43001 });
    made.run(2);
    expect(app.log).toEqual(['connected', 'ECONNRESET']);
  });

  test('without loose pickup the segments leak, and the connection hangs', () => {
    const made = lab();
    made.n2.sysctl.set('nf_conntrack_tcp_loose', 0);
    serve(made.s, 80);
    const app = connect(made, made.p1, client(43002, { count: 2, interval: 0.8 }));
    made.run(0.4);
    move(made, 'N2');
    made.clear();
    made.run(1.6);
    const leaked = made.packets('ext').filter(({ src }) => src === 'P1');
    expect(leaked.length).toBeGreaterThan(0);
    expect(leaked[0]).toMatchObject({ l2src: 'N2.ext' });
    expect(made.entries(made.netfilter2)).toEqual([]);
    expect(app).toMatchObject({ log: ['connected'], received: 4 });
  });

  test('if the port is taken on the new node, be it by TIME_WAIT, the server resets', () => {
    const made = lab();
    serve(made.s, 80);
    made.routeVia(made.p2, '10.1.0.2');
    move(made, 'N2');
    connect(made, made.p2, client(43003, { hold: 0.2 }));
    made.run(0.5);
    move(made, 'N1');
    made.run(0.2);
    expect(made.entries(made.netfilter2)[0]).toMatchObject({ state: 'TIME_WAIT' });
    const app = connect(made, made.p1, client(43003, { count: 2, interval: 0.8 }));
    made.run(0.4);
    move(made, 'N2');
    made.clear();
    made.run(1);
    const [first] = made.packets('ext').filter(({ src }) => src === 'EIP');
    expect(first?.sport).not.toBe(43003);
    expect(app.log).toEqual(['connected', 'ECONNRESET']);
  });

  test('UDP and ping go on with the same port and identifier', () => {
    const made = lab();
    made.udpEcho(made.s, 53);
    let answers = 0;
    const socket = made.p1.udp.bind(
      { port: 44000 },
      {
        onDatagram: () => {
          answers++;
        },
      },
    );
    for (let i = 0; i < 10; i++) {
      made.lan.after(0.2 * i, () => socket.sendTo(ip(S), 53, new Uint8Array(8)));
    }
    const replies = made.echo(made.p1, S, 4660, { count: 10 });
    made.run(1.1);
    move(made, 'N2');
    made.run(0.05);
    made.clear();
    made.run(1.5);
    expect(answers).toBeGreaterThanOrEqual(9);
    expect(replies.length).toBeGreaterThanOrEqual(9);
    const left = made.packets('ext').filter(({ src }) => src === 'EIP');
    expect(left.length).toBeGreaterThan(0);
    for (const { kind, sport, id, l2src } of left) {
      expect([kind, sport ?? id, l2src]).toEqual([kind, kind === 'udp' ? 44000 : 4660, 'N2.ext']);
    }
  });

  test.each([
    [0, true],
    [1, false],
  ])('back after 3 MB elsewhere, with be_liberal=%i: leak %s', (liberal, leaks) => {
    const made = lab();
    made.n1.sysctl.set('nf_conntrack_tcp_be_liberal', liberal);
    serve(made.s, 80);
    const flow = { count: 70, interval: 0.02, size: 45_000 };
    connect(made, made.p1, client(43005, { ...flow, count: 1, size: 4 }));
    const app = connect(made, made.p1, client(43006, { count: 1 }));
    made.run(0.5);
    move(made, 'N2');
    for (let i = 0; i < flow.count; i++) {
      made.lan.after(flow.interval * i, () => app.connection.write(new Uint8Array(flow.size)));
    }
    made.run(1.3);
    move(made, 'N1');
    made.run(0.05);
    made.clear();
    made.run(1.5);
    const data = made.packets('ext').filter(({ kind, dataLen }) => kind === 'tcp' && dataLen !== 0);
    const leaked = data.filter(({ src }) => src === 'P1');
    expect(leaked.length > 0).toBe(leaks);
    if (leaks) return;
    expect(data.some(({ src, l2src }) => src === 'EIP' && l2src === 'N1.ext')).toBe(true);
  });
});
