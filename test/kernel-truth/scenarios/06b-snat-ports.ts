// Which source port (or ICMP id) SNAT chooses.

import type { CaseRun } from '../case-run.ts';
import { EIP, natTopology, prepareNat, primeAll, SIP, snat, TIP } from '../nat-topology.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const FLUSH = 'conntrack -F';
const NO_RULES = 'iptables -w -t nat -F';
const CLASHING = '300-315,505-515,550-565,700-715,1020-1027,5000-5015,60000-60015';
const FOUR = '192.0.2.100-192.0.2.103';
/** Where the ports of a class may go. */
const CLASSES = [
  ['1-511', 1, 511],
  ['512-1023', 600, 1023],
  ['1024-65535', 1024, 65_535],
] as const;

export const scenario: Scenario = {
  name: '06b-snat-ports',
  topology: natTopology,

  play(world) {
    const one = (host: string, from: string, to: string): void => {
      world.x(host, `gt udp --src ${from} --dst ${to} --linger 0`);
    };
    for (let i = 1; i <= 7; i++) world.x('S', `ip addr add 192.0.2.1${i}/24 dev eth0`);
    prepareNat(world, 'N1');
    world.bg('S', 'gt tcpserver --bind 0.0.0.0:80 --mode echo');
    for (const host of ['S', 'T']) world.x(host, 'iptables -w -A INPUT -p udp -j DROP');
    world.sleep(0.4);
    primeAll(world);

    world.case('free', 'int', 'ext');
    one('P1', '10.1.0.11:40000', `${SIP}:9`);
    world.conntrack('N1', 'free');
    world.sleep(0.05);
    world.end();
    world.case('clash-same-destination', 'int', 'ext');
    one('P2', '10.1.0.12:40000', `${SIP}:9`);
    world.conntrack('N1', 'clash');
    world.sleep(0.05);
    world.end();
    world.case('same-port-other-destination', 'int', 'ext');
    one('P3', '10.1.0.13:40000', `${TIP}:9`);
    world.conntrack('N1', 'other');
    world.sleep(0.05);
    world.end();
    world.case('remapped-source-is-reused', 'int', 'ext');
    one('P2', '10.1.0.12:40000', `${TIP}:9`);
    world.conntrack('N1', 'reuse');
    world.sleep(0.05);
    world.end();
    world.case('tcp-and-udp-are-separate', 'int', 'ext');
    world.x('P2', `gt tcpclient --src 10.1.0.12:40000 --dst ${SIP}:80 --count 1 --hold 0.1`);
    world.conntrack('N1', 'tcpudp', 'tcp');
    world.end();
    world.x('N1', FLUSH);
    world.case('classes', 'ext');
    scan(world, 'P1', CLASHING, SIP);
    scan(world, 'P2', CLASHING, SIP);
    world.conntrack('N1', 'classes');
    world.end();
    world.x('N1', FLUSH);
    world.case('icmp-id', 'int', 'ext');
    world.x('P1', `ping -c 1 -W 1 -e 4660 -q ${SIP}`);
    world.x('P2', `ping -c 1 -W 1 -e 4660 -q ${SIP}`);
    world.x('P2', `ping -c 1 -W 1 -e 4660 -q ${TIP}`);
    world.conntrack('N1', 'icmpid');
    world.sleep(0.05);
    world.end();
    world.x('N1', FLUSH);
    world.case('tcp-time-wait', 'ext');
    const tcp = `--dst ${SIP}:80 --count 1 --hold 0.1`;
    world.x('P1', `gt tcpclient --src 10.1.0.11:41000 ${tcp}`);
    world.conntrack('N1', 'tw1');
    world.x('P2', `gt tcpclient --src 10.1.0.12:41000 ${tcp}`);
    world.conntrack('N1', 'tw2');
    world.sysctl('P1', 'net.ipv4.tcp_tw_reuse=1');
    world.x('P1', `gt tcpclient --src 10.1.0.11:41000 ${tcp} --app P1`);
    world.conntrack('N1', 'tw3');
    world.end();
    world.x('N1', FLUSH);
    world.case('local-socket', 'ext');
    one('N1', `${EIP}:45000`, `${SIP}:9`);
    one('P1', '10.1.0.11:45000', `${SIP}:9`);
    one('P1', '10.1.0.11:45001', `${SIP}:9`);
    one('N1', `${EIP}:45001`, `${SIP}:9`);
    world.conntrack('N1', 'local');
    world.sleep(0.05);
    world.end();

    rules(world, `${EIP}:50000-50003`, '-p udp');
    world.case('port-range', 'ext');
    one('P1', '10.1.0.11:50002', `${SIP}:9`);
    scan(world, 'P1', '5000-5005', SIP);
    one('P1', '10.1.0.11:5010', `${TIP}:9`);
    world.conntrack('N1', 'range');
    world.save('ctstat', 'N1', 'conntrack -S');
    world.end();
    rules(world, EIP, '--random-fully');
    world.case('random-fully', 'ext');
    scan(world, 'P1', '5000-5019', SIP);
    scan(world, 'P1', '300-319', SIP);
    scan(world, 'P1', '5000-5000', TIP, '192.0.2.11', '192.0.2.12');
    world.conntrack('N1', 'rnd');
    world.end();
    world.x('N1', FLUSH);
    world.x('N1', NO_RULES);
    world.x('N1', 'iptables -w -t nat -A POSTROUTING -s 10.1.0.0/24 -o ext0 -j MASQUERADE');
    world.case('masquerade', 'ext');
    one('P1', '10.1.0.11:40000', `${SIP}:9`);
    one('P2', '10.1.0.12:40000', `${SIP}:9`);
    world.conntrack('N1', 'masq');
    world.do('N1: delete and re-add 192.0.2.1', 'N1', 'ip addr del 192.0.2.1/24 dev ext0');
    world.sleep(0.3);
    world.conntrack('N1', 'masqafter');
    world.end();
    world.x('N1', 'ip addr add 192.0.2.1/24 dev ext0');
    world.x('N1', 'ip route replace default via 192.0.2.254');
    rules(world, EIP);
    world.case('snat-address-removed', 'ext');
    world.x('N1', `ip addr add ${EIP}/32 dev ext0`);
    one('P1', '10.1.0.11:40000', `${SIP}:9`);
    world.conntrack('N1', 'sa1');
    world.do('N1: delete EIP', 'N1', `ip addr del ${EIP}/32 dev ext0`);
    world.sleep(0.2);
    world.conntrack('N1', 'sa2');
    one('P1', '10.1.0.11:40000', `${SIP}:9`);
    one('P1', '10.1.0.11:40001', `${SIP}:9`);
    world.conntrack('N1', 'sa3');
    world.sleep(0.05);
    world.end();
    world.x('N1', `ip addr add ${EIP}/32 dev ext0`);
    for (const i of [101, 102, 103]) world.x('N1', `ip addr add 192.0.2.${i}/32 dev ext0`);
    rules(world, FOUR);
    world.case('several-addresses', 'ext');
    many(world);
    world.conntrack('N1', 'multi');
    world.end();
    world.x('N1', FLUSH);
    world.case('several-addresses-same-source-port', 'ext');
    const all = [SIP, ...[1, 2, 3, 4, 5, 6, 7].map((i) => `192.0.2.1${i}`)];
    scan(world, 'P1', '6000-6000', ...all);
    world.conntrack('N1', 'multis');
    world.end();
    rules(world, FOUR, '--persistent');
    world.case('several-addresses-persistent', 'ext');
    many(world);
    world.conntrack('N1', 'multip');
    world.end();
  },

  judge(world) {
    for (const c of world.cases) c.keep(({ kind }) => kind !== 'arp');
    judgeClashes(world);
    judgeClasses(world);
    judgeIdentifiers(world);

    let c = world.verdict('tcp-time-wait');
    const drawn = mapping(c, 'tw2', 'P2', 41000, 'S')?.port;
    c.check('P2 gets another port', drawn !== 41000);
    c.mask(drawn, 'CLASHPORT');
    c.check('P1 keeps 41000 on reopening', mapping(c, 'tw3', 'P1', 41000, 'S')?.port === 41000);
    c.keep(({ flags }) => flags === 'S' || flags === 'SA');

    c = world.verdict('local-socket');
    const local = mappings(c, 'local').sort(
      (a, b) => a.src.localeCompare(b.src) || a.from - b.from,
    );
    c.fact(
      'map',
      Object.fromEntries(
        local.map(({ src, from, port }) => [
          `${src}:${from}`,
          port === from ? 'preserved' : 'changed',
        ]),
      ),
    );
    const own = (port: number): number | undefined => mapping(c, 'local', 'EIP', port, 'S')?.port;
    const pods = (port: number): number | undefined => mapping(c, 'local', 'P1', port, 'S')?.port;
    c.check(
      "N1's first socket keeps 45000, P1 is moved",
      own(45000) === 45000 && pods(45000) !== 45000,
    );
    c.check(
      "P1 keeps 45001, N1's own socket is rewritten",
      pods(45001) === 45001 && own(45001) !== 45001,
    );
    c.mask(pods(45000), 'MOVED1');
    c.mask(own(45001), 'MOVED2');

    judgeRange(world);
    judgeRandom(world);

    c = world.verdict('masquerade');
    const first = mapping(c, 'masq', 'P1', 40000, 'S');
    c.check(
      'primary address of ext0, port preserved',
      first?.address === 'N1.ext' && first.port === 40000,
    );
    const second = mapping(c, 'masq', 'P2', 40000, 'S')?.port;
    c.check('clash moved', second !== 40000);
    c.mask(second, 'CLASHPORT');
    c.check('entries gone after the address was deleted', c.table('masqafter').length === 0);

    c = world.verdict('snat-address-removed');
    c.check('entry survives the deletion', c.table('sa2').length === 1);
    const left = c.frames('ext', { kind: 'udp' });
    c.check(
      'packets still leave with source EIP',
      left.length === 3 && left.every(({ src }) => src === 'EIP'),
    );

    c = world.verdict('several-addresses-same-source-port');
    const reused = mappings(c, 'multis');
    const ends = new Set(reused.map(({ address, port }) => `${address}:${port}`));
    c.check('one address and port for eight destinations', reused.length === 8 && ends.size === 1, [
      ...ends,
    ]);
    c.keep(() => false);

    judgePool(world, 'several-addresses', 'multi');
    judgePool(world, 'several-addresses-persistent', 'multip');
  },
};

function judgeClashes(world: World): void {
  let c = world.verdict('free');
  const kept = mapping(c, 'free', 'P1', 40000, 'S');
  c.check('preserved', kept?.address === 'EIP' && kept.port === 40000);
  c.fact('conntrack', c.tuples('free'));

  c = world.verdict('clash-same-destination');
  const drawn = mapping(c, 'clash', 'P2', 40000, 'S')?.port ?? 0;
  c.check(
    'not 40000, inside 1024..65535',
    drawn !== 40000 && drawn >= 1024 && drawn <= 65_535,
    drawn,
  );
  c.mask(drawn, 'CLASHPORT');
  c.fact(
    'conntrack',
    c.tuples('clash', ({ original }) => original.src === 'P2'),
  );

  c = world.verdict('remapped-source-is-reused');
  const reused = mapping(c, 'reuse', 'P2', 40000, 'T');
  c.check(
    'the same public port for another destination',
    reused?.address === 'EIP' && reused.port === drawn,
    reused?.port ?? null,
  );
  c.mask(drawn, 'CLASHPORT');
  c.fact(
    'conntrack',
    c.tuples('reuse', ({ original }) => original.src === 'P2'),
  );

  c = world.verdict('same-port-other-destination');
  const other = mapping(c, 'other', 'P3', 40000, 'T');
  c.check('preserved', other?.address === 'EIP' && other.port === 40000);
  c.fact(
    'conntrack',
    c.tuples('other', ({ original }) => original.src === 'P3'),
  );

  c = world.verdict('tcp-and-udp-are-separate');
  const tcp = mapping(c, 'tcpudp', 'P2', 40000, 'S');
  c.check('preserved', tcp?.address === 'EIP' && tcp.port === 40000);
  c.keep(({ flags }) => flags === 'S' || flags === 'SA');
}

function judgeClasses(world: World): void {
  const c = world.verdict('classes');
  const all = mappings(c, 'classes');
  const kept = all.filter(({ src }) => src === 'P1');
  c.check(
    'first user always keeps its port',
    kept.length === 99 && kept.every(({ from, port }) => from === port),
    kept.length,
  );
  for (const [index, [name, low, high]] of CLASSES.entries()) {
    const drawn = all
      .filter(({ src, from }) => src === 'P2' && classOf(from) === index)
      .map(({ port }) => port);
    c.check(
      `class ${name} -> ${low}..${high}`,
      drawn.length > 0 && drawn.every((port) => low <= port && port <= high),
      drawn,
    );
  }
  c.fact('classes', {
    'source 1..511': '1..511',
    'source 512..1023': '600..1023',
    'source 1024..65535': '1024..65535',
  });
  c.keep(() => false);
}

function judgeIdentifiers(world: World): void {
  const c = world.verdict('icmp-id');
  const drawn = mapping(c, 'icmpid', 'P2', 4660, 'S')?.port;
  c.check(
    'P1 keeps the id, P2 gets another one',
    mapping(c, 'icmpid', 'P1', 4660, 'S')?.port === 4660 && drawn !== 4660,
  );
  c.measured('id', drawn ?? null);
  c.fact('P2_to_T_reuses_the_remapped_id', mapping(c, 'icmpid', 'P2', 4660, 'T')?.port === drawn);
  c.mask(drawn, 'CLASHID');
  const tuples = c.tuples('icmpid');
  c.fact(
    'conntrack',
    tuples.sort((a, b) => (python(a) < python(b) ? -1 : 1)),
  );
  c.check(
    "the reply carries the pod's id again",
    c.frames('int', { kind: 'icmp' }).every(({ id }) => id === 4660),
  );
}

function judgeRange(world: World): void {
  const c = world.verdict('port-range');
  const kept = mapping(c, 'range', 'P1', 50002, 'S');
  c.check('in-range source port kept', kept?.address === 'EIP' && kept.port === 50002);
  const all = mappings(c, 'range');
  const live = all.filter(({ dst }) => dst === 'S').map(({ port }) => port);
  c.check(
    'exactly four flows to S live, on 50000..50003',
    live.sort().join() === '50000,50001,50002,50003',
    live,
  );
  const seen = c.frames('ext', { kind: 'udp', dst: 'S' }).length;
  c.fact('datagrams_sent_by_P1_to_S', 7);
  c.fact('datagrams_seen_outside', seen);
  c.check('three of seven datagrams dropped', seen === 4);
  c.check(
    'another destination is not affected',
    all.some(({ dst }) => dst === 'T'),
  );
  const counters = Object.fromEntries(
    [...c.output('ctstat').matchAll(/(\w+)=(\d+)/g)].map(([, name = '', n]) => [name, Number(n)]),
  );
  c.fact('conntrackStat', counters);
  c.keep(() => false);
}

function judgeRandom(world: World): void {
  const c = world.verdict('random-fully');
  const all = mappings(c, 'rnd');
  const high = all.filter(({ from, dst }) => from >= 5000 && from <= 5019 && dst === 'S');
  const low = all.filter(({ from }) => from >= 300 && from <= 319);
  const unchanged = all.filter(({ from, port }) => from === port).length;
  c.check('never preserved', unchanged <= 1, unchanged);
  c.check(
    'classes respected',
    high.every(({ port }) => port >= 1024) && low.every(({ port }) => port >= 1 && port <= 511),
  );
  const ports = all.filter(({ from }) => from === 5000).map(({ port }) => port);
  c.check(
    'source 5000 has a different port per destination',
    ports.length >= 4 && new Set(ports).size === ports.length,
    ports,
  );
  c.keep(() => false);
}

function judgePool(world: World, id: string, label: string): void {
  const c = world.verdict(id);
  const all = mappings(c, label);
  const perPair = new Map<string, Set<string>>();
  const perPod = new Map<string, Set<string>>();
  for (const { src, dst, address } of all) {
    for (const [map, key] of [
      [perPair, `${src} ${dst}`],
      [perPod, src],
    ] as const) {
      map.set(key, (map.get(key) ?? new Set()).add(address));
    }
  }
  const isSingle = (addresses: Set<string>): boolean => addresses.size === 1;
  c.check(
    'one address per (pod, destination)',
    perPair.size === 24 && [...perPair.values()].every(isSingle),
  );
  c.check(
    'ports preserved',
    all.every(({ from, port }) => from === port),
  );
  if (label === 'multip') {
    c.check('one address per pod', [...perPod.values()].every(isSingle));
  } else {
    c.check(
      'several addresses per pod',
      [...perPod.values()].some((each) => !isSingle(each)),
    );
  }
  c.keep(() => false);
}

interface Mapping {
  readonly src: string;
  /** Source port or ICMP identifier. */
  readonly from: number;
  readonly dst: string;
  /** What the peer sees. */
  readonly address: string;
  readonly port: number;
}

/** What became of the source of each connection of a snapshot. */
function mappings(c: CaseRun, label: string): Mapping[] {
  return c.table(label).map(({ original, reply }) => ({
    src: original.src,
    from: original.sport ?? original.id ?? 0,
    dst: original.dst,
    address: reply.dst,
    port: reply.dport ?? reply.id ?? 0,
  }));
}

function mapping(
  c: CaseRun,
  label: string,
  src: string,
  from: number,
  dst: string,
): Mapping | undefined {
  return mappings(c, label).find(
    (found) => found.src === src && found.from === from && found.dst === dst,
  );
}

function classOf(port: number): number {
  return port < 512 ? 0 : port < 1024 ? 1 : 2;
}

/** gt_snat anew, on an empty table. */
function rules(world: World, to: string, more = ''): void {
  world.x('N1', FLUSH);
  world.x('N1', NO_RULES);
  snat(world, 'N1', to, more);
}

function scan(world: World, pod: string, ports: string, ...targets: readonly string[]): void {
  const to = targets.map((target) => `--dst ${target}:9`).join(' ');
  world.x(pod, `gt udpscan --src 10.1.0.1${pod.slice(1)} --ports ${ports} ${to}`);
}

/** Two ports from each pod to each of eight destinations. */
function many(world: World): void {
  for (const pod of [1, 2, 3]) {
    for (let to = 0; to < 8; to++) {
      const base = 6000 + pod * 100 + to * 10;
      scan(world, `P${pod}`, `${base}-${base + 1}`, `192.0.2.1${to}`);
    }
  }
}

/** str() of Python, as far as the order of these tuples needs it. */
function python(value: unknown): string {
  return JSON.stringify(value).replaceAll('"', "'").replaceAll(':', ': ').replaceAll(',', ', ');
}
