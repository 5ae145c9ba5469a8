// ICMP errors through SNAT: outer address, embedded header, checksums, who is told and who is not.

import type { CaseRun } from '../case-run.ts';
import type { Seen } from '../decode.ts';
import { EIP, natTopology, prepareNat, primeAll, TIP } from '../nat-topology.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

export const scenario: Scenario = {
  name: '06c-snat-icmp-errors',
  topology: natTopology,

  play(world) {
    prepareNat(world, 'N1');
    world.x('R', 'ip link set far0 mtu 1400');
    world.x('T', 'ip link set eth0 mtu 1400');
    world.bg('T', `gt udpecho --bind ${TIP}:7 --delay 0.3`);
    world.sleep(0.4);
    primeAll(world);
    const udp = (port: number, options: string): void => {
      world.x('P1', `gt udp --src 10.1.0.11:${port} ${options}`);
    };
    const begin = (id: string): CaseRun => world.case(id, 'int', 'ext');

    begin('port-unreachable');
    udp(40010, `--dst ${TIP}:9 --connect --count 2 --interval 0.2 --linger 0.2 --app P1`);
    world.conntrack('N1', 'pu');
    world.end();
    begin('ttl-exceeded-by-R');
    udp(40011, `--dst ${TIP}:9 --ttl 2 --linger 0.2`);
    world.end();
    begin('ttl-exceeded-by-N1');
    udp(40012, `--dst ${TIP}:9 --ttl 1 --linger 0.2`);
    world.conntrack('N1', 'ttl1');
    world.end();
    begin('frag-needed');
    udp(40013, `--dst ${TIP}:9 --size 1472 --df 2 --linger 0.2`);
    world.save('route', 'P1', `ip route get ${TIP}`);
    udp(40013, `--dst ${TIP}:9 --size 1472 --df 2 --linger 0.2 --app P1`);
    world.end();
    world.x('P1', 'ip route flush cache');
    begin('echo-ttl-exceeded');
    world.x('P1', `ping -c 1 -W 1 -e 4660 -q ${TIP}`);
    world.x('P2', `ping -c 1 -W 1 -e 4660 -t 2 -q ${TIP}`);
    world.conntrack('N1', 'echo', 'icmp');
    world.end();
    begin('error-from-pod');
    udp(40014, `--dst ${TIP}:7 --linger 0`);
    world.sleep(0.6);
    world.end();
    begin('next-hop-dead');
    udp(40015, '--dst 192.0.2.77:9 --linger 3.4');
    world.end();
    world.x('N1', 'ip route add unreachable 203.0.113.0/24');
    begin('no-route');
    udp(40016, '--dst 203.0.113.5:9 --linger 0.2');
    world.end();
    world.x('R', 'iptables -w -A FORWARD -p tcp --dport 443 -j REJECT');
    world.x(
      'R',
      'iptables -w -A FORWARD -p tcp --dport 444 -j REJECT --reject-with icmp-admin-prohibited',
    );
    begin('reject');
    world.x('P1', `gt tcpclient --src 10.1.0.11:40017 --dst ${TIP}:443 --app P1`);
    world.x('P1', `gt tcpclient --src 10.1.0.11:40018 --dst ${TIP}:444 --app P1`);
    world.end();
    world.x('N1', 'conntrack -F');
    world.x('T', 'iptables -w -A INPUT -p udp --dport 9 -j DROP');
    udp(40019, `--dst ${TIP}:9 --linger 0.1`);
    begin('forged');
    const quote = (port: number): string =>
      `gt icmperr --dst ${EIP} --inner-src ${EIP}:${port} --inner-dst ${TIP}:9`;
    world.do('S: error quoting EIP:40019 -> T:9', 'S', quote(40019));
    world.sleep(0.2);
    world.do('S: error quoting EIP:12345 -> T:9', 'S', quote(12345));
    world.sleep(0.2);
    world.end();
  },

  judge(world) {
    for (const c of world.cases) c.keep(({ kind }) => kind !== 'arp');

    let { c, outside, inside } = judgeBoth(world, 'port-unreachable', 3, 3, 'T');
    c.check(
      'connected socket gets ECONNREFUSED',
      c.apps('P1').some(({ text }) => text.includes('ECONNREFUSED')),
    );
    c.fact('conntrack', c.tuples('pu'));
    c.fact('tosOfErrors', outside[0]?.tos ?? null);

    ({ c, inside } = judgeBoth(world, 'ttl-exceeded-by-R', 11, 0, 'R.ext'));
    c.fact('quotedTtl', inside[0]?.inner?.ttl ?? null);

    c = world.verdict('ttl-exceeded-by-N1');
    const [error] = errors(c, 'int');
    c.check(
      'source N1.int, quoted packet untouched',
      error?.src === 'N1.int' && error.inner?.src === 'P1' && error.inner.ttl === 1,
    );
    c.check('nothing outside', c.frames('ext', { kind: 'udp' }).length === 0);
    c.fact(
      'conntrackEntryLeft',
      c.tuples('ttl1', ({ original }) => original.sport === 40012),
    );

    ({ c, inside } = judgeBoth(world, 'frag-needed', 3, 4, 'R.ext'));
    c.check('mtu 1400', inside[0]?.mtu === 1400);
    c.fact('quotedBytes', inside[0]?.inner?.quotedBytes ?? null);
    const words = c.output('route').split(/\s+/);
    c.fact(
      'routeOnP1',
      words.filter((word) => word === 'mtu' || word === '1400'),
    );
    c.check(
      'P1 learned: second send fails locally with EMSGSIZE',
      c.apps('P1').some(({ text }) => text.includes('EMSGSIZE')),
    );

    c = world.verdict('echo-ttl-exceeded');
    const drawn = c.table('echo').find(({ original }) => original.src === 'P2')?.reply.id;
    outside = errors(c, 'ext');
    inside = errors(c, 'int');
    c.check(
      'quoted id outside = remapped, inside = 4660',
      outside[0]?.inner?.id === drawn &&
        drawn !== 4660 &&
        inside[0]?.inner?.id === 4660 &&
        inside[0].dst === 'P2',
    );
    c.check(
      'ICMP and quoted ICMP checksums valid',
      [...outside, ...inside].every(
        ({ l4SumOk, inner }) => l4SumOk === true && inner?.l4SumOk !== false,
      ),
    );
    c.mask(drawn, 'CLASHID');

    c = world.verdict('error-from-pod');
    [inside, outside] = [errors(c, 'int'), errors(c, 'ext')];
    const [pods] = inside;
    const [translated] = outside;
    c.check(
      'inside P1 -> T quoting T -> P1; outside EIP -> T quoting T -> EIP',
      pods?.src === 'P1' &&
        pods.inner?.dst === 'P1' &&
        translated?.src === 'EIP' &&
        translated.dst === 'T' &&
        translated.inner?.dst === 'EIP',
    );
    c.check(
      'checksums valid',
      [...outside, ...inside].every(
        ({ ipSumOk, l4SumOk, inner }) => ipSumOk && l4SumOk && inner?.ipSumOk && inner.l4SumOk,
      ),
    );

    judgeDeadNextHop(world);

    c = world.verdict('no-route');
    const [refused] = errors(c, 'int');
    c.check(
      '3/1 from N1.int at once',
      refused?.type === 3 && refused.code === 1 && refused.src === 'N1.int',
    );

    c = world.verdict('reject');
    c.fact(
      'connectErrors',
      c.apps('P1').map(({ text }) => text),
    );

    c = world.verdict('forged');
    const believed = errors(c, 'int');
    c.check(
      'first error delivered to P1 with source S',
      believed.length === 1 &&
        believed[0]?.src === 'S' &&
        believed[0].dst === 'P1' &&
        believed[0].t < c.action(1).t,
      believed.length,
    );
  },
};

/** An error about a datagram of P1, before and after it was translated. */
function judgeBoth(
  world: World,
  id: string,
  type: number,
  code: number,
  from: string,
): { c: CaseRun; outside: Seen[]; inside: Seen[] } {
  const c = world.verdict(id);
  const outside = errors(c, 'ext');
  const inside = errors(c, 'int');
  const is = (seen: Seen | undefined, to: string): boolean =>
    seen?.type === type &&
    seen.code === code &&
    seen.src === from &&
    seen.dst === to &&
    seen.inner?.src === to;
  c.check(
    `outside: ${from} -> EIP ${type}/${code}, quoted source EIP`,
    is(outside[0], 'EIP'),
    outside[0]?.src ?? null,
  );
  c.check(
    'inside: same source, destination P1, quoted source P1',
    is(inside[0], 'P1'),
    inside[0]?.src ?? null,
  );
  c.check(
    'all checksums valid: outer, ICMP, quoted IP header',
    [...outside, ...inside].every(
      ({ ipSumOk, l4SumOk, inner }) => ipSumOk && l4SumOk && inner?.ipSumOk,
    ),
  );
  const [sent] = c.frames('int', { kind: 'udp', src: 'P1' });
  c.check(
    "quoted UDP checksum restored to the pod's original",
    inside[0]?.inner?.rawSum === sent?.rawSum && outside[0]?.inner?.rawSum !== sent?.rawSum,
  );
  return { c, outside, inside };
}

function judgeDeadNextHop(world: World): void {
  const c = world.verdict('next-hop-dead');
  const [error] = errors(c, 'int');
  c.fact('errorReachesThePod', error !== undefined);
  c.fact('error', { from: error?.src ?? null, quotedSrc: error?.inner?.src ?? null });
  const [sent] = c.frames('int', { kind: 'udp' });
  c.measured('after_s', (error?.t ?? 0) - (sent?.t ?? 0));
  const asked = c.frames('ext', { kind: 'arp', op: 'request', tpa: 'DEAD' });
  c.fact('arpSenderIp', [...new Set(asked.map(({ spa = '' }) => spa))].sort());
  c.check('three requests', asked.length === 3);
  c.keepOnly(({ kind, tpa }) => kind !== 'arp' || tpa === 'DEAD');
}

function errors(c: CaseRun, at: string): Seen[] {
  return c
    .frames(at, { kind: 'icmp' })
    .filter(({ type }) => type === 3 || type === 5 || type === 11);
}
