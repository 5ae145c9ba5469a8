// Unsolicited inbound, wrong peer, hairpin, expiry, UDP checksum 0, fragments, an EIP that is not
// local, INVALID packets.

import type { CaseRun } from '../case-run.ts';
import type { Seen } from '../decode.ts';
import { EIP, natTopology, prepareNat, primeAll, SIP, snat, TIP } from '../nat-topology.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const FLUSH = 'conntrack -F';
const POOL = '203.0.113.100';
/** P1 to T, UDP 40002 to 9: the first 16 octets of 108, more fragments follow. */
const LONE_FRAGMENT = '4500002403092000401100000a01000bc633640a9c420009006400003132333435363738';

export const scenario: Scenario = {
  name: '06d-snat-misc',
  topology: natTopology,

  play(world) {
    prepareNat(world, 'N1');
    world.x('S', 'ip addr add 192.0.2.11/24 dev eth0');
    world.bg('S', 'gt udpecho --bind 0.0.0.0:53');
    world.bg('S', 'gt udpecho --bind 0.0.0.0:54 --nocsum');
    world.bg('S', `gt tcpserver --bind ${SIP}:80 --mode echo --push-file push`);
    world.bg('T', `gt udpecho --bind ${TIP}:9 --mode sink`);
    world.sleep(0.4);
    primeAll(world);
    const begin = (id: string): CaseRun => world.case(id, 'int', 'ext');

    begin('unsolicited');
    world.x('S', `gt tcpclient --src ${SIP}:5001 --dst ${EIP}:9999 --app S`);
    world.x(
      'S',
      `gt udp --src ${SIP}:5002 --dst ${EIP}:9999 --connect --count 2 --interval 0.1 --linger 0.1 --app S`,
    );
    world.x('S', `ping -c 1 -W 1 -e 4660 -q ${EIP}`);
    world.conntrack('N1', 'unsol');
    world.end();
    world.x('N1', FLUSH);
    begin('wrong-peer');
    world.x('P1', `gt udp --src 10.1.0.11:40000 --dst ${SIP}:53 --linger 0.1`);
    world.do(
      'S1:53 -> EIP:40000',
      'S',
      `gt udp --src 192.0.2.11:5053 --dst ${EIP}:40000 --linger 0.1`,
    );
    world.do('S:55 -> EIP:40000', 'S', `gt udp --src ${SIP}:55 --dst ${EIP}:40000 --linger 0.1`);
    world.end();
    world.x('N1', FLUSH);
    begin('hairpin');
    world.x('P1', `gt udp --src 10.1.0.11:40000 --dst ${SIP}:53 --linger 0.1`);
    world.do(
      'P2 -> EIP:40000',
      'P2',
      `gt udp --src 10.1.0.12:41000 --dst ${EIP}:40000 --connect --count 2 --interval 0.1 --linger 0.1 --app P2`,
    );
    world.end();
    world.x('N1', FLUSH);
    world.sysctl('N1', 'net.netfilter.nf_conntrack_udp_timeout=2');
    begin('expiry');
    world.x('T', 'iptables -w -F');
    world.bg('S', `gt udpecho --bind ${SIP}:57 --delay 3`);
    world.sleep(0.25);
    world.x('P1', `gt udp --src 10.1.0.11:40000 --dst ${SIP}:57 --linger 3.3`);
    world.end();
    world.sysctl('N1', 'net.netfilter.nf_conntrack_udp_timeout=30');
    world.x('N1', FLUSH);
    begin('udp-checksum-zero');
    world.x('P1', `gt udp --src 10.1.0.11:40000 --dst ${SIP}:54 --nocsum --linger 0.2`);
    world.end();
    begin('fragments');
    world.x('P1', `gt udp --src 10.1.0.11:40001 --dst ${TIP}:9 --size 3000 --df 0 --linger 0.2`);
    world.end();
    begin('fragment-lost');
    const n1 = world.roles.macOf('N1.int');
    world.do('P1: a lone first fragment (raw)', 'P1', `gt raw --dev eth0 --to ${n1} ${lone()}`);
    world.sleep(0.3);
    world.end();
    world.x('N1', FLUSH);
    begin('invalid-leak');
    world.sysctl('N1', 'net.netfilter.nf_conntrack_tcp_loose=0');
    const client = world.bg(
      'P1',
      `gt tcpclient --src 10.1.0.11:42000 --dst ${SIP}:80 --count 2 --interval 0.8 --hold 2.5 --rst --app P1`,
    );
    world.sleep(0.4);
    world.do('N1: conntrack table flushed', 'N1', FLUSH);
    world.wait(client);
    world.end();
    world.sysctl('N1', 'net.netfilter.nf_conntrack_tcp_loose=1');
    world.x('N1', FLUSH);
    world.x('N1', `ip addr del ${EIP}/32 dev ext0`);
    world.x('S', 'ip neigh flush dev eth0 nud all');
    world.x('N1', `ip neigh del ${SIP} dev ext0`);
    begin('eip-on-link-but-unowned');
    world.x('P1', `gt udp --src 10.1.0.11:40004 --dst ${SIP}:53 --linger 3.4`);
    world.end();
    world.x('N1', 'iptables -w -t nat -F');
    snat(world, 'N1', POOL);
    world.x('R', `ip route add ${POOL}/32 via 192.0.2.1`);
    world.x('N1', FLUSH);
    world.case('eip-routed-not-local', 'ext');
    world.do('P1 -> T:9', 'P1', `gt udp --src 10.1.0.11:40003 --dst ${TIP}:9 --linger 0.1`);
    world.do('P1 pings T', 'P1', `ping -c 1 -W 1 -e 4660 -q ${TIP}`);
    world.do(
      'T -> POOL:9999, TTL 20',
      'T',
      `gt udp --src ${TIP}:5005 --dst ${POOL}:9999 --ttl 20 --linger 0.2`,
    );
    world.end();
  },

  judge(world) {
    for (const c of world.cases) c.keep(({ kind }) => kind !== 'arp');
    judgeUnsolicited(world);

    let c = world.verdict('wrong-peer');
    const heard = c.frames('int', { kind: 'udp', dst: 'P1' });
    c.check('P1 only gets S:53', heard.length === 1 && heard[0]?.sport === 53);
    c.check(
      'two port unreachables from EIP',
      c.frames('ext', { kind: 'icmp', type: 3 }).length === 2,
    );

    c = world.verdict('hairpin');
    const refusals = c.frames('int', { kind: 'icmp', type: 3, src: 'EIP', dst: 'P2' });
    c.check(
      'P2 gets port unreachable from EIP, P1 gets nothing',
      refusals.length > 0 && c.frames('int', { kind: 'udp', dst: 'P1', sport: 41000 }).length === 0,
    );

    c = world.verdict('expiry');
    c.check(
      'late answer -> 3/3 from EIP to S, P1 gets nothing',
      c.frames('ext', { kind: 'icmp', type: 3, src: 'EIP' }).length > 0 &&
        c.frames('int', { kind: 'udp', dst: 'P1' }).length === 0,
    );

    c = world.verdict('udp-checksum-zero');
    const datagrams = c.frames('', { kind: 'udp' });
    c.check(
      '0 on both sides, both directions',
      datagrams.length === 4 && datagrams.every(({ rawSum }) => rawSum === 0),
      datagrams.length,
    );

    judgeFragments(world);
    judgeLeak(world);

    c = world.verdict('eip-on-link-but-unowned');
    const asked = c.frames('ext', { kind: 'arp', op: 'request', tpa: 'EIP' });
    c.check(
      'request leaves with source EIP, S asks three times in vain, P1 gets nothing',
      c.frames('ext', { kind: 'udp', src: 'EIP' }).length > 0 &&
        asked.length === 3 &&
        c.frames('int', { kind: 'udp' }).length === 1,
      asked.length,
    );
    const [own] = c.frames('ext', {
      kind: 'arp',
      op: 'request',
      sha: 'N1.ext',
      l2dst: 'BROADCAST',
      tpa: 'S',
    });
    c.check('N1 resolves S with its own address as sender', own?.spa === 'N1.ext');
    c.keepOnly(
      ({ kind, op, tpa, l2dst }) =>
        kind !== 'arp' ||
        tpa === 'EIP' ||
        (op === 'request' && l2dst === 'BROADCAST' && tpa === 'S'),
    );

    c = world.verdict('eip-routed-not-local');
    const loop = c.frames('ext', { kind: 'udp', dst: 'POOL' });
    c.check(
      'SNAT works both ways',
      c.frames('ext', { kind: 'icmp', type: 0, dst: 'POOL' }).length > 0 &&
        c.frames('int', { kind: 'icmp', type: 0, dst: 'P1' }).length > 0,
    );
    c.measured('frames_of_the_loop', loop.length);
    c.fact(
      'ttlSequence',
      loop.map(({ ttl = 0 }) => ttl),
    );
    const pairs = (type: number): string[] =>
      unique(c.frames('ext', { kind: 'icmp', type }).map(({ src, dst }) => `${src} -> ${dst}`));
    c.fact('ttlExceeded', pairs(11));
    c.fact('redirects', pairs(5));
    c.keep(
      ({ kind, ttl }) =>
        kind === 'action' || kind === 'icmp' || (kind === 'udp' && Number(ttl) > 15),
    );
  },
};

function judgeUnsolicited(world: World): void {
  const c = world.verdict('unsolicited');
  const reset = c.frames('ext', { kind: 'tcp' })[1];
  c.check(
    'SYN: RST,ACK from EIP, seq 0, ack 1',
    reset?.flags === 'RA' && reset.src === 'EIP' && reset.rawSeq === 0 && reset.ack === 1,
  );
  c.check(
    'UDP: 3/3 from EIP',
    c.frames('ext', { kind: 'icmp', type: 3, code: 3, src: 'EIP' }).length > 0,
  );
  c.check('ping answered by N1', c.frames('ext', { kind: 'icmp', type: 0 }).length > 0);
  c.check(
    'nothing inside',
    c.frames('int').every(({ kind }) => kind === 'arp'),
  );
  c.fact('appErrors', unique(c.apps('S').map(({ text }) => text)));
  c.fact('conntrack', c.tuples('unsol'));
}

function judgeFragments(world: World): void {
  let c = world.verdict('fragments');
  const pieces = (at: string): Seen[] =>
    c.frames(at).filter(({ fragOffset }) => fragOffset !== undefined);
  const [inside, outside] = [pieces('int'), pieces('ext')];
  const shape = (list: Seen[]): (number | boolean)[][] =>
    list.map(({ fragOffset = 0, fragLen = 0, mf = false }) => [fragOffset, fragLen, mf]);
  c.fact('inside', shape(inside));
  c.fact('outside', shape(outside));
  c.check(
    'same IP id, all with source EIP',
    new Set([...inside, ...outside].map(({ ipid }) => ipid)).size === 1 &&
      outside.every(({ src }) => src === 'EIP'),
  );
  const firstOut = Math.min(...outside.map(({ t }) => t));
  c.check(
    'the first fragment outside is sent after the last one inside',
    firstOut > Math.max(...inside.map(({ t }) => t)),
  );

  c = world.verdict('fragment-lost');
  c.check(
    'nothing leaves N1',
    c.frames('ext').every(({ mf }) => mf !== true),
  );
  c.keep(({ kind, dst }) => kind === 'action' || dst === 'T');
}

function judgeLeak(world: World): void {
  const c = world.verdict('invalid-leak');
  const leaked = c.frames('ext', { kind: 'tcp', src: 'P1' });
  c.check("segments with the pod's address outside", leaked.length > 0);
  c.measured('leaked_segments', leaked.length);
  const flushed = c.action(0).t;
  const later = c.frames('ext', { kind: 'tcp' }).filter(({ t }) => t > flushed);
  c.fact(
    'whatHappensNext',
    unique(later.map(({ src, dst, flags }) => `${src} -> ${dst} ${flags}`)),
  );
  c.measured(
    'app',
    c
      .apps('P1')
      .map(({ text }) => text)
      .join(', '),
  );
  c.keep(({ kind, t }) => kind !== 'tcp' || Number(t) < 1.1);
}

/** The octets of the fragment with the checksum of its header. */
function lone(): string {
  const octets = Buffer.from(LONE_FRAGMENT, 'hex');
  let sum = 0;
  for (let at = 0; at < 20; at += 2) sum += octets.readUInt16BE(at);
  sum = (sum & 0xffff) + (sum >>> 16);
  octets.writeUInt16BE(~sum & 0xffff, 10);
  return octets.toString('hex');
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
