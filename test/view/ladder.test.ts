// The ladder: every frame with who sent it, who got it and who dropped it, and how a packet is followed.

import { describe, expect, test } from 'vitest';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { Ladder, type LadderRow } from '../../src/view/ladder.ts';
import { ip } from '../support/frames.ts';
import { topologyOf } from '../support/scenarios.ts';

const CLUSTER = `name: ladder
segments: { lan: { subnet: 192.168.50.0/24, latency: 50us } }
hosts:
  db: { interfaces: { eth0: { segment: lan, address: 192.168.50.10 } }, services: [{ udp: 7, app: echo }] }
  web: { interfaces: { eth0: { segment: lan, address: 192.168.50.11 } } }
cluster:
  sdn: openshift-sdn
  segment: lan
  nodes:
    worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23 }
    worker02: { address: 192.168.50.145, subnet: 10.12.0.0/23, egressIPs: [192.168.50.120] }
  namespaces: { mywebserver: { netid: 5281170, egressIPs: [192.168.50.120] } }
  pods: { app: { namespace: mywebserver, node: worker01 } }
`;

function cluster(): Lab {
  const lab = createLab(topologyOf(CLUSTER, 'ladder.yaml'));
  lab.advance('5s');
  return lab;
}

function send(lab: Lab, from: string, to: string, port: number): void {
  const socket = lab.stack(from).udp.bind({}, { onDatagram: () => {} });
  socket.sendTo(ip(to), port, new Uint8Array(4));
  lab.advance('1s');
  socket.close();
}

/** 'app/eth0 > worker01/app', and what became of it. */
function words({ drops, from, to }: LadderRow): string {
  const ends = to.filter(({ taken }) => taken).map(({ port }) => port);
  const ended = drops.map(({ device, reason, where }) => `${reason} at ${device} ${where}`);
  return `${from?.port ?? '?'} > ${[...ends, ...ended].join(', ')}`;
}

describe('a packet', () => {
  test('is followed from a pod through br0, VXLAN and SNAT to the server, row by row', () => {
    const lab = cluster();
    send(lab, 'app', '192.168.50.10', 7);
    const ladder = new Ladder(lab);
    send(lab, 'app', '192.168.50.10', 7);
    const first = ladder.rows().find(({ from }) => from?.machine === 'app');
    if (first === undefined) throw new Error('the pod sends');
    const path = ladder.path(first.packet);
    expect(path.map(words)).toEqual([
      'app/eth0 > worker01/app',
      'worker01/br0:vxlan0 > worker01/vxlan0',
      'worker01/enp1s0 > worker02/enp1s0',
      'worker02/vxlan0 > worker02/br0:vxlan0',
      'worker02/br0:tun0 > worker02/tun0',
      'worker02/enp1s0 > db/eth0',
    ]);
    expect(path.map(({ parent }) => parent)).toEqual([
      null,
      ...path.slice(0, -1).map(({ sequence }) => sequence),
    ]);
    expect(path[0]?.text).toContain('10.11.0.2');
    expect(path.at(-1)?.text).toContain('192.168.50.120');
    expect(path.at(-1)?.note).toContain('snat 10.11.0.2');
    const times = path.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test('that is dropped says where and why', () => {
    const lab = cluster();
    const ladder = new Ladder(lab);
    send(lab, 'web', '192.168.50.10', 9999);
    const dropped = ladder.rows().filter(({ drops }) => drops.length > 0);
    expect(dropped.map(words)).toEqual(['web/eth0 > db/eth0, no-socket at db eth0']);
  });
});

describe('a flood', () => {
  test('is one row with all who heard it; who is not meant ignores it', () => {
    const lab = cluster();
    const ladder = new Ladder(lab);
    send(lab, 'web', '192.168.50.10', 7);
    const request = ladder.rows().find(({ from }) => from?.machine === 'web');
    expect(request?.text).toContain('ARP, Request who-has 192.168.50.10');
    const heard = request?.to.map(({ machine, taken }) => `${machine} ${taken}`).sort();
    expect(heard).toEqual(['db true', 'worker01 true', 'worker02 true']);
  });
});

describe('a ladder', () => {
  test('keeps its last rows, and the frames behind them', () => {
    const lab = cluster();
    const ladder = new Ladder(lab, 3);
    for (let i = 0; i < 5; i++) send(lab, 'web', '192.168.50.10', 7);
    const rows = ladder.rows();
    expect(rows).toHaveLength(3);
    expect(rows.map(({ sequence }) => ladder.total - sequence)).toEqual([2, 1, 0]);
    expect(ladder.row(1)).toBeNull();
    expect(ladder.frame(1)).toBeNull();
    const [row] = rows;
    expect(ladder.frame(row?.sequence ?? 0)?.length).toBe(row?.length);
    expect(JSON.parse(JSON.stringify(rows))).toEqual(rows);
  });

  test('tells each row once that has changed', () => {
    const lab = cluster();
    const ladder = new Ladder(lab);
    send(lab, 'web', '192.168.50.10', 7);
    expect(ladder.takeTouched()).toEqual(ladder.rows().map(({ sequence }) => sequence));
    expect(ladder.takeTouched()).toEqual([]);
  });

  test('changes nothing of what it looks at', () => {
    const bare = cluster();
    const watched = cluster();
    const ladder = new Ladder(watched);
    const captures = [bare, watched].map((lab) => {
      const sink = lab.capture('*/*');
      send(lab, 'app', '192.168.50.10', 7);
      return sink.lines();
    });
    expect(captures[0]).toEqual(captures[1]);
    expect(ladder.total).toBeGreaterThan(0);
  });
});
