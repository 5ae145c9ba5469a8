// Packets that wait for a MAC: a FIFO bounded in octets of skb truesize, as unres_qlen_bytes is
// (__neigh_event_send, net/core/neighbour.c). When it is full the oldest goes, not the newest.

import * as ethernet from '../../wire/ethernet.ts';
import type { Frame } from '../../wire/frame.ts';

/** sizeof(struct sk_buff) on 64 bits, aligned to a cache line. */
const SK_BUFF_BYTES = 256;
/** sizeof(struct skb_shared_info), aligned. It stands behind the data in the same allocation. */
const SHARED_INFO_BYTES = 320;
/** Data area of the small-head cache that skbs of up to 256 octets come from (Linux >= 6.3). */
const SMALL_HEAD_BYTES = 576;
/** LL_RESERVED_SPACE of an Ethernet device and the 15 octets ip_append_data aligns with. */
const HEADROOM_BYTES = 16 + 15;
const CACHE_LINE_BYTES = 64;

/**
 * What Linux charges for a locally built datagram: 832 for one with 8 octets of UDP payload, 2304
 * with 1400 (measured, fixture 01b). Page fragments of TCP and driver buffers are not modeled.
 */
export function truesize(frame: Frame): number {
  const data = frame.length - ethernet.HEADER_LENGTH + HEADROOM_BYTES;
  const head = Math.ceil(data / CACHE_LINE_BYTES) * CACHE_LINE_BYTES + SHARED_INFO_BYTES;
  if (head <= SMALL_HEAD_BYTES) return SMALL_HEAD_BYTES + SK_BUFF_BYTES;
  // kmalloc serves powers of two.
  return 2 ** Math.ceil(Math.log2(head)) + SK_BUFF_BYTES;
}

/** The packets that wait for one neighbor. */
export class NeighborQueue {
  #frames: Frame[] = [];
  #bytes = 0;

  get length(): number {
    return this.#frames.length;
  }

  /** Octets of truesize that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The packet that came last: its source address goes into the request (arp_solicit). */
  get newest(): Frame | null {
    return this.#frames[this.#frames.length - 1] ?? null;
  }

  /** Whether this very packet waits (skb_still_in_host_queue asks). */
  has(frame: Frame): boolean {
    return this.#frames.includes(frame);
  }

  push(frame: Frame): void {
    this.#frames.push(frame);
    this.#bytes += truesize(frame);
  }

  /** The oldest packet if one more like `next` would exceed `limit`; call until null. */
  evict(next: Frame, limit: number): Frame | null {
    if (this.#bytes + truesize(next) <= limit) return null;
    const oldest = this.#frames.shift();
    if (oldest === undefined) return null;
    this.#bytes -= truesize(oldest);
    return oldest;
  }

  /** Takes everything out, oldest first. What is pushed meanwhile stays. */
  take(): readonly Frame[] {
    const frames = this.#frames;
    this.#frames = [];
    this.#bytes = 0;
    return frames;
  }
}
