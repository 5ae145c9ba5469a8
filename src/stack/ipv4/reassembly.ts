// Makes whole packets of IPv4 fragments, RFC 791 3.2, as Linux does (net/ipv4/ip_fragment.c): a
// fragment that lies within what is there already is ignored, one that overlaps it in part condemns
// the whole packet (RFC 5722's rule), the timer runs from the first fragment to arrive and is never
// renewed. Used before local delivery, and by conntrack for everything a NAT router forwards.
//
// Left out: ipfrag_max_dist (64 other packets of one sender between two fragments) and ECN folding.

import type { DropReason } from '../../link/drop-reason.ts';
import type { Timer } from '../../sim/scheduler.ts';
import { seconds } from '../../sim/time.ts';
import type { Frame } from '../../wire/frame.ts';
import * as icmp from '../../wire/icmp.ts';
import * as ipv4 from '../../wire/ipv4.ts';
import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import type { Interface } from '../device/interface.ts';
import { StackDrop } from '../drop-reason.ts';
import type { Host } from '../host.ts';
import type { IcmpSender } from '../icmp/sender.ts';
import { timerExpiry } from '../neighbor/timer-wheel.ts';
import { Packet } from '../packet.ts';
import { readPacket } from './packet-reader.ts';

const MAXIMUM_PACKET = 0xffff;
/** What Linux charges against ipfrag_high_thresh beyond the octets: sk_buff and skb_shared_info. */
const FRAGMENT_OVERHEAD = 576;
const OFFSET_UNIT = 8;

/** One fragment that waits: its payload is `frame.bytes[from, from + (end - offset))`. */
interface Fragment {
  readonly frame: Frame;
  readonly l3: number;
  readonly from: number;
  /** Position in the payload of the whole packet, in octets; `end` is one past. */
  readonly offset: number;
  readonly end: number;
  /** Offset of the first of the fragments that arrived in order, without a gap, up to this one. */
  readonly run: number;
  /** Whether it came to a broadcast or multicast MAC. */
  readonly isBroadcast: boolean;
}

/** The fragments of one packet, by (source, destination, protocol, identification). */
class FragmentQueue {
  readonly key: number;
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  readonly protocol: number;
  readonly identification: number;
  readonly ingress: Interface | null;
  /** In the order of their offsets; they never overlap. */
  readonly fragments: Fragment[] = [];
  timer: Timer | null = null;
  /** Octets of payload that have arrived, and how many there are as far as we know. */
  collected = 0;
  length = 0;
  hasLast = false;
  /** Largest fragment, header included; and the largest that must not be fragmented. */
  largest = 0;
  largestUnfragmentable = 0;
  charged = 0;

  constructor(key: number, packet: Packet) {
    this.key = key;
    this.source = packet.source;
    this.destination = packet.destination;
    this.protocol = packet.protocol;
    this.identification = packet.identification;
    this.ingress = packet.ingress;
  }

  matches(packet: Packet): boolean {
    return (
      this.identification === packet.identification &&
      this.source === packet.source &&
      this.destination === packet.destination &&
      this.protocol === packet.protocol
    );
  }

  /** The fragment with the header, once it has come. */
  get first(): Fragment | null {
    const first = this.fragments[0];
    return first !== undefined && first.offset === 0 ? first : null;
  }

  get complete(): boolean {
    return this.hasLast && this.collected === this.length;
  }
}

/** What became of one fragment. */
const Outcome = { Queued: 0, Duplicate: 1, Corrupt: 2 } as const;
type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** What reassembly needs of its host. */
interface ReassemblyHost extends Host {
  readonly icmp: Pick<IcmpSender, 'sendError'>;
}

/** All packets of a host that miss fragments. */
export class Reassembly {
  readonly #host: ReassemblyHost;
  /** By `keyOf`; packets that share a key share a list. */
  readonly #queues = new Map<number, FragmentQueue[]>();
  #pending = 0;
  #memory = 0;

  constructor(host: ReassemblyHost) {
    this.#host = host;
  }

  /** Packets that still miss fragments. */
  get pending(): number {
    return this.#pending;
  }

  /** What the waiting fragments are charged with, in octets; at most `ipfrag_high_thresh` and one fragment. */
  get memory(): number {
    return this.#memory;
  }

  /**
   * Takes a fragment. True when it completes its packet: then `packet` has become the whole one, in
   * a fresh frame, and its `geometry` tells how it came. False: it waits, or was dropped.
   */
  collect(packet: Packet): boolean {
    if (this.#memory > this.#host.sysctl.host.ipfrag_high_thresh) {
      this.#count(StackDrop.FragmentQueueFull, packet.ingress, packet.frame);
      return false;
    }
    const key = keyOf(packet);
    const queue = this.#find(key, packet) ?? this.#open(key, packet);
    const outcome = insert(queue, packet);
    if (outcome === Outcome.Corrupt) {
      this.#count(StackDrop.BadFragment, packet.ingress, packet.frame);
      this.#discard(queue, StackDrop.BadFragment);
      return false;
    }
    if (outcome === Outcome.Duplicate) {
      this.#count(StackDrop.BadFragment, packet.ingress, packet.frame);
      return false;
    }
    const charge = packet.frame.length + FRAGMENT_OVERHEAD;
    queue.charged += charge;
    this.#memory += charge;
    return queue.complete && this.#assemble(queue, packet);
  }

  /** Power off: everything that waits is gone, without an ICMP error. */
  reset(): void {
    for (const queues of this.#queues.values()) for (const queue of queues) this.#release(queue);
    this.#queues.clear();
  }

  #find(key: number, packet: Packet): FragmentQueue | null {
    return this.#queues.get(key)?.find((queue) => queue.matches(packet)) ?? null;
  }

  #open(key: number, packet: Packet): FragmentQueue {
    const { scheduler, sysctl } = this.#host;
    const queue = new FragmentQueue(key, packet);
    const expiry = timerExpiry(scheduler.now, seconds(sysctl.host.ipfrag_time));
    queue.timer = scheduler.at(expiry, expireQueue, this, queue);
    const others = this.#queues.get(key);
    if (others === undefined) this.#queues.set(key, [queue]);
    else others.push(queue);
    this.#pending++;
    return queue;
  }

  /** ip_expire: the addressee tells the sender, if it has seen the header (RFC 792, RFC 1122 3.3.2). */
  expire(queue: FragmentQueue): void {
    const first = queue.first;
    this.#discard(queue, StackDrop.FragmentTimeout);
    if (first === null || !this.#host.addresses.isLocal(queue.destination)) return;
    const packet = new Packet();
    readPacket(packet, first.frame, first.l3);
    packet.ingress = queue.ingress;
    const { icmp: errors } = this.#host;
    errors.sendError(packet, icmp.Type.TimeExceeded, icmp.TimeExceededCode.Reassembly, 0);
  }

  /** ip_frag_reasm: the first fragment's header, everybody's payload. */
  #assemble(queue: FragmentQueue, packet: Packet): boolean {
    const first = queue.first;
    this.#close(queue);
    const headerLength = first === null ? 0 : ipv4.headerLength(first.frame, first.l3);
    if (first === null || headerLength + queue.length > MAXIMUM_PACKET) {
      this.#count(StackDrop.BadFragment, packet.ingress, packet.frame);
      return false;
    }
    const before = first.from - first.frame.start;
    const whole = this.#host.arena.allocate(before + queue.length);
    whole.packetId = first.frame.packetId;
    const head = first.frame.bytes.subarray(first.frame.start, first.from);
    whole.bytes.set(head, whole.start);
    for (const { frame, from, offset, end } of queue.fragments) {
      const payload = frame.bytes.subarray(from, from + end - offset);
      whole.bytes.set(payload, whole.start + before + offset);
    }
    const l3 = whole.start + (first.l3 - first.frame.start);
    // Only if a fragment marked so was the largest: else tiny ones could forbid what all need.
    const dontFragment = queue.largestUnfragmentable === queue.largest;
    ipv4.setTotalLength(whole, l3, headerLength + queue.length);
    ipv4.setFragment(whole, l3, 0, false, dontFragment);
    ipv4.refreshChecksum(whole, l3);
    readPacket(packet, whole, l3);
    const lengths = queue.fragments.map(({ offset, end }) => end - offset);
    packet.isBroadcast = first.isBroadcast;
    packet.geometry = { largest: queue.largest, lengths };
    return true;
  }

  #discard(queue: FragmentQueue, reason: DropReason): void {
    this.#close(queue);
    for (const { frame } of queue.fragments) this.#count(reason, queue.ingress, frame);
  }

  #close(queue: FragmentQueue): void {
    const others = (this.#queues.get(queue.key) ?? []).filter((other) => other !== queue);
    if (others.length === 0) this.#queues.delete(queue.key);
    else this.#queues.set(queue.key, others);
    this.#release(queue);
  }

  #release(queue: FragmentQueue): void {
    if (queue.timer !== null) this.#host.scheduler.cancel(queue.timer);
    this.#pending--;
    this.#memory -= queue.charged;
  }

  #count(reason: DropReason, ingress: Interface | null, frame: Frame): void {
    this.#host.drops.count(reason, ingress?.name ?? 'reassembly', frame);
  }
}

function keyOf(packet: Packet): number {
  const addresses = Math.imul(packet.source, 0x9e37_79b1) ^ packet.destination;
  return addresses ^ ((packet.protocol << 16) | packet.identification);
}

function expireQueue(reassembly: Reassembly, queue: FragmentQueue): void {
  reassembly.expire(queue);
}

/** ip_frag_queue: decides whether the fragment fits what is there, and puts it in its place. */
function insert(queue: FragmentQueue, packet: Packet): Outcome {
  const offset = packet.fragmentOffset;
  let end = offset + (packet.end - packet.l4);
  if (packet.moreFragments) {
    end -= end % OFFSET_UNIT;
    if (end > queue.length) {
      if (queue.hasLast) return Outcome.Corrupt;
      queue.length = end;
    }
  } else {
    if (end < queue.length || (queue.hasLast && end !== queue.length)) return Outcome.Corrupt;
    queue.hasLast = true;
    queue.length = end;
  }
  if (end === offset) return Outcome.Corrupt;
  const { fragments } = queue;
  let index = fragments.length;
  while (index > 0 && (fragments[index - 1] as Fragment).offset >= end) index--;
  const below = fragments[index - 1];
  if (below !== undefined && below.end > offset) {
    return isWithinRun(fragments, below, offset, end) ? Outcome.Duplicate : Outcome.Corrupt;
  }
  const { frame, l3, l4 } = packet;
  const follows = below !== undefined && below.end === offset && index === fragments.length;
  const run = follows ? below.run : offset;
  const { isBroadcast } = packet;
  fragments.splice(index, 0, { frame, l3, from: l4, offset, end, run, isBroadcast });
  queue.collected += end - offset;
  const size = l4 - l3 + (end - offset);
  queue.largest = Math.max(queue.largest, size);
  if (packet.dontFragment) {
    queue.largestUnfragmentable = Math.max(queue.largestUnfragmentable, size);
  }
  return Outcome.Queued;
}

/** inet_frag_queue_insert: nothing new between `offset` and `end`, all of it from one run. */
function isWithinRun(
  fragments: readonly Fragment[],
  last: Fragment,
  offset: number,
  end: number,
): boolean {
  const top = fragments.findLast((fragment) => fragment.run === last.run);
  return offset >= last.run && end <= (top ?? last).end;
}
