// Hosts that the fuzzer makes: a router between two subnets, with or without forwarding, NAT, odd
// addresses, small MTUs and sysctls. Who lives where is fixed, so that packets can be aimed.

import type { Random } from '../../src/sim/random.ts';
import type { FilterConfig, HostConfig, NatConfig, RouteConfig, RuleConfig } from './case.ts';

export const MAC0 = '02:00:00:00:00:01';
export const MAC1 = '02:00:00:00:00:02';

/** Who is at the far end of an interface. */
export interface Peer {
  readonly on: string;
  readonly address: string;
  readonly mac: string;
}

export const PEERS: readonly Peer[] = [
  { on: 'eth0', address: '10.1.0.11', mac: '02:00:00:00:01:11' },
  { on: 'eth0', address: '10.1.0.12', mac: '02:00:00:00:01:12' },
  { on: 'eth1', address: '192.0.2.10', mac: '02:00:00:00:02:10' },
  { on: 'eth1', address: '192.0.2.254', mac: '02:00:00:00:02:fe' },
];

export const TCP_PORT = 8080;
export const UDP_PORT = 7777;
export const EGRESS_ADDRESS = '192.0.2.100';
/** Of which the host has the first at most: answers to the others come by its MAC all the same. */
export const EGRESS_RANGE = '192.0.2.100-192.0.2.103';

/** No limits and no delays that are drawn at random. */
const CALM: readonly (readonly [string, number])[] = [
  ['net.ipv4.icmp_msgs_per_sec', 100_000],
  ['net.ipv4.icmp_msgs_burst', 100_000],
  ['net.ipv4.neigh.eth0.proxy_delay', 0],
  ['net.ipv4.neigh.eth1.proxy_delay', 0],
];

export function configuration(random: Random): HostConfig {
  const forwarding = random.chance(0.8);
  const hasEgressAddress = random.chance(0.5);
  return {
    interfaces: [
      {
        name: 'eth0',
        mac: MAC0,
        addresses: [
          '10.1.0.1/24',
          ...(random.chance(0.15) ? ['10.1.0.2/24'] : []),
          ...(random.chance(0.15) ? ['10.2.0.1/16'] : []),
        ],
        mtu: 1500,
        up: !random.chance(0.03),
      },
      {
        name: 'eth1',
        mac: MAC1,
        addresses: ['192.0.2.1/24', ...(hasEgressAddress ? [`${EGRESS_ADDRESS}/32`] : [])],
        mtu: random.chance(0.7) ? 1500 : random.pick([1000, 576, 1280]),
        up: !random.chance(0.05),
      },
    ],
    loopback: random.chance(0.15) ? ['198.18.0.1/32'] : [],
    ...policyRouting(random, routes(random)),
    sysctls: sysctls(random, forwarding),
    ...translation(random, hasEgressAddress),
    tcpPorts: [TCP_PORT],
    udpPorts: [UDP_PORT],
  };
}

/** Routes over interfaces that are down are refused by Linux: those to eth1 are left out then. */
export function plausible(config: HostConfig): HostConfig {
  const isUp = (dev: string | undefined): boolean => dev === undefined || !down.has(dev);
  const down = new Set(config.interfaces.filter(({ up }) => !up).map(({ name }) => name));
  return {
    ...config,
    routes: config.routes.filter(({ dev }) => isUp(dev)),
  };
}

/** What expires within one wait or two, or not at all; seconds. */
const TIMEOUTS = [
  'udp_timeout',
  'udp_timeout_stream',
  'icmp_timeout',
  'tcp_timeout_syn_sent',
  'tcp_timeout_syn_recv',
  'tcp_timeout_established',
  'tcp_timeout_fin_wait',
  'tcp_timeout_close_wait',
  'tcp_timeout_last_ack',
  'tcp_timeout_time_wait',
  'tcp_timeout_close',
  'tcp_timeout_unacknowledged',
];
/** The lab forgets where a packet came in while it waits for its neighbor. */
const INBOUND_ADDRESS = 'net.ipv4.icmp_errors_use_inbound_ifaddr';
const ACTIONS: readonly FilterConfig['action'][] = [
  'accept',
  'drop',
  'tcp-reset',
  'tcp-reset',
  'icmp-port-unreachable',
  'icmp-host-unreachable',
  'icmp-admin-prohibited',
];
const STATES = ['new', 'established', 'related', 'invalid'] as const;
const TRACKING: readonly (readonly [string, number])[] = [
  ['tcp_loose', 0],
  ['tcp_be_liberal', 1],
  ['tcp_ignore_invalid_rst', 1],
  ['tcp_max_retrans', 1],
  ['checksum', 0],
];

/**
 * A host for whom conversations get somewhere: a router, mostly with NAT. `slow`: connections expire
 * and neighbors fail while nothing is sent.
 */
export function forConversations(config: HostConfig, random: Random, slow: boolean): HostConfig {
  const sysctls = config.sysctls
    .filter(([name]) => name !== INBOUND_ADDRESS)
    .map(([name, value]) => [name, forcedOr(name, value)] as const);
  const chosen: (readonly [string, number])[] = [];
  for (const [name, value] of TRACKING) {
    if (random.chance(0.1)) chosen.push([`net.netfilter.nf_conntrack_${name}`, value]);
  }
  if (slow && random.chance(0.7)) {
    for (const name of TIMEOUTS) {
      if (random.chance(0.5)) {
        chosen.push([`net.netfilter.nf_conntrack_${name}`, random.integer(1, 2)]);
      }
    }
  }
  if (slow && random.chance(0.5)) chosen.push(...impatience(random.pick(['eth0', 'eth1'])));
  const { routes, interfaces } = config;
  const host: HostConfig = {
    ...config,
    interfaces: interfaces.map((spec) => ({ ...spec, up: true })),
    routes: routes.some(({ destination }) => destination === '0.0.0.0/0')
      ? routes
      : [{ destination: '0.0.0.0/0', type: 'unicast', via: '192.0.2.254', dev: 'eth1' }, ...routes],
    ...(random.chance(0.85) ? competition(config, random, slow) : { conntrack: true }),
    ...(random.chance(0.25) ? firewall(random) : {}),
  };
  return { ...host, sysctls: [...sysctls, ...chosen] };
}

function forcedOr(name: string, value: number): number {
  return name === 'net.ipv4.ip_forward' ? 1 : value;
}

/** A firewall of a few rules, in all three chains. */
function firewall(random: Random): Pick<HostConfig, 'filter'> {
  const rules: FilterConfig[] = [];
  const count = random.integer(1, 4);
  for (let i = 0; i < count; i++) {
    const chain = random.pick(['input', 'forward', 'forward', 'forward', 'output'] as const);
    const action = random.pick(ACTIONS);
    const protocol = random.pick(['icmp', 'tcp', 'udp'] as const);
    const speaks = action === 'tcp-reset' ? 'tcp' : random.chance(0.6) ? protocol : null;
    rules.push({
      chain,
      action,
      ...(random.chance(0.6) ? { state: random.pick(STATES) } : {}),
      ...(speaks === null ? {} : { protocol: speaks }),
      ...(speaks !== null && speaks !== 'icmp' && random.chance(0.4)
        ? { port: random.pick([TCP_PORT, 53, 40_000]) }
        : {}),
      ...(chain !== 'output' && random.chance(0.3) ? { from: random.pick(['eth0', 'eth1']) } : {}),
    });
  }
  return { filter: rules };
}

/** Three requests in less than a second, and no time to enjoy an answer. */
function impatience(on: string): (readonly [string, number])[] {
  return [
    [`net.ipv4.neigh.${on}.retrans_time_ms`, 300],
    [`net.ipv4.neigh.${on}.delay_first_probe_time`, 1],
  ];
}

/** NAT with many ports, with few, or with any port at random. */
function competition(
  { interfaces }: HostConfig,
  random: Random,
  slow: boolean,
): Pick<HostConfig, 'conntrack' | 'nat'> {
  const hasEgressAddress = interfaces.some(({ addresses }) =>
    addresses.includes(`${EGRESS_ADDRESS}/32`),
  );
  const draw = random.unit();
  // A connection that begins anew should not get the same port again by chance, on one side only.
  const highest = slow ? 62_999 : 62_002;
  const nat: NatConfig = {
    source: '10.1.0.0/24',
    out: 'eth1',
    ...(hasEgressAddress && random.chance(0.7) ? { to: EGRESS_ADDRESS } : {}),
    // Who holds one port after it has expired is a matter of when the machine looks (conntrack -L of others).
    ...(draw < 0.1 && !slow
      ? { ports: [61_001, 61_001] }
      : draw < 0.25
        ? { ports: [62_000, highest] }
        : {}),
    ...(draw > 0.9 ? { random: true } : {}),
    ...(draw >= 0.25 && draw < 0.4 ? { to: EGRESS_RANGE } : {}),
    ...(draw >= 0.25 && draw < 0.32 ? { persistent: true } : {}),
  };
  return { conntrack: true, nat };
}

/** Tables of their own, and rules that ask them or end the way. */
function policyRouting(
  random: Random,
  main: readonly RouteConfig[],
): Pick<HostConfig, 'routes' | 'rules'> {
  if (!random.chance(0.2)) return { routes: main };
  const routes: RouteConfig[] = [
    ...main,
    { destination: '0.0.0.0/0', type: 'unicast', via: '192.0.2.10', dev: 'eth1', table: 100 },
    { destination: '203.0.113.0/24', type: 'unicast', via: '10.1.0.12', dev: 'eth0', table: 101 },
  ];
  if (random.chance(0.3))
    routes.push({ destination: '198.51.100.0/24', type: 'unreachable', table: 101 });
  const count = random.integer(1, 3);
  const rules: RuleConfig[] = [];
  for (let i = 0; i < count; i++) {
    const action = random.chance(0.75)
      ? 'lookup'
      : random.pick(['unreachable', 'prohibit', 'blackhole'] as const);
    rules.push({
      priority: random.pick([100 + i, 40_000 + i]),
      ...(random.chance(0.5)
        ? { from: random.pick(['10.1.0.11/32', '10.1.0.0/24', '192.0.2.1/32']) }
        : {}),
      ...(random.chance(0.4)
        ? { to: random.pick(['203.0.113.0/24', '192.0.2.0/24', '10.1.0.12/32']) }
        : {}),
      ...(random.chance(0.4) ? { iif: random.pick(['eth0', 'eth1', 'lo']) } : {}),
      action,
      ...(action === 'lookup' ? { table: random.pick([100, 101, 254]) } : {}),
    });
  }
  return { routes, rules };
}

function routes(random: Random): RouteConfig[] {
  const all: RouteConfig[] = [];
  if (random.chance(0.85)) {
    all.push({ destination: '0.0.0.0/0', type: 'unicast', via: '192.0.2.254', dev: 'eth1' });
  }
  if (random.chance(0.4)) {
    all.push({ destination: '10.3.0.0/24', type: 'unicast', via: '10.1.0.11', dev: 'eth0' });
  }
  if (random.chance(0.3)) {
    all.push({ destination: '203.0.113.0/26', type: 'unreachable' });
    all.push({ destination: '203.0.113.64/26', type: 'prohibit' });
    all.push({ destination: '203.0.113.128/26', type: 'blackhole' });
  }
  return all;
}

function sysctls(random: Random, forwarding: boolean): (readonly [string, number])[] {
  const chosen: (readonly [string, number])[] = [
    ['net.ipv4.ip_forward', forwarding ? 1 : 0],
    ...CALM,
    ['net.ipv4.icmp_ratelimit', random.chance(0.9) ? 0 : 1000],
  ];
  const interfaces: readonly (readonly [string, readonly number[]])[] = [
    ['rp_filter', [1, 2]],
    ['arp_ignore', [1, 2, 3, 8]],
    ['arp_announce', [1, 2]],
    ['arp_filter', [1]],
    ['arp_accept', [1, 2]],
    ['drop_gratuitous_arp', [1]],
    ['accept_local', [1]],
    ['route_localnet', [1]],
    ['accept_redirects', [0, 1]],
    ['send_redirects', [0]],
    ['shared_media', [0]],
    ['proxy_arp', [1]],
    ['proxy_arp_pvlan', [1]],
  ];
  for (const [name, values] of interfaces) {
    if (!random.chance(0.08)) continue;
    const where = random.pick(['all', 'eth0', 'eth1']);
    chosen.push([`net.ipv4.conf.${where}.${name}`, random.pick(values)]);
  }
  const host: readonly (readonly [string, number])[] = [
    ['net.ipv4.icmp_echo_ignore_all', 1],
    ['net.ipv4.icmp_echo_ignore_broadcasts', 0],
    ['net.ipv4.icmp_errors_use_inbound_ifaddr', 1],
    ['net.ipv4.ip_default_ttl', 17],
    ['net.ipv4.ip_no_pmtu_disc', 1],
    ['net.ipv4.route.min_pmtu', 600],
  ];
  for (const entry of host) if (random.chance(0.08)) chosen.push(entry);
  return chosen;
}

function translation(
  random: Random,
  hasEgressAddress: boolean,
): Pick<HostConfig, 'conntrack' | 'nat'> {
  const draw = random.unit();
  if (draw < 0.4) return { conntrack: false, nat: null };
  if (draw < 0.55) return { conntrack: true, nat: null };
  const ports: Partial<NatConfig> = random.chance(0.1) ? { ports: [40_000, 40_000] } : {};
  const to: Partial<NatConfig> =
    hasEgressAddress && random.chance(0.7) ? { to: EGRESS_ADDRESS } : {};
  return { conntrack: true, nat: { source: '10.1.0.0/24', out: 'eth1', ...to, ...ports } };
}
