// IP forwarding: TTL, ICMP errors and their source addresses, redirects, fragmentation, PMTU, limits.
//
//   A .10 --- br0 10.0.0.0/24 --- R1 .1 | R1 10.1.0.1 --- br1 --- R2 10.1.0.2 | R2 10.2.0.2 --- br2 --- B .10
//                             \-- R2.a .2 (R2's second leg into br0, for asymmetric routes)

import type { CaseRun } from '../case-run.ts';
import type { Seen } from '../decode.ts';
import { CABLE, nic } from '../lan.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

export const scenario: Scenario = {
  name: '09-ip-forwarding',
  topology: (roles) => ({
    name: 'forwarding',
    segments: { br0: CABLE, br1: CABLE, br2: CABLE },
    hosts: {
      A: {
        // A's frames leave one after the other, so that the first of two is over R1 before the second.
        interfaces: { eth0: { ...nic(roles, 'A', 'br0', 24), out: { bandwidth: '100Mbit' } } },
        gateway: '10.0.0.1',
      },
      B: { interfaces: { eth0: nic(roles, 'B', 'br2', 24) }, gateway: '10.2.0.2' },
      R1: {
        interfaces: {
          eth0: nic(roles, 'R1.a', 'br0', 24),
          eth1: nic(roles, 'R1.b', 'br1', 24),
        },
        forwarding: true,
        routes: [{ to: '10.2.0.0/24', via: '10.1.0.2' }],
      },
      R2: {
        interfaces: {
          eth1: nic(roles, 'R2.b', 'br1', 24),
          eth2: nic(roles, 'R2.c', 'br2', 24),
          eth0: nic(roles, 'R2.a', 'br0', 24),
        },
        forwarding: true,
      },
    },
    scenario: { duration: '1s' },
  }),

  play(world) {
    const udp = (options: string): void => {
      world.x('A', `gt udp ${options} --linger 0.15 --dst 10.2.0.10:7`);
    };
    const udpTo = (to: string, port: number, more = ''): void => {
      world.x('A', `gt udp --dst ${to} --src 10.0.0.10:${port} ${more} --linger 0.15`);
    };
    world.x('R2', 'ip link set eth0 down');
    world.x('R2', 'ip route add 10.0.0.0/24 via 10.1.0.1');
    world.captureSwitch('l0', 'br0');
    world.captureSwitch('l1', 'br1');
    world.captureSwitch('l2', 'br2');
    world.bg('B', 'gt udpecho --bind 10.2.0.10:7');
    world.bg('B', 'gt udpecho --bind 10.2.0.10:8 --mode sink');
    world.bg('B', 'gt tcpserver --bind 10.2.0.10:80 --mode sink');
    world.sleep(0.4);
    world.prime('A', '10.2.0.10');

    world.case('ttl', 'l0', 'l1', 'l2');
    world.x('A', 'ping -c 1 -W 1 -e 4660 -q 10.2.0.10');
    world.sleep(0.1);
    world.end();
    world.case('ttl-1', 'l0');
    udp('--src 10.0.0.10:40001 --ttl 1');
    world.end();
    world.case('ttl-2', 'l0', 'l1');
    udp('--src 10.0.0.10:40002 --ttl 2');
    world.end();
    world.case('ttl-3', 'l0');
    udpTo('10.2.0.10:33434', 40003, '--ttl 3');
    world.end();
    attachLeg(world);
    world.sleep(0.3);
    world.prime('A', '10.2.0.10');
    world.case('asymmetric', 'l0', 'l1');
    udp('--src 10.0.0.10:40004 --ttl 2');
    world.end();
    world.sysctl('R2', 'net.ipv4.icmp_errors_use_inbound_ifaddr=1');
    world.case('asymmetric-inbound', 'l0', 'l1');
    udp('--src 10.0.0.10:40005 --ttl 2');
    world.end();
    world.sysctl('R2', 'net.ipv4.icmp_errors_use_inbound_ifaddr=0');
    world.x('R1', 'ip route add unreachable 172.16.2.0/24');
    world.x('R1', 'ip route add prohibit 172.16.3.0/24');
    world.x('R1', 'ip route add blackhole 172.16.4.0/24');
    world.sleep(1.2);
    world.case('unreachables', 'l0');
    world.act('no route');
    udpTo('172.16.1.1:9', 40006);
    world.sleep(2);
    world.act('unreachable route');
    udpTo('172.16.2.1:9', 40007);
    world.sleep(2);
    world.act('prohibit route');
    udpTo('172.16.3.1:9', 40008);
    world.sleep(2);
    world.act('blackhole route');
    udpTo('172.16.4.1:9', 40009);
    world.end();
    world.sleep(5);
    world.case('rate-limit-unreachable', 'l0');
    udpTo('172.16.1.1:9', 40019, '--count 40 --interval 0.15');
    world.end();
    world.case('next-hop-dead', 'l0', 'l2');
    world.x(
      'A',
      'gt udp --dst 10.2.0.99:9 --src 10.0.0.10:40010 --count 3 --interval 0.3 --linger 3.3',
    );
    world.end();
    world.sleep(6);
    world.case('rate-limit', 'l0');
    udp('--src 10.0.0.10:40011 --ttl 1 --count 60 --interval 0.05');
    world.end();
    const echo = world.case('rate-limit-echo', 'l0');
    echo.outputs.set('ping', world.x('A', 'ping -c 60 -i 0.01 -W 1 -e 4661 -q 10.0.0.1').output);
    world.end();
    setMtu(world, 1400);
    world.x('R2', 'ip link set eth0 down');
    world.x('R2', 'ip route add 10.0.0.0/24 via 10.1.0.1');
    world.prime('A', '10.2.0.10');
    world.sleep(6);
    world.case('fragment', 'l0', 'l1');
    udpTo('10.2.0.10:8', 40012, '--size 2000 --df 0');
    world.end();
    world.case('frag-needed', 'l0', 'l1');
    udpTo('10.2.0.10:8', 40013, '--size 1472 --df 2');
    world.save('route', 'A', 'ip route get 10.2.0.10');
    udpTo('10.2.0.10:8', 40013, '--size 1472 --df 1');
    world.end();
    world.x('A', 'ip route flush cache');
    world.case('tcp-pmtu', 'l0');
    world.x(
      'A',
      'gt tcpclient --dst 10.2.0.10:80 --src 10.0.0.10:40014 --count 1 --size 4000 --hold 0.4',
    );
    world.end();
    setMtu(world, 1500);
    attachLeg(world);
    world.x('A', 'ip route flush cache');
    world.sleep(0.4);
    world.x('R1', 'ip route replace 10.2.0.0/24 via 10.0.0.2');
    for (const host of ['R1', 'A']) world.x(host, 'ping -c 1 -W 1 -q 10.0.0.2');
    world.case('redirect', 'l0');
    world.x('A', 'ping -c 3 -i 0.3 -W 1 -e 4662 -q 10.2.0.10');
    world.save('route2', 'A', 'ip route get 10.2.0.10');
    world.end();
    world.x('A', 'ip route flush cache');
    world.sysctl(
      'A',
      'net.ipv4.conf.all.accept_redirects=0',
      'net.ipv4.conf.eth0.accept_redirects=0',
    );
    world.sleep(1);
    world.case('redirect-ignored', 'l0');
    world.x('A', 'ping -c 80 -i 0.1 -W 1 -e 4663 -q 10.2.0.10');
    world.end();
    world.sysctl('R1', 'net.ipv4.conf.all.rp_filter=1', 'net.ipv4.conf.eth0.rp_filter=1');
    world.x('A', 'ip addr add 10.99.0.1/32 dev eth0');
    const spoofed = 'gt udp --dst 10.2.0.10:8 --src 10.99.0.1:40015 --linger 0.15';
    world.case('martian', 'l0', 'l2');
    world.do('rp_filter=1', 'A', spoofed);
    world.sysctl('R1', 'net.ipv4.conf.all.rp_filter=0', 'net.ipv4.conf.eth0.rp_filter=0');
    world.do('rp_filter=0', 'A', spoofed);
    world.end();
    world.case('no-icmp', 'l0');
    world.do(
      'UDP to 10.0.0.255:9',
      'A',
      'gt udp --dst 10.0.0.255:9 --src 10.0.0.10:40016 --size 1 --linger 0 --broadcast',
    );
    world.do('ping 10.0.0.255', 'A', 'ping -b -c 1 -W 1 -e 4664 -q 10.0.0.255');
    world.sysctl('R1', 'net.ipv4.ip_forward=0');
    world.act('R1 no longer forwards; A sends to B via R1');
    udpTo('10.2.0.10:8', 40017);
    world.end();
  },

  judge(world) {
    for (const c of world.cases) c.keep(({ kind }) => kind !== 'arp');
    judgeErrors(world);
    judgeLimits(world);
    judgeSizes(world);
    judgeRedirects(world);

    let c = world.verdict('martian');
    const forwarded = c.frames('l2', { kind: 'udp' });
    c.check(
      'only the second one is forwarded, no ICMP',
      forwarded.length === 1 &&
        (forwarded[0]?.t ?? 0) > c.action(1).t &&
        c.frames('l0', { kind: 'icmp' }).length === 0,
      forwarded.length,
    );

    c = world.verdict('no-icmp');
    c.check('no ICMP error, no echo reply', icmp(c, 'l0', 3, 11, 0).length === 0);
    c.check('nothing forwarded', c.frames('l2', { kind: 'udp' }).length === 0);
  },
};

function judgeErrors(world: World): void {
  let c = world.verdict('ttl');
  const ttls = (type: number, order: readonly string[]): string =>
    order.map((at) => c.frames(at, { kind: 'icmp', type })[0]?.ttl).join();
  c.check('64/63/62 on the three links', ttls(8, ['l0', 'l1', 'l2']) === '64,63,62');
  c.check('reply 64/63/62', ttls(0, ['l2', 'l1', 'l0']) === '64,63,62');

  for (const [id, from] of [
    ['ttl-1', 'R1.a'],
    ['ttl-2', 'R2.b'],
    ['asymmetric', 'R2.a'],
    ['asymmetric-inbound', 'R2.b'],
  ] as const) {
    c = world.verdict(id);
    const [error, ...others] = icmp(c, 'l0', 11);
    c.check(
      `11/0 from ${from}`,
      others.length === 0 && error?.code === 0 && error.src === from,
      error?.src ?? null,
    );
    c.fact('from', error?.src ?? null);
    c.fact('quotedTtl', error?.inner?.ttl ?? null);
    c.fact('tos', error?.tos ?? null);
  }

  c = world.verdict('ttl-3');
  const [refused] = icmp(c, 'l0', 3);
  c.check('3/3 from B', refused?.code === 3 && refused.src === 'B');
  c.fact('quotedTtl', refused?.inner?.ttl ?? null);

  c = world.verdict('unreachables');
  const codes = icmp(c, 'l0', 3).map(({ inner, code = -1 }) => [inner?.dst ?? '', code] as const);
  c.fact('codes', Object.fromEntries(codes));
  c.check('codes', codes.join() === 'NONE,0,UNR,1,PROH,13', codes.join());

  c = world.verdict('next-hop-dead');
  const errors = icmp(c, 'l0', 3);
  const asked = c.frames('l2', { kind: 'arp', op: 'request', tpa: 'DEAD' });
  c.check('3 requests', asked.length === 3);
  c.measured('errors', errors.length);
  c.check(
    '3/1 from R2.a (towards A)',
    errors[0]?.code === 1 && errors[0].src === 'R2.a',
    errors[0]?.src ?? null,
  );
  c.measured('after_s', (errors[0]?.t ?? 0) - (asked[0]?.t ?? 0));
  c.keepOnly(({ kind, tpa }) => kind !== 'arp' || tpa === 'DEAD');
  c.fact('quotedTtl', errors[0]?.inner?.ttl ?? null);
}

function judgeLimits(world: World): void {
  for (const [id, type] of [
    ['rate-limit', 11],
    ['rate-limit-unreachable', 3],
  ] as const) {
    const c = world.verdict(id);
    const sent = c.frames('l0', { kind: 'udp' });
    const errors = icmp(c, 'l0', type);
    c.measured('packets', sent.length);
    c.measured('errors', errors.length);
    c.measured('error_times_s', errors.map(({ t }) => (t - (sent[0]?.t ?? 0)).toFixed(2)).join());
    c.keep(() => false);
  }
  const c = world.verdict('rate-limit-echo');
  c.measured('replies_of_60', Number(/(\d+) received/.exec(c.output('ping'))?.[1]));
  c.keep(() => false);
}

function judgeSizes(world: World): void {
  let c = world.verdict('fragment');
  c.fact('l0', pieces(c, 'l0'));
  c.fact('l1', pieces(c, 'l1'));
  c.check(
    'multiples of 8',
    pieces(c, 'l1').length >= 3 && pieces(c, 'l1').every(([offset]) => Number(offset) % 8 === 0),
  );

  c = world.verdict('frag-needed');
  let errors = icmp(c, 'l0', 3);
  const [error] = errors;
  c.check(
    '3/4 mtu 1400 from R1.a',
    error?.code === 4 && error.mtu === 1400 && error.src === 'R1.a',
  );
  c.fact('quotedTtl', error?.inner?.ttl ?? null);
  c.fact('quotedBytes', error?.inner?.quotedBytes ?? null);
  const route = c.output('route');
  c.measured('route_exception_expires_s', Number(/expires (\d+)sec/.exec(route)?.[1] ?? -1));
  c.check('mtu 1400 cached', route.includes('mtu 1400'));
  c.fact('secondSendWithDF_IP_PMTUDISC_WANT', pieces(c, 'l1'));

  c = world.verdict('tcp-pmtu');
  const data = c.frames('l0', { kind: 'tcp', l2src: 'A' }).filter(({ dataLen = 0 }) => dataLen > 0);
  errors = icmp(c, 'l0', 3);
  c.fact(
    'segmentSizes',
    data.map(({ dataLen = 0 }) => dataLen),
  );
  c.fact('errors_3_4', errors.length);
  const last = errors.at(-1)?.t ?? 0;
  c.check(
    'retransmitted with at most 1348 bytes',
    data[0]?.dataLen === 1448 &&
      data.filter(({ t }) => t > last).every(({ dataLen = 0 }) => dataLen <= 1348),
  );
  const first = errors[0]?.t ?? 0;
  const again = data.find(({ t, dataLen = 0 }) => t > first && dataLen <= 1348)?.t ?? 0;
  c.measured('from_error_to_retransmission_ms', (again - first) * 1000);
  c.keep(({ kind }) => kind === 'icmp');
}

function judgeRedirects(world: World): void {
  let c = world.verdict('redirect');
  let redirects = icmp(c, 'l0', 5);
  const hops = c
    .frames('l0', { kind: 'icmp', type: 8 })
    .map(({ l2src, l2dst }) => [l2src, l2dst] as const);
  const [redirect, ...others] = redirects;
  c.check(
    'one redirect 5/1, gateway R2.a, from R1.a',
    others.length === 0 &&
      redirect?.code === 1 &&
      redirect.gw === 'R2.a' &&
      redirect.src === 'R1.a',
  );
  c.fact('echoRequestHops', hops);
  c.check(
    'first via R1, later direct',
    hops.join(' ') === 'A,R1.a R1.a,R2.a A,R2.a A,R2.a',
    hops.join(' '),
  );
  const words = c.output('route2').replace(/[<>]/g, ' ').split(/\s+/);
  c.fact(
    'routeOnA',
    words.filter((word) => ['redirected', '10.0.0.2', 'cache'].includes(word)),
  );

  c = world.verdict('redirect-ignored');
  redirects = icmp(c, 'l0', 5);
  c.measured('redirects', redirects.length);
  const first = redirects[0]?.t ?? 0;
  c.measured('redirect_times_s', redirects.map(({ t }) => (t - first).toFixed(1)).join());
  c.keep(() => false);
}

function icmp(c: CaseRun, at: string, ...types: readonly number[]): Seen[] {
  return c.frames(at, { kind: 'icmp' }).filter(({ type = -1 }) => types.includes(type));
}

/** [offset, octets, more fragments] of each piece. */
function pieces(c: CaseRun, at: string): (number | boolean)[][] {
  return c
    .frames(at)
    .filter(({ fragOffset }) => fragOffset !== undefined)
    .map(({ fragOffset = 0, fragLen = 0, mf = false }) => [fragOffset, fragLen, mf]);
}

/** R2's second leg is up, and its way back to A is direct again. */
function attachLeg(world: World): void {
  world.x('R2', 'ip link set eth0 up');
  world.x('R2', 'ip route del 10.0.0.0/24 via 10.1.0.1');
}

function setMtu(world: World, mtu: number): void {
  for (const router of ['R1', 'R2']) world.x(router, `ip link set eth1 mtu ${mtu}`);
}
