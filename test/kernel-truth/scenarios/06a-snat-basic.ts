// SNAT of TCP, UDP and ICMP echo; what conntrack shows; states and timeouts.

import { observePort } from '../../../src/capture/observation.ts';
import { conntrackRows, secondsLeft } from '../../../src/view/conntrack.ts';
import type { CaseRun } from '../case-run.ts';
import { natTopology, prepareNat, primeAll, SIP, TIP } from '../nat-topology.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const SNAPSHOTS = [1, 2, 3, 4, 5, 6];
const FLUSH = 'conntrack -F';

export const scenario: Scenario = {
  name: '06a-snat-basic',
  topology: natTopology,

  play(world) {
    prepareNat(world, 'N1');
    // The machine of the fixture had tcp_rmem = 4096 87380 16777216: the window of P1's RST, 83, is
    // 42340 >> 9 rounded up. With 6.18's own 4096 131072 33554432 it is 63, as measured elsewhere.
    world.sysctl('P1', 'net.ipv4.tcp_rmem_default=87380', 'net.ipv4.tcp_rmem_max=16777216');
    world.bg('S', `gt tcpserver --bind ${SIP}:80 --mode echo`);
    world.bg('S', `gt udpecho --bind ${SIP}:53`);
    world.sleep(0.4);
    primeAll(world);
    world.sleep(0.3);

    world.case('icmp-echo', 'int', 'ext');
    world.x('P1', `ping -c 2 -i 0.2 -W 1 -e 4660 -q ${SIP}`);
    world.conntrack('N1', 'icmp');
    world.sleep(0.1);
    world.end();
    world.x('N1', FLUSH);
    world.case('udp', 'int', 'ext');
    world.x('P1', `gt udp --src 10.1.0.11:40000 --dst ${SIP}:53 --linger 0.2`);
    world.conntrack('N1', 'udp');
    world.end();
    world.x('N1', FLUSH);
    world.case('udp-unreplied', 'int', 'ext');
    world.x('S', 'iptables -w -A INPUT -p udp --dport 54 -j DROP');
    world.x('P1', `gt udp --src 10.1.0.11:40001 --dst ${SIP}:54 --linger 0.1`);
    world.conntrack('N1', 'udpun');
    world.end();
    world.x('N1', FLUSH);
    world.case('udp-stream', 'ext');
    const stream = world.bg(
      'P1',
      `gt udp --src 10.1.0.11:40002 --dst ${SIP}:53 --count 6 --interval 0.5 --linger 0.2`,
    );
    for (const k of SNAPSHOTS) {
      world.sleep(0.48);
      world.conntrack('N1', `st${k}`);
    }
    world.wait(stream);
    world.end();
    world.x('N1', FLUSH);
    world.case('tcp', 'int', 'ext');
    const client = world.bg(
      'P1',
      `gt tcpclient --src 10.1.0.11:40000 --dst ${SIP}:80 --count 1 --hold 0.4`,
    );
    const events = recordStates(world);
    world.sleep(0.3);
    world.conntrack('N1', 'tcpest');
    world.wait(client);
    world.sleep(0.1);
    world.conntrack('N1', 'tcptw');
    world.verdict('tcp').outputs.set('events', JSON.stringify(events()));
    world.end();
    world.x('N1', FLUSH);
    world.case('tcp-refused', 'int', 'ext');
    world.x('P1', `gt tcpclient --src 10.1.0.11:40001 --dst ${SIP}:81 --app P1`);
    world.conntrack('N1', 'tcprst');
    world.sleep(0.1);
    world.end();
    world.x('N1', FLUSH);
    world.case('tcp-reset', 'int', 'ext');
    world.x('P1', `gt tcpclient --src 10.1.0.11:40005 --dst ${SIP}:80 --count 1 --hold 0.2 --rst`);
    world.conntrack('N1', 'tcpclose');
    world.sleep(0.1);
    world.end();
    world.x('N1', FLUSH);
    world.case('tcp-syn-sent', 'int', 'ext');
    world.x('S', 'iptables -w -A INPUT -p tcp --dport 82 -j DROP');
    world.x(
      'P1',
      `gt tcpclient --src 10.1.0.11:40002 --dst ${SIP}:82 --connect-timeout 3.5 --app P1`,
    );
    world.conntrack('N1', 'tcpsyn');
    world.end();
    world.case('via-router', 'int', 'ext');
    world.x('P1', `gt udp --src 10.1.0.11:40003 --dst ${TIP}:9 --linger 0.3`);
    world.end();
  },

  judge(world) {
    for (const c of world.cases) c.keep(({ kind }) => kind !== 'arp');
    let c = world.verdict('icmp-echo');
    c.fact('conntrack', c.tuples('icmp'));
    c.measured('timeout_s', timeout(c, 'icmp'));
    const inside = c.frames('int', { kind: 'icmp' });
    const outside = c.frames('ext', { kind: 'icmp' });
    const ofRequests = (key: 'ttl' | 'ipid', list: typeof inside): string =>
      [...new Set(list.filter(({ type }) => type === 8).map((seen) => seen[key]))].join();
    c.check(
      'source rewritten, id kept, checksums valid',
      outside.filter(({ type }) => type === 8).every(({ src }) => src === 'EIP') &&
        [...inside, ...outside].every(
          ({ id, l4SumOk, ipSumOk }) => id === 4660 && l4SumOk === true && ipSumOk === true,
        ),
    );
    c.check(
      'TTL 64 inside, 63 outside',
      ofRequests('ttl', inside) === '64' && ofRequests('ttl', outside) === '63',
    );
    c.check('IP id is not changed', ofRequests('ipid', inside) === ofRequests('ipid', outside));

    c = world.verdict('udp');
    c.fact('conntrack', c.tuples('udp'));
    c.measured('timeout_s', timeout(c, 'udp'));
    const datagrams = c.frames('ext', { kind: 'udp' });
    c.check(
      'source port preserved',
      datagrams[0]?.sport === 40000 &&
        datagrams[0].src === 'EIP' &&
        datagrams.every(({ l4SumOk }) => l4SumOk === true),
    );

    c = world.verdict('udp-unreplied');
    c.fact('conntrack', c.tuples('udpun'));
    c.measured('timeout_s', timeout(c, 'udpun'));

    c = world.verdict('udp-stream');
    const [early, late] = [c.table('st1')[0], c.table('st6')[0]];
    c.check(
      'first 30 s without flag, at the end 120 s and ASSURED',
      (early?.timeout ?? 99) <= 30 &&
        early?.flags.length === 0 &&
        (late?.timeout ?? 0) > 110 &&
        late?.flags.join() === 'ASSURED',
      [early?.timeout ?? null, late?.timeout ?? null],
    );
    c.keep(({ t }) => Number(t) < 0.1);

    judgeTcp(world);

    c = world.verdict('tcp-refused');
    c.fact('conntrack', c.tuples('tcprst'));
    c.check('no entry left', c.table('tcprst').length === 0);
    c.check(
      'client gets ECONNREFUSED',
      c.apps().some(({ text }) => text.includes('ECONNREFUSED')),
    );

    c = world.verdict('tcp-reset');
    c.fact('conntrack', c.tuples('tcpclose'));
    c.measured('timeout_s', timeout(c, 'tcpclose'));

    c = world.verdict('tcp-syn-sent');
    c.fact('conntrack', c.tuples('tcpsyn'));
    c.measured('timeout_s', timeout(c, 'tcpsyn'));
    const syns = c.frames('ext', { kind: 'tcp' });
    c.check(
      'all SYNs from EIP:40002',
      syns.length > 0 && syns.every(({ src, sport }) => src === 'EIP' && sport === 40002),
    );

    c = world.verdict('via-router');
    c.fact('note', 'T answers with ICMP port unreachable; see 06c');
  },
};

function judgeTcp(world: World): void {
  const c = world.verdict('tcp');
  c.fact('conntrackEstablished', c.tuples('tcpest'));
  c.fact('conntrackAfterClose', c.tuples('tcptw'));
  c.measured('timeout_established_s', timeout(c, 'tcpest'));
  c.measured('timeout_time_wait_s', timeout(c, 'tcptw'));
  const outside = c.frames('ext', { kind: 'tcp' });
  const inside = c.frames('int', { kind: 'tcp' });
  c.check(
    'port preserved, checksums valid',
    outside.every(
      ({ sport, dport, l4SumOk }) => (sport === 40000 || dport === 40000) && l4SumOk === true,
    ),
  );
  c.check(
    'sequence numbers are not touched',
    inside.map(({ rawSeq }) => rawSeq).join() === outside.map(({ rawSeq }) => rawSeq).join(),
  );
  const sysctls = Object.entries(world.host('N1').sysctl.host);
  const timeouts = sysctls.flatMap(([name, value]) => {
    const short = /^nf_conntrack_((?:tcp|udp|icmp|generic)_.*timeout.*)$/.exec(name)?.[1];
    return short === undefined ? [] : [[short, value] as const];
  });
  c.fact('timeoutSysctls', Object.fromEntries(timeouts));
  c.fact('conntrackEvents', JSON.parse(c.output('events')));
}

/**
 * conntrack -E: the states through which the connection goes, each with its new timeout; NEW once, then
 * UPDATE. The lab's conntrack tells no such events, so its table is read with every frame that leaves.
 */
function recordStates(world: World): () => (string | number)[][] {
  const seen: (string | number)[][] = [];
  const { netfilter } = world.machine('N1');
  const stop = ['int0', 'ext0'].map((name) =>
    observePort(world.nic('N1', name).port, (_port, _frame, direction) => {
      const [row] = conntrackRows('N1', netfilter);
      const state = row?.state ?? null;
      if (direction === 'in' || row === undefined || state === null) return;
      if (state === seen.at(-1)?.[1]) return;
      seen.push([seen.length === 0 ? 'NEW' : 'UPDATE', state, secondsLeft(row, world.lab.now)]);
    }),
  );
  return () => {
    for (const detach of stop) detach();
    return seen;
  };
}

/** Seconds left of the first entry of a snapshot. */
function timeout(c: CaseRun, label: string): number | null {
  return c.table(label)[0]?.timeout ?? null;
}
