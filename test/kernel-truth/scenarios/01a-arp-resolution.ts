// Resolution on the first packet, learning from a request, unicast confirmation by the peer.

import { lan } from '../lan.ts';
import type { Scenario } from '../scenario.ts';

export const scenario: Scenario = {
  name: '01a-arp-resolution',
  topology: (roles) => lan(roles, 'A', 'B', 'C', 'D'),

  play(world) {
    const wrong = world.roles.macOf('X');
    world.captureSwitch('wire', 'br0');
    world.monitor('A', 'B', 'C', 'D');

    world.case('first-ping');
    world.x('A', 'ping -c 1 -W 2 -e 4660 -q 10.0.0.2');
    world.sleep(0.3);

    world.case('second-ping');
    world.x('A', 'ping -c 1 -W 2 -e 4661 -q 10.0.0.2');
    world.sleep(5.5);

    world.case('bystander-update');
    world.x('D', `ip neigh replace 10.0.0.1 dev eth0 lladdr ${wrong} nud stale`);
    world.sleep(2);
    world.do(
      'A resolves C (broadcast request, tpa = C)',
      'A',
      'ping -c 1 -W 2 -e 4662 -q 10.0.0.3',
    );
    world.sleep(0.3);

    world.case('bystander-locktime');
    world.x('D', `ip neigh replace 10.0.0.1 dev eth0 lladdr ${wrong} nud stale`);
    world.x('A', 'ip neigh flush dev eth0');
    world.sleep(0.3);
    world.do('A resolves C', 'A', 'ping -c 1 -W 2 -e 4663 -q 10.0.0.3');
    world.sleep(0.3);

    world.case('asked-host-no-locktime');
    world.x('D', 'ip neigh del 10.0.0.1 dev eth0');
    world.x('D', `ip neigh replace 10.0.0.1 dev eth0 lladdr ${wrong} nud reachable`);
    world.x('A', 'ip neigh flush dev eth0');
    world.sleep(0.2);
    world.do('A resolves D', 'A', 'ping -c 1 -W 2 -e 4664 -q 10.0.0.4');
    world.sleep(0.3);

    world.case('loopback-source');
    world.x('A', 'ip addr add 10.0.0.51/24 dev eth0');
    world.x('A', 'ip neigh flush dev eth0');
    world.x('A', 'ping -I 10.0.0.51 -c 1 -W 2 -e 4665 -q 10.0.0.2');
    world.sleep(0.3);
  },

  judge(world) {
    let c = world.verdict('first-ping');
    const firstEcho = c.frames('wire', { kind: 'icmp' });
    let arp = c.frames('wire', { kind: 'arp' });
    let talk = arp.map(({ op, l2src, l2dst }) => `${op} ${l2src} ${l2dst}`);
    c.check(
      'exactly one broadcast request and one unicast reply',
      talk.join() === 'request A BROADCAST,reply B A',
      talk,
    );
    c.check('request: tha is all zero', arp[0]?.tha === 'ZERO');
    c.check(
      'frame length on veth is 42 (no padding)',
      arp.every(({ length }) => length === 42),
    );
    c.fact('arpFrameBytes', arp[0]?.length ?? 0);
    c.measured('request_to_reply_us', ((arp[1]?.t ?? 0) - (arp[0]?.t ?? 0)) * 1e6);
    c.check(
      'B answers the ping without asking for A',
      !arp.some(({ op, sha }) => op === 'request' && sha === 'B'),
    );
    c.check('A: REACHABLE by the reply', c.states('A', 'B').at(-1) === 'REACHABLE:B');
    c.check(
      'B: entry for A made from the request (STALE), then DELAY as B sends',
      c.states('B', 'A').at(-1) === 'DELAY:A',
    );
    c.check(
      'bystanders make no entry',
      c.neighbors('C').length === 0 && c.neighbors('D').length === 0,
    );

    c = world.verdict('second-ping');
    arp = c.frames('wire', { kind: 'arp' });
    talk = arp.map(({ op, l2src, l2dst }) => `${op} ${l2src} ${l2dst}`);
    c.check(
      "the only ARP is B's unicast probe and A's unicast reply",
      talk.join() === 'request B A,reply A B',
      talk,
    );
    c.measured('B_probe_after_its_first_echo_reply_s', (arp[0]?.t ?? 0) - (firstEcho[1]?.t ?? 0));
    c.check(
      'unicast probe: tha in the payload is zero, only the Ethernet header is unicast',
      arp[0]?.tha === 'ZERO',
    );
    c.check('B: DELAY -> PROBE -> REACHABLE', c.states('B', 'A').at(-1) === 'REACHABLE:A');

    c = world.verdict('bystander-update');
    c.check('D: MAC replaced, state STALE', c.entry('D', 'A') === 'STALE:A', c.entry('D', 'A'));
    c.check('B has an entry and keeps it', c.entry('B', 'A').endsWith(':A'));
    c.drop(({ kind }) => kind === 'icmp');

    c = world.verdict('bystander-locktime');
    c.check('D: wrong MAC kept', c.entry('D', 'A').endsWith(':X'), c.entry('D', 'A'));
    c.drop(({ kind }) => kind === 'icmp');

    c = world.verdict('asked-host-no-locktime');
    c.check('D: entry overridden inside the locktime', c.entry('D', 'A').endsWith(':A'));
    c.keepNeighbors(({ host }) => host === 'D');

    c = world.verdict('loopback-source');
    const [request] = c.frames('wire', { kind: 'arp', op: 'request' });
    c.check("spa is the packet's source", request?.spa === 'A2');
  },
};
