// How often a host may complain: Linux's token buckets per peer (net/ipv4/inetpeer.c) and for the
// whole host (icmp_global_allow). Routing errors and ICMP take from the same peer bucket, which is
// why a stream into an unreachable route gets two errors and then none (fixture 09-ip-forwarding). All
// of it counts ticks of the kernel's clock: a second redirect comes after 44 ms, not 40, and a limit of
// 130 ms is one of 132 (fixture tcp-timers).

import type { Random } from '../../sim/random.ts';
import { millis, type Nanos, seconds } from '../../sim/time.ts';
import * as icmp from '../../wire/icmp.ts';
import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import { JIFFY } from '../neighbor/timer-wheel.ts';
import type { HostConf } from '../sysctl/values.ts';

/** A number of ticks, or the tick that it is. */
type Ticks = number;
/** HZ. */
const SECOND: Ticks = seconds(1) / JIFFY;

/** XRLIM_BURST_FACTOR. */
const BURST_FACTOR = 6;
/** ip_rt_error_burst and ip_rt_error_cost: 5 s and 1 s of tokens. */
const ROUTING_ERROR_BURST: Ticks = 5 * SECOND;
const ROUTING_ERROR_COST: Ticks = SECOND;
/** ip_rt_redirect_load, _number and _silence, net/ipv4/route.c. */
const REDIRECT_LOAD: Ticks = SECOND / 50;
const REDIRECT_NUMBER = 9;
const REDIRECT_SILENCE: Ticks = REDIRECT_LOAD * 2 ** (REDIRECT_NUMBER + 1);
/** A peer not heard of before starts with this much saved up. */
const INITIAL_CREDIT: Ticks = 60 * SECOND;
const PEER_LIMIT = 65_536;
/** The global bucket is refilled in steps of at least 1/50 s. */
const GLOBAL_STEP: Ticks = SECOND / 50;

interface Peer {
  /** Ticks of credit. */
  tokens: Ticks;
  last: Ticks;
  redirects: number;
}

/** The token buckets of one host. */
export class IcmpLimiter {
  readonly #conf: HostConf;
  readonly #random: Random;
  readonly #peers = new Map<Ipv4Address, Peer>();
  /** May be negative: what is taken is not known before it is taken. */
  #globalCredit = 0;
  #globalStamp: Ticks = Number.NEGATIVE_INFINITY;

  constructor(conf: HostConf, random: Random) {
    this.#conf = conf;
    this.#random = random;
  }

  /** Forgets all destinations, as a reboot does. */
  reset(): void {
    this.#peers.clear();
    this.#globalCredit = 0;
    this.#globalStamp = Number.NEGATIVE_INFINITY;
  }

  /**
   * icmpv4_global_allow and icmpv4_xrlim_allow: may an error go to this peer now? Takes tokens. What
   * the peer is not allowed costs the host nothing (Linux 8c2bd38b95f7).
   */
  allow(peerAddress: Ipv4Address, type: number, code: number, now: Nanos): boolean {
    const isPmtu =
      type === icmp.Type.Unreachable && code === icmp.UnreachableCode.FragmentationNeeded;
    if (isPmtu || ((1 << type) & this.#conf.icmp_ratemask) === 0) return true;
    const tick = tickOf(now);
    if (!this.#allowGlobally(tick)) return false;
    const timeout = Math.ceil(millis(this.#conf.icmp_ratelimit) / JIFFY);
    const peer = this.#peer(peerAddress, tick);
    // What routing has just counted stands (Linux 6.16); else icmp_ratelimit 0 lets nobody save anything.
    if (tick > peer.last) {
      peer.tokens = Math.min(peer.tokens + (tick - peer.last), BURST_FACTOR * timeout);
      peer.last = tick;
    }
    if (peer.tokens < timeout) return false;
    peer.tokens -= timeout;
    // icmp_global_consume: 0, 1 or 2, so that this host's errors cannot be counted from afar.
    this.#globalCredit -= this.#random.integer(0, 2);
    return true;
  }

  /** ip_error: the routing code's own toll, before ICMP takes its own. */
  allowRoutingError(peerAddress: Ipv4Address, now: Nanos): boolean {
    const tick = tickOf(now);
    const peer = this.#peer(peerAddress, tick);
    peer.tokens = Math.min(peer.tokens + (tick - peer.last), ROUTING_ERROR_BURST);
    peer.last = tick;
    if (peer.tokens < ROUTING_ERROR_COST) return false;
    peer.tokens -= ROUTING_ERROR_COST;
    return true;
  }

  /** ip_rt_send_redirect: later than 20 ms * 2^n after the previous one, nine times, then silence. */
  allowRedirect(peerAddress: Ipv4Address, now: Nanos): boolean {
    const tick = tickOf(now);
    const peer = this.#peer(peerAddress, tick);
    if (tick > peer.last + REDIRECT_SILENCE) {
      peer.tokens = 0;
      peer.redirects = 0;
    }
    if (peer.redirects >= REDIRECT_NUMBER) {
      peer.last = tick;
      return false;
    }
    if (peer.redirects > 0 && tick <= peer.last + REDIRECT_LOAD * 2 ** peer.redirects) return false;
    peer.last = tick;
    peer.redirects++;
    return true;
  }

  /** icmp_global_allow: the bucket is refilled when it is empty, for a second at most. */
  #allowGlobally(tick: Ticks): boolean {
    if (this.#globalCredit > 0) return true;
    const { icmp_msgs_per_sec: rate, icmp_msgs_burst: burst } = this.#conf;
    const elapsed = Math.min(tick - this.#globalStamp, SECOND);
    const earned = Math.floor((rate * elapsed) / SECOND);
    // Time that has earned nothing yet goes on counting.
    if (elapsed < GLOBAL_STEP || earned === 0) return false;
    this.#globalCredit = Math.min(this.#globalCredit + earned, burst);
    this.#globalStamp = tick;
    return true;
  }

  #peer(address: Ipv4Address, tick: Ticks): Peer {
    let peer = this.#peers.get(address);
    if (peer === undefined) {
      if (this.#peers.size >= PEER_LIMIT) this.#peers.clear();
      peer = { tokens: 0, last: tick - INITIAL_CREDIT, redirects: 0 };
      this.#peers.set(address, peer);
    }
    return peer;
  }
}

function tickOf(now: Nanos): Ticks {
  return Math.floor(now / JIFFY);
}
