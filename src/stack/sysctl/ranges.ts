// What Linux takes as the value of a sysctl: measured on Linux 6.18 (HZ=250) by writing to /proc/sys,
// fixture test/fixtures/kernel/sysctl-ranges.json. Everything else is EINVAL there, and refused here. What
// Linux takes below zero (most of conf.*, timeouts) is not modeled and refused, too.

import { EgressLabError } from '../../base/errors.ts';

/** Both ends are allowed. */
export interface SysctlRange {
  readonly low: number;
  readonly high: number;
}

const INT_MAX = 2_147_483_647;

/** Seconds, kept in ticks of 1/250 s: proc_dointvec_jiffies. */
const SECONDS: SysctlRange = { low: 0, high: 8_589_934 };
/** Hundredths of seconds, kept the same way: proc_dointvec_userhz_jiffies. */
const USER_TICKS: SysctlRange = { low: 0, high: 858_993_459 };
/** proc_dou8vec_minmax */
const OCTET: SysctlRange = { low: 0, high: 255 };
const SWITCH: SysctlRange = { low: 0, high: 1 };
const SOCKET_MEMORY: SysctlRange = { low: 1, high: INT_MAX };
const ANY: SysctlRange = { low: 0, high: INT_MAX };

const RANGES: Readonly<Record<string, SysctlRange>> = {
  anycast_delay: USER_TICKS,
  delay_first_probe_time: SECONDS,
  gc_interval: SECONDS,
  gc_stale_time: SECONDS,
  icmp_echo_ignore_all: SWITCH,
  icmp_echo_ignore_broadcasts: SWITCH,
  icmp_errors_use_inbound_ifaddr: SWITCH,
  ip_default_ttl: { low: 1, high: 255 },
  ip_early_demux: OCTET,
  ip_no_pmtu_disc: OCTET,
  // At least ipfrag_low_thresh, which is not modeled and goes down with it.
  ipfrag_high_thresh: { low: 0, high: Number.MAX_SAFE_INTEGER },
  ipfrag_time: SECONDS,
  locktime: USER_TICKS,
  min_pmtu: { low: 68, high: INT_MAX },
  mtu_expires: SECONDS,
  nf_conntrack_checksum: SWITCH,
  nf_conntrack_generic_timeout: SECONDS,
  nf_conntrack_icmp_timeout: SECONDS,
  nf_conntrack_tcp_be_liberal: SWITCH,
  nf_conntrack_tcp_ignore_invalid_rst: SWITCH,
  nf_conntrack_tcp_loose: SWITCH,
  nf_conntrack_tcp_max_retrans: OCTET,
  nf_conntrack_tcp_timeout_close: SECONDS,
  nf_conntrack_tcp_timeout_close_wait: SECONDS,
  nf_conntrack_tcp_timeout_established: SECONDS,
  nf_conntrack_tcp_timeout_fin_wait: SECONDS,
  nf_conntrack_tcp_timeout_last_ack: SECONDS,
  nf_conntrack_tcp_timeout_max_retrans: SECONDS,
  nf_conntrack_tcp_timeout_syn_recv: SECONDS,
  nf_conntrack_tcp_timeout_syn_sent: SECONDS,
  nf_conntrack_tcp_timeout_time_wait: SECONDS,
  nf_conntrack_tcp_timeout_unacknowledged: SECONDS,
  nf_conntrack_udp_timeout: SECONDS,
  nf_conntrack_udp_timeout_stream: SECONDS,
  proxy_delay: USER_TICKS,
  tcp_early_demux: OCTET,
  tcp_fin_timeout: SECONDS,
  tcp_keepalive_intvl: SECONDS,
  tcp_keepalive_probes: OCTET,
  tcp_keepalive_time: SECONDS,
  tcp_orphan_retries: OCTET,
  tcp_retries1: OCTET,
  tcp_retries2: OCTET,
  tcp_rmem_default: SOCKET_MEMORY,
  tcp_rmem_max: SOCKET_MEMORY,
  tcp_syn_linear_timeouts: { low: 0, high: 127 },
  tcp_syn_retries: { low: 1, high: 127 },
  tcp_synack_retries: OCTET,
  tcp_tw_reuse: { low: 0, high: 2 },
  udp_early_demux: OCTET,
  unres_qlen: { low: 0, high: 1_027_504 },
};

/** What a setting may be. @param short its name without the path, 'locktime' */
export function sysctlRange(short: string): SysctlRange {
  return Object.hasOwn(RANGES, short) ? (RANGES[short] ?? ANY) : ANY;
}

/** @throws EgressLabError EGL_SYSCTL_VALUE for what Linux answers EINVAL to */
export function requireInRange(name: string, short: string, value: number): void {
  const { high, low } = sysctlRange(short);
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new EgressLabError('EGL_SYSCTL_VALUE', `${name} cannot be ${value}`, {
    hint: `Linux takes whole numbers from ${low} to ${high}.`,
  });
}
