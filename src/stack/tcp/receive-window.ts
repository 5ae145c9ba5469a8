// The window that a connection offers, as Linux computes it from the memory that is left
// (tcp_select_window, tcp_grow_window, tcp_measure_rcv_mss): half of tcp_rmem at first, then as much as
// the ratio of data to memory of the largest segments allows, and never less than was promised.
// Left out: tcp_rcv_space_adjust, which lets the buffer itself grow with the application's speed.

import { Flag, HEADER_LENGTH } from '../../wire/tcp.ts';
import type { HostConf } from '../sysctl/values.ts';
import type { TcpSegment } from './segment.ts';
import { add, distance } from './sequence.ts';
import { trueSize } from './socket-memory.ts';

/** net.core.rmem_max. */
const RMEM_MAX = 4_194_304;
/** TCP_MAX_WSCALE, RFC 7323. */
const LARGEST_SHIFT = 14;
const LARGEST_FIELD = 0xffff;
/** TCP_DEFAULT_SCALING_RATIO, of 256: half of the memory is data. */
const INITIAL_RATIO = 128;
const RATIO_UNIT = 256;
/** TCP_MSS_DEFAULT and TCP_MIN_RCVMSS: the peer's segment size until it has shown another. */
const DEFAULT_MSS = 536;
/** TCP_MIN_MSS. */
const MINIMUM_MSS = 88;
/** SOCK_MIN_RCVBUF / 2. */
const MINIMUM_CLAMP = 1152;
/** Segments with one of these may be shorter than they could be (TCP_REMNANT). */
const REMNANT = Flag.Fin | Flag.Urg | Flag.Syn | Flag.Psh;

/** The window of one connection; all sizes in octets. */
export class ReceiveWindow {
  /** How far the field is shifted: 0 unless both sides have offered window scaling. */
  shift = 0;
  /** The peer's segment size as far as it has shown one (rcv_mss). */
  mss: number = DEFAULT_MSS;
  /** RCV.NXT when it was last acknowledged (rcv_wup): Last.ACK.sent of RFC 7323. */
  acknowledged = 0;
  readonly #conf: HostConf;
  /** Memory there is (sk_rcvbuf). */
  #buffer: number;
  /** How much of the memory is data, of 256. */
  #ratio = INITIAL_RATIO;
  /** Octets promised from `acknowledged` on (rcv_wnd). */
  #octets = 0;
  /** Never more than this (window_clamp). */
  #clamp = LARGEST_FIELD;
  /** Nor, for the time being, than this (rcv_ssthresh). */
  #threshold = 0;
  #advertisedMss = DEFAULT_MSS;
  /** Octets of the last short segment; 0 if the last was none. */
  #lastShort = 0;

  constructor(conf: HostConf) {
    this.#conf = conf;
    this.#buffer = conf.tcp_rmem_default;
  }

  /** The shift to offer (tcp_select_initial_window): 10 with 6.18's tcp_rmem of up to 32 MB, 7 with 6 MB. */
  get offeredShift(): number {
    const shift = Math.floor(Math.log2(Math.max(this.#conf.tcp_rmem_max, RMEM_MAX))) - 15;
    return Math.min(shift, LARGEST_SHIFT);
  }

  /** One past what the peer may send; never moves back. */
  get edge(): number {
    return add(this.acknowledged, this.#octets);
  }

  /** Octets that the last acknowledgment promised (rcv_wnd). */
  get promisedLast(): number {
    return this.#octets;
  }

  /** Octets that the peer may send now (tcp_receive_window). */
  promised(next: number): number {
    return Math.max(0, distance(next, this.edge));
  }

  /** The first window: whole segments of `mss` octets (tcp_select_initial_window). */
  begin(mss: number): void {
    const space = this.#usable(this.#buffer);
    this.#octets = space - (space % Math.min(mss, space));
    this.#threshold = this.#octets;
  }

  /** The handshake is complete (tcp_init_buffer_space, tcp_initialize_rcv_mss); `payload`: of our own segments. */
  open(advertisedMss: number, payload: number): void {
    this.#advertisedMss = advertisedMss;
    const full = this.#usable(this.#buffer);
    const field = this.shift === 0 ? LARGEST_FIELD : full;
    let clamp = Math.min(field, full);
    if (clamp > 2 * advertisedMss && clamp + advertisedMss > full) {
      clamp = Math.max(2 * advertisedMss, full - advertisedMss);
    }
    this.#clamp = clamp;
    this.#threshold = Math.min(this.#threshold, clamp);
    const hint = Math.min(advertisedMss, payload, Math.floor(this.#octets / 2), DEFAULT_MSS);
    this.mss = Math.max(hint, MINIMUM_MSS);
  }

  /**
   * Learns from a segment how long the peer's are (tcp_measure_rcv_mss); `usualHeader`: of TCP with its
   * usual options. False if it is a short one, with which the peer has probably said all for now.
   */
  measure(segment: TcpSegment, usualHeader: number): boolean {
    const { dataLength, headerLength, flags } = segment;
    const previous = this.#lastShort;
    this.#lastShort = 0;
    if (dataLength >= this.mss) {
      if (dataLength !== this.mss) this.#rescale(dataLength, trueSize(segment.frame.length));
      this.mss = Math.min(dataLength, this.#advertisedMss);
      return (flags & Flag.Psh) === 0;
    }
    const length = dataLength + headerLength;
    const isFull = length >= MINIMUM_MSS + HEADER_LENGTH && (flags & REMNANT) === 0;
    if (length >= DEFAULT_MSS + HEADER_LENGTH || isFull) {
      this.#lastShort = length - usualHeader;
      if (this.#lastShort === previous) {
        this.mss = previous;
        return true;
      }
    }
    return false;
  }

  /** More may come at once if the memory is well used (tcp_grow_window). True if the window has grown. */
  grow(segment: TcpSegment, memory: number): boolean {
    const { dataLength } = segment;
    const space = this.#usable(this.#buffer - memory);
    const room = Math.min(this.#clamp, space) - this.#threshold;
    if (room <= 0) return false;
    const data = this.#usable(trueSize(segment.frame.length));
    let increase =
      data <= dataLength ? 2 * this.#advertisedMss : this.#modestIncrease(data, dataLength);
    if (increase === 0) return false;
    increase = Math.max(increase, 2 * dataLength);
    this.#threshold += Math.min(room, increase);
    return true;
  }

  /** The buffer is full and yet what was promised must fit (tcp_clamp_window). */
  stretch(memory: number): void {
    if (memory > this.#buffer) this.#buffer = Math.min(memory, this.#conf.tcp_rmem_max);
  }

  /** The window that `memory` in use leaves, before it is held against what was promised (__tcp_select_window). */
  select(memory: number): number {
    const full = Math.min(this.#clamp, this.#usable(this.#buffer));
    const mss = Math.min(this.mss, full);
    const unit = 2 ** this.shift;
    let free = this.#usable(this.#buffer - memory);
    if (this.isScarce(memory)) {
      free -= free % unit;
      // RFC 9293 3.8.6.2.2: no silly windows.
      if (free < Math.floor(full / 16) || free < mss) return 0;
    }
    free = Math.min(free, this.#threshold);
    if (this.shift > 0) return Math.ceil(free / unit) * unit;
    const window = this.#octets;
    if (window <= free - mss || window > free) return free - (free % mss);
    return mss === full && free > window + Math.floor(full / 2) ? free : window;
  }

  /** Less than half of the memory is left: no time for quick acknowledgments. */
  isScarce(memory: number): boolean {
    const full = Math.min(this.#clamp, this.#usable(this.#buffer));
    return this.#usable(this.#buffer - memory) < Math.floor(full / 2);
  }

  /** Whether the window could at least double, now that something was read (__tcp_cleanup_rbuf). */
  hasDoubled(next: number, memory: number): boolean {
    const known = this.promised(next);
    if (2 * known > this.#clamp) return false;
    const window = this.select(memory);
    return window > 0 && window >= 2 * known;
  }

  /** What an acknowledgment of `next` writes into the field; from then on it is promised (tcp_select_window). */
  advertise(next: number, memory: number): number {
    const unit = 2 ** this.shift;
    const promised = this.promised(next);
    const window = this.select(memory);
    this.#octets = window < promised ? Math.ceil(promised / unit) * unit : window;
    this.acknowledged = next;
    return Math.min(Math.floor(this.#octets / unit), LARGEST_FIELD);
  }

  /** The field of a SYN, which is never scaled. */
  introduce(): number {
    return Math.min(this.#octets, LARGEST_FIELD);
  }

  /** The field that says again what was said before (rsk_rcv_wnd, tw_rcv_wnd). */
  repeat(next: number): number {
    return Math.min(LARGEST_FIELD, Math.floor(this.promised(next) / 2 ** this.shift));
  }

  /** Acknowledgments to send at once so that the peer gets going (tcp_incr_quickack). */
  get quickAcknowledgments(): number {
    return Math.max(2, Math.floor(this.#octets / (2 * this.mss)));
  }

  /** What of some memory can be data (tcp_win_from_space). */
  #usable(memory: number): number {
    return Math.floor((memory * this.#ratio) / RATIO_UNIT);
  }

  /** Longer segments than before tell how well memory is used (tcp_set_window_clamp). */
  #rescale(dataLength: number, memory: number): void {
    const ratio = Math.max(1, Math.min(255, Math.floor((dataLength * RATIO_UNIT) / memory)));
    if (ratio === this.#ratio) return;
    this.#ratio = ratio;
    const before = this.#clamp;
    this.#clamp = Math.max(MINIMUM_CLAMP, this.#usable(this.#buffer));
    if (this.#clamp < before) this.#threshold = Math.min(this.#threshold, this.#clamp);
    else this.#threshold = Math.max(this.#threshold, Math.min(this.#octets, this.#clamp));
  }

  /** __tcp_grow_window: poor segments let a small window grow, too. */
  #modestIncrease(data: number, dataLength: number): number {
    let size = Math.floor(data / 2);
    let window = Math.floor(this.#usable(this.#conf.tcp_rmem_max) / 2);
    while (this.#threshold <= window) {
      if (size <= dataLength) return 2 * this.mss;
      size = Math.floor(size / 2);
      window = Math.floor(window / 2);
    }
    return 0;
  }
}
