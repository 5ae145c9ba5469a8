// What a frame costs the socket that keeps it (skb->truesize), on a 64-bit Linux: a descriptor, and a
// buffer of the next size that the kernel hands out, in which the frame begins two octets behind the
// start. As measured with frames from AF_PACKET over veth; drivers that receive into pages differ.

/** sk_buff and skb_shared_info. */
const OVERHEAD = 576;
/** What is left of a small head and of 1, 2, 4 and 8 KB, the shared info taken off. */
const SMALL = 256;
const AREAS: readonly number[] = [SMALL, 704, 1728, 3776, 7872];
/** Room that is asked for in front of a frame, and what stays of it behind the Ethernet header's. */
const RESERVED = 16;
const HEADROOM = 2;
/** Longer frames lie in pages. */
const PAGE = 4096;

/** Octets that a frame of `length` takes from the receive buffer. */
export function trueSize(length: number): number {
  if (length + RESERVED < PAGE) return OVERHEAD + area(length);
  return OVERHEAD + SMALL + Math.ceil(length / PAGE) * PAGE;
}

/** Octets that fit behind the first `used` ones of a frame of `length`. */
export function tailRoom(length: number, used: number): number {
  return length + RESERVED < PAGE ? area(length) - HEADROOM - used : 0;
}

/** What a socket has of the memory of its host: taken in pages, given back in pages. */
export class SocketMemory {
  /** Octets in use (sk_rmem_alloc). */
  used = 0;
  /** Octets taken and not in use (sk_forward_alloc). */
  spare = 0;

  /** Takes pages as needed for `octets` more, used or not (sk_rmem_schedule). */
  prepare(octets: number): void {
    if (octets > this.spare) this.spare += Math.ceil((octets - this.spare) / PAGE) * PAGE;
  }

  /** Uses what was prepared (sk_mem_charge). */
  charge(octets: number): void {
    this.used += octets;
    this.spare -= octets;
  }

  /** Gives back, whole pages to the host (sk_mem_uncharge). */
  release(octets: number): void {
    this.used -= octets;
    this.spare = (this.spare + octets) % PAGE;
  }
}

function area(length: number): number {
  const needed = length + RESERVED;
  for (const size of AREAS) if (needed <= size) return size;
  return PAGE;
}
