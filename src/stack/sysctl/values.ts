// The kernel settings that are modeled, under Linux's names, in its units and with its defaults
// (Documentation/networking/ip-sysctl.rst, nf_conntrack-sysctl.rst). The data path reads these plain
// number fields; sysctl.ts sets them by name.

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
  src_valid_mark: number;
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
  ip_early_demux: number;
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
  tcp_early_demux: number;
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
  udp_early_demux: number;
}

/** What a new interface of Linux 6.18 has. */
export const DEFAULT_INTERFACE_CONF: Readonly<InterfaceConf> = {
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
  src_valid_mark: 0,
};

/** What a new interface of Linux 6.18 has. */
export const DEFAULT_NEIGHBOR_CONF: Readonly<NeighborConf> = {
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

/** What a host of Linux 6.18 has. */
export const DEFAULT_HOST_CONF: Readonly<HostConf> = {
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
  ip_early_demux: 1,
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
  tcp_early_demux: 1,
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
  udp_early_demux: 1,
};

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
