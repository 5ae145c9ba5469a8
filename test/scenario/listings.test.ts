// How a lab stands at the end, as a report tells it.

import { describe, expect, test } from 'vitest';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { describeEnd } from '../../src/scenario/listings.ts';
import { ip } from '../support/frames.ts';
import { topologyOf } from '../support/scenarios.ts';

function lab(): Lab {
  return createLab(
    topologyOf(
      `name: listings
segments:
  wan: { subnet: 10.0.1.0/24 }
  lan: { subnet: 10.0.0.0/24 }
hosts:
  router:
    forwarding: true
    interfaces:
      eth0: { segment: lan, address: 10.0.0.1 }
      eth1: { segment: wan, address: 10.0.1.1, snat: masquerade }
  alone: { interfaces: { eth0: { segment: lan, address: 10.0.0.3 } } }
  client: { interfaces: { eth0: { segment: lan, address: 10.0.0.2 } }, gateway: 10.0.0.1 }
  server: { interfaces: { eth0: { segment: wan, address: 10.0.1.2 } } }
`,
      'listings.yaml',
    ),
  );
}

/** The client sends a datagram to the server, where nobody listens, and one to nowhere. */
function talk(all: Lab): void {
  const socket = all.stack('client').udp.bind({ port: 5000 }, { onDatagram: () => {} });
  socket.sendTo(ip('10.0.1.2'), 53, new Uint8Array(4));
  socket.sendTo(ip('203.0.113.1'), 53, new Uint8Array(4));
  socket.close();
  all.advance('1s');
}

describe('the end of a lab', () => {
  test('in which nothing has happened has its switches, and no more', () => {
    expect(describeEnd(lab())).toEqual({
      neighbors: [],
      fdb: [
        { device: 'wan', lines: [] },
        { device: 'lan', lines: [] },
      ],
      conntrack: [],
      drops: [],
    });
  });

  test('tells of each machine what its own tools would, and leaves out who has nothing to say', () => {
    const all = lab();
    talk(all);
    const { neighbors, fdb, conntrack } = describeEnd(all);
    expect(neighbors.map(({ device }) => device)).toEqual(['router', 'client', 'server']);
    const [router] = neighbors;
    expect(router?.lines.map((line) => line.replace(/(..:){5}../, 'MAC'))).toEqual(
      ['10.0.0.2 dev eth0 lladdr MAC REACHABLE', '10.0.1.2 dev eth1 lladdr MAC REACHABLE'].map(
        (line) => expect.stringMatching(`^${line.replace('REACHABLE', '[A-Z]+')}$`),
      ),
    );
    expect(fdb.map(({ device, lines }) => [device, lines.length])).toEqual([
      ['wan', 2],
      ['lan', 2],
    ]);
    expect(conntrack.map(({ device }) => device)).toEqual(['router']);
    expect(conntrack[0]?.lines.join()).toContain('src=10.0.0.2 dst=10.0.1.2');
  });

  test('counts drops by device and reason, in the order of the alphabet', () => {
    const all = lab();
    talk(all);
    const socket = all.stack('server').udp.bind({}, { onDatagram: () => {} });
    socket.sendTo(ip('10.0.1.1'), 9, new Uint8Array(4));
    all
      .stack('client')
      .udp.bind({}, { onDatagram: () => {} })
      .sendTo(ip('10.0.0.3'), 9, new Uint8Array(4));
    all.advance('1s');
    const { drops } = describeEnd(all);
    expect(drops.map(({ device }) => device)).toEqual(['alone', 'router', 'router', 'server']);
    expect(drops).toContainEqual({ device: 'server', reason: 'no-socket', count: 1 });
    expect(drops).toContainEqual({ device: 'router', reason: 'no-route', count: 1 });
    const keys = drops.map(({ device, reason }) => `${device}\0${reason}`);
    expect(keys).toEqual([...keys].sort());
    talk(all);
    const again = describeEnd(all).drops.find(({ device }) => device === 'server');
    expect(again?.count).toBe(2);
  });

  test('is told and not changed: asking twice gives the same', () => {
    const all = lab();
    talk(all);
    const first = describeEnd(all);
    expect(describeEnd(all)).toEqual(first);
    expect(JSON.parse(JSON.stringify(first))).toEqual(first);
  });
});
