// Linux's knobs under Linux's names, units and defaults (Documentation/networking/ip-sysctl.rst).
// `net.ipv4.conf.<if>.*` and `net.ipv4.neigh.<if>.*` exist per interface, the rest per host.
// The data path reads plain number fields; strings are met only when somebody sets a value.

import { EgressLabError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';

/** net.ipv4.conf.<interface>.*, already merged with conf.all the way Linux does. */
export interface InterfaceConf {
  accept_local: number;
  accept_redirects: number;
  arp_accept: number;
  arp_announce: number;
  arp_evict_nocarrier: number;
  arp_filter: number;
  arp_ignore: number;
  arp_notify: number;
  drop_gratuitous_arp: number;
  forwarding: number;
  log_martians: number;
  promote_secondaries: number;
  proxy_arp: number;
  proxy_arp_pvlan: number;
  route_localnet: number;
  rp_filter: number;
  secure_redirects: number;
  send_redirects: number;
  shared_media: number;
}

/** net.ipv4.neigh.<interface>.*; `locktime` and `proxy_delay` count in 1/100 s (USER_HZ), as Linux does. */
export interface NeighborConf {
  anycast_delay: number;
  app_solicit: number;
  base_reachable_time_ms: number;
  delay_first_probe_time: number;
  gc_stale_time: number;
  locktime: number;
  mcast_resolicit: number;
  mcast_solicit: number;
  proxy_delay: number;
  proxy_qlen: number;
  retrans_time_ms: number;
  ucast_solicit: number;
  unres_qlen_bytes: number;
}

/** net.ipv4.* and net.netfilter.* values of the whole host. Timeouts in seconds unless named _ms. */
export interface HostConf {
  gc_interval: number;
  gc_thresh1: number;
  gc_thresh2: number;
  gc_thresh3: number;
  icmp_echo_ignore_all: number;
  icmp_echo_ignore_broadcasts: number;
  icmp_errors_use_inbound_ifaddr: number;
  icmp_msgs_burst: number;
  icmp_msgs_per_sec: number;
  icmp_ratelimit: number;
  icmp_ratemask: number;
  ip_default_ttl: number;
  ip_forward: number;
  ip_no_pmtu_disc: number;
  ipfrag_high_thresh: number;
  ipfrag_time: number;
  min_pmtu: number;
  mtu_expires: number;
  nf_conntrack_checksum: number;
  nf_conntrack_icmp_timeout: number;
  nf_conntrack_generic_timeout: number;
  nf_conntrack_max: number;
  nf_conntrack_tcp_be_liberal: number;
  nf_conntrack_tcp_ignore_invalid_rst: number;
  nf_conntrack_tcp_loose: number;
  nf_conntrack_tcp_max_retrans: number;
  nf_conntrack_tcp_timeout_close: number;
  nf_conntrack_tcp_timeout_close_wait: number;
  nf_conntrack_tcp_timeout_established: number;
  nf_conntrack_tcp_timeout_fin_wait: number;
  nf_conntrack_tcp_timeout_last_ack: number;
  nf_conntrack_tcp_timeout_max_retrans: number;
  nf_conntrack_tcp_timeout_syn_recv: number;
  nf_conntrack_tcp_timeout_syn_sent: number;
  nf_conntrack_tcp_timeout_time_wait: number;
  nf_conntrack_tcp_timeout_unacknowledged: number;
  nf_conntrack_udp_timeout: number;
  nf_conntrack_udp_timeout_stream: number;
  tcp_fin_timeout: number;
  tcp_keepalive_intvl: number;
  tcp_keepalive_probes: number;
  tcp_keepalive_time: number;
  tcp_orphan_retries: number;
  tcp_retries1: number;
  tcp_retries2: number;
  /** The second and third number of net.ipv4.tcp_rmem. */
  tcp_rmem_default: number;
  tcp_rmem_max: number;
  tcp_syn_linear_timeouts: number;
  tcp_syn_retries: number;
  tcp_synack_retries: number;
  tcp_tw_reuse: number;
}

const DEFAULT_INTERFACE_CONF: Readonly<InterfaceConf> = {
  accept_local: 0,
  accept_redirects: 1,
  arp_accept: 0,
  arp_announce: 0,
  arp_evict_nocarrier: 1,
  arp_filter: 0,
  arp_ignore: 0,
  arp_notify: 0,
  drop_gratuitous_arp: 0,
  forwarding: 0,
  log_martians: 0,
  promote_secondaries: 0,
  proxy_arp: 0,
  proxy_arp_pvlan: 0,
  route_localnet: 0,
  rp_filter: 0,
  secure_redirects: 1,
  send_redirects: 1,
  shared_media: 1,
};

const DEFAULT_NEIGHBOR_CONF: Readonly<NeighborConf> = {
  anycast_delay: 100,
  app_solicit: 0,
  base_reachable_time_ms: 30_000,
  delay_first_probe_time: 5,
  gc_stale_time: 60,
  locktime: 100,
  mcast_resolicit: 0,
  mcast_solicit: 3,
  proxy_delay: 80,
  proxy_qlen: 64,
  retrans_time_ms: 1_000,
  ucast_solicit: 3,
  unres_qlen_bytes: 212_992,
};

const DEFAULT_HOST_CONF: Readonly<HostConf> = {
  gc_interval: 30,
  gc_thresh1: 128,
  gc_thresh2: 512,
  gc_thresh3: 1024,
  icmp_echo_ignore_all: 0,
  icmp_echo_ignore_broadcasts: 1,
  icmp_errors_use_inbound_ifaddr: 0,
  icmp_msgs_burst: 50,
  icmp_msgs_per_sec: 1000,
  icmp_ratelimit: 1000,
  icmp_ratemask: 6168,
  ip_default_ttl: 64,
  ip_forward: 0,
  ip_no_pmtu_disc: 0,
  ipfrag_high_thresh: 4_194_304,
  ipfrag_time: 30,
  min_pmtu: 552,
  mtu_expires: 600,
  nf_conntrack_checksum: 1,
  nf_conntrack_icmp_timeout: 30,
  nf_conntrack_generic_timeout: 600,
  nf_conntrack_max: 65_536,
  nf_conntrack_tcp_be_liberal: 0,
  nf_conntrack_tcp_ignore_invalid_rst: 0,
  nf_conntrack_tcp_loose: 1,
  nf_conntrack_tcp_max_retrans: 3,
  nf_conntrack_tcp_timeout_close: 10,
  nf_conntrack_tcp_timeout_close_wait: 60,
  nf_conntrack_tcp_timeout_established: 432_000,
  nf_conntrack_tcp_timeout_fin_wait: 120,
  nf_conntrack_tcp_timeout_last_ack: 30,
  nf_conntrack_tcp_timeout_max_retrans: 300,
  nf_conntrack_tcp_timeout_syn_recv: 60,
  nf_conntrack_tcp_timeout_syn_sent: 120,
  nf_conntrack_tcp_timeout_time_wait: 120,
  nf_conntrack_tcp_timeout_unacknowledged: 300,
  nf_conntrack_udp_timeout: 30,
  nf_conntrack_udp_timeout_stream: 120,
  tcp_fin_timeout: 60,
  tcp_keepalive_intvl: 75,
  tcp_keepalive_probes: 9,
  tcp_keepalive_time: 7200,
  tcp_orphan_retries: 0,
  tcp_retries1: 3,
  tcp_retries2: 15,
  tcp_rmem_default: 131_072,
  tcp_rmem_max: 33_554_432,
  tcp_syn_linear_timeouts: 4,
  tcp_syn_retries: 6,
  tcp_synack_retries: 5,
  tcp_tw_reuse: 2,
};

/** conf.all and conf.<if> are merged by maximum (IN_DEV_MAXCONF, IN_DEV_ORCONF), except these. */
const OWN_VALUE_ONLY: ReadonlySet<keyof InterfaceConf> = new Set<keyof InterfaceConf>([
  'forwarding',
  'proxy_arp_pvlan',
]);
/** Merged by minimum (IN_DEV_ANDCONF). */
const BOTH_MUST_AGREE: ReadonlySet<keyof InterfaceConf> = new Set<keyof InterfaceConf>([
  'arp_evict_nocarrier',
]);
/** On interfaces that forward both must agree, elsewhere either will do (IN_DEV_RX_REDIRECTS). */
const STRICT_WHERE_FORWARDING: ReadonlySet<keyof InterfaceConf> = new Set<keyof InterfaceConf>([
  'accept_redirects',
]);

/** The older form of unres_qlen_bytes counts full Ethernet frames, each of this truesize (SKB_TRUESIZE(1514)). */
const UNRES_QLEN_FRAME_BYTES = 2_090;

/** The short names that `sysctls:` in a topology accepts, by scope. */
export const SYSCTL_NAMES: {
  readonly interface: readonly string[];
  readonly neighbor: readonly string[];
  readonly host: readonly string[];
} = {
  interface: Object.keys(DEFAULT_INTERFACE_CONF),
  neighbor: [...Object.keys(DEFAULT_NEIGHBOR_CONF), 'unres_qlen'],
  host: Object.keys(DEFAULT_HOST_CONF),
};

/** The per-interface part: what is set on it, and the effective values the data path reads. */
export interface InterfaceSysctls {
  readonly own: InterfaceConf;
  readonly conf: InterfaceConf;
  readonly neigh: NeighborConf;
}

/** An interface follows the defaults, value by value, until it has a value or an address of its own. */
interface Entry extends InterfaceSysctls {
  readonly chosen: Set<keyof InterfaceConf | keyof NeighborConf>;
  settled: boolean;
}

/** All sysctls of one host. */
export class SysctlTree {
  readonly host: HostConf = { ...DEFAULT_HOST_CONF };
  readonly #all: InterfaceConf = { ...DEFAULT_INTERFACE_CONF };
  readonly #defaultConf: InterfaceConf = { ...DEFAULT_INTERFACE_CONF };
  readonly #defaultNeigh: NeighborConf = { ...DEFAULT_NEIGHBOR_CONF };
  readonly #interfaces = new Map<string, Entry>();

  /** net.ipv4.neigh.default.*: what new interfaces start with. */
  get neighborDefaults(): Readonly<NeighborConf> {
    return this.#defaultNeigh;
  }

  /** A new interface inherits conf.default and neigh.default, as in Linux. */
  addInterface(name: string): InterfaceSysctls {
    const entry: Entry = {
      own: { ...this.#defaultConf },
      conf: { ...this.#defaultConf },
      neigh: { ...this.#defaultNeigh },
      chosen: new Set(),
      settled: false,
    };
    this.#interfaces.set(name, entry);
    this.#merge(entry);
    return entry;
  }

  /** The interface got an address: from now on the defaults are no matter of it (ipv4_devconf_setall). */
  settle(name: string): void {
    this.#interface(name).settled = true;
  }

  /**
   * Sets a value by Linux's full name ('net.ipv4.conf.eth0.arp_ignore'), or by its short name
   * ('arp_ignore'), which then means the whole host, or one interface if `interfaceName` is given.
   * @throws EgressLabError EGL_UNKNOWN_SYSCTL
   */
  set(name: string, value: number, interfaceName: string | null = null): void {
    const { kind, target, short } = parse(name, interfaceName);
    if (kind === 'none') this.#unknown(name, short);
    else if (kind !== 'neigh' && kind !== 'host' && isKey(DEFAULT_INTERFACE_CONF, short)) {
      this.#setConf(short, value, target);
    } else if (kind !== 'conf' && kind !== 'host' && isKey(DEFAULT_NEIGHBOR_CONF, short)) {
      this.#setNeigh(short, value, target);
    } else if (kind !== 'conf' && kind !== 'host' && short === 'unres_qlen') {
      this.#setNeigh('unres_qlen_bytes', value * UNRES_QLEN_FRAME_BYTES, target);
    } else if (kind !== 'conf' && short === 'ip_forward') {
      this.#setForwarding(value);
    } else if (kind !== 'conf' && isKey(DEFAULT_HOST_CONF, short)) {
      this.host[short] = value;
    } else {
      this.#unknown(name, short);
    }
  }

  #setConf(name: keyof InterfaceConf, value: number, target: string | null): void {
    if (target === null || target === 'all') {
      if (name === 'forwarding') {
        this.#setForwarding(value);
        return;
      }
      this.#all[name] = value;
      if (target === null) {
        this.#defaultConf[name] = value;
        for (const entry of this.#interfaces.values()) entry.own[name] = value;
      }
    } else if (target === 'default') {
      this.#defaultConf[name] = value;
      // devinet_copy_dflt_conf; `forwarding` has a handler of its own, which does not (measured: 6.18).
      const copied = name === 'forwarding' ? [] : this.#undecided(name);
      for (const entry of copied) entry.own[name] = value;
    } else {
      const entry = this.#interface(target);
      entry.own[name] = value;
      entry.chosen.add(name);
    }
    this.#mergeAll();
  }

  /**
   * net.ipv4.ip_forward, which is conf.all.forwarding: a change sets every interface and the default,
   * and a router does not believe redirects (inet_forward_change); no change does nothing.
   */
  #setForwarding(value: number): void {
    if (value === this.host.ip_forward) return;
    this.host.ip_forward = value;
    this.#all.forwarding = value;
    this.#all.accept_redirects = value > 0 ? 0 : 1;
    this.#defaultConf.forwarding = value;
    for (const entry of this.#interfaces.values()) entry.own.forwarding = value;
    this.#mergeAll();
  }

  #setNeigh(name: keyof NeighborConf, value: number, target: string | null): void {
    if (target === null || target === 'default') this.#defaultNeigh[name] = value;
    if (target === null) for (const entry of this.#interfaces.values()) entry.neigh[name] = value;
    // neigh_copy_dflt_parms
    else if (target === 'default')
      for (const each of this.#undecided(name)) each.neigh[name] = value;
    else {
      const entry = this.#interface(target);
      entry.neigh[name] = value;
      entry.chosen.add(name);
    }
  }

  #undecided(name: keyof InterfaceConf | keyof NeighborConf): Entry[] {
    return [...this.#interfaces.values()].filter(
      ({ settled, chosen }) => !settled && !chosen.has(name),
    );
  }

  #mergeAll(): void {
    for (const entry of this.#interfaces.values()) this.#merge(entry);
  }

  #interface(name: string): Entry {
    const entry = this.#interfaces.get(name);
    if (entry !== undefined) return entry;
    const known = [...this.#interfaces.keys()];
    const near = suggest(name, known);
    throw new EgressLabError('EGL_UNKNOWN_INTERFACE', `there is no interface "${name}"`, {
      hint: `${near === null ? '' : `Did you mean "${near}"? `}Known: ${known.join(', ')}.`,
    });
  }

  #merge(entry: InterfaceSysctls): void {
    for (const key of Object.keys(entry.own) as (keyof InterfaceConf)[]) {
      const own = entry.own[key];
      const all = this.#all[key];
      if (OWN_VALUE_ONLY.has(key)) entry.conf[key] = own;
      else if (
        BOTH_MUST_AGREE.has(key) ||
        (STRICT_WHERE_FORWARDING.has(key) && entry.own.forwarding > 0)
      ) {
        entry.conf[key] = Math.min(own, all);
      } else entry.conf[key] = Math.max(own, all);
    }
  }

  #unknown(name: string, short: string): never {
    const known = [...SYSCTL_NAMES.interface, ...SYSCTL_NAMES.neighbor, ...SYSCTL_NAMES.host];
    const near = suggest(short, known);
    throw new EgressLabError('EGL_UNKNOWN_SYSCTL', `the sysctl "${name}" is not modeled`, {
      hint: near === null ? `Known: ${known.join(', ')}.` : `Did you mean "${near}"?`,
    });
  }
}

/** Which table a name speaks of; `any` for a short name, which is in one table only. */
interface Parsed {
  readonly kind: 'any' | 'conf' | 'neigh' | 'host' | 'none';
  readonly target: string | null;
  readonly short: string;
}

/** Dots and slashes are the same, as for sysctl(8); the name of an interface may contain them. */
function parse(name: string, interfaceName: string | null): Parsed {
  const dotted = name.replaceAll('/', '.');
  if (!dotted.includes('.')) return { kind: 'any', target: interfaceName, short: name };
  const [, kind, target = '', setting = ''] =
    /^net\.ipv4\.(conf|neigh)\.(.+)\.(\w+)$/.exec(dotted) ?? [];
  if (kind === 'conf' || kind === 'neigh') return { kind, target, short: setting };
  const host = /^net\.(?:ipv4|ipv4\.route|netfilter)\.(\w+)$/.exec(dotted)?.[1];
  if (host !== undefined) return { kind: 'host', target: null, short: host };
  return { kind: 'none', target: null, short: dotted.slice(dotted.lastIndexOf('.') + 1) };
}

/** Own keys only: 'constructor' is no sysctl. */
function isKey<T extends object>(table: T, key: string): key is keyof T & string {
  return Object.hasOwn(table, key);
}
