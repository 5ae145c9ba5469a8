// conntrack and NAT at their edges: a stateful firewall, expiry in the middle of flows, MASQUERADE and
// links, resets.

import type { CaseRun } from '../case-run.ts';
import { natTopology, prepareNat, primeAll, SIP, snat, TIP } from '../nat-topology.ts';
import type { Scenario } from '../scenario.ts';

const FLUSH = 'conntrack -F';
/** The snapshot that is a fact of each case. */
const SNAPSHOTS: readonly (readonly [string, string])[] = [
  ['established-only', 'fw'],
  ['drop-invalid', 'inv'],
  ['reject-tcp-reset', 'rst'],
  ['input-drop', 'in'],
  ['expired-tcp', 'exp'],
  ['icmp-ids', 'ids'],
  ['masquerade-link-down', 'm1'],
  ['snat-link-flap', 's1'],
];

export const scenario: Scenario = {
  name: 'e05-conntrack',
  topology: natTopology,

  play(world) {
    prepareNat(world, 'N1');
    world.bg('S', `gt tcpserver --bind ${SIP}:80 --mode echo`);
    world.bg('S', 'gt udpecho --bind 0.0.0.0:53');
    world.bg('T', `gt udpecho --bind ${TIP}:53`);
    world.x('R', 'ip route add 10.1.0.0/24 via 192.0.2.1');
    world.sleep(0.4);
    primeAll(world);
    world.prime('R', '192.0.2.1');
    world.prime('N1', '10.1.0.11');
    const n1 = (command: string): void => {
      world.x('N1', command);
    };
    const rule = (text: string): void => n1(`iptables -w ${text}`);
    const udp = (port: number, to: string): void => {
      world.x('P1', `gt udp --src 10.1.0.11:${port} --dst ${to} --linger 0.15`);
    };
    const begin = (id: string): CaseRun => world.case(id, 'int', 'ext');
    const clear = (): void => {
      rule('-F');
      n1(FLUSH);
    };

    n1(FLUSH);
    begin('established-only');
    rule('-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT');
    rule('-A FORWARD -i int0 -j ACCEPT');
    rule('-A FORWARD -j DROP');
    udp(40000, `${SIP}:53`);
    udp(40001, `${TIP}:9`);
    world.do('T -> P1', 'T', `gt udp --src ${TIP}:6000 --dst 10.1.0.11:9 --linger 0.15`);
    world.conntrack('N1', 'fw');
    world.end();
    clear();
    begin('drop-invalid');
    world.sysctl('N1', 'net.netfilter.nf_conntrack_tcp_loose=0');
    rule('-A FORWARD -m conntrack --ctstate INVALID -j DROP');
    const client = world.bg(
      'P1',
      `gt tcpclient --src 10.1.0.11:42000 --dst ${SIP}:80 --count 2 --interval 0.5 --hold 1 --rst`,
    );
    world.sleep(0.3);
    world.do('N1: conntrack table flushed', 'N1', FLUSH);
    world.wait(client);
    world.conntrack('N1', 'inv');
    world.end();
    world.sysctl('N1', 'net.netfilter.nf_conntrack_tcp_loose=1');
    clear();
    begin('reject-tcp-reset');
    rule('-A FORWARD -p tcp --dport 80 -j REJECT --reject-with tcp-reset');
    world.x('P1', `gt tcpclient --src 10.1.0.11:42001 --dst ${SIP}:80 --app P1`);
    world.conntrack('N1', 'rst');
    world.end();
    clear();
    begin('input-drop');
    rule('-A INPUT -p udp --dport 53 -j DROP');
    rule('-A OUTPUT -p udp --dport 54 -j DROP');
    world.x('P1', 'gt udp --src 10.1.0.11:40002 --dst 10.1.0.1:53 --linger 0.1');
    world.x('N1', `gt udp --src 192.0.2.1:40003 --dst ${SIP}:54 --linger 0.1 --app N1`);
    world.conntrack('N1', 'in');
    world.end();
    clear();
    world.sysctl('N1', 'net.netfilter.nf_conntrack_tcp_timeout_established=1');
    world.case('expired-tcp', 'ext');
    world.x(
      'P1',
      `gt tcpclient --src 10.1.0.11:43003 --dst ${SIP}:80 --count 2 --interval 2 --hold 2.3`,
    );
    world.conntrack('N1', 'exp');
    world.end();
    world.sysctl('N1', 'net.netfilter.nf_conntrack_tcp_timeout_established=432000');
    n1(FLUSH);
    begin('icmp-ids');
    world.x('P1', `ping -c 2 -i 1.2 -W 1 -e 4660 -q ${SIP}`);
    world.conntrack('N1', 'ids');
    world.end();
    n1(FLUSH);
    rule('-t nat -F');
    rule('-t nat -A POSTROUTING -s 10.1.0.0/24 -o ext0 -j MASQUERADE');
    world.case('masquerade-link-down', 'ext');
    udp(40010, `${SIP}:53`);
    world.conntrack('N1', 'm1');
    world.do('N1: ext0 down', 'N1', 'ip link set ext0 down');
    world.sleep(0.3);
    world.conntrack('N1', 'm2');
    world.end();
    n1('ip link set ext0 up');
    world.sleep(0.3);
    n1('ip route add default via 192.0.2.254');
    world.prime('N1', SIP);
    world.prime('N1', '192.0.2.254');
    n1(FLUSH);
    rule('-t nat -F');
    snat(world, 'N1');
    world.case('snat-link-flap', 'ext');
    udp(40011, `${SIP}:53`);
    world.conntrack('N1', 's1');
    world.act('N1: ext0 down and up');
    n1('ip link set ext0 down');
    world.sleep(0.2);
    n1('ip link set ext0 up');
    world.sleep(0.3);
    world.conntrack('N1', 's2');
    world.end();
  },

  judge(world) {
    for (const c of world.cases) {
      c.check('ran', true);
      c.keep(({ kind }) => kind !== 'arp');
    }
    for (const [id, label] of SNAPSHOTS) {
      const c = world.verdict(id);
      c.fact('conntrack', c.tuples(label));
    }
    for (const [id, label] of [
      ['masquerade-link-down', 'm2'],
      ['snat-link-flap', 's2'],
    ] as const) {
      const c = world.verdict(id);
      c.fact('conntrackAfter', c.tuples(label));
    }
  },
};
